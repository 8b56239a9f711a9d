"""Redaction: fields of an event are erased by another event, in one transaction."""

from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from app.access.caller import require_role
from app.access.write import Write
from app.disclosure.lock import hold_places
from app.domain.errors import Unacceptable
from app.domain.fact import Event, Fact, Subject
from app.domain.redaction import KIND, Erasure, Redactable
from app.history.schemas import RedactionIn
from app.http.problems import not_found
from app.ledger import store as ledger
from app.ledger.history import HistoryItem, Wanted
from app.ledger.reading import NOW, SubjectState
from app.ledger.tables import EventRow

_event = EventRow.__table__


def redact(write: Write, id: UUID, body: RedactionIn) -> HistoryItem:
    """Erase fields of an event, and give the event that did it."""
    require_role(write.caller)
    found = _find(write.db, id)
    if found is None:
        raise not_found()
    held = _hold(write.db, found.subject)

    def change() -> Event:
        item = _find(write.db, id)
        assert item is not None
        return _redact(write, held, item, body)

    made = _find(
        write.db, write.once(authority=lambda: None, version=None, change=change, status=201)
    )
    assert made is not None
    return made


def _find(db: Session, id: UUID) -> HistoryItem | None:
    found = ledger.events(db, Wanted(), visible=_event.c.id == id, limit=1)
    return found[0] if found else None


def _hold(db: Session, subject: Subject) -> SubjectState:
    """Lock the subject: after the lock of places, a corridor after its agreement."""
    hold_places(db)
    if subject.kind == "corridor":
        entry = ledger.look_up(db, subject.id, "agreement", NOW)
        assert entry is not None
        ledger.lock(db, UUID(str(entry.value)))
    held = ledger.lock(db, subject.id)
    assert held is not None
    return held


def _redact(write: Write, held: SubjectState, item: HistoryItem, body: RedactionIn) -> Event:
    subject = _redactable(write.db, item)
    for index, field in enumerate(body.fields):
        refusal = subject.refusal(field)
        if refusal is not None:
            raise Unacceptable(f"/fields/{index}", refusal)
    erasure = Erasure(event=item.id, fields=tuple(sorted(body.fields)))
    at = max(held.held_at, held.recorded_at)
    fact = Fact(
        subject=item.subject,
        kind=KIND,
        effective_at=at,
        actor=write.caller.actor,
        aspects=erasure.aspect(),
        reason=body.reason,
    )
    return ledger.append(write.db, fact, at=at)


def _redactable(db: Session, item: HistoryItem) -> Redactable:
    said = ledger.said_over_time(db, item.subject.id)
    return Redactable(
        kind=item.kind,
        subject_kind=item.subject.kind,
        fields=orjson.loads(item.record)["values"].keys(),
        gone=item.redacted,
        corrected={o.entry.aspect for o in said if o.until and o.entry.event == item.id},
        is_ended=any(o.entry.aspect == "revoked" and o.entry.value is True for o in said),
    )
