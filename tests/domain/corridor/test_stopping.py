"""Stopping a corridor never waits: not for its time, nor for a source."""

from datetime import datetime, timedelta

import pytest

from app.domain.corridor.moves import CorridorDecision
from app.domain.corridor.status import CorridorStatus
from app.domain.errors import MoveUnknown
from app.domain.laterality import Laterality
from tests.domain.agreement.given import MOD, NOON, UKRAINE, april
from tests.domain.corridor.given import (
    AFTER_AT,
    AGREED_AT,
    DRAWN_AT,
    LATER_AT,
    OPENED_AT,
    PLANNED_AT,
    decided,
    given_agreement,
    given_change,
    given_corridor,
    given_history,
)
from tests.domain.corridor.given import given_declaration as given_declared_agreement

S = CorridorStatus
MOMENT = timedelta(microseconds=1)
STOPS = (S.SUSPENDED, S.BLOCKED, S.CLOSED)


def told(decision: CorridorDecision) -> list[str]:
    return [warned.code for warned in decision.warnings]


@pytest.mark.parametrize("to", STOPS)
def test_a_stop_takes_effect_when_it_is_said_to(to: CorridorStatus) -> None:
    decision = decided(given_corridor(), to, by=MOD, at=LATER_AT, sources=())
    assert (decision.to, decision.effective_at, told(decision)) == (to, LATER_AT, [])


@pytest.mark.parametrize("to", STOPS)
@pytest.mark.parametrize("at", [NOON + MOMENT, april(30, 23)])
def test_a_stop_in_the_future_takes_effect_at_recording(to: CorridorStatus, at: datetime) -> None:
    decision = decided(given_corridor(), to, at=at)
    assert (decision.to, decision.effective_at) == (to, NOON)
    assert told(decision) == ["effective_at_replaced"]


@pytest.mark.parametrize("at", [DRAWN_AT - MOMENT, DRAWN_AT, PLANNED_AT, AGREED_AT])
def test_a_suspension_that_is_unlisted_at_its_time_takes_effect_at_recording(at: datetime) -> None:
    decision = decided(given_corridor(), S.SUSPENDED, at=at)
    assert (decision.to, decision.effective_at) == (S.SUSPENDED, NOON)
    assert told(decision) == ["effective_at_replaced"]


def test_a_stop_that_would_leave_an_unlisted_move_behind_takes_effect_at_recording() -> None:
    decision = decided(given_corridor(), S.CLOSED, at=AGREED_AT + MOMENT)
    assert (decision.to, decision.effective_at) == (S.CLOSED, NOON)


@pytest.mark.parametrize("to", STOPS)
@pytest.mark.parametrize("status", [S.CLOSED, S.CANCELLED])
def test_stopping_what_is_over_keeps_the_statement_and_changes_nothing(
    status: CorridorStatus, to: CorridorStatus
) -> None:
    decision = decided(given_corridor(status), to, by=UKRAINE, sources=())
    assert (decision.to, decision.stop, decision.effective_at) == (None, to, NOON)


@pytest.mark.parametrize("to", [S.SUSPENDED, S.BLOCKED])
def test_the_same_stop_again_keeps_the_statement_and_changes_nothing(to: CorridorStatus) -> None:
    decision = decided(given_corridor(to), to, by=UKRAINE)
    assert (decision.to, decision.stop) == (None, to)


def test_a_suspended_corridor_may_turn_out_to_be_blocked_and_the_reverse() -> None:
    assert decided(given_corridor(S.SUSPENDED), S.BLOCKED, by=MOD).to is S.BLOCKED
    assert decided(given_corridor(S.BLOCKED), S.SUSPENDED, by=MOD).to is S.SUSPENDED


@pytest.mark.parametrize("status", [S.DRAFT, S.PLANNED, S.AGREED])
def test_what_never_opened_cannot_be_suspended(status: CorridorStatus) -> None:
    with pytest.raises(MoveUnknown, match=f"{status.value} cannot become suspended"):
        decided(given_corridor(status), S.SUSPENDED)


@pytest.mark.parametrize("to", STOPS)
def test_a_stop_of_what_one_side_declared_needs_no_source(to: CorridorStatus) -> None:
    corridor = given_corridor(laterality=Laterality.UNILATERAL)
    agreement = given_declared_agreement()
    assert decided(corridor, to, agreement=agreement, sources=()).to is to


@pytest.mark.parametrize("to", STOPS)
def test_a_stop_waits_for_nothing_of_the_agreement(to: CorridorStatus) -> None:
    agreement = given_agreement(positions=(), windows=())
    assert decided(given_corridor(line=None), to, agreement=agreement, by=MOD).to is to


def test_a_late_report_of_an_earlier_stop_says_what_holds_since() -> None:
    statuses = [*given_history(S.SUSPENDED), given_change(S.RESTRICTED, AFTER_AT)]
    decision = decided(given_corridor(statuses=statuses), S.SUSPENDED, by=UKRAINE, at=OPENED_AT)
    assert (decision.to, decision.effective_at) == (S.SUSPENDED, OPENED_AT)
    assert told(decision) == ["later_change_stands"]


def test_a_late_report_of_a_stop_that_still_holds_is_told_nothing() -> None:
    decision = decided(given_corridor(S.BLOCKED), S.SUSPENDED, by=UKRAINE, at=OPENED_AT)
    assert (decision.effective_at, told(decision)) == (OPENED_AT, [])


def test_a_stop_may_correct_when_it_began() -> None:
    corridor = given_corridor(S.SUSPENDED)
    wrong = corridor.statuses[-1]
    decision = decided(corridor, S.SUSPENDED, by=MOD, at=AFTER_AT, corrects=[wrong])
    assert (decision.to, decision.effective_at) == (S.SUSPENDED, AFTER_AT)


def test_a_stop_that_corrects_a_later_one_does_not_open_anything() -> None:
    again = given_change(S.BLOCKED, AFTER_AT, by=MOD)
    statuses = [
        *given_history(S.SUSPENDED),
        given_change(S.OPEN, LATER_AT + MOMENT),
        again,
    ]
    corridor = given_corridor(statuses=statuses)
    for at in (OPENED_AT + MOMENT, LATER_AT, april(30, 23)):
        decision = decided(corridor, S.SUSPENDED, by=MOD, at=at, corrects=[again])
        assert (decision.to, decision.effective_at) == (S.SUSPENDED, NOON)
