"""Stopping never waits: a stop is not refused for its time, its text or its sources."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.domain.agreement.guards import Grounds
from app.domain.agreement.model import Stance
from app.domain.agreement.moves import StatusDecision, require_may_change_status
from app.domain.agreement.statement import decide_position
from app.domain.agreement.status import TERMINAL, Status
from app.domain.errors import GuardsUnmet, MoveUnknown
from tests.domain.agreement.given import (
    AGAIN_AT,
    CONFIRMED_AT,
    FORCE_AT,
    MOD,
    NOON,
    OCHA,
    OVER_AT,
    PROPOSED_AT,
    STOPPED_AT,
    UKRAINE,
    april,
    as_of,
    decided,
    given_agreement,
    given_change,
    given_declaration,
    given_history,
    given_position,
    given_relayed,
    given_wish,
    saying,
)

MOMENT = timedelta(microseconds=1)
NOTHING = Grounds()


def told(decision: StatusDecision) -> list[str]:
    return [warned.code for warned in decision.warnings]


# The agreement


def test_a_stop_takes_effect_when_it_is_said_to() -> None:
    decision = decided(given_agreement(), Status.SUSPENDED, by=MOD, at=STOPPED_AT, grounds=NOTHING)
    assert (decision.to, decision.effective_at) == (Status.SUSPENDED, STOPPED_AT)
    assert told(decision) == []


@pytest.mark.parametrize("at", [NOON + MOMENT, april(30, 23)])
def test_a_stop_in_the_future_takes_effect_at_recording(at: datetime) -> None:
    decision = decided(given_agreement(), Status.SUSPENDED, at=at)
    assert (decision.to, decision.effective_at) == (Status.SUSPENDED, NOON)
    assert told(decision) == ["effective_at_replaced"]


@pytest.mark.parametrize("at", [PROPOSED_AT - MOMENT, PROPOSED_AT, CONFIRMED_AT])
def test_a_stop_that_is_unlisted_at_its_time_takes_effect_at_recording(at: datetime) -> None:
    decision = decided(given_agreement(), Status.SUSPENDED, at=at)
    assert (decision.to, decision.effective_at) == (Status.SUSPENDED, NOON)
    assert told(decision) == ["effective_at_replaced"]


def test_a_stop_that_would_leave_an_unlisted_move_behind_takes_effect_at_recording() -> None:
    agreement = given_agreement(
        statuses=[
            *given_history(Status.SUSPENDED),
            given_change(Status.IN_TALKS, AGAIN_AT),
            given_change(Status.AGREED_IN_PRINCIPLE, AGAIN_AT, sequence=1),
            given_change(Status.CONFIRMED, OVER_AT),
        ]
    )
    decision = decided(agreement, Status.COLLAPSED, at=STOPPED_AT + MOMENT)
    assert (decision.to, decision.effective_at) == (Status.COLLAPSED, NOON)


def test_a_collapse_waits_for_its_withdrawal_at_most_until_recording() -> None:
    withdrawn = given_position(UKRAINE, Stance.WITHDRAWN, at=OVER_AT)
    agreement = saying(given_agreement(), withdrawn)
    decision = decided(agreement, Status.COLLAPSED, by=MOD, at=STOPPED_AT)
    assert (decision.to, decision.effective_at) == (Status.COLLAPSED, NOON)
    assert told(decision) == ["effective_at_replaced"]


def test_a_collapse_that_nothing_bears_out_is_refused_for_that() -> None:
    for at in (None, STOPPED_AT, april(30, 23)):
        with pytest.raises(GuardsUnmet) as refused:
            decided(given_agreement(), Status.COLLAPSED, by=MOD, at=at)
        assert [u.code for u in refused.value.unmet] == ["party_not_withdrawn"]


@pytest.mark.parametrize("to", [Status.SUSPENDED, Status.COLLAPSED])
@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_stopping_what_is_over_keeps_the_statement_and_changes_nothing(
    status: Status, to: Status
) -> None:
    decision = decided(given_agreement(status), to, by=MOD, grounds=NOTHING)
    assert (decision.to, decision.stop, decision.effective_at) == (None, to, NOON)


def test_suspending_what_is_suspended_keeps_the_statement_and_changes_nothing() -> None:
    decision = decided(given_agreement(Status.SUSPENDED), Status.SUSPENDED, by=UKRAINE)
    assert (decision.to, decision.stop) == (None, Status.SUSPENDED)


@pytest.mark.parametrize("status", [Status.PROPOSED, Status.IN_TALKS, Status.CONFIRMED])
def test_what_was_never_in_force_cannot_be_suspended(status: Status) -> None:
    with pytest.raises(MoveUnknown, match="cannot become suspended"):
        decided(given_agreement(status), Status.SUSPENDED)


def test_a_late_report_of_an_earlier_stop_says_what_holds_since() -> None:
    agreement = given_agreement(
        statuses=[*given_history(Status.SUSPENDED), given_change(Status.IN_FORCE, OVER_AT)]
    )
    decision = decided(agreement, Status.SUSPENDED, by=UKRAINE, at=STOPPED_AT - MOMENT)
    assert (decision.to, decision.effective_at) == (Status.SUSPENDED, STOPPED_AT - MOMENT)
    assert told(decision) == ["later_change_stands"]


@pytest.mark.parametrize("to", [Status.SUSPENDED, Status.COLLAPSED])
def test_a_stop_of_a_declaration_needs_no_source(to: Status) -> None:
    assert decided(given_declaration(), to, grounds=NOTHING).to is to


def test_a_stop_that_corrects_a_later_one_does_not_open_anything() -> None:
    again = given_change(Status.SUSPENDED, OVER_AT, by=MOD)
    agreement = given_agreement(
        statuses=[
            *given_history(Status.SUSPENDED),
            given_change(Status.IN_FORCE, AGAIN_AT),
            again,
        ]
    )
    for at in (STOPPED_AT + MOMENT, FORCE_AT + MOMENT, april(30, 23)):
        decision = decided(agreement, Status.SUSPENDED, by=MOD, at=at, corrects=[again])
        assert (decision.to, decision.effective_at) == (Status.SUSPENDED, NOON)


def test_a_stop_may_correct_when_it_began() -> None:
    agreement = given_agreement(Status.SUSPENDED)
    wrong = agreement.statuses[-1]
    decision = decided(agreement, Status.SUSPENDED, by=MOD, at=AGAIN_AT, corrects=[wrong])
    assert (decision.to, decision.effective_at) == (Status.SUSPENDED, AGAIN_AT)


def test_no_stop_is_refused_authority_for_its_time() -> None:
    agreement = given_agreement(Status.SUSPENDED)
    wrong = agreement.statuses[-1]
    wish = given_wish(Status.SUSPENDED, by=MOD, at=april(30, 23), corrects=[wrong])
    require_may_change_status(wish, now=NOON, state_at=as_of(agreement))
    assert decided(
        agreement, Status.SUSPENDED, by=MOD, at=april(30, 23), corrects=[wrong]
    ) == StatusDecision(
        effective_at=NOON,
        to=Status.SUSPENDED,
        warnings=decided(given_agreement(), Status.SUSPENDED, at=april(30, 23)).warnings,
    )


# A party


@pytest.mark.parametrize("stance", [Stance.REJECTED, Stance.WITHDRAWN])
def test_a_refusal_is_never_refused_for_its_time(stance: Stance) -> None:
    for at in (PROPOSED_AT - MOMENT, STOPPED_AT, NOON):
        said = given_position(MOD, stance, at=at)
        assert decide_position(given_agreement(), said, now=NOON).position == said
    ahead = given_position(MOD, stance, at=NOON + MOMENT)
    stated = decide_position(given_agreement(), ahead, now=NOON)
    assert stated.position == replace(ahead, stated_at=NOON)
    assert [w.code for w in stated.warnings] == ["effective_at_replaced"]


@pytest.mark.parametrize("stance", [Stance.REJECTED, Stance.WITHDRAWN])
def test_a_refusal_without_source_is_taken_and_marked_incomplete(stance: Stance) -> None:
    said = replace(given_relayed(MOD, stance), sources=())
    stated = decide_position(given_agreement(), said, now=NOON)
    assert (stated.position, stated.incomplete) == (said, ("sources",))
    assert [w.code for w in stated.warnings] == ["incomplete"]


def test_a_refusal_with_a_source_is_complete() -> None:
    stated = decide_position(given_agreement(), given_relayed(MOD, Stance.WITHDRAWN), now=NOON)
    assert (stated.incomplete, stated.warnings) == ((), ())


def test_an_impossible_validity_of_a_refusal_is_dropped() -> None:
    said = given_position(MOD, Stance.WITHDRAWN, at=STOPPED_AT, valid_until=STOPPED_AT)
    stated = decide_position(given_agreement(), said, now=NOON)
    assert stated.position == replace(said, valid_until=None)
    assert [w.code for w in stated.warnings] == ["valid_until_dropped"]


def test_a_refusal_moves_no_status_by_itself() -> None:
    agreement = saying(given_agreement(), given_position(MOD, Stance.WITHDRAWN, at=OVER_AT))
    assert agreement.status.to is Status.IN_FORCE
    assert decided(agreement, Status.SUSPENDED, by=OCHA).to is Status.SUSPENDED
