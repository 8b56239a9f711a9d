"""What a party's word counts as, who may state it, and what its statement must hold."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.agreement.counting import Doubt, Word, are_two_of_two, word_of
from app.domain.agreement.model import Attestation, Form, Person, Position, Revision, Stance
from app.domain.agreement.standing import confirmations_counted, consenting_words
from app.domain.agreement.statement import (
    decide_position,
    require_may_attest,
    require_may_state,
    words_spoken,
)
from app.domain.errors import NotEligible, Unacceptable
from app.domain.fact import Basis
from app.domain.window import Window
from tests.domain.agreement.given import (
    AGAIN_AT,
    CITY,
    CONFIRMATIONS,
    FORCE_AT,
    GENERAL_STAFF,
    ICRC,
    MAY_DAY,
    MOD,
    NOON,
    OCHA,
    ORGANISATIONS,
    OVER_AT,
    PARTIES,
    SAID_AT,
    SETTLED_AT,
    STOPPED_AT,
    UKRAINE,
    WFP,
    WINDOW,
    given_agreement,
    given_attestation,
    given_confirmed,
    given_party,
    given_person,
    given_position,
    given_relayed,
    given_revision,
    named,
)

BEFORE = SETTLED_AT - timedelta(hours=1)


def word(
    *said: Position,
    revisions: Sequence[Revision] = (given_revision(),),
    windows: Sequence[Window] = (WINDOW,),
    attestations: Sequence[Attestation] = (),
) -> Word:
    """Tell what the Ministry of Defence's word is after these statements."""
    agreement = given_agreement(
        positions=said, revisions=revisions, windows=windows, attestations=attestations
    )
    return word_of(agreement, MOD, NOON)


# Who said it


@pytest.mark.parametrize("other", ["OCHA-Desk", "\uff4fcha-desk", "ocha\uff0ddesk"])
def test_one_person_stays_one_however_the_holder_is_written(other: str) -> None:
    one = given_person(OCHA, "ocha-desk")
    assert one.is_same_as(given_person(WFP, other))
    assert not one.is_same_as(given_person(OCHA, "ocha-night-desk"))


# What it counts as


def test_who_said_nothing_was_not_contacted() -> None:
    assert word().counts_as is Stance.NOT_CONTACTED
    assert word().position is None


@pytest.mark.parametrize(
    ("said", "counts_as"),
    [
        (Stance.NOT_CONTACTED, Stance.NOT_CONTACTED),
        (Stance.APPROACHED, Stance.APPROACHED),
        (Stance.NO_RESPONSE, Stance.NO_RESPONSE),
        (Stance.CONSIDERING, Stance.CONSIDERING),
        (Stance.CONDITIONAL, Stance.CONSIDERING),
        (Stance.ANNOUNCED_UNILATERALLY, Stance.CONSIDERING),
        (Stance.IN_PRINCIPLE, Stance.IN_PRINCIPLE),
        (Stance.CONFIRMED, Stance.CONFIRMED),
        (Stance.REJECTED, Stance.REJECTED),
        (Stance.WITHDRAWN, Stance.WITHDRAWN),
    ],
)
def test_each_position_counts_as_what_it_binds_to(said: Stance, counts_as: Stance) -> None:
    found = word(given_position(MOD, said))
    assert found.counts_as is counts_as
    assert found.counts == (said is Stance.CONFIRMED)


@pytest.mark.parametrize("last", Stance)
def test_positions_come_in_any_order_and_the_last_one_speaks(last: Stance) -> None:
    found = word(
        given_position(MOD, Stance.IN_PRINCIPLE),
        given_position(MOD, last, at=FORCE_AT),
    )
    assert found.position is not None
    assert found.position.stance is last


def test_what_is_said_later_does_not_speak_yet() -> None:
    found = word(given_confirmed(MOD), given_position(MOD, Stance.REJECTED, at=OVER_AT))
    earlier = given_agreement(
        positions=[given_confirmed(MOD), given_position(MOD, Stance.REJECTED, at=OVER_AT)]
    )
    assert found.counts_as is Stance.REJECTED
    assert word_of(earlier, MOD, OVER_AT - timedelta(microseconds=1)).counts
    assert not word_of(earlier, MOD, OVER_AT).counts


def test_in_principle_is_not_confirmed() -> None:
    assert not word(given_position(MOD, Stance.IN_PRINCIPLE)).counts


@pytest.mark.parametrize("refusal", [Stance.REJECTED, Stance.WITHDRAWN])
def test_a_refusal_ends_a_confirmation(refusal: Stance) -> None:
    found = word(given_confirmed(MOD), given_position(MOD, refusal, at=FORCE_AT))
    assert (found.counts, found.counts_as) == (False, refusal)
    assert not found.is_at_least(Stance.NOT_CONTACTED)


def test_a_refusal_that_nobody_attested_counts_like_any() -> None:
    relayed = given_relayed(MOD, Stance.WITHDRAWN, at=FORCE_AT)
    assert word(given_confirmed(MOD), relayed).counts_as is Stance.WITHDRAWN


def test_a_refusal_does_not_lapse() -> None:
    withdrawn = given_position(MOD, Stance.WITHDRAWN, at=FORCE_AT, valid_until=OVER_AT)
    assert word(given_confirmed(MOD), withdrawn).counts_as is Stance.WITHDRAWN


@pytest.mark.parametrize("stance", [Stance.CONFIRMED, Stance.IN_PRINCIPLE])
def test_a_word_whose_validity_is_over_counts_as_considering(stance: Stance) -> None:
    said = given_position(MOD, stance, valid_until=NOON)
    agreement = given_agreement(positions=[said])
    assert word_of(agreement, MOD, NOON - timedelta(microseconds=1)).counts_as is stance
    assert word_of(agreement, MOD, NOON).counts_as is Stance.CONSIDERING
    assert not word_of(agreement, MOD, NOON).counts


def test_a_confirmation_limited_in_time_ends_an_unlimited_one_before_it() -> None:
    limited = given_position(MOD, Stance.CONFIRMED, at=FORCE_AT, valid_until=OVER_AT)
    found = word(given_confirmed(MOD), limited)
    assert (found.counts, found.doubt) == (False, Doubt.LAPSED)


def test_a_renewed_confirmation_counts_again() -> None:
    limited = given_position(MOD, Stance.CONFIRMED, valid_until=FORCE_AT)
    assert word(limited, given_confirmed(MOD, at=OVER_AT)).counts


def test_a_public_statement_alone_confirms_nothing() -> None:
    public = given_position(MOD, Stance.CONFIRMED, form=Form.PUBLIC_STATEMENT)
    found = word(public)
    assert (found.counts, found.counts_as) == (False, Stance.IN_PRINCIPLE)
    assert found.doubt is Doubt.PUBLIC_ONLY


def test_a_public_statement_beside_a_letter_takes_nothing_away() -> None:
    public = given_position(MOD, Stance.CONFIRMED, at=FORCE_AT, form=Form.PUBLIC_STATEMENT)
    assert word(given_confirmed(MOD), public).counts


# Of which terms


@pytest.mark.parametrize("before", [Stance.CONSIDERING, Stance.WITHDRAWN])
def test_a_confirmed_of_another_hash_changes_nothing(before: Stance) -> None:
    other = given_position(MOD, Stance.CONFIRMED, at=FORCE_AT, terms_hash="ab" * 32)
    assert word(given_position(MOD, before), other).counts_as is before


def test_a_confirmed_of_another_revision_changes_nothing() -> None:
    other = given_position(MOD, Stance.CONFIRMED, at=FORCE_AT, revision=2)
    assert word(given_position(MOD, Stance.CONSIDERING), other).counts_as is Stance.CONSIDERING


def test_a_confirmed_stated_before_its_revision_took_effect_changes_nothing() -> None:
    early = given_position(MOD, Stance.CONFIRMED, at=BEFORE)
    assert word(early).counts_as is Stance.NOT_CONTACTED


def test_a_confirmed_stated_as_its_revision_took_effect_counts() -> None:
    assert word(given_confirmed(MOD, at=SETTLED_AT)).counts


REVISED = (given_revision(1, terms_hash="01" * 32), given_revision(2, at=FORCE_AT))


def test_a_new_revision_voids_what_was_confirmed_before() -> None:
    old = given_position(MOD, Stance.CONFIRMED, revision=1, terms_hash="01" * 32)
    found = word(old, revisions=REVISED)
    assert (found.counts, found.doubt) == (False, Doubt.VOIDED)


@pytest.mark.parametrize("before", [Stance.WITHDRAWN, Stance.CONSIDERING])
def test_a_confirmed_of_terms_that_were_replaced_already_changes_nothing(before: Stance) -> None:
    old = given_position(MOD, Stance.CONFIRMED, revision=1, terms_hash="01" * 32, at=OVER_AT)
    said = given_position(MOD, before, at=STOPPED_AT)
    assert word(said, old, revisions=REVISED).counts_as is before


@pytest.mark.parametrize("stance", [Stance.WITHDRAWN, Stance.CONSIDERING, Stance.IN_PRINCIPLE])
def test_any_other_position_speaks_whatever_revision_it_names(stance: Stance) -> None:
    other = given_position(MOD, stance, at=OVER_AT, revision=1, terms_hash="cd" * 32)
    assert word(given_confirmed(MOD), other).counts_as is stance


EXTENDED = (
    given_revision(1, terms_hash="01" * 32),
    given_revision(2, at=FORCE_AT, extends=1),
)


def test_a_position_about_an_extended_revision_goes_on_counting() -> None:
    old = given_position(MOD, Stance.CONFIRMED, revision=1, terms_hash="01" * 32)
    found = word(old, revisions=EXTENDED, windows=(WINDOW, replace(MAY_DAY, since_revision=2)))
    assert (found.counts, found.covers) == (True, 1)


def test_a_confirmed_extension_covers_its_window() -> None:
    found = word(given_confirmed(MOD, at=OVER_AT), revisions=EXTENDED)
    assert (found.counts, found.covers) == (True, 2)


# Relayed and attested


def test_a_relayed_confirmation_does_not_count_by_itself() -> None:
    found = word(given_relayed(MOD))
    assert (found.counts, found.counts_as) == (False, Stance.IN_PRINCIPLE)
    assert found.doubt is Doubt.NOT_ATTESTED


def test_a_relayed_confirmation_counts_once_attested_from_when_it_was_stated() -> None:
    relayed = given_relayed(MOD)
    agreement = given_agreement(
        positions=[relayed], attestations=[given_attestation(relayed, ICRC)]
    )
    assert word_of(agreement, MOD, SAID_AT).counts
    assert word_of(agreement, MOD, SAID_AT).people == (given_person(OCHA), given_person(ICRC))


def test_the_attestation_of_another_position_does_not_help() -> None:
    other = given_attestation(given_relayed(UKRAINE), ICRC)
    assert not word(given_relayed(MOD), attestations=[other]).counts


def test_a_corrected_position_needs_its_own_attestation() -> None:
    first, corrected = given_relayed(MOD), replace(given_relayed(MOD), id=named("corrected"))
    assert not word(corrected, attestations=[given_attestation(first, ICRC)]).counts


def test_an_inferred_confirmation_counts_once_attested() -> None:
    inferred = given_position(MOD, Stance.CONFIRMED, basis=Basis.INFERRED, form=Form.NOT_KNOWN)
    assert word(inferred).doubt is Doubt.NOT_ATTESTED
    attested = word(inferred, attestations=[given_attestation(inferred, OCHA)])
    assert attested.counts
    assert attested.position is not None
    assert attested.position.basis is Basis.INFERRED


def test_an_unattested_relay_beside_its_own_word_takes_nothing_away() -> None:
    assert word(given_confirmed(MOD), given_relayed(MOD, at=AGAIN_AT)).counts


def test_readiness_names_who_stands_behind_each_counted_position() -> None:
    counted = confirmations_counted(given_agreement(), NOON)
    assert {o: w.people for o, w in counted.items()} == {
        o: (given_person(o),) for o in (MOD, UKRAINE, ICRC)
    }


def test_an_organisation_of_two_roles_speaks_once() -> None:
    twice = (*PARTIES, given_party(ICRC, PARTIES[0].role))
    words = consenting_words(given_agreement(parties=twice), NOON)
    assert [w.organisation for w in words] == [MOD, UKRAINE, ICRC]


@pytest.mark.parametrize(
    ("other", "is_second"),
    [
        (given_person(ICRC, "heron"), True),
        (given_person(OCHA, "heron"), False),
        (given_person(ICRC, "crane"), False),
        (given_person(ICRC, "CRANE"), False),
    ],
)
def test_two_persons_of_two_organisations_are_two_in_both(other: Person, is_second: bool) -> None:
    assert are_two_of_two([given_person(OCHA, "crane"), other]) == is_second


# Stating


def test_a_party_states_its_own_position() -> None:
    require_may_state(given_confirmed(MOD))


def test_nobody_states_a_position_for_another_without_saying_who_relayed_it() -> None:
    with pytest.raises(NotEligible, match="own principal"):
        require_may_state(replace(given_relayed(MOD), relayed_by=None))


def test_a_relayed_position_may_be_recorded_by_another() -> None:
    require_may_state(given_relayed(MOD))


def test_a_complete_position_is_kept_as_it_is() -> None:
    said = given_position(MOD, Stance.IN_PRINCIPLE)
    stated = decide_position(given_agreement(), said, now=NOON)
    assert (stated.position, stated.incomplete, stated.warnings) == (said, (), ())


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (given_position(WFP, Stance.APPROACHED), "/organisation"),
        (given_position(WFP, Stance.REJECTED), "/organisation"),
        (
            given_position(MOD, Stance.IN_PRINCIPLE, at=NOON + timedelta(microseconds=1)),
            "/stated_at",
        ),
        (given_position(MOD, Stance.IN_PRINCIPLE, valid_until=SAID_AT), "/valid_until"),
        (replace(given_relayed(MOD, Stance.IN_PRINCIPLE), sources=()), "/sources"),
        (given_position(MOD, Stance.CONDITIONAL), "/conditions"),
        (given_position(MOD, Stance.IN_PRINCIPLE, form=Form.NOT_KNOWN), "/form"),
        (given_position(MOD, Stance.CONFIRMED, terms_hash="ab" * 32), "/revision"),
        (given_position(MOD, Stance.CONFIRMED, revision=1), "/terms_hash"),
    ],
)
def test_a_position_that_lacks_something_is_refused_where_it_lacks_it(
    wrong: Position, pointer: str
) -> None:
    with pytest.raises(Unacceptable) as refused:
        decide_position(given_agreement(), wrong, now=NOON)
    assert refused.value.pointer == pointer


def test_a_conditional_position_says_its_conditions() -> None:
    said = given_position(MOD, Stance.CONDITIONAL, conditions="after the mines are cleared")
    assert decide_position(given_agreement(), said, now=NOON).position == said


def test_a_form_may_be_unknown_where_the_position_is_inferred() -> None:
    said = given_position(MOD, Stance.IN_PRINCIPLE, form=Form.NOT_KNOWN, basis=Basis.INFERRED)
    assert decide_position(given_agreement(), said, now=NOON).position == said


def test_the_answer_says_that_a_confirmed_of_other_terms_changes_nothing() -> None:
    agreement = given_agreement()
    said = given_position(MOD, Stance.CONFIRMED, at=FORCE_AT, revision=1, terms_hash="ab" * 32)
    stated = decide_position(agreement, said, now=NOON)
    assert [w.code for w in stated.warnings] == ["position_without_effect"]


def test_the_answer_says_what_a_relayed_confirmation_still_needs() -> None:
    agreement = given_agreement()
    terms = agreement.revision.terms_hash
    said = replace(given_relayed(MOD, at=FORCE_AT), revision=1, terms_hash=terms)
    stated = decide_position(agreement, said, now=NOON)
    assert [w.code for w in stated.warnings] == ["position_counts_for_less"]
    assert "no second person" in stated.warnings[0].message


def test_the_answer_gives_the_word_only_where_the_position_speaks() -> None:
    agreement = given_agreement()
    own = agreement.positions[0]
    stale = given_position(MOD, Stance.CONFIRMED, at=FORCE_AT, revision=7, terms_hash="ab" * 32)
    agreement = replace(agreement, positions=(*agreement.positions, stale))
    spoken = words_spoken(agreement, NOON).get(own.id)
    assert spoken is not None
    assert spoken.counts
    assert stale.id not in words_spoken(agreement, NOON)


# Attesting


def attest(position: Position, by: Person) -> None:
    """Let somebody attest the position in the usual agreement."""
    require_may_attest(given_agreement(), position, by, ORGANISATIONS)


def test_a_second_person_of_an_independent_organisation_may_attest() -> None:
    attest(given_relayed(MOD, by=OCHA), given_person(ICRC))


def test_the_organisation_itself_may_attest_what_was_relayed_for_it() -> None:
    attest(given_relayed(MOD, by=OCHA), given_person(MOD))


def test_the_organisation_itself_may_attest_whoever_recorded_it() -> None:
    attest(given_relayed(MOD, by=WFP), given_person(MOD))


def test_nobody_attests_what_the_same_person_recorded() -> None:
    position = given_position(MOD, Stance.CONFIRMED, by=given_person(OCHA, "crane"))
    with pytest.raises(NotEligible, match="second person"):
        attest(position, given_person(ICRC, "Crane"))


@pytest.mark.parametrize("attester", [OCHA, WFP])
def test_recorder_and_attester_share_no_ancestor(attester: UUID) -> None:
    with pytest.raises(NotEligible, match="common parent"):
        attest(given_relayed(MOD, by=OCHA), given_person(attester, "heron"))


def test_an_ancestor_does_not_attest_what_its_child_recorded() -> None:
    position = given_relayed(UKRAINE, by=CITY)
    with pytest.raises(NotEligible, match="common parent"):
        attest(position, given_person(UKRAINE))


def test_recorder_or_attester_holds_the_passage_together() -> None:
    with pytest.raises(NotEligible, match="facilitator, guarantor or executor"):
        attest(given_relayed(MOD, by=CITY), given_person(WFP))


def test_an_attester_who_facilitates_suffices() -> None:
    attest(given_relayed(MOD, by=CITY), given_person(OCHA))


@pytest.mark.parametrize(("recorder", "attester"), [(UKRAINE, OCHA), (OCHA, UKRAINE)])
def test_a_belligerent_does_not_speak_for_another(recorder: UUID, attester: UUID) -> None:
    with pytest.raises(NotEligible, match="belligerent"):
        attest(given_relayed(MOD, by=recorder), given_person(attester))


def test_no_organisation_of_the_same_side_speaks_for_a_belligerent_either() -> None:
    with pytest.raises(NotEligible, match="belligerent"):
        attest(given_relayed(MOD, by=OCHA), given_person(GENERAL_STAFF))


def test_a_belligerent_may_speak_for_one_that_is_none() -> None:
    attest(given_relayed(ICRC, by=OCHA), given_person(MOD))


def test_an_inferred_position_of_its_own_needs_a_facilitating_second_voice() -> None:
    inferred = given_position(MOD, Stance.CONFIRMED, basis=Basis.INFERRED)
    attest(inferred, given_person(OCHA))
    with pytest.raises(NotEligible, match="facilitator"):
        attest(inferred, given_person(WFP))


def test_all_confirm_by_themselves_unless_told_otherwise() -> None:
    assert all(not p.needs_attestation for p in CONFIRMATIONS)
