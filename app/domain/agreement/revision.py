"""Revisions of the terms: what a change of the terms does to consent already given.

Until a party has confirmed the present revision its draft is edited in place.
After that every change of what the hash covers makes a new revision and voids
all confirmations, unless it only adds later windows: then it extends the
revision before, and what was confirmed goes on counting.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from app.domain.agreement.model import Agreement, Position, Revision, Stance
from app.domain.agreement.status import TERMINAL, Status
from app.domain.agreement.terms import Content, covered_window, terms_hash
from app.domain.errors import MoveUnknown, OutOfOrder
from app.domain.instant import format_instant
from app.domain.window import Window, last_end

FALLS: Mapping[Status, Status] = {
    Status.CONFIRMED: Status.AGREED_IN_PRINCIPLE,
    Status.IN_FORCE: Status.SUSPENDED,
}
"""Where a status falls when the terms change under it."""


@dataclass(frozen=True, kw_only=True)
class TermsDecision:
    """What a change of content does.

    Attributes:
        revision: the revision as it reads from then on; None where the hash stays.
        windows: the windows as they are to be kept, each with its revision.
        falls_to: the status that the agreement falls to, or None.
        voided: the parties whose confirmations are void from then on.
    """

    windows: tuple[Window, ...]
    revision: Revision | None = None
    falls_to: Status | None = None
    voided: tuple[UUID, ...] = ()
    extends: bool = field(default=False)


def decide_terms(agreement: Agreement, content: Content, *, at: datetime) -> TermsDecision:
    """Decide what changing the terms to `content` at `at` does to revision and status.

    Args:
        agreement: as it is now.

    Raises:
        MoveUnknown: the agreement is over; its terms are what they were.
        OutOfOrder: the terms, or the status that rests on them, changed later than `at`.
    """
    status = agreement.status
    if status.to in TERMINAL:
        raise MoveUnknown(f"The agreement is {status.to.value}; its terms cannot change any more.")
    if terms_hash(content) == agreement.revision.terms_hash:
        windows = _marked(agreement, content, agreement.revision.number)
        return TermsDecision(windows=windows)
    _require_forward(agreement, at)
    if not _confirmed_by(agreement):
        return _edited_in_place(agreement, content, at)
    if _only_adds_later_windows(agreement, content):
        return _extended(agreement, content, at)
    return _new_revision(agreement, content, at)


def renewed(agreement: Agreement, at: datetime) -> Revision | None:
    """Return a new revision of the same terms, which voids all confirmations.

    None where nobody has confirmed the present one: it is fresh already.
    """
    if not _confirmed_by(agreement):
        return None
    _require_forward(agreement, at)
    present = agreement.revision
    return Revision(number=present.number + 1, terms_hash=present.terms_hash, took_effect_at=at)


def _require_forward(agreement: Agreement, at: datetime) -> None:
    last = agreement.revision.took_effect_at
    if at < last:
        raise OutOfOrder(
            f"Terms run forward: they last changed at {format_instant(last)}, after "
            f"{format_instant(at)}. Give a later effective_at."
        )
    status = agreement.status
    if status.to in FALLS and at < status.effective_at:
        raise OutOfOrder(
            f"The agreement is {status.to.value} since {format_instant(status.effective_at)} on the "
            "terms as they are. A change of terms takes effect then or later."
        )


def _confirmed_by(agreement: Agreement) -> tuple[UUID, ...]:
    """Return who has ever confirmed the terms as they read now, or those they extend."""
    chain = [r for r in agreement.revisions if r.number in agreement.revisions_in_chain()]
    return tuple(
        dict.fromkeys(
            p.organisation
            for p in agreement.positions
            if any(_confirms(p, revision) for revision in chain)
        )
    )


def _confirms(position: Position, revision: Revision) -> bool:
    """Whether it speaks of that revision, stated when this had taken effect."""
    return (
        position.stance is Stance.CONFIRMED
        and (position.revision, position.terms_hash) == (revision.number, revision.terms_hash)
        and position.stated_at >= revision.took_effect_at
    )


def _edited_in_place(agreement: Agreement, content: Content, at: datetime) -> TermsDecision:
    present = agreement.revision
    edited = replace(present, terms_hash=terms_hash(content), took_effect_at=at)
    return TermsDecision(revision=edited, windows=_marked(agreement, content, present.number))


def _extended(agreement: Agreement, content: Content, at: datetime) -> TermsDecision:
    """Extend the confirmed revision, or edit an extension that nobody has confirmed yet."""
    present = agreement.revision
    is_draft = present.extends is not None and not _is_confirmed_by_any(agreement, present)
    number = present.number if is_draft else present.number + 1
    revision = Revision(
        number=number, terms_hash=terms_hash(content), took_effect_at=at, extends=number - 1
    )
    windows = _marked(agreement, content, number)
    return TermsDecision(revision=revision, windows=windows, extends=True)


def _new_revision(agreement: Agreement, content: Content, at: datetime) -> TermsDecision:
    number = agreement.revision.number + 1
    return TermsDecision(
        revision=Revision(number=number, terms_hash=terms_hash(content), took_effect_at=at),
        windows=_marked(agreement, content, number),
        falls_to=FALLS.get(agreement.status.to),
        voided=_confirmed_by(agreement),
    )


def _is_confirmed_by_any(agreement: Agreement, revision: Revision) -> bool:
    return any(_confirms(position, revision) for position in agreement.positions)


def _only_adds_later_windows(agreement: Agreement, content: Content) -> bool:
    """Whether all else stays and every added window begins when the kept ones are over."""
    others = replace(content, windows=agreement.windows)
    if terms_hash(others) != terms_hash(agreement.content):
        return False
    settled = _settled_windows(agreement)
    kept = {w.id: covered_window(w) for w in content.windows}
    if any(kept.get(w.id) != covered_window(w) for w in settled):
        return False
    end = last_end(settled)
    added = [w for w in content.windows if w.id not in {s.id for s in settled}]
    return end is not None and all(window.starts_at >= end for window in added)


def _settled_windows(agreement: Agreement) -> tuple[Window, ...]:
    """Return the windows that somebody has confirmed: all but those of an unconfirmed extension."""
    present = agreement.revision
    if present.extends is None or _is_confirmed_by_any(agreement, present):
        return agreement.windows
    return tuple(w for w in agreement.windows if w.since_revision < present.number)


def _marked(agreement: Agreement, content: Content, number: int) -> tuple[Window, ...]:
    """Give each new or changed window the revision that brings it; others keep theirs."""
    known = {w.id: w for w in agreement.windows}

    def mark(window: Window) -> Window:
        old = known.get(window.id)
        is_kept = old is not None and covered_window(old) == covered_window(window)
        return replace(window, since_revision=old.since_revision if old and is_kept else number)

    return tuple(mark(window) for window in content.windows)
