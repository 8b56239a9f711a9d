"""May the status of a corridor change? The rule behind every status change of one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.domain.agreement.authority import require_may_set
from app.domain.agreement.model import Agreement
from app.domain.agreement.moves import StateAt as AgreementAt
from app.domain.agreement.readiness import PossibleMove, possible
from app.domain.corridor.cascade import stopped_since
from app.domain.corridor.guards import Case, unmet_for
from app.domain.corridor.model import Corridor
from app.domain.corridor.status import (
    MACHINE,
    PASSABLE,
    STOPS,
    CorridorGuard,
    CorridorMove,
    CorridorStatus,
)
from app.domain.fact import Warned
from app.domain.instant import format_instant
from app.domain.machine.asked import Asked, Decision, Wish
from app.domain.machine.authority import require_authority
from app.domain.machine.moving import Placed, place, require_correctable, require_guards
from app.domain.machine.stopping import decide_stop
from app.domain.unmet import Unmet

CorridorAt = Callable[[datetime], Corridor]
"""Gives the corridor as it was at an instant, as the record stands today."""


@dataclass(frozen=True, kw_only=True)
class CorridorWish(Wish[CorridorStatus]):
    """What somebody asks for, and the sources that they name for it."""

    sources: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CorridorDecision(Decision[CorridorStatus]):
    """What follows from a wish.

    Attributes:
        suspended_at: of an opening that is reported late, since when the corridor is suspended
            again, because its agreement stopped meanwhile; None where it did not.
    """

    suspended_at: datetime | None = None


def require_may_change_status(
    wish: CorridorWish, *, now: datetime, corridor_at: CorridorAt, agreement_at: AgreementAt
) -> None:
    """Refuse a wish of one who has no authority for it in the corridor's agreement.

    A correction needs the authority of whoever recorded the entry; where it
    leaves the present more open, that of the opening move too.

    Raises:
        NotEligible: names who may.
    """
    agreement = agreement_at(now)
    require_authority(
        _asked(wish, now, corridor_at, agreement_at),
        lambda to: require_may_set(MACHINE, agreement, wish.organisation, to),
    )


def decide_status(
    wish: CorridorWish, *, now: datetime, corridor_at: CorridorAt, agreement_at: AgreementAt
) -> CorridorDecision:
    """Decide what the wish does, as the record stands today.

    Args:
        now: the instant of recording.
        corridor_at: needed from the corridor's first entry on.
        agreement_at: its agreement, needed from the same instant on.

    Raises:
        MoveUnknown: there is no such move then, or it would leave an unlisted one behind.
        GuardsUnmet: the move exists but conditions are missing; lists all of them.
        Unacceptable: `effective_at` lies ahead, or `corrects` names what is no such entry.
    """
    asked = _asked(wish, now, corridor_at, agreement_at)
    require_correctable(asked)
    if wish.to in STOPS:
        stop = decide_stop(asked)
        return CorridorDecision(
            effective_at=stop.effective_at, to=stop.to, stop=stop.stop, warnings=stop.warnings
        )
    placed = place(asked)
    require_guards(asked, placed)
    decision = CorridorDecision(effective_at=placed.at, to=wish.to)
    return _following(decision, placed, now, agreement_at)


def _asked(
    wish: CorridorWish, now: datetime, corridor_at: CorridorAt, agreement_at: AgreementAt
) -> Asked[CorridorStatus, CorridorGuard]:
    present = corridor_at(now)

    def unmet(move: CorridorMove, at: datetime) -> list[Unmet]:
        corridor, agreement = corridor_at(at), agreement_at(at)
        return unmet_for(
            move, Case(corridor=corridor, agreement=agreement, at=at, sources=wish.sources)
        )

    return Asked(
        machine=MACHINE,
        laterality=agreement_at(now).laterality,
        statuses=present.statuses,
        stops=present.stops,
        wish=wish,
        now=now,
        unmet=unmet,
    )


def _following(
    decision: CorridorDecision,
    placed: Placed[CorridorStatus, CorridorGuard],
    now: datetime,
    agreement_at: AgreementAt,
) -> CorridorDecision:
    """Let what opens late follow what stopped its agreement since; else a stop would be undone."""
    if decision.to not in PASSABLE:
        return decision
    at = decision.effective_at
    ended = next((c.effective_at for c in placed.after if c.effective_at > at), None)
    stopped = stopped_since(agreement_at, at, now)
    if stopped is None or (ended is not None and ended <= stopped):
        return decision
    warned = Warned(
        code="suspended_with_agreement",
        message=f"The agreement stopped at {format_instant(stopped)}; the corridor is suspended "
        "from then on. Reopen it by a change of its own.",
    )
    return replace(decision, suspended_at=stopped, warnings=(*decision.warnings, warned))


def transitions(
    corridor: Corridor, agreement: Agreement, at: datetime, organisation: UUID | None
) -> tuple[PossibleMove[CorridorStatus], ...]:
    """List every move from the present status with what is missing for it at `at`.

    Args:
        organisation: the reader's, to tell which moves its coordinators may make.
    """
    case = Case(corridor=corridor, agreement=agreement, at=at)
    listed = MACHINE.moves_from(corridor.status.to, agreement.laterality)
    return possible(listed, agreement, organisation, lambda move: unmet_for(move, case))
