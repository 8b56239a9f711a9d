"""The table of moves, walked: what may follow what, and what each move asks for."""

import pytest

from app.domain.agreement.guards import GUARDS
from app.domain.agreement.status import (
    MOVES,
    OPENNESS,
    TERMINAL,
    Guard,
    Laterality,
    Status,
    moves_from,
)
from app.domain.errors import GuardsUnmet, MoveUnknown
from tests.domain.agreement.given import (
    NOON,
    decided,
    given_agreement,
    given_declaration,
)
from tests.domain.agreement.table import (
    BREAKS,
    EVERY_BREAK,
    EVERY_MOVE,
    LISTED,
    UNLISTED,
    Break,
    given_ready,
    in_code,
)

MUTUAL = (Laterality.BILATERAL, Laterality.MULTILATERAL)
DECLARED = (Laterality.UNILATERAL, Laterality.IMPOSED)


@pytest.mark.parametrize("laterality", Laterality)
def test_the_table_lists_the_moves_of_the_rules_and_no_other(laterality: Laterality) -> None:
    assert in_code(laterality) == LISTED[laterality.is_mutual]


@pytest.mark.parametrize("laterality", Laterality)
def test_no_move_is_listed_twice(laterality: Laterality) -> None:
    pairs = [(m.start, m.to) for m in MOVES if m.kinds.include(laterality)]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("laterality", Laterality)
def test_all_moves_to_one_status_are_for_the_same_to_make(laterality: Laterality) -> None:
    for to in Status:
        listed = [m.who for m in MOVES if m.to is to and m.kinds.include(laterality)]
        assert len(set(listed)) <= 1, to


@pytest.mark.parametrize(("laterality", "start", "to"), EVERY_MOVE)
def test_a_listed_move_is_taken_where_every_guard_holds(
    laterality: Laterality, start: Status, to: Status
) -> None:
    guards = LISTED[laterality.is_mutual][start, to]
    decision = given_ready(start, to, guards, laterality).decide()
    assert (decision.to, decision.effective_at) == (to, NOON)


@pytest.mark.parametrize(
    ("laterality", "start", "to", "way"),
    EVERY_BREAK,
    ids=lambda value: value.says if isinstance(value, Break) else None,
)
def test_a_listed_move_is_refused_where_one_guard_fails(
    laterality: Laterality, start: Status, to: Status, way: Break
) -> None:
    guards = LISTED[laterality.is_mutual][start, to]
    situation = way.change(given_ready(start, to, guards, laterality))
    with pytest.raises(GuardsUnmet) as refused:
        situation.decide()
    assert sorted(u.code for u in refused.value.unmet) == sorted(way.codes), way.says


@pytest.mark.parametrize(("laterality", "start", "to"), UNLISTED)
def test_a_move_that_is_not_listed_does_not_exist(
    laterality: Laterality, start: Status, to: Status
) -> None:
    with pytest.raises(MoveUnknown):
        decided(given_agreement(start, laterality=laterality), to)


def test_every_guard_has_a_condition_and_a_way_to_fail() -> None:
    assert set(GUARDS) == set(BREAKS) == set(Guard)


@pytest.mark.parametrize("laterality", MUTUAL)
def test_a_mutual_agreement_may_reach_every_status_but_declared(laterality: Laterality) -> None:
    assert reachable(laterality) == set(Status) - {Status.DECLARED}


@pytest.mark.parametrize("laterality", DECLARED)
def test_a_declaration_may_reach_every_status_but_confirmed(laterality: Laterality) -> None:
    assert reachable(laterality) == set(Status) - {Status.CONFIRMED}


def reachable(laterality: Laterality) -> set[Status]:
    found, new = {Status.PROPOSED}, [Status.PROPOSED]
    while new:
        reached = {m.to for m in moves_from(new.pop(), laterality)} - found
        found |= reached
        new += reached
    return found


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_nothing_follows_a_terminal_status(status: Status) -> None:
    assert not any(moves_from(status, laterality) for laterality in Laterality)


def test_the_terminal_statuses_are_the_six_of_the_rules() -> None:
    ends = ("completed", "rejected", "withdrawn", "expired", "collapsed", "superseded")
    assert {Status(end) for end in ends} == TERMINAL


def test_in_talks_never_becomes_confirmed() -> None:
    with pytest.raises(MoveUnknown, match="in_talks cannot become confirmed"):
        decided(given_agreement(Status.IN_TALKS), Status.CONFIRMED)


@pytest.mark.parametrize("start", Status)
def test_what_one_side_declared_never_becomes_confirmed(start: Status) -> None:
    with pytest.raises(MoveUnknown):
        decided(given_declaration(start), Status.CONFIRMED)


def test_the_refusal_of_an_unlisted_move_names_what_is_possible() -> None:
    with pytest.raises(MoveUnknown, match="It may become: in_talks, agreed_in_principle"):
        decided(given_agreement(Status.PROPOSED), Status.IN_FORCE)


def test_what_is_over_asks_for_a_new_proposal() -> None:
    with pytest.raises(MoveUnknown, match=r"withdrawn, which is final\. Propose a new one"):
        decided(given_agreement(Status.WITHDRAWN), Status.CONFIRMED)


def test_nearer_to_people_moving_is_more_open() -> None:
    way = [
        Status.COLLAPSED,
        Status.PROPOSED,
        Status.IN_TALKS,
        Status.AGREED_IN_PRINCIPLE,
        Status.CONFIRMED,
        Status.IN_FORCE,
    ]
    assert sorted(way, key=lambda status: OPENNESS[status]) == way
    assert OPENNESS[Status.SUSPENDED] < OPENNESS[Status.CONFIRMED]
    assert OPENNESS[Status.DECLARED] == OPENNESS[Status.CONFIRMED]
    assert set(OPENNESS) == set(Status)
