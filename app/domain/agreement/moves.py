"""May the status of an agreement change? The rule behind every status change."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.domain.agreement.authority import require_may_move
from app.domain.agreement.guards import Case, Grounds, unmet_for
from app.domain.agreement.model import Agreement, Revision
from app.domain.agreement.revision import FALLS, renewed
from app.domain.agreement.status import MACHINE, STOPS, Guard, Move, Status
from app.domain.errors import OutOfOrder, Unacceptable
from app.domain.instant import format_instant
from app.domain.machine.asked import Asked, Decision, Wish
from app.domain.machine.authority import require_authority
from app.domain.machine.moving import Placed, place, require_correctable, require_guards
from app.domain.machine.stopping import decide_stop
from app.domain.unmet import Unmet

StateAt = Callable[[datetime], Agreement]
"""Gives the agreement as it was at an instant, as the record stands today."""


@dataclass(frozen=True, kw_only=True)
class StatusWish(Wish[Status]):
    """What somebody asks for, and what they bring for it."""

    grounds: Grounds = field(default_factory=Grounds)


@dataclass(frozen=True, kw_only=True)
class StatusDecision(Decision[Status]):
    """What follows from a wish.

    Attributes:
        revision: the new revision that the move brings, which voids all confirmations.
    """

    revision: Revision | None = None


def require_may_change_status(wish: StatusWish, *, now: datetime, state_at: StateAt) -> None:
    """Refuse a wish of one who has no authority for it.

    A correction needs the authority of whoever recorded the entry; where it
    leaves the present more open, that of the opening move too.

    Raises:
        NotEligible: names who may.
    """
    present = state_at(now)
    require_authority(
        _asked(wish, now, state_at),
        lambda to: require_may_move(present, wish.organisation, to),
    )


def decide_status(wish: StatusWish, *, now: datetime, state_at: StateAt) -> StatusDecision:
    """Decide what the wish does, as the record stands today.

    Args:
        now: the instant of recording.

    Raises:
        MoveUnknown: there is no such move then, or it would leave an unlisted one behind.
        GuardsUnmet: the move exists but conditions are missing; lists all of them.
        Unacceptable: `effective_at` lies ahead, or `corrects` names what is no such entry.
    """
    asked, present = _asked(wish, now, state_at), state_at(now)
    require_correctable(asked)
    if wish.to in STOPS:
        stop = decide_stop(asked)
        return StatusDecision(
            effective_at=stop.effective_at, to=stop.to, stop=stop.stop, warnings=stop.warnings
        )
    if wish.grounds.override and wish.to is not Status.IN_FORCE:
        raise Unacceptable(
            "/override", "An override lifts only the ceasefire report and the window of in_force."
        )
    placed = place(asked)
    _require_same_terms(wish.to, present, placed)
    require_guards(asked, placed)
    revision = renewed(present, placed.at) if _reopens_talks(placed.move) else None
    return StatusDecision(effective_at=placed.at, to=wish.to, revision=revision)


def _asked(wish: StatusWish, now: datetime, state_at: StateAt) -> Asked[Status, Guard]:
    present = state_at(now)

    def unmet(move: Move, at: datetime) -> list[Unmet]:
        state = state_at(at)
        stops = tuple(stop for stop in state.stops if stop.id not in wish.corrects)
        statuses = tuple(c for c in present.statuses if c.id not in wish.corrects)
        grounds = replace(wish.grounds, organisation=wish.organisation)
        state = replace(state, statuses=statuses, stops=stops)
        return unmet_for(move, Case(agreement=state, at=at, grounds=grounds))

    return Asked(
        machine=MACHINE,
        laterality=present.laterality,
        statuses=present.statuses,
        stops=present.stops,
        wish=wish,
        now=now,
        unmet=unmet,
    )


def _require_same_terms(
    to: Status | None, present: Agreement, placed: Placed[Status, Guard]
) -> None:
    """Refuse a late status that rests on terms which changed while it would still hold.

    Whoever changed them then could not make it fall, since it was not on record.
    """
    if to is None or to not in FALLS:
        return
    at = placed.at
    ended = next((c.effective_at for c in placed.after if c.effective_at > at), None)
    for revision in present.revisions:
        changed = revision.took_effect_at
        if revision.extends is None and at < changed and (ended is None or changed < ended):
            raise OutOfOrder(
                f"The terms changed at {format_instant(changed)} to revision {revision.number}, "
                f"while {to.value} from {format_instant(at)} would still hold on the terms before. "
                "Record it on the present terms, or not at all."
            )


def _reopens_talks(move: Move | None) -> bool:
    return move is not None and (move.start, move.to) == (Status.SUSPENDED, Status.IN_TALKS)
