"""What follows for corridors: they stop with their agreement, and what is to be seen of them changes.

First they are suspended, then disclosed, in the transaction of the change that is followed and under
the lock of the agreement.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.agreements import store as agreements
from app.agreements.recorded import Recorded as Agreement
from app.corridors import bars, features, recorded, retelling
from app.corridors.features import COLLECTION
from app.corridors.recorded import KIND
from app.corridors.services.drawing import keep_status
from app.corridors.tables import CorridorRow, CorridorSiteRow
from app.disclosure.following import disclose
from app.disclosure.places import changes_past, changes_rights
from app.disclosure.store import Place
from app.domain import redaction
from app.domain.agreement.model import Position
from app.domain.agreement.standing import unmet_confirmations
from app.domain.corridor.cascade import Cause, stops_corridors, suspension
from app.domain.corridor.status import PASSABLE, CorridorStatus
from app.domain.fact import Event, Fact, Subject
from app.domain.redaction import erases
from app.ledger import store as ledger
from app.ledger.reading import NOW, Reading

AGREEMENT = "agreement"
SITE = "site"
_corridor = CorridorRow.__table__
_named = CorridorSiteRow.__table__
_OF_AGREEMENT = select(_corridor.c.id, _corridor.c.status).where(
    _corridor.c.agreement_id == bindparam("agreement")
)


def follow(db: Session, events: Sequence[Event]) -> None:
    """Follow corridors, their agreements, and the sites that they name."""
    corridors = [event for event in events if event.fact.subject.kind == KIND]
    if corridors:
        _show_corridors(db, corridors)
    for event in events:
        kind, subject = event.fact.subject.kind, event.fact.subject.id
        if kind == AGREEMENT and event.sequence > 1:
            _follow_agreement(db, event, _of_agreement(db, subject))
        elif kind == SITE and _moves_rights(event):
            make_anew(db, _naming(db, subject), event.recorded_at)


def _follow_agreement(db: Session, event: Event, corridors: Mapping[UUID, CorridorStatus]) -> None:
    if not corridors:
        return
    after = _agreement(db, event, NOW)
    passable = [corridor for corridor, status in corridors.items() if status in PASSABLE]
    stopped = _suspend(db, event, after, passable) if passable else {}
    since = _since(db, [event])
    # What was suspended at this very instant has been told anew from it on.
    rest = [corridor for corridor in corridors if stopped.get(corridor) != since]
    if event.fact.kind == redaction.KIND:
        for corridor in corridors:
            retelling.rebuild(db, corridor, at=event.recorded_at)
    elif rest:
        found = recorded.load(db, rest, NOW)
        bars.publish(db, after, list(found.values()), since=since, at=event.recorded_at)
    if _moves_rights(event):
        make_anew(db, corridors, event.recorded_at)


def _suspend(
    db: Session, event: Event, after: Agreement, corridors: Sequence[UUID]
) -> Mapping[UUID, datetime]:
    """Suspend corridors if the agreement stops; tell since when those are that were suspended."""
    cause = _cause(db, event, after)
    if cause is None:
        return {}
    now = event.recorded_at
    now = max(now, ledger.lock_all(db, corridors) or now)
    found = recorded.load(db, corridors, NOW)
    facts = []
    for corridor in corridors:
        at = suspension(found[corridor].at(now), event.fact.effective_at, now)
        if at is not None:
            facts.append(_suspended(event, corridor, at, cause))
    if facts:
        keep_status(db, [fact.subject.id for fact in facts], CorridorStatus.SUSPENDED)
        ledger.append_all(db, facts, at=now)
    return {fact.subject.id: fact.effective_at for fact in facts}


def _cause(db: Session, event: Event, after: Agreement) -> Cause | None:
    """Tell why the corridors of an agreement stop with an event of it; None where they do not."""
    now = event.recorded_at
    if erases(event.fact.aspects, "position:", "attestation:"):
        # What was said before is gone; whether it counted is not known any more.
        return Cause.CONFIRMATION_LOST if unmet_confirmations(after.at(now), now) else None
    before = _before(db, event, after)
    return stops_corridors(before.at(now), after.at(now), now, _said(after, event))


def _before(db: Session, event: Event, after: Agreement) -> Agreement:
    """Give the agreement as it was before the event."""
    if event.fact.replaces:
        return _agreement(db, event, Reading(upto=event.sequence - 1))
    return replace(after, entries=[e for e in after.entries if e.event != event.fact.id])


def _agreement(db: Session, event: Event, reading: Reading) -> Agreement:
    subject = event.fact.subject
    assert subject.operation is not None
    return agreements.load(db, [(subject.id, subject.operation)], reading)[subject.id]


def _said(after: Agreement, event: Event) -> list[Position]:
    positions = after.at(event.recorded_at).positions
    return [position for position in positions if position.id == event.fact.id]


def _suspended(event: Event, corridor: UUID, at: datetime, cause: Cause) -> Fact:
    """State that a corridor is suspended because of what happened to its agreement."""
    of = event.fact
    return Fact(
        subject=Subject(kind=KIND, id=corridor, operation=of.subject.operation),
        kind="status_changed",
        effective_at=at,
        actor=of.actor,
        aspects={
            "status": {
                "to": CorridorStatus.SUSPENDED.value,
                "automatic": True,
                "because": str(of.id),
            }
        },
        basis=of.basis,
        reason=cause.value,
        sources=of.sources,
    )


def _show_corridors(db: Session, events: Sequence[Event]) -> None:
    at = max(event.recorded_at for event in events)
    places = [_place(event) for event in events]
    back = [e.fact.subject.id for e in events if e.sequence > 1 and changes_past(e.fact)]
    entries = ledger.entries(db, [place.id for place in places], NOW)
    disclose(db, places, partial(features.told, db), at=at, back=back, entries=entries)
    found = recorded.told(entries)
    new = [place.id for place in places if place.new]
    for agreement in {corridor.agreement for corridor in found.values()}:
        mine = [one for one in found.values() if one.agreement == agreement]
        operation = places[0].operation
        told = agreements.load(db, [(agreement, operation)], NOW)[agreement]
        bars.publish(db, told, mine, since=_since(db, events), at=at, new=new)
    for event in events:
        if event.fact.kind == redaction.KIND:
            retelling.rebuild(db, event.fact.subject.id, at=at)
    for corridor in back:
        make_anew(db, _reciprocal(db, corridor), at)


def _since(db: Session, events: Sequence[Event]) -> datetime:
    """Give the first instant whose state the events may change, what they take out included."""
    taken_out = [replaced.event for event in events for replaced in event.fact.replaces]
    earlier = ledger.events_of(db, taken_out).values()
    return min(event.fact.effective_at for event in (*events, *earlier))


def _moves_rights(event: Event) -> bool:
    return event.sequence > 1 and changes_rights(event.fact.aspects)


def make_anew(db: Session, corridors: Iterable[UUID], at: datetime) -> None:
    """Make all rows of corridors anew, those of earlier records too.

    For when what may be seen of them, or of what they name, has changed.
    """
    ids = sorted(corridors)
    if not ids:
        return
    _lock(db, ids)
    rows = db.execute(
        select(_corridor.c.id, _corridor.c.operation_id).where(_corridor.c.id.in_(ids))
    )
    places = [Place(id=row.id, collection=COLLECTION, operation=row.operation_id) for row in rows]
    disclose(db, places, partial(features.told, db), at=at, back=ids)


def _lock(db: Session, corridors: Sequence[UUID]) -> None:
    """Lock corridors that another place reaches: their agreements first, each kind by id."""
    question = select(_corridor.c.agreement_id).where(_corridor.c.id.in_(corridors))
    for subject in (*sorted(set(db.execute(question).scalars())), *corridors):
        ledger.lock(db, subject)


def _place(event: Event) -> Place:
    subject = event.fact.subject
    assert subject.operation is not None
    return Place(
        id=subject.id,
        collection=COLLECTION,
        operation=subject.operation,
        new=event.sequence == 1,
    )


def _of_agreement(db: Session, agreement: UUID) -> dict[UUID, CorridorStatus]:
    """Give the status of each corridor of an agreement, by their ids."""
    found = {row.id: row.status for row in db.execute(_OF_AGREEMENT, {"agreement": agreement})}
    return dict(sorted(found.items()))


def _naming(db: Session, site: UUID) -> list[UUID]:
    return list(db.execute(select(_named.c.corridor_id).where(_named.c.site_id == site)).scalars())


def _reciprocal(db: Session, corridor: UUID) -> list[UUID]:
    question = select(_corridor.c.id).where(_corridor.c.reciprocal_of == corridor)
    return list(db.execute(question).scalars())
