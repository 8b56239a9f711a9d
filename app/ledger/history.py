"""Whole events, as auditors read them and as answers are built again from them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Row, Select, func, literal, select, true, tuple_
from sqlalchemy.orm import Session

from app.db.types import Id, Instant
from app.domain.fact import (
    Actor,
    Basis,
    Event,
    Fact,
    Replaced,
    Subject,
    Warned,
    erased_actor,
)
from app.domain.json_value import Json
from app.domain.record import aspect_field
from app.domain.redaction import blank
from app.ledger.reading import NOW, Reading
from app.ledger.redaction import erased
from app.ledger.tables import EventRow, EventValueRow
from app.ledger.within import bounds, one_of, shape, within

_event = EventRow.__table__
_value = EventValueRow.__table__


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A value of an event with the salt that opens its commitment."""

    salt: bytes
    value: Json


@dataclass(frozen=True, kw_only=True)
class HistoryItem:
    """One event: its record, and the values that its commitments open to.

    Attributes:
        redacted: the fields that were erased, each with the event that did it.
    """

    id: UUID
    subject: Subject
    sequence: int
    kind: str
    effective_at: datetime
    recorded_at: datetime
    basis: Basis
    organisation: UUID
    record: bytes
    values: Mapping[str, Opened]
    redacted: Mapping[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which events: those for which everything that is given holds.

    Attributes:
        kind: what happened, such as `status_changed`.
        organisation: that of the actor.
        recorded_from: at or after.
        recorded_until: before.
    """

    subjects: Sequence[UUID] | None = None
    operations: Sequence[UUID] | None = None
    subject_kind: str | None = None
    kind: str | None = None
    organisation: UUID | None = None
    recorded_from: datetime | None = None
    recorded_until: datetime | None = None


def events(
    db: Session,
    wanted: Wanted,
    *,
    visible: ColumnElement[bool] | None = None,
    reading: Reading = NOW,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[HistoryItem]:
    """Give events by (`recorded_at`, `id`), the first `limit` of those that come after `after`.

    Args:
        visible: a condition over the columns of `EventRow`.
    """
    question = _page(select(_event), wanted, visible, reading, after).limit(limit)
    return _items(db, db.execute(question, bounds(reading)).all())


def how_many_fit(
    db: Session,
    wanted: Wanted,
    *,
    visible: ColumnElement[bool] | None = None,
    reading: Reading = NOW,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
    size: int,
) -> int:
    """Count the first of those that `events` gives whose texts come to `size` characters.

    One at least is counted, however long, and `limit` at most.
    """
    columns = select(_event.c.id, func.length(_event.c.record).label("size"))
    question = _page(columns, wanted, visible, reading, after).limit(limit)
    rows = db.execute(question, bounds(reading)).all()
    values = _sizes(db, [row.id for row in rows])
    sizes = accumulate(row.size + values.get(row.id, 0) for row in rows)
    return max(1, sum(1 for total in sizes if total <= size))


def _page(
    columns: Select[Any],
    wanted: Wanted,
    visible: ColumnElement[bool] | None,
    reading: Reading,
    after: tuple[datetime, UUID] | None,
) -> Select[Any]:
    question = (
        columns.where(*_conditions(wanted), within(_event, shape(reading)))
        .where(true() if visible is None else visible)
        .order_by(_event.c.recorded_at, _event.c.id)
    )
    if after is None:
        return question
    key = tuple_(literal(after[0], Instant()), literal(after[1], Id()))
    return question.where(tuple_(_event.c.recorded_at, _event.c.id) > key)


def _sizes(db: Session, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Give the length of all values of each event."""
    if not ids:
        return {}
    question = (
        select(_value.c.event_id, func.sum(func.length(_value.c.value)).label("size"))
        .where(one_of(_value.c.event_id, ids))
        .group_by(_value.c.event_id)
    )
    return {row.event_id: int(row.size or 0) for row in db.execute(question)}


def events_of(db: Session, ids: Sequence[UUID]) -> dict[UUID, Event]:
    """Give the events with these ids; unknown ones are absent."""
    if not ids:
        return {}
    rows = db.execute(select(_event).where(one_of(_event.c.id, ids))).all()
    return {item.id: _recorded(item) for item in _items(db, rows)}


def event(db: Session, id: UUID) -> Event | None:
    """Give one event; None if unknown."""
    return events_of(db, [id]).get(id)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.subjects is not None:
        conditions.append(_event.c.subject_id.in_(wanted.subjects))
    if wanted.operations is not None:
        conditions.append(_event.c.operation_id.in_(wanted.operations))
    if wanted.subject_kind is not None:
        conditions.append(_event.c.subject_kind == wanted.subject_kind)
    if wanted.kind is not None:
        conditions.append(_event.c.kind == wanted.kind)
    if wanted.organisation is not None:
        conditions.append(_event.c.organisation_id == wanted.organisation)
    if wanted.recorded_from is not None:
        conditions.append(_event.c.recorded_at >= wanted.recorded_from)
    if wanted.recorded_until is not None:
        conditions.append(_event.c.recorded_at < wanted.recorded_until)
    return conditions


def _items(db: Session, rows: Sequence[Row[Any]]) -> list[HistoryItem]:
    ids = [row.id for row in rows]
    values, gone = _values(db, ids), erased(db, ids)
    return [
        HistoryItem(
            id=row.id,
            subject=Subject(kind=row.subject_kind, id=row.subject_id, operation=row.operation_id),
            sequence=row.sequence,
            kind=row.kind,
            effective_at=row.effective_at,
            recorded_at=row.recorded_at,
            basis=Basis(row.basis),
            organisation=row.organisation_id,
            record=bytes(row.record),
            values=values[row.id],
            redacted=gone[row.id],
        )
        for row in rows
    ]


def _values(db: Session, ids: Sequence[UUID]) -> dict[UUID, dict[str, Opened]]:
    found: dict[UUID, dict[str, Opened]] = defaultdict(dict)
    if not ids:
        return found
    question = select(_value).where(one_of(_value.c.event_id, ids)).order_by(_value.c.field)
    for row in db.execute(question):
        opened = Opened(salt=bytes(row.salt), value=orjson.loads(row.value))
        found[row.event_id][row.field] = opened
    return found


def _recorded(item: HistoryItem) -> Event:
    """Give the event; of what was erased of it nothing, or what is read in its place."""
    values: dict[str, Any] = {name: opened.value for name, opened in item.values.items()}
    aspects = aspect_field("")
    said = {
        name.removeprefix(aspects): values.get(name)
        for name in (*values, *item.redacted)
        if name.startswith(aspects)
    }
    actor = values.get("actor")
    fact = Fact(
        subject=item.subject,
        kind=item.kind,
        effective_at=item.effective_at,
        actor=erased_actor(item.organisation) if actor is None else _actor(actor),
        aspects={
            name: blank(name) if aspects + name in item.redacted else value
            for name, value in said.items()
        },
        basis=item.basis,
        reason=values.get("reason"),
        sources=tuple(UUID(source) for source in values.get("sources") or ()),
        warnings=tuple(Warned(**warned) for warned in values.get("warnings") or ()),
        replaces=_replaces(item.record),
        id=item.id,
    )
    return Event(fact=fact, sequence=item.sequence, recorded_at=item.recorded_at)


def _actor(value: Any) -> Actor:
    return Actor(
        principal=UUID(value["principal"]),
        holder=value["holder"],
        organisation=UUID(value["organisation"]),
        role=value["role"],
    )


def _replaces(record: bytes) -> tuple[Replaced, ...]:
    return tuple(
        Replaced(event=UUID(each["event"]), aspects=tuple(each["aspects"]))
        for each in orjson.loads(record)["replaces"]
    )
