"""What a change of the terms does to consent already given."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.domain.agreement.model import Agreement, Position, Stance
from app.domain.agreement.party import Party, PartyRole
from app.domain.agreement.revision import TermsDecision, decide_terms, renewed
from app.domain.agreement.status import TERMINAL, Status
from app.domain.agreement.terms import Content, Term, TermKey, Terms, TermState, terms_hash
from app.domain.errors import MoveUnknown, OutOfOrder
from app.domain.json_value import Json
from app.domain.window import Window, WindowOutcome, WindowStatus
from tests.domain.agreement.given import (
    CITY,
    CONFIRMATIONS,
    CONFIRMED_AT,
    ENDS_AT,
    FORCE_AT,
    ICRC,
    MAY_DAY,
    MOD,
    NOON,
    OVER_AT,
    PARTIES,
    SAID_AT,
    SETTLED_AT,
    UKRAINE,
    WINDOW,
    YESTERDAY,
    decided,
    given_agreement,
    given_change,
    given_confirmed,
    given_history,
    given_party,
    given_position,
    given_relayed,
    given_revision,
    given_terms,
    given_window,
    named,
    saying,
)

MOMENT = timedelta(microseconds=1)
CHECKS_AT_MANHUSH = Term(state=TermState.AGREED, text="one check, at Manhush")
OTHER_TERMS = given_terms(checks=CHECKS_AT_MANHUSH)


def changed(
    agreement: Agreement,
    *,
    terms: Terms | None = None,
    windows: Sequence[Window] | None = None,
    parties: Sequence[Party] | None = None,
    at: datetime = NOON,
) -> TermsDecision:
    """Change what is named of the agreement's content."""
    content = Content(
        terms=agreement.terms if terms is None else terms,
        windows=agreement.windows if windows is None else tuple(windows),
        parties=agreement.parties if parties is None else tuple(parties),
    )
    return decide_terms(agreement, content, at=at)


def applied(agreement: Agreement, decision: TermsDecision) -> Agreement:
    """Return the agreement with the windows and the revision of the decision."""
    revision = decision.revision
    assert revision is not None
    kept = tuple(r for r in agreement.revisions if r.number != revision.number)
    return replace(agreement, revisions=(*kept, revision), windows=decision.windows)


# The draft


@pytest.mark.parametrize("stance", [s for s in Stance if s is not Stance.CONFIRMED])
def test_until_a_party_has_confirmed_the_draft_is_edited_in_place(stance: Stance) -> None:
    draft = given_agreement(Status.IN_TALKS, positions=[given_position(MOD, stance)])
    decision = changed(draft, terms=OTHER_TERMS)
    assert decision.revision is not None
    assert decision.revision.number == 1
    assert decision.revision.took_effect_at == NOON
    assert decision.revision.terms_hash != draft.revision.terms_hash
    assert (decision.voided, decision.falls_to, decision.extends) == ((), None, False)


def test_the_hash_of_the_draft_is_that_of_what_it_now_says() -> None:
    draft = given_agreement(Status.IN_TALKS, positions=())
    decision = changed(draft, terms=OTHER_TERMS)
    assert decision.revision is not None
    assert decision.revision.terms_hash == terms_hash(replace(draft.content, terms=OTHER_TERMS))


@pytest.mark.parametrize(
    "idle",
    [
        given_position(MOD, Stance.CONFIRMED, terms_hash="ab" * 32),
        given_position(MOD, Stance.CONFIRMED, revision=4),
        given_position(MOD, Stance.CONFIRMED, at=SETTLED_AT - MOMENT),
    ],
)
def test_a_confirmed_that_changes_nothing_makes_no_revision_either(idle: Position) -> None:
    draft = given_agreement(Status.IN_TALKS, positions=[idle])
    decision = changed(draft, terms=OTHER_TERMS)
    assert decision.revision is not None
    assert (decision.revision.number, decision.voided) == (1, ())


# A new revision


@pytest.mark.parametrize(
    "said",
    [
        [given_confirmed(MOD)],
        [given_relayed(MOD)],
        [given_position(MOD, Stance.CONFIRMED, valid_until=FORCE_AT)],
        [given_confirmed(MOD), given_position(MOD, Stance.WITHDRAWN, at=FORCE_AT)],
    ],
)
def test_once_a_party_has_confirmed_every_change_makes_a_new_revision(
    said: list[Position],
) -> None:
    decision = changed(given_agreement(Status.IN_TALKS, positions=said), terms=OTHER_TERMS)
    assert decision.revision is not None
    assert (decision.revision.number, decision.revision.extends) == (2, None)
    assert decision.voided == (MOD,)


def test_the_answer_names_every_party_whose_confirmation_is_void() -> None:
    assert changed(given_agreement(), terms=OTHER_TERMS).voided == (MOD, UKRAINE, ICRC)


def test_after_a_new_revision_nobody_has_confirmed() -> None:
    agreement = applied(given_agreement(), changed(given_agreement(), terms=OTHER_TERMS))
    again = changed(agreement, terms=given_terms())
    assert again.revision is not None
    assert (again.revision.number, again.voided) == (2, ())


@pytest.mark.parametrize(
    ("status", "falls_to"),
    [
        (Status.AGREED_IN_PRINCIPLE, None),
        (Status.CONFIRMED, Status.AGREED_IN_PRINCIPLE),
        (Status.IN_FORCE, Status.SUSPENDED),
        (Status.SUSPENDED, None),
    ],
)
def test_the_status_falls_with_the_confirmations(status: Status, falls_to: Status | None) -> None:
    assert changed(given_agreement(status), terms=OTHER_TERMS).falls_to is falls_to


@pytest.mark.parametrize("key", TermKey)
def test_every_term_is_covered(key: TermKey) -> None:
    details: Mapping[str, Json] = {"voluntary": True, "note": "by bus"}
    terms = {**given_terms(), key: Term(state=TermState.AGREED, text="new", details=details)}
    assert changed(given_agreement(), terms=terms).voided


@pytest.mark.parametrize("state", [TermState.OPEN, TermState.PROPOSED])
def test_the_state_of_a_term_is_covered(state: TermState) -> None:
    old = given_terms()[TermKey.CHECKS]
    assert changed(given_agreement(), terms=given_terms(checks=replace(old, state=state))).voided


def test_parties_and_their_roles_are_covered() -> None:
    assert changed(given_agreement(), parties=PARTIES[:-1]).voided
    more = (*PARTIES, given_party(CITY, PartyRole.MONITOR))
    assert changed(given_agreement(), parties=more).voided


@pytest.mark.parametrize(
    "window",
    [
        replace(WINDOW, starts_at=WINDOW.starts_at + MOMENT),
        replace(WINDOW, ends_at=WINDOW.ends_at - MOMENT),
        replace(WINDOW, tz="Europe/Moscow"),
        replace(WINDOW, as_announced="06:00 Kyiv"),
        replace(WINDOW, corridor=named("Mariupol-Zaporizhzhia")),
    ],
)
def test_windows_are_covered(window: Window) -> None:
    assert changed(given_agreement(), windows=[window]).voided


def test_a_window_keeps_the_revision_that_brought_it() -> None:
    told = replace(MAY_DAY, status=WindowStatus.NOT_OPENED)
    assert told.since_revision == 1
    assert [w.since_revision for w in changed(extended(), windows=[WINDOW, told]).windows] == [1, 2]


def test_status_and_outcome_of_a_window_are_not_covered() -> None:
    told = replace(WINDOW, status=WindowStatus.OPENED, outcome=WindowOutcome.PARTLY)
    decision = changed(given_agreement(), windows=[told])
    assert decision == TermsDecision(windows=(told,))


def test_a_change_of_nothing_is_none_whenever_it_is_said_to_be() -> None:
    assert changed(given_agreement(), at=SETTLED_AT - MOMENT).revision is None


# Extensions


def test_a_revision_that_only_adds_a_later_window_extends_the_one_before() -> None:
    decision = changed(given_agreement(), windows=[WINDOW, MAY_DAY])
    assert decision.revision is not None
    assert (decision.revision.number, decision.revision.extends) == (2, 1)
    assert decision.extends
    assert (decision.voided, decision.falls_to) == ((), None)
    assert [w.since_revision for w in decision.windows] == [1, 2]


def test_a_later_window_may_begin_as_the_last_one_ends() -> None:
    assert MAY_DAY.starts_at == ENDS_AT
    earlier = replace(MAY_DAY, starts_at=ENDS_AT - MOMENT)
    assert not changed(given_agreement(), windows=[WINDOW, earlier]).extends


@pytest.mark.parametrize(
    ("terms", "windows"),
    [
        (None, [WINDOW, YESTERDAY]),
        (None, [given_window(ends_at=FORCE_AT), MAY_DAY]),
        (None, [MAY_DAY]),
        (OTHER_TERMS, [WINDOW, MAY_DAY]),
    ],
)
def test_whatever_else_changes_with_a_window_voids_all(
    terms: Terms | None, windows: list[Window]
) -> None:
    decision = changed(given_agreement(), terms=terms, windows=windows)
    assert (decision.extends, decision.voided) == (False, (MOD, UKRAINE, ICRC))


def test_a_change_of_parties_with_a_window_voids_all() -> None:
    assert changed(given_agreement(), parties=PARTIES[:-1], windows=[WINDOW, MAY_DAY]).voided


def test_a_change_that_only_the_hash_tells_apart_voids_all_with_a_window() -> None:
    free = TermKey.DESTINATIONS_AND_FREE_CHOICE
    old = given_terms()[free]
    same_to_python = {**given_terms(), free: replace(old, details={"voluntary": 1})}
    assert changed(given_agreement(), terms=same_to_python, windows=[WINDOW, MAY_DAY]).voided


def test_the_first_window_extends_nothing() -> None:
    without = given_agreement(windows=[])
    assert not changed(without, windows=[MAY_DAY]).extends


def extended() -> Agreement:
    return applied(given_agreement(), changed(given_agreement(), windows=[WINDOW, MAY_DAY]))


def test_an_extension_that_nobody_has_confirmed_is_edited_in_place() -> None:
    later = replace(MAY_DAY, ends_at=MAY_DAY.ends_at - timedelta(hours=1))
    decision = changed(extended(), windows=[WINDOW, later])
    assert decision.revision is not None
    assert (decision.revision.number, decision.revision.extends) == (2, 1)
    assert (decision.extends, decision.voided) == (True, ())


def test_an_extension_that_nobody_has_confirmed_may_be_taken_back() -> None:
    decision = changed(extended(), windows=[WINDOW])
    assert (decision.extends, decision.voided) == (True, ())


def test_a_confirmed_extension_may_be_extended_again() -> None:
    confirmed = saying(extended(), given_confirmed(MOD, at=NOON))
    more = given_window("2 May", starts_at=MAY_DAY.ends_at, ends_at=MAY_DAY.ends_at + MOMENT)
    decision = changed(confirmed, windows=[WINDOW, MAY_DAY, more])
    assert decision.revision is not None
    assert (decision.revision.number, decision.revision.extends) == (3, 2)
    assert [w.since_revision for w in decision.windows] == [1, 2, 3]


def test_a_changed_window_of_a_confirmed_extension_voids_all() -> None:
    confirmed = saying(extended(), given_confirmed(MOD, at=NOON))
    later = replace(MAY_DAY, ends_at=MAY_DAY.ends_at - MOMENT)
    assert changed(confirmed, windows=[WINDOW, later]).voided == (MOD, UKRAINE, ICRC)


def test_a_changed_term_voids_an_extension_and_all_before() -> None:
    decision = changed(extended(), terms=OTHER_TERMS)
    assert decision.revision is not None
    assert (decision.revision.number, decision.revision.extends) == (3, None)
    assert decision.voided == (MOD, UKRAINE, ICRC)


# Forward


def test_terms_run_forward() -> None:
    with pytest.raises(OutOfOrder, match="Terms run forward"):
        changed(given_agreement(Status.IN_TALKS), terms=OTHER_TERMS, at=SETTLED_AT - MOMENT)


def test_two_changes_of_one_instant_are_in_order() -> None:
    draft = given_agreement(Status.IN_TALKS, positions=())
    assert changed(draft, terms=OTHER_TERMS, at=SETTLED_AT).revision is not None


def test_a_change_does_not_reach_back_before_the_status_that_rests_on_the_terms() -> None:
    with pytest.raises(OutOfOrder, match="confirmed since"):
        changed(given_agreement(Status.CONFIRMED), terms=OTHER_TERMS, at=CONFIRMED_AT - MOMENT)
    decision = changed(given_agreement(Status.CONFIRMED), terms=OTHER_TERMS, at=CONFIRMED_AT)
    assert decision.falls_to is Status.AGREED_IN_PRINCIPLE


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_the_terms_of_what_is_over_stay_what_they_were(status: Status) -> None:
    with pytest.raises(MoveUnknown, match=status.value):
        changed(given_agreement(status), terms=OTHER_TERMS)


# Talks reopened


def test_back_in_talks_all_confirmations_are_void() -> None:
    agreement = given_agreement(Status.SUSPENDED)
    decision = decided(agreement, Status.IN_TALKS)
    assert decision.revision is not None
    assert (decision.revision.number, decision.revision.took_effect_at) == (2, NOON)
    assert decision.revision.terms_hash == agreement.revision.terms_hash
    assert decision.revision.extends is None


def test_back_in_talks_after_a_fall_the_new_revision_is_fresh_already() -> None:
    revisions = [given_revision(1, terms_hash="01" * 32), given_revision(2, at=FORCE_AT)]
    first = [replace(p, revision=1, terms_hash="01" * 32) for p in CONFIRMATIONS]
    agreement = given_agreement(Status.SUSPENDED, positions=first, revisions=revisions)
    assert decided(agreement, Status.IN_TALKS).revision is None
    assert renewed(agreement, NOON) is None


def test_talks_do_not_reopen_before_a_later_change_of_the_terms() -> None:
    revisions = [given_revision(1, terms_hash="01" * 32), given_revision(2, at=OVER_AT)]
    said = [given_confirmed(MOD, at=OVER_AT)]
    agreement = given_agreement(Status.SUSPENDED, positions=said, revisions=revisions)
    with pytest.raises(OutOfOrder):
        decided(agreement, Status.IN_TALKS, at=OVER_AT - MOMENT)


def test_no_other_move_brings_a_revision() -> None:
    assert decided(given_agreement(Status.CONFIRMED), Status.IN_FORCE).revision is None
    assert decided(given_agreement(Status.PROPOSED), Status.IN_TALKS).revision is None


def test_what_was_confirmed_counts_again_only_when_confirmed_again() -> None:
    fall = given_change(Status.AGREED_IN_PRINCIPLE, FORCE_AT, automatic=True)
    agreement = given_agreement(
        statuses=[*given_history(Status.CONFIRMED), fall],
        revisions=[given_revision(1, terms_hash="01" * 32), given_revision(2, at=FORCE_AT)],
        positions=[given_confirmed(o, at=OVER_AT) for o in (MOD, UKRAINE, ICRC)],
    )
    assert SAID_AT < FORCE_AT < OVER_AT
    assert decided(agreement, Status.CONFIRMED).to is Status.CONFIRMED
