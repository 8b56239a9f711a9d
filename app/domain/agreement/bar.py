"""`do_not_move` and `attention`: what bars people from moving, and what needs a human.

Both are derived from the one question whether the agreement stands; nobody
raises or clears them by hand.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.agreement.model import Agreement
from app.domain.agreement.party import CONSENTING
from app.domain.agreement.standing import (
    counted_windows,
    unmet_besides_windows,
    unmet_open_window,
    unmet_to_stand,
)
from app.domain.agreement.status import PROMISING, TERMINAL, Status
from app.domain.fact import Warned
from app.domain.instant import format_instant
from app.domain.unmet import Unmet
from app.domain.window import Window, next_boundary

NOT_MUTUAL = "consent_not_mutual"
NOT_IN_FORCE = "agreement_not_in_force"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Why nobody may move, and when that may change.

    Only an empty `reasons` that is read before `until` is a green light.

    Attributes:
        until: the next known instant at which the answer may change; None: not known.
    """

    reasons: tuple[Unmet, ...]
    until: datetime | None


def do_not_move(agreement: Agreement, at: datetime) -> Bar:
    """Tell why nobody may move under this agreement at `at`."""
    reasons = reasons_against(agreement, counted_windows(agreement, at), at)
    return Bar(reasons=tuple(reasons), until=next_change(agreement, at))


def reasons_against(agreement: Agreement, windows: Sequence[Window], at: datetime) -> list[Unmet]:
    """List why nobody may move under this agreement in any of these of its windows."""
    return [
        *unmet_mutual(agreement),
        *unmet_in_force(agreement),
        *unmet_besides_windows(agreement, at),
        *unmet_open_window(windows, at),
    ]


def looked_ahead(bar: Bar, at: datetime, now: datetime) -> Bar:
    """Bar an instant that lies ahead: nobody knows yet what will hold then."""
    if at <= now:
        return bar
    reason = Unmet(
        code="not_yet_known",
        message=f"{format_instant(at)} lies in the future. Ask again then; do not move on what may "
        "have changed by that time.",
    )
    return Bar(reasons=(reason, *bar.reasons), until=bar.until)


def shown_to_others(bar: Bar, *, known: Collection[str] = (NOT_MUTUAL,)) -> Bar:
    """Reduce a bar to what may be shown to readers who may not know the agreement.

    All its reasons read as one, and while there are any nothing tells when that may
    change: the hours of an agreement that they may not know are none of theirs.

    Args:
        known: the codes that these readers may know.
    """
    if not bar.reasons:
        return bar
    kept = [r for r in bar.reasons if r.code in known]
    if len(kept) < len(bar.reasons):
        hidden = Unmet(code=NOT_IN_FORCE, message="The agreement is not in force. Do not move.")
        first = next(n for n, r in enumerate(bar.reasons) if r.code not in known)
        kept.insert(first, hidden)
    return Bar(reasons=tuple(kept), until=None)


def attention(agreement: Agreement, at: datetime) -> tuple[Warned, ...]:
    """List what a coordinator must decide: a status that promises more than still stands."""
    if agreement.status.to not in PROMISING:
        return ()
    return tuple(
        Warned(code=u.code, message=f"{agreement.status.to.value}, but: {u.message}")
        for u in unmet_to_stand(agreement, at)
    )


def next_change(agreement: Agreement, at: datetime) -> datetime | None:
    """Return the first window boundary or end of validity after `at`, or None."""
    return first_of(next_boundary(agreement.windows, at), next_lapse(agreement, at))


def next_lapse(agreement: Agreement, at: datetime) -> datetime | None:
    """Return the first end of validity, after `at`, of a word whose consent is needed."""
    consenting = agreement.organisations(*CONSENTING)
    ends = (p.valid_until for p in agreement.positions if p.organisation in consenting)
    return min((end for end in ends if end is not None and end > at), default=None)


def first_of(*instants: datetime | None) -> datetime | None:
    """Return the earliest of the instants that are known, or None."""
    return min((i for i in instants if i is not None), default=None)


def unmet_mutual(agreement: Agreement) -> Iterator[Unmet]:
    """List that its consent is not mutual, where one side declared it."""
    if not agreement.laterality.is_mutual:
        yield Unmet(
            code=NOT_MUTUAL,
            message=f"This is {agreement.laterality.value}: one side said it, and the others have "
            "not consented. It never becomes confirmed; if they join, record a successor.",
        )


def unmet_in_force(agreement: Agreement) -> Iterator[Unmet]:
    """List that the agreement is not in force, where it is not."""
    status = agreement.status.to
    if status is Status.IN_FORCE:
        return
    what_next = (
        "That is final; nobody moves under it again. Propose a new one."
        if status in TERMINAL
        else "See its transitions for what is missing."
    )
    yield Unmet(
        code=NOT_IN_FORCE, message=f"The agreement is {status.value}, not in force. {what_next}"
    )
