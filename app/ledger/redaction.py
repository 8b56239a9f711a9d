"""Erasing what a redaction names: the one deletion from the history."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.domain.fact import Event
from app.domain.redaction import erasures
from app.ledger.tables import EventRedactedRow, EventValueRow
from app.ledger.within import one_of

_value = EventValueRow.__table__
_redacted = EventRedactedRow.__table__


def erase(db: Session, event: Event) -> None:
    """Delete value and salt of each field that a redaction names, and keep that it did.

    Called with the writing of the event, before anybody follows it.

    Raises:
        ValueError: a field that is not there to be erased.
    """
    if db.get_bind().dialect.name == "sqlite":
        # What is deleted is overwritten in the file, not only marked as free.
        db.connection().exec_driver_sql("PRAGMA secure_delete = ON")
    for each in erasures(event.fact.aspects):
        rows = [
            {"event_id": each.event, "field": field, "by_event_id": event.fact.id}
            for field in each.fields
        ]
        db.execute(insert(_redacted), rows)
        gone = delete(_value).where(
            _value.c.event_id == each.event, _value.c.field.in_(each.fields)
        )
        erased = db.execute(gone.returning(_value.c.field)).scalars().all()
        if sorted(erased) != sorted(each.fields):
            raise ValueError(f"found {sorted(erased)} to erase; expected {sorted(each.fields)}")


def erased(db: Session, events: Sequence[UUID]) -> dict[UUID, Mapping[str, UUID]]:
    """Give, by event, which fields were erased, and by which event."""
    found: dict[UUID, dict[str, UUID]] = {event: {} for event in events}
    if not found:
        return {}
    question = select(_redacted).where(one_of(_redacted.c.event_id, list(found)))
    for row in db.execute(question.order_by(_redacted.c.field)):
        found[row.event_id][row.field] = row.by_event_id
    return dict(found)
