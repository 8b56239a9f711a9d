"""Corrections and late openings of a corridor: nothing opens by a side door."""

from datetime import timedelta

import pytest

from app.domain.agreement.model import Agreement, Stance
from app.domain.agreement.status import Status
from app.domain.corridor.model import Corridor
from app.domain.corridor.status import CorridorStatus
from app.domain.errors import GuardsUnmet, MoveUnknown, Unacceptable
from tests.domain.agreement.given import (
    AGAIN_AT,
    FORCE_AT,
    MOD,
    STOPPED_AT,
    UKRAINE,
    given_confirmed,
    given_position,
    saying,
)
from tests.domain.agreement.given import given_change as given_agreement_change
from tests.domain.agreement.given import given_history as given_agreement_history
from tests.domain.corridor.given import (
    AFTER_AT,
    DRAWN_AT,
    LATER_AT,
    OPENED_AT,
    decided,
    given_agreement,
    given_change,
    given_corridor,
    given_history,
    given_stop,
)

S = CorridorStatus
MOMENT = timedelta(microseconds=1)


def codes(refused: pytest.ExceptionInfo[GuardsUnmet]) -> list[str]:
    return [u.code for u in refused.value.unmet]


# What may be named


def test_to_may_be_null_only_where_something_is_taken_out() -> None:
    with pytest.raises(Unacceptable) as refused:
        decided(given_corridor(), None)
    assert refused.value.pointer == "/to"


@pytest.mark.parametrize("to", [None, S.RESTRICTED, S.CLOSED])
def test_a_correction_names_entries_of_this_corridor(to: CorridorStatus | None) -> None:
    corridor = given_corridor(S.SUSPENDED)
    stranger = given_change(S.OPEN, DRAWN_AT)
    with pytest.raises(Unacceptable, match="of this corridor") as refused:
        decided(corridor, to, corrects=[corridor.statuses[-1], stranger])
    assert refused.value.pointer == "/corrects/1"


@pytest.mark.parametrize("to", [None, S.CLOSED])
def test_the_draft_itself_cannot_be_corrected(to: CorridorStatus | None) -> None:
    corridor = given_corridor(S.DRAFT)
    with pytest.raises(Unacceptable, match="Cancel the corridor") as refused:
        decided(corridor, to, corrects=[corridor.statuses[0]])
    assert refused.value.pointer == "/corrects/0"


# What a correction does


def test_a_correction_takes_the_instant_of_the_first_that_it_corrects() -> None:
    corridor = given_corridor(S.SUSPENDED)
    decision = decided(corridor, S.BLOCKED, corrects=corridor.statuses[-1:])
    assert (decision.to, decision.effective_at) == (S.BLOCKED, LATER_AT)


def test_what_is_taken_out_sets_nothing() -> None:
    corridor = given_corridor(S.OPEN)
    decision = decided(corridor, None, corrects=corridor.statuses[-1:])
    assert (decision.to, decision.stop, decision.effective_at) == (None, None, OPENED_AT)


def test_what_is_taken_out_must_leave_a_line_that_fits() -> None:
    corridor = given_corridor(S.OPEN)
    with pytest.raises(MoveUnknown, match="would then follow planned"):
        decided(corridor, None, corrects=corridor.statuses[-2:-1])


def test_a_stop_statement_may_be_taken_out() -> None:
    stop = given_stop(S.SUSPENDED, AFTER_AT, by=UKRAINE)
    corridor = given_corridor(S.SUSPENDED, stops=[stop])
    assert decided(corridor, None, by=UKRAINE, corrects=[stop]).to is None


def test_a_late_move_is_taken_where_the_request_corrects_the_next_one_too() -> None:
    corridor = given_corridor(S.CLOSED)
    decision = decided(
        corridor, S.RESTRICTED, at=LATER_AT - MOMENT, corrects=corridor.statuses[-1:]
    )
    assert decision.to is S.RESTRICTED


# What a correction opens


@pytest.mark.parametrize("status", [S.SUSPENDED, S.BLOCKED, S.CLOSED])
def test_a_correction_that_opens_is_judged_as_that_opening_now(status: CorridorStatus) -> None:
    corridor = given_corridor(status)
    assert decided(corridor, None, corrects=corridor.statuses[-1:]).to is None
    fallen = saying(
        given_agreement(), given_position(MOD, Stance.CONSIDERING, at=LATER_AT + MOMENT)
    )
    with pytest.raises(GuardsUnmet) as refused:
        decided(corridor, None, corrects=corridor.statuses[-1:], agreement=fallen)
    assert codes(refused) == ["party_not_confirmed"]


@pytest.mark.parametrize("stop", [S.SUSPENDED, S.BLOCKED, S.CLOSED])
def test_what_was_restricted_before_it_stopped_is_judged_as_an_opening_too(
    stop: CorridorStatus,
) -> None:
    statuses = [*given_history(S.RESTRICTED), given_change(stop, AFTER_AT)]
    corridor = given_corridor(statuses=statuses)
    with pytest.raises(GuardsUnmet) as refused:
        decided(
            corridor,
            None,
            corrects=corridor.statuses[-1:],
            agreement=given_agreement(Status.CONFIRMED),
        )
    assert codes(refused) == ["agreement_not_in_force"]


def test_replacing_a_stop_by_something_more_open_is_judged_now_too() -> None:
    corridor = given_corridor(S.SUSPENDED)
    suspended = given_agreement(
        statuses=[
            *given_agreement_history(Status.IN_FORCE),
            given_agreement_change(Status.SUSPENDED, AFTER_AT),
        ]
    )
    with pytest.raises(GuardsUnmet) as refused:
        decided(corridor, S.RESTRICTED, corrects=corridor.statuses[-1:], agreement=suspended)
    assert codes(refused) == ["agreement_not_in_force"]


def test_a_correction_that_opens_looks_at_the_route_and_the_ends_as_they_are_now() -> None:
    corridor = given_corridor(S.CLOSED, line=None, to_site=None)
    with pytest.raises(GuardsUnmet) as refused:
        decided(corridor, None, corrects=corridor.statuses[-1:])
    assert codes(refused) == ["route_invalid", "ends_unknown"]


def test_a_correction_that_closes_is_not_judged_as_an_opening() -> None:
    corridor = given_corridor(S.OPEN)
    nothing = given_agreement(positions=(), windows=())
    assert decided(corridor, None, corrects=corridor.statuses[-1:], agreement=nothing).to is None


# Guards of their own time


def test_guards_are_judged_at_the_moves_own_instant() -> None:
    corridor = given_corridor(S.AGREED)
    assert decided(corridor, S.OPEN, at=FORCE_AT).to is S.OPEN
    with pytest.raises(GuardsUnmet) as refused:
        decided(corridor, S.OPEN, at=FORCE_AT - MOMENT)
    assert codes(refused) == ["agreement_not_in_force"]


# A late opening follows what stopped since


def suspended_at_nine() -> Agreement:
    """Build an agreement that was suspended at nine and is in force again."""
    again = given_agreement_change(Status.IN_FORCE, AFTER_AT)
    return saying(
        given_agreement(statuses=[*given_agreement_history(Status.SUSPENDED), again]),
        given_confirmed(MOD, at=AGAIN_AT),
    )


def test_what_opens_late_is_suspended_since_its_agreement_left_force() -> None:
    decision = decided(
        given_corridor(S.AGREED), S.OPEN, at=OPENED_AT, agreement=suspended_at_nine()
    )
    assert (decision.to, decision.effective_at) == (S.OPEN, OPENED_AT)
    assert decision.suspended_at == STOPPED_AT
    assert [w.code for w in decision.warnings] == ["suspended_with_agreement"]


@pytest.mark.parametrize("stance", [Stance.WITHDRAWN, Stance.REJECTED, Stance.CONSIDERING])
def test_what_opens_late_is_suspended_since_a_party_changed_its_mind(stance: Stance) -> None:
    agreement = saying(
        given_agreement(),
        given_position(UKRAINE, stance, at=LATER_AT),
        given_confirmed(UKRAINE, at=AFTER_AT),
    )
    decision = decided(given_corridor(S.AGREED), S.OPEN, at=OPENED_AT, agreement=agreement)
    assert decision.suspended_at == LATER_AT


def test_what_opens_after_its_agreement_resumed_stays_open() -> None:
    decision = decided(given_corridor(S.AGREED), S.OPEN, agreement=suspended_at_nine())
    assert (decision.suspended_at, decision.warnings) == (None, ())


def test_what_stopped_by_itself_before_its_agreement_did_is_not_suspended_again() -> None:
    stopped = [
        *given_history(S.AGREED),
        given_change(S.CLOSED, STOPPED_AT - MOMENT),
    ]
    decision = decided(
        given_corridor(statuses=stopped), S.OPEN, at=OPENED_AT, agreement=suspended_at_nine()
    )
    assert decision.suspended_at is None


@pytest.mark.parametrize("to", [S.PLANNED, None])
def test_what_lets_nobody_pass_is_not_suspended(to: CorridorStatus | None) -> None:
    draft: Corridor = given_corridor(S.DRAFT if to else S.AGREED)
    taken_out = () if to else draft.statuses[-1:]
    decision = decided(
        draft,
        to,
        at=OPENED_AT,
        corrects=taken_out,
        agreement=suspended_at_nine(),
    )
    assert decision.suspended_at is None
