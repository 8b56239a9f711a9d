"""Does it stand, and what follows from it: bars, attention, readiness, transitions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.domain.agreement.bar import (
    attention,
    do_not_move,
    looked_ahead,
    next_change,
    shown_to_others,
)
from app.domain.agreement.guards import Grounds
from app.domain.agreement.model import Agreement, Stance
from app.domain.agreement.party import PartyRole
from app.domain.agreement.readiness import readiness, transitions
from app.domain.agreement.standing import (
    confirmations_counted,
    counted_windows,
    stands,
    unmet_to_stand,
    windows_of,
)
from app.domain.agreement.status import Laterality, Status, Who
from app.domain.agreement.terms import ALL_OPEN, Term, TermKey, TermState
from app.domain.errors import GuardsUnmet
from app.domain.unmet import Unmet
from app.domain.window import Window, WindowStatus
from tests.domain.agreement.given import (
    CITY,
    CONFIRMATIONS,
    ENDS_AT,
    FORCE_AT,
    GROUNDS,
    ICRC,
    LATER_TODAY,
    MAY_DAY,
    MOD,
    NOON,
    OCHA,
    OVER_AT,
    PARTIES,
    STARTS_AT,
    STOPPED_AT,
    UKRAINE,
    WINDOW,
    YESTERDAY,
    april,
    decided,
    given_agreement,
    given_attestation,
    given_change,
    given_confirmed,
    given_declaration,
    given_history,
    given_party,
    given_position,
    given_relayed,
    given_revision,
    given_stop,
    given_terms,
    given_window,
    named,
    saying,
)

MOMENT = timedelta(microseconds=1)


def codes(unmet: Sequence[Unmet]) -> list[str]:
    return [u.code for u in unmet]


def lacking(agreement: Agreement, at: datetime = NOON) -> list[str]:
    return codes(unmet_to_stand(agreement, at))


# It stands


def test_an_agreement_stands_while_every_guard_of_confirmed_holds() -> None:
    assert lacking(given_agreement()) == []
    assert stands(given_agreement(), NOON)


def test_every_missing_thing_is_named_at_once() -> None:
    nothing = given_agreement(positions=(), terms=ALL_OPEN, windows=())
    assert lacking(nothing) == [
        *["term_not_agreed"] * 10,
        "voluntariness_not_stated",
        "party_not_confirmed",
        "party_not_confirmed",
        "executor_not_confirmed",
        "two_persons_missing",
        "no_window",
    ]
    assert not stands(nothing, NOON)


def test_each_missing_thing_names_what_it_is_about() -> None:
    unmet = unmet_to_stand(given_agreement(positions=(), terms=ALL_OPEN), NOON)
    assert [u.term for u in unmet[:10]] == [key.value for key in TermKey]
    assert [u.organisation for u in unmet[11:14]] == [MOD, UKRAINE, ICRC]


def test_the_message_names_the_missing_party_and_what_to_do() -> None:
    (unmet,) = unmet_to_stand(
        saying(given_agreement(), given_position(MOD, Stance.IN_PRINCIPLE, at=FORCE_AT)), NOON
    )
    assert unmet.message.startswith("Russian MoD counts as in_principle. Obtain its own")


def test_an_unattested_position_is_named_with_its_code() -> None:
    relayed = given_relayed(UKRAINE)
    (unmet,) = unmet_to_stand(
        given_agreement(positions=[given_confirmed(MOD), given_confirmed(ICRC), relayed]), NOON
    )
    assert (unmet.code, unmet.position) == ("position_not_attested", relayed.id)


def test_an_executor_is_needed() -> None:
    parties = [p for p in PARTIES if p.role is not PartyRole.EXECUTOR]
    agreement = given_agreement(parties=parties)
    assert lacking(agreement) == ["executor_not_confirmed"]


def test_every_executor_confirms() -> None:
    parties = (*PARTIES, given_party(OCHA, PartyRole.EXECUTOR))
    assert lacking(given_agreement(parties=parties)) == ["executor_not_confirmed"]


def test_an_executor_that_is_required_too_is_missed_once_as_a_party() -> None:
    parties = (*PARTIES, given_party(MOD, PartyRole.EXECUTOR))
    agreement = given_agreement(parties=parties, positions=CONFIRMATIONS[1:])
    assert lacking(agreement) == ["party_not_confirmed"]


@pytest.mark.parametrize("role", [PartyRole.FACILITATOR, PartyRole.MONITOR, PartyRole.OBSERVER])
def test_nobody_waits_for_who_only_looks_on(role: PartyRole) -> None:
    parties = (*PARTIES, given_party(CITY, role))
    assert lacking(given_agreement(parties=parties)) == []


def test_two_persons_of_one_organisation_are_not_two_of_two() -> None:
    relayed = [given_relayed(o) for o in (MOD, UKRAINE, ICRC)]
    own = [given_attestation(p, p.recorded_by) for p in relayed]
    assert lacking(given_agreement(positions=relayed, attestations=own)) == ["two_persons_missing"]


def test_an_attester_is_one_of_the_two_persons() -> None:
    relayed = [given_relayed(o) for o in (MOD, UKRAINE, ICRC)]
    second = [given_attestation(p, ICRC) for p in relayed]
    assert lacking(given_agreement(positions=relayed, attestations=second)) == []


def test_it_stands_no_more_when_a_confirmation_lapses() -> None:
    limited = given_position(MOD, Stance.CONFIRMED, valid_until=NOON)
    agreement = given_agreement(positions=[limited, *CONFIRMATIONS[1:]])
    assert lacking(agreement, NOON - MOMENT) == []
    assert lacking(agreement, NOON) == ["party_not_confirmed"]


def test_it_stands_no_more_when_the_last_window_ends() -> None:
    assert lacking(given_agreement(), ENDS_AT - MOMENT) == []
    assert lacking(given_agreement(), ENDS_AT) == ["window_over"]


@pytest.mark.parametrize(
    ("windows", "code"),
    [
        ([], "no_window"),
        ([given_window(status=WindowStatus.NOT_OPENED)], "no_window"),
        ([YESTERDAY], "window_over"),
        ([given_window(status=WindowStatus.CLOSED_EARLY)], "window_over"),
        ([replace(YESTERDAY, status=WindowStatus.CLOSED_AS_PLANNED)], "window_over"),
    ],
)
def test_it_needs_a_window_that_ends_in_the_future(windows: list[Window], code: str) -> None:
    assert lacking(given_agreement(windows=windows)) == [code]


def test_a_declaration_stands_while_who_declared_it_is_named_and_a_window_is_to_come() -> None:
    assert lacking(given_declaration()) == []
    assert lacking(given_declaration(declared_by=None)) == ["declared_by_missing"]
    assert lacking(given_declaration(windows=[YESTERDAY])) == ["window_over"]


def test_a_window_added_later_counts_once_all_have_confirmed_it() -> None:
    revisions = [
        given_revision(1, terms_hash="01" * 32),
        given_revision(2, at=FORCE_AT, extends=1),
    ]
    first = [replace(p, revision=1, terms_hash="01" * 32) for p in CONFIRMATIONS]
    windows = [WINDOW, replace(MAY_DAY, since_revision=2)]
    agreement = given_agreement(positions=first, revisions=revisions, windows=windows)
    assert counted_windows(agreement, NOON) == (WINDOW,)
    two = saying(agreement, given_confirmed(MOD, at=OVER_AT), given_confirmed(ICRC, at=OVER_AT))
    assert counted_windows(two, NOON) == (WINDOW,)
    all_three = saying(two, given_confirmed(UKRAINE, at=OVER_AT))
    assert counted_windows(all_three, NOON) == agreement.windows
    assert lacking(agreement, ENDS_AT) == ["window_over"]
    assert lacking(all_three, ENDS_AT) == []


def test_all_windows_of_a_declaration_count() -> None:
    windows = (YESTERDAY, replace(MAY_DAY, since_revision=2))
    assert counted_windows(given_declaration(windows=windows), NOON) == windows


CORRIDOR = named("corridor Azovstal-Zaporizhzhia")
OWN = given_window("out", corridor=CORRIDOR)
OWN_LATER = given_window("out, later", starts_at=april(30, 13), corridor=CORRIDOR)
ANOTHER = given_window("in", corridor=named("corridor Zaporizhzhia-Azovstal"))


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([WINDOW], [WINDOW]),
        ([WINDOW, ANOTHER], [WINDOW]),
        ([WINDOW, OWN, ANOTHER], [OWN]),
        ([ANOTHER], []),
        ([OWN, OWN_LATER, MAY_DAY], [OWN, OWN_LATER]),
    ],
)
def test_the_windows_of_a_corridor_are_those_that_name_it_or_else_those_that_name_none(
    windows: list[Window], expected: list[Window]
) -> None:
    assert list(windows_of(given_agreement(windows=windows), CORRIDOR, NOON)) == expected


def test_a_window_that_names_a_corridor_is_its_own_once_all_have_confirmed_it() -> None:
    revisions = [
        given_revision(1, terms_hash="01" * 32),
        given_revision(2, at=FORCE_AT, extends=1),
    ]
    first = [replace(p, revision=1, terms_hash="01" * 32) for p in CONFIRMATIONS]
    windows = [WINDOW, replace(OWN_LATER, since_revision=2)]
    agreement = given_agreement(positions=first, revisions=revisions, windows=windows)
    assert windows_of(agreement, CORRIDOR, NOON) == (WINDOW,)
    again = [given_confirmed(o, at=OVER_AT) for o in (MOD, UKRAINE, ICRC)]
    assert windows_of(saying(agreement, *again), CORRIDOR, NOON) == agreement.windows[1:]


def test_only_the_words_of_required_parties_and_executors_are_counted() -> None:
    counted = confirmations_counted(saying(given_agreement(), given_confirmed(CITY)), NOON)
    assert list(counted) == [MOD, UKRAINE, ICRC]


# Do not move


def reasons(agreement: Agreement, at: datetime = NOON) -> list[str]:
    return codes(do_not_move(agreement, at).reasons)


def test_in_force_and_standing_in_an_open_window_is_the_green_light() -> None:
    assert reasons(given_agreement()) == []


@pytest.mark.parametrize("status", [s for s in Status if s not in ("in_force", "declared")])
def test_nobody_moves_under_an_agreement_that_is_not_in_force(status: Status) -> None:
    assert reasons(given_agreement(status)) == ["agreement_not_in_force"]


def test_nobody_moves_on_a_confirmation_that_was_withdrawn() -> None:
    withdrawn = given_position(MOD, Stance.WITHDRAWN, at=OVER_AT)
    assert reasons(saying(given_agreement(), withdrawn)) == ["party_not_confirmed"]


@pytest.mark.parametrize("laterality", [Laterality.UNILATERAL, Laterality.IMPOSED])
def test_one_side_alone_never_gives_the_green_light(laterality: Laterality) -> None:
    declared = replace(given_declaration(), laterality=laterality)
    assert reasons(declared) == ["consent_not_mutual"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (STARTS_AT - MOMENT, ["window_not_begun"]),
        (STARTS_AT, []),
        (ENDS_AT - MOMENT, []),
        (ENDS_AT, ["window_over"]),
    ],
)
def test_a_window_bars_before_its_start_and_from_its_end(at: datetime, expected: list[str]) -> None:
    assert reasons(given_agreement(), at) == expected


def test_between_two_windows_nobody_moves() -> None:
    pause = given_window("1 May", starts_at=april(30, 18), ends_at=april(30, 20))
    agreement = given_agreement(windows=[WINDOW, pause])
    assert reasons(agreement, april(30, 17, 30)) == ["window_not_begun"]
    assert do_not_move(agreement, april(30, 17, 30)).until == april(30, 18)


@pytest.mark.parametrize("status", [WindowStatus.CLOSED_EARLY, WindowStatus.NOT_OPENED])
def test_a_window_that_closed_early_or_never_opened_lets_nobody_pass(status: WindowStatus) -> None:
    agreement = given_agreement(windows=[given_window(status=status), MAY_DAY])
    assert reasons(agreement) == ["window_not_begun"]


@pytest.mark.parametrize("status", Status)
def test_past_the_last_window_all_is_shown_as_lapsed_whatever_the_status(status: Status) -> None:
    assert "window_over" in reasons(given_agreement(status), ENDS_AT)


def test_a_bar_holds_until_the_next_known_instant_at_which_it_may_change() -> None:
    limited = given_position(MOD, Stance.CONFIRMED, valid_until=april(30, 14))
    agreement = given_agreement(positions=[limited, *CONFIRMATIONS[1:]])
    instants = [NOON]
    while (until := do_not_move(agreement, instants[-1]).until) is not None:
        instants.append(until)
    assert instants == [NOON, april(30, 14), ENDS_AT]
    assert next_change(agreement, STARTS_AT - MOMENT) == STARTS_AT


def test_to_others_every_reason_reads_as_not_in_force() -> None:
    withdrawn = saying(given_agreement(), given_position(MOD, Stance.WITHDRAWN, at=OVER_AT))
    shown = shown_to_others(do_not_move(withdrawn, NOON))
    assert codes(shown.reasons) == ["agreement_not_in_force"]
    assert "MoD" not in shown.reasons[0].message


def test_to_others_a_green_light_stays_green_until_its_end() -> None:
    bar = do_not_move(given_agreement(), NOON)
    assert bar.until == ENDS_AT
    assert shown_to_others(bar) == bar


@pytest.mark.parametrize("agreement", [given_agreement(windows=[LATER_TODAY]), given_declaration()])
def test_to_others_the_hours_of_what_bars_them_are_hidden(agreement: Agreement) -> None:
    bar = do_not_move(agreement, NOON)
    assert bar.reasons
    assert bar.until is not None
    assert shown_to_others(bar).until is None


def test_to_others_one_sided_consent_still_says_so() -> None:
    bar = do_not_move(given_declaration(Status.DECLARED), NOON)
    assert codes(shown_to_others(bar).reasons) == ["consent_not_mutual", "agreement_not_in_force"]


def test_nobody_moves_on_what_lies_ahead() -> None:
    bar = do_not_move(given_agreement(), NOON)
    ahead = looked_ahead(bar, NOON, NOON - MOMENT)
    assert (codes(ahead.reasons), ahead.until) == (["not_yet_known"], bar.until)
    assert looked_ahead(bar, NOON, NOON) == bar


# Attention


def test_a_status_that_promises_more_than_stands_calls_for_attention() -> None:
    withdrawn = given_position(MOD, Stance.WITHDRAWN, at=OVER_AT)
    (warned,) = attention(saying(given_agreement(), withdrawn), NOON)
    assert warned.code == "party_not_confirmed"
    assert warned.message.startswith("in_force, but: Russian MoD counts as withdrawn")


def test_attention_lists_all_that_no_longer_holds() -> None:
    found = attention(given_agreement(positions=CONFIRMATIONS[1:], windows=[]), NOON)
    assert [warned.code for warned in found] == ["party_not_confirmed", "no_window"]


def test_what_stands_needs_no_attention() -> None:
    assert attention(given_agreement(), NOON) == ()


@pytest.mark.parametrize("status", [Status.PROPOSED, Status.SUSPENDED, Status.COMPLETED])
def test_a_status_that_promises_nothing_needs_no_attention(status: Status) -> None:
    assert attention(given_agreement(status, positions=()), NOON) == ()


# Going in force


def refusal(agreement: Agreement, to: Status, grounds: Grounds = GROUNDS) -> list[str]:
    with pytest.raises(GuardsUnmet) as refused:
        decided(agreement, to, grounds=grounds)
    return codes(refused.value.unmet)


def test_an_override_lifts_the_ceasefire_report_and_the_window_of_in_force() -> None:
    agreement = given_agreement(Status.CONFIRMED, windows=[LATER_TODAY])
    assert refusal(agreement, Status.IN_FORCE, Grounds()) == [
        "window_not_begun",
        "ceasefire_not_reported",
    ]
    allowed = Grounds(override="both commands confirmed by telephone")
    assert decided(agreement, Status.IN_FORCE, grounds=allowed).to is Status.IN_FORCE


def test_an_override_lifts_nothing_else() -> None:
    agreement = given_agreement(Status.CONFIRMED, positions=CONFIRMATIONS[1:], windows=[])
    grounds = Grounds(override="both commands confirmed by telephone")
    assert refusal(agreement, Status.IN_FORCE, grounds) == ["party_not_confirmed", "no_window"]


def test_a_window_that_never_opened_has_not_begun() -> None:
    windows = [given_window(status=WindowStatus.NOT_OPENED), MAY_DAY]
    agreement = given_agreement(Status.CONFIRMED, windows=windows)
    assert refusal(agreement, Status.IN_FORCE) == ["window_not_begun"]


def test_a_declaration_needs_a_source_for_its_later_statuses() -> None:
    agreement = given_declaration(Status.DECLARED)
    grounds = replace(GROUNDS, sources=())
    assert refusal(agreement, Status.IN_FORCE, grounds) == [
        "ceasefire_not_reported",
        "source_missing",
    ]


# Resuming


def suspended_by(organisation: UUID, *, automatic: bool = False) -> Agreement:
    fall = given_change(Status.SUSPENDED, STOPPED_AT, by=organisation, automatic=automatic)
    return given_agreement(statuses=[*given_history(Status.IN_FORCE), fall])


@pytest.mark.parametrize("organisation", [MOD, ICRC, OCHA, CITY])
def test_whoever_suspended_must_confirm_again(organisation: UUID) -> None:
    agreement = suspended_by(organisation)
    assert refusal(agreement, Status.IN_FORCE) == ["suspending_party_not_confirmed"]
    again = saying(agreement, given_confirmed(organisation, at=OVER_AT))
    assert decided(again, Status.IN_FORCE).to is Status.IN_FORCE


def test_a_fall_by_changed_terms_has_no_suspender() -> None:
    agreement = suspended_by(OCHA, automatic=True)
    assert decided(agreement, Status.IN_FORCE).to is Status.IN_FORCE


@pytest.mark.parametrize("automatic", [True, False])
def test_who_states_a_stop_while_all_is_stopped_must_confirm_again_too(automatic: bool) -> None:
    agreement = saying(suspended_by(OCHA, automatic=automatic), given_confirmed(OCHA, at=OVER_AT))
    stopped = replace(agreement, stops=(given_stop(Status.SUSPENDED, STOPPED_AT, by=UKRAINE),))
    assert refusal(stopped, Status.IN_FORCE) == ["suspending_party_not_confirmed"]
    again = saying(stopped, given_confirmed(UKRAINE, at=OVER_AT))
    assert decided(again, Status.IN_FORCE).to is Status.IN_FORCE


def test_a_confirmation_from_before_the_suspension_is_not_again() -> None:
    agreement = saying(suspended_by(OCHA), given_confirmed(OCHA, at=STOPPED_AT - MOMENT))
    assert refusal(agreement, Status.IN_FORCE) == ["suspending_party_not_confirmed"]


def test_a_confirmation_of_other_terms_is_not_again() -> None:
    stale = given_position(MOD, Stance.CONFIRMED, at=OVER_AT, terms_hash="ab" * 32)
    agreement = saying(suspended_by(MOD), stale)
    assert refusal(agreement, Status.IN_FORCE) == ["suspending_party_not_confirmed"]


def test_a_relayed_confirmation_is_again_once_attested() -> None:
    relayed = given_relayed(MOD, at=OVER_AT)
    agreement = saying(suspended_by(MOD), relayed)
    assert refusal(agreement, Status.IN_FORCE) == ["suspending_party_not_confirmed"]
    attested = replace(agreement, attestations=(given_attestation(relayed, ICRC),))
    assert decided(attested, Status.IN_FORCE).to is Status.IN_FORCE


def test_a_suspension_that_was_lifted_is_forgotten() -> None:
    lifted = given_change(Status.IN_FORCE, april(30, 10))
    again = given_change(Status.SUSPENDED, OVER_AT, by=UKRAINE)
    agreement = given_agreement(statuses=[*given_history(Status.SUSPENDED), lifted, again])
    renewed = saying(agreement, given_confirmed(UKRAINE, at=OVER_AT))
    assert decided(renewed, Status.IN_FORCE).to is Status.IN_FORCE


# Ending


def test_collapse_needs_a_withdrawal_or_a_facilitator() -> None:
    agreement = given_agreement()
    assert decided(agreement, Status.COLLAPSED, by=OCHA).to is Status.COLLAPSED
    withdrawn = saying(agreement, given_position(UKRAINE, Stance.WITHDRAWN, at=OVER_AT))
    assert decided(withdrawn, Status.COLLAPSED, by=MOD).to is Status.COLLAPSED
    with pytest.raises(GuardsUnmet):
        decided(agreement, Status.COLLAPSED, by=MOD)


def test_the_withdrawal_of_an_executor_is_none_of_a_required_party() -> None:
    withdrawn = saying(given_agreement(), given_position(ICRC, Stance.WITHDRAWN, at=OVER_AT))
    with pytest.raises(GuardsUnmet):
        decided(withdrawn, Status.COLLAPSED, by=MOD)


def test_completion_waits_for_the_last_window_or_the_purpose() -> None:
    grounds = replace(GROUNDS, purpose_met=False)
    over = given_agreement(windows=[YESTERDAY])
    assert decided(over, Status.COMPLETED, grounds=grounds).to is Status.COMPLETED
    assert refusal(given_agreement(windows=[MAY_DAY]), Status.COMPLETED, grounds) == [
        "purpose_not_met"
    ]


def test_completion_lists_all_that_is_missing() -> None:
    assert refusal(given_agreement(), Status.COMPLETED, Grounds()) == [
        "purpose_not_met",
        "movements_statement_missing",
        "counts_statement_missing",
    ]


def test_a_party_rejects_by_its_own_coordinator_or_by_its_position() -> None:
    draft = given_agreement(Status.IN_TALKS, positions=())
    assert decided(draft, Status.REJECTED, by=MOD).to is Status.REJECTED
    rejected = saying(draft, given_position(UKRAINE, Stance.REJECTED))
    assert decided(rejected, Status.REJECTED, by=OCHA).to is Status.REJECTED


def test_the_proposer_withdraws_by_its_own_coordinator_or_by_its_position() -> None:
    draft = given_agreement(Status.IN_TALKS, proposer=UKRAINE, positions=())
    assert decided(draft, Status.WITHDRAWN, by=UKRAINE).to is Status.WITHDRAWN
    withdrawn = saying(draft, given_position(UKRAINE, Stance.WITHDRAWN))
    assert decided(withdrawn, Status.WITHDRAWN, by=OCHA).to is Status.WITHDRAWN


# Talking


@pytest.mark.parametrize("stance", [s for s in Stance if s is not Stance.NOT_CONTACTED])
def test_talks_begin_once_a_required_party_was_approached(stance: Stance) -> None:
    said = [given_position(UKRAINE, stance)]
    draft = given_agreement(Status.PROPOSED, proposer=MOD, positions=said)
    assert decided(draft, Status.IN_TALKS).to is Status.IN_TALKS


def test_a_party_recorded_as_not_contacted_was_not_approached() -> None:
    said = [given_position(UKRAINE, Stance.NOT_CONTACTED)]
    draft = given_agreement(Status.PROPOSED, proposer=MOD, positions=said)
    assert refusal(draft, Status.IN_TALKS) == ["party_not_approached"]


def test_the_proposer_has_not_approached_itself() -> None:
    said = [given_position(MOD, Stance.IN_PRINCIPLE)]
    draft = given_agreement(Status.PROPOSED, proposer=MOD, positions=said)
    assert refusal(draft, Status.IN_TALKS) == ["party_not_approached"]


def test_in_principle_names_every_party_that_is_not() -> None:
    said = [given_position(MOD, Stance.WITHDRAWN)]
    draft = given_agreement(Status.IN_TALKS, positions=said)
    assert refusal(draft, Status.AGREED_IN_PRINCIPLE) == ["party_not_in_principle"] * 2


def test_in_principle_does_not_wait_for_the_executor() -> None:
    said = [given_position(o, Stance.IN_PRINCIPLE) for o in (MOD, UKRAINE)]
    draft = given_agreement(Status.IN_TALKS, positions=said)
    assert decided(draft, Status.AGREED_IN_PRINCIPLE).to is Status.AGREED_IN_PRINCIPLE


# Readiness and transitions


def test_readiness_counts_the_agreed_terms() -> None:
    terms = given_terms(checks=Term(state=TermState.PROPOSED), purpose=Term())
    found = readiness(given_agreement(terms=terms), NOON)
    assert found.terms_agreed == 8
    assert dict(found.terms)[TermKey.CHECKS] is TermState.PROPOSED
    assert codes(found.unmet) == ["term_not_agreed", "term_not_agreed"]


def test_readiness_tells_the_word_of_each_party_in_each_role() -> None:
    found = readiness(given_agreement(), NOON)
    assert [(role, word.organisation) for role, word in found.words] == [
        (p.role, p.organisation) for p in PARTIES
    ]


def test_readiness_is_the_question_whether_it_stands() -> None:
    agreement = given_agreement(positions=(), windows=())
    assert list(readiness(agreement, NOON).unmet) == unmet_to_stand(agreement, NOON)


def test_a_declaration_is_never_ready() -> None:
    assert codes(readiness(given_declaration(), NOON).unmet) == ["consent_not_mutual"]


def test_transitions_list_every_move_and_what_is_missing() -> None:
    agreement = given_agreement(Status.AGREED_IN_PRINCIPLE, positions=CONFIRMATIONS[1:])
    found = {move.to: move for move in transitions(agreement, NOON, OCHA)}
    assert list(found) == [
        Status.CONFIRMED,
        Status.REJECTED,
        Status.WITHDRAWN,
        Status.SUPERSEDED,
    ]
    assert codes(found[Status.CONFIRMED].unmet) == ["party_not_confirmed"]
    assert found[Status.WITHDRAWN].unmet == ()


@pytest.mark.parametrize(
    ("organisation", "allowed"),
    [
        (OCHA, {Status.SUSPENDED, Status.COLLAPSED, Status.COMPLETED, Status.SUPERSEDED}),
        (MOD, {Status.SUSPENDED, Status.COLLAPSED}),
        (None, set()),
    ],
)
def test_transitions_say_which_moves_the_reader_may_make(
    organisation: UUID | None, allowed: set[Status]
) -> None:
    moves = transitions(given_agreement(), NOON, organisation)
    assert {move.to for move in moves if move.allowed} == allowed
    assert {move.to: move.who for move in moves}[Status.SUSPENDED] is Who.ANY_PARTY
