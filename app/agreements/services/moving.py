"""Changing the status of an agreement: the use case behind every status change."""

from collections.abc import Sequence
from uuid import UUID

from app.agreements import aspects, store
from app.agreements.held import Done, Held
from app.agreements.schemas.common import dropped_warnings, left_out
from app.agreements.schemas.status import StatusChangeIn
from app.agreements.schemas.stopping import incomplete, told_incomplete
from app.agreements.seen import knows
from app.agreements.services import referring
from app.domain.agreement.guards import Grounds
from app.domain.agreement.model import Agreement
from app.domain.agreement.moves import (
    StatusDecision,
    StatusWish,
    decide_status,
    require_may_change_status,
)
from app.domain.agreement.standing import confirmations_counted
from app.domain.agreement.status import STOPS, Status
from app.domain.errors import Unacceptable
from app.domain.fact import Event, Replaced, Warned
from app.domain.instant import format_instant
from app.domain.json_value import Json
from app.sources import service as sources

TAKEN_OUT = "status_taken_out"
"""The kind of an event that takes status changes out and sets none."""


def change_status(held: Held, body: StatusChangeIn) -> Done:
    """Move the agreement, or say everything that is missing. A stop waits for no version."""
    is_stop = body.to in STOPS
    wish = _wish(held, body, tuple(body.sources), body.successor)

    def authority() -> None:
        require_may_change_status(wish, now=held.now, state_at=held.recorded.at)

    def change() -> Event:
        cited, warnings = _sources(held, body)
        successor, more = _successor(held, body)
        wish = _wish(held, body, cited, successor)
        return _change(held, body, wish, (*warnings, *more))

    return held.once(authority=authority, needs_version=not is_stop, change=change)


def _wish(
    held: Held, body: StatusChangeIn, sources: tuple[UUID, ...], successor: UUID | None
) -> StatusWish:
    return StatusWish(
        to=body.to,
        organisation=held.organisation,
        effective_at=body.effective_at,
        corrects=_corrects(held, body),
        grounds=Grounds(
            organisation=held.organisation,
            sources=sources,
            ceasefire_effective_at=body.ceasefire_effective_at,
            movements_statement=body.movements_statement,
            counts_statement=body.counts_statement,
            purpose_met=body.purpose_met,
            successor=successor,
            override=body.override.reason if body.override else None,
        ),
    )


def _corrects(held: Held, body: StatusChangeIn) -> tuple[UUID, ...]:
    """Return what is corrected; of a stop only what the caller's organisation recorded."""
    if body.to not in STOPS:
        return tuple(body.corrects)
    present = held.present
    own = {c.id for c in present.statuses[1:] if c.organisation == held.organisation}
    own |= {stop.id for stop in present.stops if stop.organisation == held.organisation}
    return tuple(event for event in body.corrects if event in own)


def _sources(held: Held, body: StatusChangeIn) -> tuple[tuple[UUID, ...], tuple[Warned, ...]]:
    write, operation = held.write, held.recorded.operation
    if body.to in STOPS:
        return referring.cited_by_stop(write.db, write.caller, operation, body.sources)
    return sources.cited(write.db, write.caller, operation, body.sources), ()


def _change(
    held: Held, body: StatusChangeIn, wish: StatusWish, warnings: Sequence[Warned]
) -> Event:
    decision = decide_status(wish, now=held.now, state_at=held.recorded.at)
    missing = _incomplete(body, wish)
    return held.record(
        _kind(decision),
        _aspects(held, body, wish, decision, missing),
        at=decision.effective_at,
        basis=body.basis,
        reason=body.reason,
        sources=wish.grounds.sources,
        warnings=(
            *dropped_warnings(body.dropped),
            *left_out(body.corrects, wish.corrects),
            *warnings,
            *decision.warnings,
            *told_incomplete(missing),
        ),
        replaces=_replaced(held.present, wish.corrects),
        event=wish.id,
    )


def _kind(decision: StatusDecision) -> str:
    if decision.stop is not None:
        return "stop_stated"
    return "status_changed" if decision.to is not None else TAKEN_OUT


def _successor(held: Held, body: StatusChangeIn) -> tuple[UUID | None, tuple[Warned, ...]]:
    """Return the successor that is named; a stop goes on without one that is not known."""
    if body.successor is None or _is_known(held, body.successor):
        return body.successor, ()
    message = "No other agreement of this id is known in this operation."
    if body.to not in STOPS:
        raise Unacceptable("/successor", message)
    return None, (Warned(code="successor_dropped", message=message),)


def _is_known(held: Held, successor: UUID) -> bool:
    write, mine = held.write, held.recorded
    found = store.find(write.db, successor)
    is_other = found is not None and found.id != mine.id and found.operation_id == mine.operation
    return is_other and knows(write.db, write.caller, successor, held.now)


def _incomplete(body: StatusChangeIn, wish: StatusWish) -> tuple[str, ...]:
    if body.to is None:
        return ()
    return incomplete(
        reason=body.reason, sources=wish.grounds.sources if body.to in STOPS else None
    )


def _aspects(
    held: Held,
    body: StatusChangeIn,
    wish: StatusWish,
    decision: StatusDecision,
    missing: Sequence[str],
) -> dict[str, Json]:
    to = decision.to or decision.stop
    if to is None:
        return {}
    value = _grounds(body, wish) | {"to": to.value, "incomplete": list(missing)}
    if decision.stop is not None:
        return {f"stop:{wish.id}": value}
    if to is Status.CONFIRMED:
        value |= _borne_out(held.recorded.at(decision.effective_at), decision)
    revision = aspects.revision(decision.revision) if decision.revision else {}
    return {"status": value, **revision}


def _grounds(body: StatusChangeIn, wish: StatusWish) -> dict[str, Json]:
    began, successor = body.ceasefire_effective_at, wish.grounds.successor
    return {
        "note": body.note,
        "ceasefire_effective_at": format_instant(began) if began else None,
        "movements_statement": body.movements_statement,
        "counts_statement": body.counts_statement,
        "purpose_met": body.purpose_met,
        "successor": str(successor) if successor else None,
        "override": {"reason": body.override.reason} if body.override else None,
        "corrects": [str(event) for event in wish.corrects],
    }


def _borne_out(agreement: Agreement, decision: StatusDecision) -> dict[str, Json]:
    """Write what a `confirmed` rests on: the terms, those that they extend, and whose word."""
    present = agreement.revision
    extended = agreement.revisions_in_chain() - {present.number}
    return {
        "revision": present.number,
        "terms_hash": present.terms_hash,
        "extended": [
            {"revision": revision.number, "terms_hash": revision.terms_hash}
            for revision in agreement.revisions
            if revision.number in extended
        ],
        "counted": _counted(agreement, decision),
    }


def _counted(agreement: Agreement, decision: StatusDecision) -> Json:
    counted = confirmations_counted(agreement, decision.effective_at)
    return [
        {
            "organisation": str(organisation),
            "position": str(word.position.id),
            "attestations": [
                str(a.id) for a in agreement.attestations if a.position == word.position.id
            ],
        }
        for organisation, word in counted.items()
        if word.position is not None
    ]


def _replaced(present: Agreement, corrects: Sequence[UUID]) -> tuple[Replaced, ...]:
    stops = {stop.id for stop in present.stops}
    return tuple(
        Replaced(event=event, aspects=(f"stop:{event}" if event in stops else "status",))
        for event in corrects
    )
