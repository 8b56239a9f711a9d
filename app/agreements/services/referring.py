"""References in bodies: to organisations, to sources, to entries that are corrected.

What does not exist and what the caller may not know of get the same answer, and
no id is repeated in it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.agreements.held import Held
from app.disclosure import reading as places
from app.disclosure.reading import Question
from app.domain.agreement.authority import require_may_correct
from app.domain.errors import Unacceptable
from app.domain.fact import Replaced, Warned
from app.domain.instant import format_instant
from app.ledger import store as ledger
from app.ledger.reading import NOW
from app.organisations import service as organisations
from app.sources import service as sources


def organisation(db: Session, reference: str, pointer: str) -> UUID:
    """Resolve an organisation by id or short name.

    Raises:
        Unacceptable: at `pointer`, where no such organisation is known.
    """
    found = organisations.resolve(db, reference)
    if found is None:
        raise Unacceptable(
            pointer, "No organisation of this id or short name is known. List /v1/organisations."
        )
    return found


def optional_organisation(db: Session, reference: str | None, pointer: str) -> UUID | None:
    """Resolve an organisation that may be left out."""
    return organisation(db, reference, pointer) if reference is not None else None


def cited_by_stop(
    db: Session, caller: Caller, operation: UUID, ids: Sequence[UUID]
) -> tuple[tuple[UUID, ...], tuple[Warned, ...]]:
    """Return the sources of a stop that are known; unknown ones are left out with a warning."""
    known = sources.known(db, caller, operation, ids) if ids else set()
    kept = tuple(source for source in dict.fromkeys(ids) if source in known)
    if len(kept) == len(set(ids)):
        return kept, ()
    message = "Not every source is known in this operation; the unknown ones were left out."
    return kept, (Warned(code="sources_dropped", message=message),)


def require_corridor(held: Held, corridor: UUID | None) -> None:
    """Refuse a window for a corridor that is none of this agreement; the ledger tells.

    One that the caller may not know of is none: it neither sees it nor could read of it here.

    Raises:
        Unacceptable: at `/corridor`.
    """
    if corridor is None:
        return
    db = held.write.db
    entry = ledger.look_up(db, corridor, "agreement", NOW)
    is_corridor = ledger.kind_of(db, corridor) == "corridor"
    is_ours = is_corridor and entry is not None and entry.value == str(held.recorded.id)
    if not is_ours or not (_is_named(held, corridor) or _is_seen(held, corridor)):
        raise Unacceptable("/corridor", "No corridor of this id is known in this agreement.")


def _is_named(held: Held, corridor: UUID) -> bool:
    """Whether the terms, which the caller may read, name or named the corridor."""
    return any(
        entry.aspect == f"route:{corridor}"
        or (isinstance(entry.value, dict) and entry.value.get("corridor") == str(corridor))
        for entry in held.recorded.entries
    )


def _is_seen(held: Held, corridor: UUID) -> bool:
    asked = Question(collection="corridors", caller=held.write.caller, now=held.now, place=corridor)
    return places.seen(held.write.db, asked) is not None


def not_ahead(effective_at: datetime | None, now: datetime) -> datetime:
    """Return since when a change holds: now, or a time in the past.

    Raises:
        Unacceptable: the time lies in the future.
    """
    if effective_at is not None and effective_at > now:
        raise Unacceptable(
            "/effective_at",
            f"{format_instant(effective_at)} lies in the future. What is planned is a window.",
        )
    return effective_at or now


def instant(held: Held, effective_at: datetime | None, corrects: Sequence[UUID]) -> datetime:
    """Return since when a change holds; a correction takes the instant of what it corrects."""
    if effective_at is None and corrects:
        entries = {e.event: e.effective_at for e in held.recorded.entries}
        return entries.get(corrects[0], held.now)
    return not_ahead(effective_at, held.now)


def require_own(held: Held, corrects: Sequence[UUID]) -> None:
    """Refuse to correct what another organisation recorded.

    Raises:
        NotEligible: says who may.
    """
    for entry in held.recorded.entries:
        if entry.event in corrects:
            require_may_correct(entry.organisation, held.organisation)


def replaced(held: Held, corrects: Sequence[UUID], aspects: Iterable[str]) -> tuple[Replaced, ...]:
    """Return what a correction takes out: in each named event the aspects that it sets anew.

    Raises:
        Unacceptable: the event is none of this agreement, or says nothing about this.
    """
    wanted = set(aspects)
    found = []
    for index, event in enumerate(corrects):
        said = {e.aspect for e in held.recorded.entries if e.event == event}
        if not said & wanted:
            raise Unacceptable(
                f"/corrects/{index}",
                "This names no entry of this agreement that says anything about what is corrected.",
            )
        found.append(Replaced(event=event, aspects=tuple(sorted(said & wanted))))
    return tuple(found)
