"""A stop is never refused for its time, and takes effect at recording at the latest."""

from dataclasses import replace
from datetime import datetime

from app.domain.errors import MoveUnknown
from app.domain.fact import Warned
from app.domain.instant import format_instant
from app.domain.machine.asked import Asked, Decision, instant, opening, rest, with_wished
from app.domain.machine.moving import no_such_move, require_none
from app.domain.machine.table import G, S
from app.domain.machine.timeline import fits, status_at
from app.domain.unmet import Unmet


def decide_stop(asked: Asked[S, G]) -> Decision[S]:
    """Decide a stop: when it is said to have been, or else at its recording.

    Raises:
        MoveUnknown: there is nothing to stop, then or now.
        GuardsUnmet: nothing bears it out, then or now.
    """
    wanted, now = instant(asked), asked.now
    unmet: list[Unmet] = []
    for at in dict.fromkeys((min(wanted, now), now)):
        decision = _stop_at(asked, at)
        if decision is None:
            continue
        unmet = _unmet(asked, decision)
        if not unmet:
            return replace(decision, warnings=_told(asked, wanted, decision))
    require_none(asked, unmet)
    held = status_at(asked.statuses, now) or asked.statuses[0]
    raise MoveUnknown(no_such_move(asked, held.to, _to(asked)))


def _stop_at(asked: Asked[S, G], at: datetime) -> Decision[S] | None:
    """Return what the stop does at `at`; None where it does not fit there or would open more."""
    to, machine = _to(asked), asked.machine
    held = status_at(rest(asked), at)
    if held is None:
        return None
    is_stopped = held.to in machine.terminal or held.to is to
    if not is_stopped and asked.find_move(held.to, to) is None:
        return None
    after = rest(asked) if is_stopped else with_wished(asked, at)
    opened = opening(asked, at)
    if not fits(asked.statuses, after, asked.is_listed) or opened not in (None, *machine.stops):
        return None
    if is_stopped:
        return Decision(effective_at=at, stop=to)
    return Decision(effective_at=at, to=to)


def _unmet(asked: Asked[S, G], decision: Decision[S]) -> list[Unmet]:
    held = status_at(rest(asked), decision.effective_at)
    move = asked.find_move(held.to, decision.to) if held and decision.to else None
    return asked.unmet(move, decision.effective_at) if move else []


def _to(asked: Asked[S, G]) -> S:
    assert asked.wish.to is not None
    return asked.wish.to


def _told(asked: Asked[S, G], wanted: datetime, decision: Decision[S]) -> tuple[Warned, ...]:
    told, at = [], decision.effective_at
    if wanted != at:
        told.append(
            Warned(
                code="effective_at_replaced",
                message=f"The stop could not take effect at {format_instant(wanted)}; it takes "
                f"effect at its recording, {format_instant(at)}.",
            )
        )
    openness, stops = asked.machine.openness, asked.machine.stops
    later = [c for c in asked.statuses if at < c.effective_at <= asked.now]
    if later and openness[later[-1].to] > max(openness[stop] for stop in stops):
        told.append(
            Warned(
                code="later_change_stands",
                message=f"Since {format_instant(later[-1].effective_at)} the "
                f"{asked.machine.words.noun} is {later[-1].to.value}. To stop it now, send the "
                "stop again without effective_at.",
            )
        )
    return tuple(told)
