"""The guards of the status moves: each looks at one condition and says what is missing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.agreement.counting import doubt_about, word_of
from app.domain.agreement.model import Agreement, Position, Stance, StatusChange
from app.domain.agreement.party import CONSENTING, PartyRole
from app.domain.agreement.standing import (
    counted_windows,
    unmet_confirmations,
    unmet_declaration,
    unmet_to_stand,
    unmet_windows,
)
from app.domain.agreement.status import Guard, Move, Status
from app.domain.instant import format_instant
from app.domain.unmet import Unmet


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """What somebody brings with a status change.

    Attributes:
        organisation: whose coordinator asks; None where nobody asks yet.
        override: the reason for going without ceasefire report and window.
    """

    organisation: UUID | None = None
    sources: tuple[UUID, ...] = ()
    ceasefire_effective_at: datetime | None = None
    movements_statement: str | None = None
    counts_statement: str | None = None
    purpose_met: bool = False
    successor: UUID | None = None
    override: str | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """An agreement as it was at `at`, and the grounds for moving it there."""

    agreement: Agreement
    at: datetime
    grounds: Grounds


def unmet_for(move: Move, case: Case) -> list[Unmet]:
    """List every unmet condition of the move, in the order of its guards."""
    return [unmet for guard in move.guards for unmet in GUARDS[guard](case)]


def _party_approached(case: Case) -> Iterable[Unmet]:
    agreement = case.agreement
    others = [
        o for o in agreement.organisations(PartyRole.REQUIRED_PARTY) if o != agreement.proposer
    ]
    if any(_was_approached(agreement, o, case.at) for o in others):
        return
    if not others:
        yield _unmet(
            "party_not_approached", "There is no required party but the proposer to talk to."
        )
    for o in others:
        yield Unmet(
            code="party_not_approached",
            organisation=o,
            message=f"{agreement.name(o)} has not been approached. Contact it and record a "
            "position of at least approached for one required party.",
        )


def _was_approached(agreement: Agreement, organisation: UUID, at: datetime) -> bool:
    return word_of(agreement, organisation, at).counts_as is not Stance.NOT_CONTACTED


def _all_in_principle(case: Case) -> Iterable[Unmet]:
    agreement = case.agreement
    required = agreement.organisations(PartyRole.REQUIRED_PARTY)
    for o in agreement.organisations(*CONSENTING):
        word = word_of(agreement, o, case.at)
        if word.counts_as is Stance.REJECTED:
            problem = "has rejected it. Settle what stands against it and record its new position."
        elif o not in required:
            continue
        elif not word.is_at_least(Stance.IN_PRINCIPLE):
            problem = (
                f"counts as {word.counts_as.value}. Obtain its agreement in principle and record "
                "it as a position with a source."
            )
        elif not (word.position and word.position.sources):
            problem = "is in principle without a source. State the position again with its source."
        else:
            continue
        yield Unmet(
            code="party_not_in_principle",
            organisation=o,
            position=word.position.id if word.position else None,
            message=f"{word.name} {problem}",
        )


def _stands(case: Case) -> Iterable[Unmet]:
    return unmet_to_stand(case.agreement, case.at)


def _declared_by(case: Case) -> Iterable[Unmet]:
    """Ask for the window too; it may be over, since the move only records what was said."""
    yield from unmet_declaration(case.agreement)
    if not case.agreement.windows:
        yield from unmet_windows(case.agreement.windows, case.at)


def _source(case: Case) -> Iterable[Unmet]:
    return unmet_source(case.grounds.sources)


def unmet_source(sources: Sequence[UUID]) -> Iterable[Unmet]:
    """List that no source is named for what was said, where none is."""
    if not sources:
        yield _unmet(
            "source_missing",
            "No source is named for what was said. Record the statement as a source and name it "
            "in sources.",
        )


def _window_begun(case: Case) -> Iterable[Unmet]:
    windows = counted_windows(case.agreement, case.at)
    if case.grounds.override or any(w.has_begun(case.at) for w in windows):
        return
    starts = min((w.starts_at for w in windows if w.is_usable), default=None)
    when = f"The first begins at {format_instant(starts)}." if starts else "There is none."
    yield _unmet(
        "window_not_begun",
        f"No agreed window has begun. {when} Wait for it, or override with a reason.",
    )


def _ceasefire_reported(case: Case) -> Iterable[Unmet]:
    grounds = case.grounds
    began = grounds.ceasefire_effective_at
    if grounds.override or (began is not None and began <= case.at and grounds.sources):
        return
    if began is not None and began > case.at:
        found = f"The ceasefire is reported from {format_instant(began)}, after this change."
    elif began is not None:
        found = "The ceasefire is reported without a source."
    else:
        found = "Nobody has reported that the ceasefire holds."
    yield _unmet(
        "ceasefire_not_reported",
        f"{found} Give ceasefire_effective_at with a source, or override with a reason.",
    )


def _suspender_confirmed(case: Case) -> Iterable[Unmet]:
    for organisation, since in suspenders(case.agreement, case.at).items():
        word = word_of(case.agreement, organisation, case.at)
        if word.counts and _confirmed_since(case, organisation, since):
            continue
        yield Unmet(
            code="suspending_party_not_confirmed",
            organisation=organisation,
            message=f"{case.agreement.name(organisation)} suspended this at "
            f"{format_instant(since)} and has not confirmed again since. Record its new "
            "confirmation of the present revision.",
        )


def _confirmed_since(case: Case, organisation: UUID, since: datetime) -> bool:
    """Whether a confirmation given since then counts; one that changes nothing does not."""

    def confirms(p: Position) -> bool:
        return p.organisation == organisation and p.stance is Stance.CONFIRMED

    later = [p for p in case.agreement.positions if confirms(p) and since <= p.stated_at <= case.at]
    return any(doubt_about(case.agreement, p, case.at) is None for p in later)


def suspenders(agreement: Agreement, at: datetime) -> dict[UUID, datetime]:
    """Return who suspended it by hand since it was last in force, and when last.

    Who states a suspension while it is suspended already, also by a change of
    the terms, is among them.
    """
    found: dict[UUID, datetime] = {}
    suspensions = _suspensions(agreement, at)
    for change in suspensions:
        if not change.automatic:
            found[change.organisation] = change.effective_at
    since = suspensions[0].effective_at if suspensions else at
    for stop in agreement.stops:
        if stop.to is Status.SUSPENDED and since <= stop.effective_at <= at:
            found[stop.organisation] = max(found.get(stop.organisation, since), stop.effective_at)
    return found


def _suspensions(agreement: Agreement, at: datetime) -> list[StatusChange]:
    """Return the suspensions up to `at` since it was last in force, oldest first."""
    found: list[StatusChange] = []
    for change in agreement.statuses:
        if change.effective_at > at:
            break
        if change.to is Status.IN_FORCE:
            found.clear()
        elif change.to is Status.SUSPENDED:
            found.append(change)
    return found


def _confirmation_lost(case: Case) -> Iterable[Unmet]:
    if not unmet_confirmations(case.agreement, case.at):
        yield _unmet(
            "confirmations_still_count",
            "Every confirmation still counts, so it stays confirmed. Record the position that "
            "changed, or suspend or withdraw instead.",
        )


def _withdrawal_or_facilitator(case: Case) -> Iterable[Unmet]:
    agreement, organisation = case.agreement, case.grounds.organisation
    required = agreement.organisations(PartyRole.REQUIRED_PARTY)
    words = (word_of(agreement, o, case.at) for o in required)
    if any(word.counts_as is Stance.WITHDRAWN for word in words):
        return
    if PartyRole.FACILITATOR not in agreement.roles_of(organisation):
        yield _unmet(
            "party_not_withdrawn",
            "No required party has withdrawn. Record its position withdrawn first, or let a "
            "facilitator's coordinator end the agreement.",
        )


def _windows_over(case: Case) -> Iterable[Unmet]:
    if any(window.ends_after(case.at) for window in case.agreement.windows):
        yield _unmet("window_not_over", "A window is still to come or open. Wait until it is over.")


def _over_or_purpose_met(case: Case) -> Iterable[Unmet]:
    if case.grounds.purpose_met:
        return
    if any(window.ends_after(case.at) for window in case.agreement.windows):
        yield _unmet(
            "purpose_not_met",
            "A window is still open or to come and purpose_met is not set. Wait until the last "
            "window is over, or set purpose_met to true if all is done.",
        )


def _movements_stated(case: Case) -> Iterable[Unmet]:
    if not case.grounds.movements_statement:
        yield _unmet(
            "movements_statement_missing",
            "Say in movements_statement what is known of the movements; it may say unknown.",
        )


def _counts_stated(case: Case) -> Iterable[Unmet]:
    if not case.grounds.counts_statement:
        yield _unmet(
            "counts_statement_missing",
            "Say in counts_statement who counted what; it may say unknown.",
        )


def _party_rejected(case: Case) -> Iterable[Unmet]:
    agreement, organisation = case.agreement, case.grounds.organisation
    consenting = agreement.organisations(*CONSENTING)
    words = (word_of(agreement, o, case.at) for o in consenting)
    if organisation in consenting or any(w.counts_as is Stance.REJECTED for w in words):
        return
    yield _unmet(
        "party_not_rejected",
        "No required party or executor has rejected it. Record its position rejected first.",
    )


def _proposer_withdrew(case: Case) -> Iterable[Unmet]:
    agreement = case.agreement
    word = word_of(agreement, agreement.proposer, case.at)
    if case.grounds.organisation != agreement.proposer and word.counts_as is not Stance.WITHDRAWN:
        yield Unmet(
            code="proposer_not_withdrawn",
            organisation=agreement.proposer,
            message=f"{agreement.name(agreement.proposer)} proposed this and has not withdrawn "
            "it. Let its own coordinator withdraw, or record its position withdrawn first.",
        )


def _successor_named(case: Case) -> Iterable[Unmet]:
    if case.grounds.successor is None:
        yield _unmet(
            "successor_missing", "Name in successor the agreement that takes the place of this one."
        )


def _unmet(code: str, message: str) -> Unmet:
    return Unmet(code=code, message=message)


GUARDS: dict[Guard, Callable[[Case], Iterable[Unmet]]] = {
    Guard.PARTY_APPROACHED: _party_approached,
    Guard.ALL_IN_PRINCIPLE: _all_in_principle,
    Guard.STANDS: _stands,
    Guard.DECLARED_BY: _declared_by,
    Guard.SOURCE: _source,
    Guard.WINDOW_BEGUN: _window_begun,
    Guard.CEASEFIRE_REPORTED: _ceasefire_reported,
    Guard.SUSPENDER_CONFIRMED: _suspender_confirmed,
    Guard.CONFIRMATION_LOST: _confirmation_lost,
    Guard.WITHDRAWAL_OR_FACILITATOR: _withdrawal_or_facilitator,
    Guard.WINDOWS_OVER: _windows_over,
    Guard.OVER_OR_PURPOSE_MET: _over_or_purpose_met,
    Guard.MOVEMENTS_STATED: _movements_stated,
    Guard.COUNTS_STATED: _counts_stated,
    Guard.PARTY_REJECTED: _party_rejected,
    Guard.PROPOSER_WITHDREW: _proposer_withdrew,
    Guard.SUCCESSOR_NAMED: _successor_named,
}
