"""An operation as those see it who stand outside: nothing of its members, not even that they change.

Whoever sees one of its agreements knows of the operation, but a version that moved with the
members would betray their changes; so versions are counted without them.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.access.resource import State
from app.ledger.reading import Reading
from app.ledger.tables import EventAspectRow, EventRow

MEMBERS = "members"
_event = EventRow.__table__
_aspect = EventAspectRow.__table__


def from_outside(db: Session, states: Sequence[State], reading: Reading) -> list[State]:
    """Show operations without their members, in versions that count what else changed."""
    changes = _changes(db, [state.id for state in states], reading)
    return [_without_members(state, changes[state.id]) for state in states]


def _without_members(state: State, changes: Sequence[Any]) -> State:
    return replace(
        state,
        values={name: value for name, value in state.values.items() if name != MEMBERS},
        version=len(changes),
        recorded_at=changes[-1].recorded_at,
        recorded_by=changes[-1].organisation_id,
    )


def _changes(db: Session, operations: Sequence[UUID], reading: Reading) -> dict[UUID, list[Any]]:
    """Give the events of each operation that set anything but its members, as known then."""
    visible = exists().where(_aspect.c.event_id == _event.c.id, _aspect.c.aspect != MEMBERS)
    question = (
        select(_event.c.subject_id, _event.c.recorded_at, _event.c.organisation_id)
        .where(_event.c.subject_id.in_(operations), visible)
        .order_by(_event.c.sequence)
    )
    if reading.known_at is not None:
        question = question.where(_event.c.recorded_at <= reading.known_at)
    found: dict[UUID, list[Any]] = {operation: [] for operation in operations}
    for row in db.execute(question):
        found[row.subject_id].append(row)
    return found
