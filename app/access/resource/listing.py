"""Lists of resources in pages by key: as they are now, or as they were."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal, select, tuple_
from sqlalchemy.orm import Session

from app.access.resource.kind import Kind
from app.access.resource.state import State, read_many
from app.access.resource.values import Values, as_json
from app.db.types import Id, Instant
from app.domain.instant import format_instant, parse_instant
from app.http.paging import PageWish
from app.ledger.reading import NOW, Reading

_BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One condition of a list, asked of the fields; of the present its rows pick first.

    Attributes:
        now: what picks rows; None where they do not tell.
    """

    now: ColumnElement[bool] | None
    then: Callable[[Values], bool]


def equal(column: ColumnElement[Any], field: str, value: Any) -> list[Filter]:
    """Pick resources whose `field` is `value`; all where `value` is None."""
    if value is None:
        return []
    wanted = as_json(value)
    return [Filter(now=column == value, then=lambda values: values.get(field) == wanted)]


def key_of(state: State) -> tuple[str, str]:
    """Give the key by which lists are ordered."""
    return format_instant(state.created_at), str(state.id)


def page(
    db: Session,
    kind: Kind,
    wish: PageWish,
    *,
    visible: ColumnElement[bool],
    filters: Sequence[Filter] = (),
    reading: Reading = NOW,
) -> list[State]:
    """Give resources by (creation, id), one more than asked for where another page follows.

    Args:
        visible: what the caller may know of, judged now whatever the reading.
    """
    after = wish.key(parse_instant, UUID)
    present = reading == NOW
    picked = [each.now for each in filters if present and each.now is not None]
    wanted = wish.limit + 1 if present and len(picked) == len(filters) else _BATCH
    found: list[State] = []
    for states in _batches(db, kind, [visible, *picked], after, reading, wanted):
        found += [state for state in states if all(one.then(state.values) for one in filters)]
        if len(found) > wish.limit:
            break
    return found[: wish.limit + 1]


def _batches(
    db: Session,
    kind: Kind,
    conditions: Sequence[ColumnElement[bool]],
    after: tuple[datetime, UUID] | None,
    reading: Reading,
    size: int,
) -> Iterator[list[State]]:
    """Walk the key, giving those resources that existed in the reading."""
    table = kind.table
    question = select(table.c.id, table.c.created_at).where(*conditions)
    while True:
        step = question.order_by(table.c.created_at, table.c.id).limit(size)
        if after is not None:
            key = tuple_(literal(after[0], Instant()), literal(after[1], Id()))
            step = step.where(tuple_(table.c.created_at, table.c.id) > key)
        rows = db.execute(step).all()
        states = read_many(db, [row.id for row in rows], reading)
        yield [states[row.id] for row in rows if row.id in states]
        if len(rows) < size:
            return
        after = (rows[-1].created_at, rows[-1].id)
