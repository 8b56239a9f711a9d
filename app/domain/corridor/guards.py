"""The guards of a corridor's moves: each looks at one condition and says what is missing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.agreement.bar import NOT_IN_FORCE, unmet_in_force, unmet_mutual
from app.domain.agreement.guards import unmet_source
from app.domain.agreement.model import Agreement
from app.domain.agreement.standing import unmet_besides_windows, unmet_open_window
from app.domain.agreement.status import Status
from app.domain.corridor.model import Corridor
from app.domain.corridor.passage import (
    corridor_windows,
    unmet_consent,
    unmet_ends,
    unmet_route,
)
from app.domain.corridor.status import CorridorGuard, CorridorMove
from app.domain.unmet import Unmet


@dataclass(frozen=True, kw_only=True)
class Case:
    """A corridor and its agreement as they were at `at`, and the sources for a move there."""

    corridor: Corridor
    agreement: Agreement
    at: datetime
    sources: tuple[UUID, ...] = ()


def unmet_for(move: CorridorMove, case: Case) -> list[Unmet]:
    """List every unmet condition of the move, in the order of its guards."""
    return [unmet for guard in move.guards for unmet in GUARDS[guard](case)]


def _mutual(case: Case) -> Iterable[Unmet]:
    return unmet_mutual(case.agreement)


def _confirmed(case: Case) -> Iterable[Unmet]:
    status = case.agreement.status.to
    if status not in (Status.CONFIRMED, Status.IN_FORCE):
        yield Unmet(
            code=NOT_IN_FORCE,
            message=f"The agreement is {status.value}; it must be confirmed or in force before a "
            "corridor can be agreed under it.",
        )


def _declared(case: Case) -> Iterable[Unmet]:
    status = case.agreement.status.to
    if status not in (Status.DECLARED, Status.IN_FORCE, Status.SUSPENDED):
        yield Unmet(
            code="agreement_not_declared",
            message=f"The agreement is {status.value}; it must be declared, in force or suspended "
            "before a corridor of it can be. Record first what was declared.",
        )


def _in_force(case: Case) -> Iterable[Unmet]:
    return unmet_in_force(case.agreement)


def _stands(case: Case) -> Iterable[Unmet]:
    """Leave the windows to their own guard: of those of the agreement only its own let it open."""
    return unmet_besides_windows(case.agreement, case.at)


def _window_open(case: Case) -> Iterable[Unmet]:
    return unmet_open_window(corridor_windows(case.corridor, case.agreement, case.at), case.at)


def _route_valid(case: Case) -> Iterable[Unmet]:
    return unmet_route(case.corridor)


def _in_terms(case: Case) -> Iterable[Unmet]:
    return unmet_consent(case.corridor, case.agreement)


def _ends_known(case: Case) -> Iterable[Unmet]:
    return unmet_ends(case.corridor)


def _source(case: Case) -> Iterable[Unmet]:
    return unmet_source(case.sources)


GUARDS: dict[CorridorGuard, Callable[[Case], Iterable[Unmet]]] = {
    CorridorGuard.MUTUAL: _mutual,
    CorridorGuard.CONFIRMED: _confirmed,
    CorridorGuard.DECLARED: _declared,
    CorridorGuard.IN_FORCE: _in_force,
    CorridorGuard.STANDS: _stands,
    CorridorGuard.WINDOW_OPEN: _window_open,
    CorridorGuard.ROUTE_VALID: _route_valid,
    CorridorGuard.ENDS_KNOWN: _ends_known,
    CorridorGuard.IN_TERMS: _in_terms,
    CorridorGuard.SOURCE: _source,
}
