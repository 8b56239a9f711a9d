"""Changing the status of a corridor: the use case behind every status change of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.agreements.schemas.common import dropped_warnings, left_out
from app.agreements.schemas.stopping import incomplete, told_incomplete
from app.agreements.services import referring
from app.agreements.services.routing import change_routes
from app.corridors.held import Held
from app.corridors.recorded import Recorded, load
from app.corridors.schemas.status import CorridorStatusChangeIn
from app.corridors.services.drawing import keep_status
from app.corridors.services.routing import DRAWN, is_in_terms, put, route_of, without
from app.domain.agreement.status import TERMINAL as OVER
from app.domain.corridor.model import CorridorChange
from app.domain.corridor.moves import (
    CorridorDecision,
    CorridorWish,
    decide_status,
    require_may_change_status,
)
from app.domain.corridor.status import STOPS, CorridorStatus
from app.domain.errors import MoveUnknown
from app.domain.fact import Event, Replaced, Warned
from app.domain.json_value import Json
from app.domain.machine.timeline import in_order
from app.ledger import store as ledger
from app.ledger.reading import Reading
from app.sources import service as sources

TAKEN_OUT = "status_taken_out"
"""The kind of an event that takes status changes out and sets none."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a change made: its event, and the corridor as it was right after it."""

    event: Event
    recorded: Recorded


def change_status(held: Held, body: CorridorStatusChangeIn) -> Done:
    """Move the corridor, or say everything that is missing. A stop waits for no version."""
    is_stop = body.to in STOPS
    asked = _wish(held, body, tuple(body.sources))

    def authority() -> None:
        require_may_change_status(
            asked,
            now=held.now,
            corridor_at=held.recorded.at,
            agreement_at=held.agreement.recorded.at,
        )

    def change() -> Event:
        cited, warnings = _sources(held, body)
        return _change(held, body, _wish(held, body, cited), warnings)

    version = None if is_stop else held.version
    event = held.write.once(authority=authority, version=version, change=change)
    return _done(held, event)


def _done(held: Held, event: UUID) -> Done:
    """Read what the request did, the same way for the first one and for its repetition."""
    made = ledger.event(held.write.db, event)
    assert made is not None
    corridor = made.fact.subject.id
    found = load(held.write.db, [corridor], Reading(upto=made.sequence))
    return Done(event=made, recorded=found[corridor])


def _wish(held: Held, body: CorridorStatusChangeIn, sources: tuple[UUID, ...]) -> CorridorWish:
    return CorridorWish(
        to=body.to,
        organisation=held.write.caller.actor.organisation,
        effective_at=body.effective_at,
        corrects=_corrects(held, body),
        sources=sources,
    )


def _corrects(held: Held, body: CorridorStatusChangeIn) -> tuple[UUID, ...]:
    """Return what is corrected; of a stop only what the caller's organisation recorded."""
    if body.to not in STOPS:
        return tuple(body.corrects)
    organisation = held.write.caller.actor.organisation
    present = held.recorded.at(held.now)
    own = {change.id for change in present.statuses[1:] if change.organisation == organisation}
    own |= {stop.id for stop in present.stops if stop.organisation == organisation}
    return tuple(event for event in body.corrects if event in own)


def _sources(
    held: Held, body: CorridorStatusChangeIn
) -> tuple[tuple[UUID, ...], tuple[Warned, ...]]:
    write, operation = held.write, held.agreement.recorded.operation
    if body.to in STOPS:
        return referring.cited_by_stop(write.db, write.caller, operation, body.sources)
    return sources.cited(write.db, write.caller, operation, body.sources), ()


def _change(
    held: Held,
    body: CorridorStatusChangeIn,
    wish: CorridorWish,
    warnings: Sequence[Warned],
) -> Event:
    decision = decide_status(
        wish,
        now=held.now,
        corridor_at=held.recorded.at,
        agreement_at=held.agreement.recorded.at,
    )
    voided = _settle_route(held, wish, decision, body)
    missing = _incomplete(body, wish)
    fact = held.fact(
        _kind(decision),
        _aspects(wish, decision, body, missing),
        at=decision.effective_at,
        basis=body.basis,
        reason=body.reason,
        sources=wish.sources,
        warnings=(
            *dropped_warnings(body.dropped),
            *left_out(body.corrects, wish.corrects),
            *warnings,
            *decision.warnings,
            *voided,
            *told_incomplete(missing),
        ),
        replaces=_replaced(held, wish.corrects),
        event=wish.id,
    )
    event = held.record(fact)
    _follow_agreement(held, decision)
    keep_status(held.write.db, [held.subject.id], held.recorded.at(held.now).status.to)
    return event


def _follow_agreement(held: Held, decision: CorridorDecision) -> None:
    """Suspend again what was reported open late, if its agreement has stopped since."""
    if decision.suspended_at is not None:
        held.record(
            held.fact(
                "status_changed",
                {"status": automatic(CorridorStatus.SUSPENDED)},
                at=decision.suspended_at,
                reason="agreement_stopped",
            )
        )


def automatic(to: CorridorStatus) -> Json:
    """Write a status that follows from the agreement's."""
    return {"to": to.value, "automatic": True}


def _settle_route(
    held: Held, wish: CorridorWish, decision: CorridorDecision, body: CorridorStatusChangeIn
) -> tuple[Warned, ...]:
    """Bring the route into the terms when it is planned, and out if it never was to be agreed."""
    present = held.recorded.at(held.now)
    kept = [change for change in present.statuses if change.id not in wish.corrects]
    if decision.to is not None:
        kept.append(
            CorridorChange(
                id=wish.id,
                to=decision.to,
                effective_at=decision.effective_at,
                sequence=held.subject.version + 1,
                organisation=wish.organisation,
            )
        )
    was, will = is_in_terms(present.statuses), is_in_terms(in_order(kept))
    if was == will or held.agreement.present.status.to in OVER:
        return ()
    if was and not {change.to for change in present.statuses} <= DRAWN:
        raise MoveUnknown(
            "That would take the route out of terms on which this corridor went further. Close the "
            "corridor instead, or correct what followed first."
        )
    db, corridor = held.write.db, held.subject.id
    route = route_of(db, corridor, held.recorded.values(held.now))
    return change_routes(
        held.agreement,
        lambda routes: put(routes, route) if will else without(routes, corridor),
        at=decision.effective_at,
        basis=body.basis,
    )


def _kind(decision: CorridorDecision) -> str:
    if decision.stop is not None:
        return "stop_stated"
    return "status_changed" if decision.to is not None else TAKEN_OUT


def _incomplete(body: CorridorStatusChangeIn, wish: CorridorWish) -> tuple[str, ...]:
    if body.to is None:
        return ()
    return incomplete(reason=body.reason, sources=wish.sources if body.to in STOPS else None)


def _aspects(
    wish: CorridorWish,
    decision: CorridorDecision,
    body: CorridorStatusChangeIn,
    missing: Sequence[str],
) -> dict[str, Json]:
    to = decision.to or decision.stop
    if to is None:
        return {}
    value: dict[str, Any] = {
        "to": to.value,
        "note": body.note,
        "corrects": [str(event) for event in wish.corrects],
        "incomplete": list(missing),
    }
    return {f"stop:{wish.id}" if decision.stop is not None else "status": value}


def _replaced(held: Held, corrects: Sequence[UUID]) -> tuple[Replaced, ...]:
    stops = {stop.id for stop in held.recorded.at(held.now).stops}
    return tuple(
        Replaced(event=event, aspects=(f"stop:{event}" if event in stops else "status",))
        for event in corrects
    )
