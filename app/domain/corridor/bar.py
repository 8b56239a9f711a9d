"""May anybody leave? `do_not_move` and `attention` of a corridor.

Both are derived, as those of its agreement are; readiness is the first of them.
"""

from datetime import datetime

from app.domain.agreement import bar as of_agreement
from app.domain.agreement.bar import (
    NOT_MUTUAL,
    Bar,
    first_of,
    next_lapse,
    reasons_against,
    unmet_in_force,
)
from app.domain.agreement.model import Agreement
from app.domain.agreement.standing import (
    counted_windows,
    unmet_besides_windows,
    unmet_windows,
)
from app.domain.corridor.model import Corridor
from app.domain.corridor.passage import (
    ENDS_UNKNOWN,
    ROUTE_INVALID,
    corridor_windows,
    unmet_consent,
    unmet_ends,
    unmet_route,
)
from app.domain.corridor.status import PASSABLE, TERMINAL, CorridorStatus
from app.domain.fact import Warned
from app.domain.unmet import Unmet
from app.domain.window import last_end, next_boundary

NOT_OPEN = "corridor_not_open"
_OWN = frozenset({NOT_OPEN, ROUTE_INVALID, ENDS_UNKNOWN})
"""What a corridor says of itself; to others no more than that nobody may move along it."""

LEFT = Unmet(
    code="changed_since",
    message="This has changed since the first page was read, and is not shown as it is now. Do not "
    "move; read it anew.",
)
"""Bars a state that was left while its list or file was read: what holds now is of another one."""


def may_leave(corridor: Corridor, agreement: Agreement, at: datetime) -> Bar:
    """Tell why nobody may leave by this corridor at `at`; only an empty list lets people move.

    Args:
        corridor: as it was at `at`.
        agreement: its own, as it was at `at`.
    """
    reasons = (
        *reasons_against(agreement, corridor_windows(corridor, agreement, at), at),
        *_unmet_open(corridor),
        *unmet_route(corridor),
        *unmet_ends(corridor),
        *unmet_consent(corridor, agreement),
    )
    return Bar(reasons=reasons, until=next_change(corridor, agreement, at))


def next_change(corridor: Corridor, agreement: Agreement, at: datetime) -> datetime | None:
    """Return when the answer may change next: a boundary of its windows, or consent that ends."""
    stands_until = last_end(w for w in counted_windows(agreement, at) if w.ends_after(at))
    return first_of(
        next_boundary(corridor_windows(corridor, agreement, at), at),
        stands_until,
        next_lapse(agreement, at),
    )


def shown_to_others(bar: Bar) -> Bar:
    """Reduce a corridor's bar to what may be shown to readers who may not know its agreement.

    Nor do they learn what of a hidden corridor is drawn: its own reasons are one to them.
    """
    own = next((reason for reason in bar.reasons if reason.code in _OWN), None)
    told = Unmet(code=NOT_OPEN, message="Nobody may move along this corridor.")
    kept = [reason for reason in bar.reasons if reason.code not in _OWN]
    reduced = Bar(reasons=(*kept, *([told] if own else ())), until=bar.until)
    return of_agreement.shown_to_others(reduced, known=(NOT_MUTUAL, NOT_OPEN))


def attention(
    corridor: Corridor,
    agreement: Agreement,
    at: datetime,
    reciprocal: CorridorStatus | None = None,
) -> tuple[Warned, ...]:
    """List what a coordinator must decide: where it promises more than still holds.

    Args:
        reciprocal: the status of the corridor that leads the other way, or None.
    """
    status = corridor.status.to
    promised = _promised(corridor, agreement, at) if corridor.is_passable else ()
    told = [Warned(code=u.code, message=f"{status.value}, but: {u.message}") for u in promised]
    return (*told, *_reciprocal_stopped(status, reciprocal))


def _promised(corridor: Corridor, agreement: Agreement, at: datetime) -> tuple[Unmet, ...]:
    """List what no longer holds of that on which a corridor was opened."""
    return (
        *unmet_in_force(agreement),
        *unmet_besides_windows(agreement, at),
        *unmet_windows(corridor_windows(corridor, agreement, at), at),
    )


def _reciprocal_stopped(
    status: CorridorStatus, reciprocal: CorridorStatus | None
) -> tuple[Warned, ...]:
    """Tell of the way back that has stopped, unless this one has stopped too."""
    if reciprocal not in _STOPPED or status in _STOPPED:
        return ()
    what_next = "or suspend this one too" if status in PASSABLE else "before this one opens"
    return (
        Warned(
            code="reciprocal_stopped",
            message=f"{status.value}, but the corridor that leads the other way is "
            f"{reciprocal.value}. Find out whether people can still pass here, {what_next}.",
        ),
    )


_STOPPED = frozenset({CorridorStatus.SUSPENDED, CorridorStatus.BLOCKED, *TERMINAL})


def _unmet_open(corridor: Corridor) -> tuple[Unmet, ...]:
    status = corridor.status.to
    if status in PASSABLE:
        return ()
    what_next = (
        "That is final; nobody passes by it again. Draw a new one."
        if status in TERMINAL
        else "See its transitions for what is missing."
    )
    message = f"The corridor is {status.value}, neither open nor restricted. {what_next}"
    return (Unmet(code=NOT_OPEN, message=message),)
