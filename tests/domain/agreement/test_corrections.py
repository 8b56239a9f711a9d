"""Corrections and late reports: what may be taken out, and what still has to fit."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.domain.agreement.authority import require_may_correct
from app.domain.agreement.guards import Grounds
from app.domain.agreement.model import Agreement, Position, Stance, StatusChange, StopStatement
from app.domain.agreement.moves import StateAt, decide_status, require_may_change_status
from app.domain.agreement.statement import decide_position, require_may_correct_position
from app.domain.agreement.status import MACHINE, Laterality, Status
from app.domain.errors import GuardsUnmet, MoveUnknown, NotEligible, OutOfOrder, Unacceptable
from app.domain.machine.timeline import fits, in_order, require_fits, status_at
from tests.domain.agreement.given import (
    AGAIN_AT,
    CITY,
    CONFIRMATIONS,
    CONFIRMED_AT,
    FORCE_AT,
    ICRC,
    IN_PRINCIPLE_AT,
    MOD,
    NOON,
    OCHA,
    OVER_AT,
    PROPOSED_AT,
    STOPPED_AT,
    TALKS_AT,
    UKRAINE,
    april,
    as_of,
    decided,
    given_agreement,
    given_change,
    given_confirmed,
    given_history,
    given_position,
    given_relayed,
    given_revision,
    given_stop,
    given_wish,
    saying,
)

MOMENT = timedelta(microseconds=1)


def last(agreement: Agreement) -> StatusChange:
    return agreement.statuses[-1]


# Time


def test_a_status_may_be_reported_late() -> None:
    decision = decided(given_agreement(Status.CONFIRMED), Status.IN_FORCE, at=FORCE_AT)
    assert decision.effective_at == FORCE_AT


def test_a_status_is_never_set_ahead() -> None:
    with pytest.raises(Unacceptable) as refused:
        decided(given_agreement(Status.CONFIRMED), Status.IN_FORCE, at=NOON + MOMENT)
    assert refused.value.pointer == "/effective_at"


def test_a_status_is_set_for_now_unless_told_otherwise() -> None:
    assert decided(given_agreement(Status.CONFIRMED), Status.IN_FORCE).effective_at == NOON


def test_guards_are_judged_at_the_moves_own_instant() -> None:
    agreement = given_agreement(
        Status.CONFIRMED, positions=[*CONFIRMATIONS[1:], given_confirmed(MOD, at=FORCE_AT)]
    )
    assert decided(agreement, Status.IN_FORCE, at=FORCE_AT).to is Status.IN_FORCE
    with pytest.raises(GuardsUnmet):
        decided(agreement, Status.IN_FORCE, at=FORCE_AT - MOMENT)


def test_nothing_is_set_before_the_proposal() -> None:
    with pytest.raises(MoveUnknown, match="had no status"):
        decided(given_agreement(Status.PROPOSED), Status.IN_TALKS, at=PROPOSED_AT - MOMENT)


def test_a_late_move_is_judged_from_the_status_that_held_then() -> None:
    with pytest.raises(MoveUnknown, match="in_talks cannot become confirmed"):
        decided(given_agreement(), Status.CONFIRMED, at=IN_PRINCIPLE_AT - MOMENT)


def test_a_late_move_is_refused_where_the_next_one_would_no_longer_follow() -> None:
    with pytest.raises(MoveUnknown, match="would then follow"):
        decided(given_agreement(), Status.SUPERSEDED, at=TALKS_AT)


def test_a_late_move_that_fits_in_is_taken() -> None:
    draft = [c for c in given_history(Status.AGREED_IN_PRINCIPLE) if c.to is not Status.IN_TALKS]
    said = given_position(MOD, Stance.APPROACHED, at=TALKS_AT)
    agreement = given_agreement(statuses=draft, positions=[said])
    assert decided(agreement, Status.IN_TALKS, at=TALKS_AT + MOMENT).to is Status.IN_TALKS


def test_a_late_move_is_taken_where_the_request_corrects_the_next_one_too() -> None:
    agreement = given_agreement(Status.SUSPENDED)
    decision = decided(
        agreement, Status.COMPLETED, at=STOPPED_AT - MOMENT, corrects=[last(agreement)]
    )
    assert decision.to is Status.COMPLETED


def test_guards_of_earlier_changes_are_not_judged_again() -> None:
    agreement = given_agreement(positions=())
    assert decided(agreement, Status.COMPLETED).to is Status.COMPLETED


@pytest.mark.parametrize("to", [Status.CONFIRMED, Status.COMPLETED, None])
def test_an_override_is_for_in_force_alone(to: Status | None) -> None:
    with pytest.raises(Unacceptable) as refused:
        decided(
            given_agreement(Status.SUSPENDED),
            to,
            corrects=[last(given_agreement(Status.SUSPENDED))],
            grounds=Grounds(override="no time"),
        )
    assert refused.value.pointer == "/override"


# The line of statuses


LINE = given_history(Status.IN_FORCE)


def test_the_status_at_an_instant_is_the_last_that_took_effect() -> None:
    assert status_at(LINE, PROPOSED_AT - MOMENT) is None
    assert status_at(LINE, PROPOSED_AT) == LINE[0]
    assert status_at(LINE, CONFIRMED_AT - MOMENT) == LINE[2]
    assert status_at(LINE, NOON) == LINE[-1]


def test_of_two_at_one_instant_the_later_recorded_is_the_last() -> None:
    one = given_change(Status.IN_TALKS, TALKS_AT, sequence=2)
    two = given_change(Status.REJECTED, TALKS_AT, sequence=3)
    assert in_order([two, one]) == (one, two)
    assert status_at(in_order([two, one]), TALKS_AT) == two


def is_listed(start: Status, to: Status) -> bool:
    return MACHINE.is_listed(start, to, Laterality.BILATERAL)


def test_two_reports_of_one_suspension_may_stand_side_by_side() -> None:
    assert is_listed(Status.SUSPENDED, Status.SUSPENDED)
    assert not is_listed(Status.IN_FORCE, Status.IN_FORCE)


def test_what_stood_side_by_side_already_is_not_judged_again() -> None:
    odd = (LINE[0], LINE[-1])
    require_fits(odd, odd, is_listed)
    assert fits(odd, odd, is_listed)
    assert not fits((), odd, is_listed)
    with pytest.raises(MoveUnknown, match=r"in_force at .* follow proposed"):
        require_fits((), odd, is_listed)


# What may be named


def test_to_may_be_null_only_where_something_is_taken_out() -> None:
    with pytest.raises(Unacceptable) as refused:
        decided(given_agreement(), None)
    assert refused.value.pointer == "/to"


@pytest.mark.parametrize("to", [None, Status.COMPLETED, Status.SUSPENDED])
def test_a_correction_names_entries_of_this_agreement(to: Status | None) -> None:
    agreement = given_agreement(Status.SUSPENDED)
    stranger = given_change(Status.IN_FORCE, april(1))
    with pytest.raises(Unacceptable) as refused:
        decided(agreement, to, corrects=[last(agreement), stranger])
    assert refused.value.pointer == "/corrects/1"


def test_the_proposal_itself_cannot_be_taken_out() -> None:
    agreement = given_agreement()
    with pytest.raises(Unacceptable) as refused:
        decided(agreement, None, corrects=[agreement.statuses[0]])
    assert refused.value.pointer == "/corrects/0"


# What a correction does


def test_a_correction_takes_the_instant_of_the_first_that_it_corrects() -> None:
    agreement = given_agreement(Status.COLLAPSED)
    collapsed, suspended = agreement.statuses[-1], agreement.statuses[-2]
    decision = decided(agreement, Status.COMPLETED, corrects=[suspended, collapsed])
    assert decision.effective_at == STOPPED_AT
    decision = decided(agreement, Status.COMPLETED, corrects=[collapsed, suspended])
    assert decision.effective_at == OVER_AT


def test_a_correction_may_give_another_instant() -> None:
    agreement = given_agreement(Status.COMPLETED)
    decision = decided(agreement, Status.COMPLETED, at=NOON, corrects=[last(agreement)])
    assert decision.effective_at == NOON


def test_what_is_taken_out_sets_nothing() -> None:
    agreement = given_agreement(Status.COMPLETED)
    decision = decided(agreement, None, corrects=[last(agreement)])
    assert (decision.to, decision.stop, decision.effective_at) == (None, None, OVER_AT)


def test_what_is_taken_out_must_leave_a_line_that_fits() -> None:
    agreement = given_agreement()
    confirmed = agreement.statuses[-2]
    with pytest.raises(MoveUnknown, match="would then follow agreed_in_principle"):
        decided(agreement, None, corrects=[confirmed])


def test_a_stop_statement_may_be_taken_out() -> None:
    stop = given_stop(Status.SUSPENDED, AGAIN_AT, by=UKRAINE)
    agreement = given_agreement(Status.SUSPENDED, stops=[stop])
    assert decided(agreement, None, by=UKRAINE, corrects=[stop]).to is None


def test_who_stated_a_stop_that_is_corrected_is_not_asked_to_confirm_again() -> None:
    stop = given_stop(Status.SUSPENDED, AGAIN_AT, by=UKRAINE)
    suspended = saying(
        given_agreement(Status.SUSPENDED, stops=[stop]), given_confirmed(MOD, at=AGAIN_AT)
    )
    with pytest.raises(GuardsUnmet):
        decided(suspended, Status.IN_FORCE)
    decision = decided(suspended, Status.IN_FORCE, at=NOON, corrects=[stop])
    assert decision.to is Status.IN_FORCE


# What a correction opens


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.COMPLETED, Status.SUPERSEDED])
def test_a_correction_that_opens_is_judged_as_that_opening_now(status: Status) -> None:
    history = [*given_history(Status.IN_FORCE), given_change(status, STOPPED_AT)]
    standing = given_agreement(statuses=history)
    assert decided(standing, None, corrects=[last(standing)]).to is None
    fallen = given_agreement(statuses=history, positions=CONFIRMATIONS[1:])
    with pytest.raises(GuardsUnmet) as refused:
        decided(fallen, None, corrects=[last(fallen)])
    assert [u.code for u in refused.value.unmet] == ["party_not_confirmed"]


def test_it_is_judged_now_and_not_when_it_was_so() -> None:
    lapsed = [*CONFIRMATIONS[1:], given_confirmed(MOD)]
    history = given_history(Status.SUSPENDED)
    agreement = given_agreement(statuses=history, positions=lapsed, windows=())
    with pytest.raises(GuardsUnmet) as refused:
        decided(agreement, None, corrects=[last(agreement)])
    assert [u.code for u in refused.value.unmet] == ["no_window"]


def test_replacing_a_stop_by_something_more_open_is_judged_now_too() -> None:
    agreement = given_agreement(Status.COLLAPSED, positions=CONFIRMATIONS[1:])
    with pytest.raises(GuardsUnmet):
        decided(agreement, Status.IN_FORCE, corrects=[last(agreement)])


def test_a_correction_that_closes_is_not_judged_as_an_opening() -> None:
    agreement = given_agreement(positions=())
    decision = decided(agreement, None, corrects=[last(agreement)])
    assert decision.to is None


def may(
    agreement: Agreement,
    to: Status | None,
    by: UUID,
    corrects: list[StatusChange | StopStatement],
) -> None:
    wish = given_wish(to, by=by, corrects=corrects)
    require_may_change_status(wish, now=NOON, state_at=as_of(agreement))


def test_who_suspended_does_not_reopen_by_taking_it_out() -> None:
    agreement = given_agreement(Status.SUSPENDED)
    assert last(agreement).organisation == MOD
    with pytest.raises(NotEligible, match="in_force may be set by"):
        may(agreement, None, MOD, [last(agreement)])


def test_a_facilitator_takes_its_own_suspension_out() -> None:
    fall = given_change(Status.SUSPENDED, STOPPED_AT, by=OCHA)
    may(given_agreement(statuses=[*LINE, fall]), None, OCHA, [fall])


# Who may correct


def test_only_who_recorded_an_entry_corrects_it() -> None:
    fall = given_change(Status.SUSPENDED, STOPPED_AT, by=OCHA)
    with pytest.raises(NotEligible, match="recorded an entry"):
        may(given_agreement(statuses=[*LINE, fall]), Status.COMPLETED, ICRC, [fall])


def test_only_who_stated_a_stop_takes_it_out() -> None:
    stop = given_stop(Status.SUSPENDED, AGAIN_AT, by=UKRAINE)
    agreement = given_agreement(Status.SUSPENDED, stops=[stop])
    may(agreement, None, UKRAINE, [stop])
    with pytest.raises(NotEligible):
        may(agreement, None, OCHA, [stop])


def test_a_position_is_corrected_by_its_recorder_or_by_whose_it_is() -> None:
    require_may_correct(OCHA, OCHA, about=MOD)
    require_may_correct(OCHA, MOD, about=MOD)
    for other in (UKRAINE, ICRC):
        with pytest.raises(NotEligible):
            require_may_correct(OCHA, other, about=MOD)


def test_the_correction_of_an_entry_needs_the_authority_of_the_new_status_too() -> None:
    agreement = given_agreement(Status.SUSPENDED)
    with pytest.raises(NotEligible, match="completed may be set by"):
        may(agreement, Status.COMPLETED, MOD, [last(agreement)])


# What may not open by a side door


def _with_later_terms(extends: int | None) -> tuple[Agreement, StateAt]:
    """Give an agreement whose terms change after all have confirmed the first revision."""
    before = given_agreement(Status.AGREED_IN_PRINCIPLE)
    later = given_revision(2, terms_hash=before.revision.terms_hash, at=FORCE_AT, extends=extends)
    present = replace(before, revisions=(*before.revisions, later))

    def state_at(at: datetime) -> Agreement:
        return as_of(present if at >= FORCE_AT else before)(at)

    return present, state_at


def test_a_late_confirmed_does_not_outlive_its_terms() -> None:
    _, state_at = _with_later_terms(extends=None)
    with pytest.raises(OutOfOrder) as refused:
        decide_status(given_wish(Status.CONFIRMED, at=CONFIRMED_AT), now=NOON, state_at=state_at)
    assert "revision 2" in refused.value.message


def test_a_late_confirmed_stands_beside_a_later_window() -> None:
    _, state_at = _with_later_terms(extends=1)
    wish = given_wish(Status.CONFIRMED, at=CONFIRMED_AT)
    assert decide_status(wish, now=NOON, state_at=state_at).to is Status.CONFIRMED


def _withdrawn_for_ukraine() -> tuple[Agreement, Position]:
    withdrawn = given_relayed(UKRAINE, Stance.WITHDRAWN, by=CITY, at=AGAIN_AT)
    return saying(given_agreement(), withdrawn), withdrawn


@pytest.mark.parametrize("stance", [Stance.CONSIDERING, Stance.IN_PRINCIPLE, Stance.CONFIRMED])
def test_an_observer_does_not_correct_a_withdrawal_away(stance: Stance) -> None:
    agreement, withdrawn = _withdrawn_for_ukraine()
    wish = given_relayed(UKRAINE, stance, by=CITY, at=AGAIN_AT)
    with pytest.raises(NotEligible):
        require_may_correct_position(agreement, wish, [withdrawn.id], now=NOON)


def test_the_party_itself_and_a_facilitator_correct_a_withdrawal() -> None:
    agreement, withdrawn = _withdrawn_for_ukraine()
    for wish in (
        given_position(UKRAINE, Stance.IN_PRINCIPLE, at=AGAIN_AT),
        given_relayed(UKRAINE, Stance.IN_PRINCIPLE, by=OCHA, at=AGAIN_AT),
    ):
        require_may_correct_position(agreement, wish, [withdrawn.id], now=NOON)


def test_an_observer_corrects_what_opens_nothing() -> None:
    agreement, withdrawn = _withdrawn_for_ukraine()
    wish = given_relayed(UKRAINE, Stance.REJECTED, by=CITY, at=AGAIN_AT)
    require_may_correct_position(agreement, wish, [withdrawn.id], now=NOON)


def test_a_correction_says_something_in_the_place_of_what_it_corrects() -> None:
    agreement, _ = _withdrawn_for_ukraine()
    empty = replace(given_confirmed(UKRAINE, at=AGAIN_AT), revision=1, terms_hash="0" * 64)
    with pytest.raises(Unacceptable) as refused:
        decide_position(agreement, empty, now=NOON, corrects=True)
    assert refused.value.pointer == "/terms_hash"
