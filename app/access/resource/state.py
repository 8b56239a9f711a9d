"""A resource as it was at one instant, as known at another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from app.access.resource.values import Values
from app.domain.fact import Actor, Event, Warned
from app.http.deps import AskedTimes
from app.ledger import store
from app.ledger.reading import NOW, Reading, winners
from app.ledger.tables import EventRow

_event = EventRow.__table__


@dataclass(frozen=True, kw_only=True)
class State:
    """A resource in one reading.

    Attributes:
        values: its fields as they held.
        version: the latest sequence known, also of events that were not in effect yet.
        created_at: when its first event was recorded.
        recorded_at: when the latest was; `recorded_by` is that one's organisation.
        warnings: of the change to which this state is the answer.
    """

    id: UUID
    operation: UUID | None
    values: Values
    version: int
    created_at: datetime
    recorded_at: datetime
    recorded_by: UUID
    warnings: tuple[Warned, ...] = ()

    def document(self) -> dict[str, Any]:
        """Give the fields and what every resource shows besides."""
        shown: dict[str, Any] = {
            **self.values,
            "id": self.id,
            "version": self.version,
            "recorded_at": self.recorded_at,
            "recorded_by": self.recorded_by,
        }
        if self.warnings:
            shown["warnings"] = [vars(warned) for warned in self.warnings]
        return shown


def reading_of(times: AskedTimes) -> Reading:
    """Give the reading that a question asks for."""
    return Reading(as_of=times.as_of, known_at=times.known_at)


def read(db: Session, id: UUID, reading: Reading = NOW) -> State | None:
    """Give one resource; None where it did not exist in the reading."""
    return read_many(db, [id], reading).get(id)


def read_many(db: Session, ids: Sequence[UUID], reading: Reading = NOW) -> dict[UUID, State]:
    """Give those resources that existed in the reading, in three statements."""
    versions = store.versions(db, ids, reading)
    if not versions:
        return {}
    living = list(versions)
    entries = store.entries(db, living, reading)
    heads = _heads(db, versions)
    return {
        id: State(
            id=id,
            operation=heads[id].operation_id,
            values={name: entry.value for name, entry in winners(entries[id]).items()},
            version=versions[id],
            created_at=heads[id].created_at,
            recorded_at=heads[id].recorded_at,
            recorded_by=heads[id].organisation_id,
        )
        for id in living
    }


def exists(db: Session, id: UUID, reading: Reading) -> bool:
    """Tell whether a resource existed in the reading."""
    return id in store.versions(db, [id], reading)


def after(db: Session, event: UUID, *, by: Actor | None = None) -> State:
    """Give the resource as that event left it: the answer to the request that made it.

    Args:
        by: who asks; a patch that changed nothing is answered with an event that another may have
            made, whose warnings are not theirs.
    """
    made = store.event(db, event)
    state = None if made is None else read(db, made.fact.subject.id, _just_after(made))
    if made is None or state is None:
        raise LookupError("there is no such event")
    is_theirs = by is None or by.principal == made.fact.actor.principal
    return replace(state, warnings=made.fact.warnings if is_theirs else ())


def _just_after(made: Event) -> Reading:
    return Reading(as_of=made.recorded_at, upto=made.sequence)


def _heads(db: Session, versions: Mapping[UUID, int]) -> dict[UUID, Any]:
    """Give the event of that sequence of each resource, and when its first one was recorded."""
    head, first = _event.alias("head"), _event.alias("first")
    question = (
        select(
            head.c.subject_id,
            head.c.operation_id,
            head.c.recorded_at,
            head.c.organisation_id,
            first.c.recorded_at.label("created_at"),
        )
        .join(first, and_(first.c.subject_id == head.c.subject_id, first.c.sequence == 1))
        .where(tuple_(head.c.subject_id, head.c.sequence).in_(versions.items()))
    )
    return {row.subject_id: row for row in db.execute(question)}
