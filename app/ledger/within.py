"""Conditions of SQL by which a reading picks events and aspects."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, exists, or_, true

from app.ledger.reading import Reading
from app.ledger.tables import EventReplacedRow

_LAST_CHARACTER = "\U0010ffff"
replaced = EventReplacedRow.__table__


def within(table: FromClause, reading: Reading) -> ColumnElement[bool]:
    """Pick rows of an event or aspect that were known and in effect."""
    return and_(known(table, reading), _in_effect(table, reading))


def known(table: FromClause, reading: Reading) -> ColumnElement[bool]:
    """Pick rows that were recorded by then, whatever they say of when."""
    conditions: list[ColumnElement[bool]] = [true()]
    if reading.known_at is not None:
        conditions.append(table.c.recorded_at <= reading.known_at)
    if reading.upto is not None:
        conditions.append(table.c.sequence <= reading.upto)
    return and_(*conditions)


def _in_effect(table: FromClause, reading: Reading) -> ColumnElement[bool]:
    # Nothing is recorded before it takes effect, so what was known at an instant was in effect
    # by then: the earlier of both bounds the walk along the index.
    latest = _earlier(reading.as_of, reading.known_at)
    return true() if latest is None else table.c.effective_at <= latest


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    given = [at for at in (one, other) if at is not None]
    return min(given, default=None)


def not_replaced(aspects: FromClause, reading: Reading) -> ColumnElement[bool]:
    """Pick aspects that no later event, known by then, took out."""
    return ~exists().where(
        replaced.c.event_id == aspects.c.event_id,
        replaced.c.aspect == aspects.c.aspect,
        known(replaced, reading),
    )


def one_of(column: ColumnElement[Any], values: Sequence[UUID]) -> ColumnElement[bool]:
    """Pick rows by id: one, or several."""
    return column == values[0] if len(values) == 1 else column.in_(values)


def named(
    column: ColumnElement[str], names: Sequence[str], prefixes: Sequence[str]
) -> ColumnElement[bool]:
    """Pick aspects by name or by how the name begins; all where neither is given."""
    if not names and not prefixes:
        return true()
    ranges = [and_(column >= prefix, column < prefix + _LAST_CHARACTER) for prefix in prefixes]
    return or_(column.in_(names), *ranges) if names else or_(*ranges)
