"""Corrections of a resource: which events may be named, and what of them is taken out."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.resource.values import Values
from app.domain.errors import NotEligible, Unacceptable
from app.domain.fact import Event, Replaced
from app.domain.instant import format_instant
from app.ledger import store
from app.ledger.reading import Entry
from app.ledger.tables import EventRow

_event = EventRow.__table__


def may_correct(db: Session, subject: UUID, events: Sequence[UUID], organisation: UUID) -> None:
    """Refuse to correct what another organisation recorded.

    Raises:
        NotEligible: one of `events` was recorded by another organisation.
    """
    found = store.events_of(db, events).values()
    others = [event for event in found if event.fact.subject.id == subject]
    if any(event.fact.actor.organisation != organisation for event in others):
        raise NotEligible("only the organisation that recorded an event may correct it")


def corrected(
    db: Session, subject: UUID, events: Sequence[UUID], *, by: UUID | None = None
) -> list[Event]:
    """Give the events that a correction names, in its order.

    Args:
        by: the organisation whose events alone the caller may know of; None: all of them.

    Raises:
        Unacceptable: one of them is no event of the subject, or is named twice.
    """
    found = store.events_of(db, events)
    named: list[Event] = []
    for index, id in enumerate(events):
        event = found.get(id)
        if event is None or event in named or not _is_known(event, subject, by):
            raise Unacceptable(
                f"/corrects/{index}",
                "this is no event of what you are changing, or is named twice; expected events "
                "of its own history",
            )
        named.append(event)
    return named


def _is_known(event: Event, subject: UUID, by: UUID | None) -> bool:
    return event.fact.subject.id == subject and by in {None, event.fact.actor.organisation}


def take_out(named: Sequence[Event], given: Values) -> tuple[Replaced, ...]:
    """Say what of the named events a correction replaces: the fields that it sets itself.

    Raises:
        Unacceptable: one of the events set none of these fields.
    """
    replaces: list[Replaced] = []
    for index, event in enumerate(named):
        aspects = tuple(sorted(event.fact.aspects.keys() & given.keys()))
        if not aspects:
            raise Unacceptable(
                f"/corrects/{index}",
                f"this event set {_listed(event.fact.aspects)} and the correction sets "
                f"{_listed(given)}; expected a correction of something that the event set",
            )
        replaces.append(Replaced(event=event.fact.id, aspects=aspects))
    return tuple(replaces)


def check_reach(
    db: Session, subject: UUID, kept: Sequence[Entry], given: Values, effective_at: datetime
) -> None:
    """Refuse a change that would hold before the thing began, or leave its beginning empty.

    Raises:
        Unacceptable: `effective_at` cannot be.
    """
    first = select(_event.c.effective_at).where(
        _event.c.subject_id == subject, _event.c.sequence == 1
    )
    began: datetime = db.execute(first).scalar_one()
    if effective_at < began:
        raise Unacceptable(
            "/effective_at",
            f"found a time before this began; expected {format_instant(began)} or later",
        )
    filled = {entry.aspect for entry in kept if entry.effective_at <= began}
    if effective_at > began and not given.keys() <= filled:
        raise Unacceptable(
            "/effective_at",
            "a correction of how this began takes effect when it began: "
            f"expected {format_instant(began)}, or leave effective_at out",
        )


def _listed(values: Values) -> str:
    return ", ".join(sorted(values)) or "nothing"
