"""`do_not_move` and `attention`: what bars people from moving, and what needs a human.

Both are derived from the one question whether the agreement stands; nobody
raises or clears them by hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.agreement.model import Agreement
from app.domain.agreement.party import CONSENTING
from app.domain.agreement.standing import counted_windows, unmet_to_stand
from app.domain.agreement.status import PROMISING, TERMINAL, Status
from app.domain.fact import Warned
from app.domain.instant import format_instant
from app.domain.unmet import Unmet
from app.domain.window import next_boundary

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
    reasons = [*_not_mutual(agreement), *_not_in_force(agreement)]
    unmet = unmet_to_stand(agreement, at)
    reasons += unmet
    if not any(u.code in ("no_window", "window_over") for u in unmet):
        reasons += _no_open_window(agreement, at)
    return Bar(reasons=tuple(reasons), until=next_change(agreement, at))


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


def shown_to_others(bar: Bar) -> Bar:
    """Reduce the reasons to what may be shown to readers who may not know who said what."""
    if not bar.reasons:
        return bar
    kept = [r for r in bar.reasons if r.code == "consent_not_mutual"]
    if len(kept) < len(bar.reasons):
        kept.append(Unmet(code=NOT_IN_FORCE, message="The agreement is not in force. Do not move."))
    return Bar(reasons=tuple(kept), until=bar.until)


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
    consenting = agreement.organisations(*CONSENTING)
    ends = [
        p.valid_until
        for p in agreement.positions
        if p.organisation in consenting and p.valid_until is not None and p.valid_until > at
    ]
    boundary = next_boundary(agreement.windows, at)
    return min([*ends, boundary] if boundary else ends, default=None)


def _not_mutual(agreement: Agreement) -> Iterator[Unmet]:
    if not agreement.laterality.is_mutual:
        yield Unmet(
            code="consent_not_mutual",
            message=f"This is {agreement.laterality.value}: one side said it, and the others have "
            "not consented. It never becomes confirmed; if they join, record a successor.",
        )


def _not_in_force(agreement: Agreement) -> Iterator[Unmet]:
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


def _no_open_window(agreement: Agreement, at: datetime) -> Iterator[Unmet]:
    windows = counted_windows(agreement, at)
    if any(window.is_open(at) for window in windows):
        return
    starts = [w.starts_at for w in windows if w.is_usable and w.starts_at > at]
    when = f"The next begins at {format_instant(min(starts))}." if starts else "None is to come."
    yield Unmet(code="window_not_begun", message=f"No agreed window is open now. {when}")
