"""Does it stand? The one question from which all else is derived.

Readiness, transitions, `attention` and `do_not_move` ask it and nothing else.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from app.domain.agreement.counting import Doubt, Word, are_two_of_two, word_of
from app.domain.agreement.model import Agreement
from app.domain.agreement.party import CONSENTING, PartyRole
from app.domain.agreement.terms import Term, TermKey, TermState
from app.domain.instant import format_instant
from app.domain.unmet import Unmet
from app.domain.window import Direction, Window, WindowStatus, last_end


def unmet_to_stand(agreement: Agreement, at: datetime) -> list[Unmet]:
    """List what keeps the agreement from standing at `at`; empty where it stands.

    A mutual one stands while every guard of `confirmed` holds. One that a side
    declared stands while who declared it is named and its window is not over.
    """
    windows = counted_windows(agreement, at)
    return [*unmet_besides_windows(agreement, at), *unmet_windows(windows, at)]


def unmet_besides_windows(agreement: Agreement, at: datetime) -> list[Unmet]:
    """List what else than its windows keeps the agreement from standing at `at`."""
    if not agreement.laterality.is_mutual:
        return unmet_declaration(agreement)
    return [*_unmet_terms(agreement), *unmet_confirmations(agreement, at)]


def stands(agreement: Agreement, at: datetime) -> bool:
    """Whether nothing keeps the agreement from standing at `at`."""
    return not unmet_to_stand(agreement, at)


def consenting_words(agreement: Agreement, at: datetime) -> tuple[Word, ...]:
    """Return the word of every required party and executor, each organisation once."""
    if at not in agreement.memo:
        words = (word_of(agreement, o, at) for o in agreement.organisations(*CONSENTING))
        agreement.memo[at] = tuple(words)
    found: tuple[Word, ...] = agreement.memo[at]
    return found


def unmet_confirmations(agreement: Agreement, at: datetime) -> list[Unmet]:
    """List whose confirmation of the present terms is missing at `at`."""
    words = consenting_words(agreement, at)
    required = set(agreement.organisations(PartyRole.REQUIRED_PARTY))
    missing = [
        _unconfirmed(w, agreement, w.organisation in required) for w in words if not w.counts
    ]
    if not agreement.organisations(PartyRole.EXECUTOR):
        missing.append(
            Unmet(
                code="executor_not_confirmed",
                message="No executor is named. Add the organisation that will run the passage "
                "as a party with the role executor, and record its confirmation.",
            )
        )
    people = [person for w in words if w.counts for person in w.people]
    if not are_two_of_two(people):
        missing.append(_two_persons_missing())
    return missing


def _unconfirmed(word: Word, agreement: Agreement, is_required: bool) -> Unmet:
    code = "party_not_confirmed" if is_required else "executor_not_confirmed"
    position = word.position.id if word.position else None
    present = f"revision {agreement.revision.number} ({agreement.revision.terms_hash[:12]}…)"
    if word.doubt is Doubt.NOT_ATTESTED:
        return Unmet(
            code="position_not_attested",
            organisation=word.organisation,
            position=position,
            message=f"{word.name} {word.doubt.value}. Have a coordinator of another organisation, "
            "with no common parent, attest that position.",
        )
    found = word.doubt.value if word.doubt else f"counts as {word.counts_as.value}"
    return Unmet(
        code=code,
        organisation=word.organisation,
        position=position,
        message=f"{word.name} {found}. Obtain its own confirmation of {present} and record it "
        "as a position, naming that revision and hash.",
    )


def _two_persons_missing() -> Unmet:
    return Unmet(
        code="two_persons_missing",
        message="Fewer than two persons of two organisations stand behind the confirmations. "
        "Have another person of another organisation record or attest one of them.",
    )


def _unmet_terms(agreement: Agreement) -> Iterator[Unmet]:
    for key in TermKey:
        term = agreement.terms.get(key, Term())
        if term.state is not TermState.AGREED:
            yield Unmet(
                code="term_not_agreed",
                term=key.value,
                message=f"The term {key.value} is {term.state.value}, not agreed. "
                "Settle it with the parties, then set its state to agreed.",
            )
    choice = agreement.terms.get(TermKey.DESTINATIONS_AND_FREE_CHOICE, Term())
    if choice.details.get("voluntary") is not True:
        yield Unmet(
            code="voluntariness_not_stated",
            term=TermKey.DESTINATIONS_AND_FREE_CHOICE.value,
            message="Nothing states that leaving is voluntary. Once the parties agree to it, set "
            "details.voluntary to true in the term destinations_and_free_choice.",
        )


def counted_windows(agreement: Agreement, at: datetime) -> tuple[Window, ...]:
    """Return the windows to which everyone has consented.

    A revision that extends another adds windows; they count once every required
    party and executor has confirmed that revision. Where nobody's confirmation
    counts yet, the windows of the present terms are returned.
    """
    if not agreement.laterality.is_mutual:
        return agreement.windows
    covered = [w.covers for w in consenting_words(agreement, at) if w.counts]
    level = min(covered, default=agreement.revision.number)
    return tuple(w for w in agreement.windows if w.since_revision <= level)


def windows_of(
    agreement: Agreement, corridor: UUID, at: datetime, direction: Direction | None = None
) -> tuple[Window, ...]:
    """Return the windows of one corridor to which everyone has consented.

    These are the ones that name it; where none does, those that name no corridor.
    One for a single direction is none for a corridor of another, nor of both.

    Args:
        direction: the corridor's; None where it has none.
    """
    windows = counted_windows(agreement, at)
    own = tuple(w for w in windows if w.corridor == corridor)
    meant = own or tuple(w for w in windows if w.corridor is None)
    return tuple(w for w in meant if w.direction in (None, Direction.BOTH, direction))


def unmet_windows(windows: Sequence[Window], at: datetime) -> list[Unmet]:
    """List what is wrong with the windows at `at`: there is none, or the last one is over."""
    if any(window.ends_after(at) for window in windows):
        return []
    end = last_end(w for w in windows if w.status is not WindowStatus.NOT_OPENED)
    if end is None:
        return [
            Unmet(
                code="no_window",
                message="No agreed window is still to be used. Agree a day and hours with the "
                "parties and add them as a window.",
            )
        ]
    ended = f"ended at {format_instant(end)}" if end <= at else "was closed early"
    return [
        Unmet(
            code="window_over",
            message=f"The last window {ended}. Agree and add a later one, "
            "or complete the agreement.",
        )
    ]


def unmet_open_window(windows: Sequence[Window], at: datetime) -> list[Unmet]:
    """List why none of the windows is open at `at`; empty where one is."""
    if any(window.is_open(at) for window in windows):
        return []
    unmet = unmet_windows(windows, at)
    if unmet:
        return unmet
    starts = [w.starts_at for w in windows if w.is_usable and w.starts_at > at]
    when = f"The next begins at {format_instant(min(starts))}." if starts else "None is to come."
    return [
        Unmet(code="window_not_begun", message=f"No agreed window is open now. {when}"),
    ]


def unmet_declaration(agreement: Agreement) -> list[Unmet]:
    """List what is missing of a declaration: the name of who declared it."""
    if agreement.declared_by is not None:
        return []
    return [
        Unmet(
            code="declared_by_missing",
            message="Nobody is named as having declared this. Set declared_by to the organisation "
            "that announced it.",
        )
    ]


def confirmations_counted(agreement: Agreement, at: datetime) -> dict[UUID, Word]:
    """Return, by organisation, the confirmations that count at `at`."""
    return {w.organisation: w for w in consenting_words(agreement, at) if w.counts}
