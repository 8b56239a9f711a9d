"""Conditions of SQL by which a reading picks events and aspects.

The statements are made once for each shape of reading; its instants are their parameters.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, exists, true

from app.ledger.reading import Reading
from app.ledger.tables import EventReplacedRow

replaced = EventReplacedRow.__table__


class Shape(NamedTuple):
    """Which bounds a reading has."""

    latest: bool
    known_at: bool
    upto: bool


def shape(reading: Reading) -> Shape:
    """Give the shape of a reading, from which its statements are made."""
    return Shape(
        latest=reading.as_of is not None or reading.known_at is not None,
        known_at=reading.known_at is not None,
        upto=reading.upto is not None,
    )


def bounds(reading: Reading) -> dict[str, Any]:
    """Give the parameters of a reading's statements."""
    given = [at for at in (reading.as_of, reading.known_at) if at is not None]
    wanted = {
        # Nothing is recorded before it takes effect, so what was known at an instant was in
        # effect by then: the earlier of both bounds the walk along the index.
        "latest": min(given, default=None),
        "known_at": reading.known_at,
        "upto": reading.upto,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def within(table: FromClause, of: Shape) -> ColumnElement[bool]:
    """Pick rows of an event or aspect that were known and in effect."""
    in_effect = table.c.effective_at <= bindparam("latest") if of.latest else true()
    return and_(known(table, of), in_effect)


def known(table: FromClause, of: Shape) -> ColumnElement[bool]:
    """Pick rows that were recorded by then, whatever they say of when."""
    conditions: list[ColumnElement[bool]] = [true()]
    if of.known_at:
        conditions.append(table.c.recorded_at <= bindparam("known_at"))
    if of.upto:
        conditions.append(table.c.sequence <= bindparam("upto"))
    return and_(*conditions)


def not_replaced(aspects: FromClause, of: Shape) -> ColumnElement[bool]:
    """Pick aspects that no later event, known by then, took out."""
    return ~exists().where(
        replaced.c.event_id == aspects.c.event_id,
        replaced.c.aspect == aspects.c.aspect,
        known(replaced, of),
    )


def one_of(column: ColumnElement[Any], values: Sequence[UUID]) -> ColumnElement[bool]:
    """Pick rows by id: one, or several."""
    return column == values[0] if len(values) == 1 else column.in_(values)
