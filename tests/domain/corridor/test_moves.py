"""The table of a corridor's moves, walked: what may follow what, and what each move asks for."""

from uuid import UUID

import pytest

from app.domain.agreement.status import Status
from app.domain.corridor.guards import GUARDS
from app.domain.corridor.moves import transitions
from app.domain.corridor.status import MACHINE, MOVES, TERMINAL, CorridorGuard, CorridorStatus
from app.domain.errors import GuardsUnmet, MoveUnknown, Unacceptable
from app.domain.laterality import Laterality
from app.domain.machine.table import Who
from tests.domain.agreement.given import MOD, NOON, OCHA
from tests.domain.corridor.given import (
    DRAWN_AT,
    OPENED_AT,
    decided,
    given_agreement,
    given_corridor,
    given_declaration,
)
from tests.domain.corridor.table import (
    BREAKS,
    EVERY_BREAK,
    EVERY_MOVE,
    LISTED,
    NEVER,
    UNLISTED,
    Break,
    given_ready,
    in_code,
)

S = CorridorStatus


@pytest.mark.parametrize("laterality", Laterality)
def test_the_table_lists_the_moves_of_the_rules_and_no_other(laterality: Laterality) -> None:
    assert in_code(laterality) == LISTED[laterality.is_mutual]


@pytest.mark.parametrize("laterality", Laterality)
def test_no_move_is_listed_twice(laterality: Laterality) -> None:
    pairs = [(m.start, m.to) for m in MOVES if m.kinds.include(laterality)]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize(("laterality", "start", "to"), EVERY_MOVE)
def test_a_listed_move_is_taken_where_every_guard_holds(
    laterality: Laterality, start: CorridorStatus, to: CorridorStatus
) -> None:
    situation = given_ready(start, to, laterality)
    lacks = NEVER.get((laterality.is_mutual, start, to), ())
    if lacks:
        with pytest.raises(GuardsUnmet) as refused:
            situation.decide()
        assert [u.code for u in refused.value.unmet] == [*lacks]
        return
    decision = situation.decide()
    assert (decision.to, decision.effective_at) == (to, NOON)


@pytest.mark.parametrize(
    ("laterality", "start", "to", "way"),
    EVERY_BREAK,
    ids=lambda value: value.says if isinstance(value, Break) else None,
)
def test_a_listed_move_is_refused_where_one_guard_fails(
    laterality: Laterality, start: CorridorStatus, to: CorridorStatus, way: Break
) -> None:
    situation = way.change(given_ready(start, to, laterality))
    lacks = NEVER.get((laterality.is_mutual, start, to), ())
    with pytest.raises(GuardsUnmet) as refused:
        situation.decide()
    assert sorted(u.code for u in refused.value.unmet) == sorted((*way.codes, *lacks)), way.says


@pytest.mark.parametrize(("laterality", "start", "to"), UNLISTED)
def test_a_move_that_is_not_listed_does_not_exist(
    laterality: Laterality, start: CorridorStatus, to: CorridorStatus
) -> None:
    with pytest.raises(MoveUnknown):
        given_ready(start, to, laterality).decide()


@pytest.mark.parametrize("laterality", Laterality)
def test_all_moves_to_one_status_are_for_the_same_to_make(laterality: Laterality) -> None:
    for to in S:
        listed = [m.who for m in MOVES if m.to is to and m.kinds.include(laterality)]
        assert len(set(listed)) <= 1, to


def test_every_guard_has_a_condition_and_a_way_to_fail() -> None:
    assert set(GUARDS) == set(BREAKS) == set(CorridorGuard)


def reachable(laterality: Laterality) -> set[CorridorStatus]:
    found, new = {S.DRAFT}, [S.DRAFT]
    while new:
        reached = {m.to for m in MACHINE.moves_from(new.pop(), laterality)} - found
        found |= reached
        new += reached
    return found


def test_a_corridor_of_both_sides_may_reach_every_status_but_declared() -> None:
    assert reachable(Laterality.BILATERAL) == set(S) - {S.DECLARED}


@pytest.mark.parametrize("laterality", [Laterality.UNILATERAL, Laterality.IMPOSED])
def test_a_corridor_of_one_side_is_never_agreed(laterality: Laterality) -> None:
    with pytest.raises(GuardsUnmet) as refused:
        given_ready(S.PLANNED, S.AGREED, laterality).decide()
    assert [u.code for u in refused.value.unmet] == ["consent_not_mutual"]


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.IN_FORCE])
def test_a_corridor_is_agreed_under_what_is_confirmed_or_in_force(status: Status) -> None:
    agreement = given_agreement(status)
    assert decided(given_corridor(S.PLANNED), S.AGREED, agreement=agreement).to is S.AGREED


@pytest.mark.parametrize("status", [Status.DECLARED, Status.IN_FORCE, Status.SUSPENDED])
def test_a_corridor_is_declared_under_what_was_declared(status: Status) -> None:
    corridor = given_corridor(S.PLANNED, laterality=Laterality.UNILATERAL)
    assert decided(corridor, S.DECLARED, agreement=given_declaration(status)).to is S.DECLARED


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_nothing_follows_a_terminal_status(status: CorridorStatus) -> None:
    assert not any(MACHINE.moves_from(status, laterality) for laterality in Laterality)


def test_the_terminal_statuses_are_closed_and_cancelled() -> None:
    assert {S.CLOSED, S.CANCELLED} == TERMINAL


def test_a_corridor_of_both_sides_is_never_declared() -> None:
    with pytest.raises(MoveUnknown, match="planned cannot become declared"):
        decided(given_corridor(S.PLANNED), S.DECLARED)


def test_the_refusal_of_an_unlisted_move_names_what_is_possible() -> None:
    with pytest.raises(
        MoveUnknown, match=r"a corridor that is draft .* become: planned, cancelled"
    ):
        decided(given_corridor(S.DRAFT), S.OPEN)


def test_what_is_over_asks_for_a_new_drawing() -> None:
    with pytest.raises(MoveUnknown, match=r"closed, which is final\. Draw a new one"):
        decided(given_corridor(S.CLOSED), S.OPEN)


def test_an_opening_lists_all_that_is_missing() -> None:
    corridor = given_corridor(S.AGREED, line=None, from_site=None)
    with pytest.raises(GuardsUnmet) as refused:
        decided(corridor, S.OPEN, agreement=given_agreement(positions=(), windows=()))
    assert [u.code for u in refused.value.unmet] == [
        "party_not_confirmed",
        "party_not_confirmed",
        "executor_not_confirmed",
        "two_persons_missing",
        "no_window",
        "route_invalid",
        "ends_unknown",
    ]


def test_the_message_names_the_end_that_is_not_known() -> None:
    with pytest.raises(GuardsUnmet) as refused:
        decided(given_corridor(S.AGREED, to_site=None), S.OPEN)
    assert refused.value.unmet[0].message.endswith("Name the site in to_site.")


def test_nearer_to_people_moving_is_more_open() -> None:
    openness = MACHINE.openness
    way = [S.CLOSED, S.BLOCKED, S.SUSPENDED, S.PLANNED, S.AGREED, S.RESTRICTED, S.OPEN]
    assert [openness[s] for s in way] == sorted({openness[s] for s in way})
    assert openness[S.DECLARED] == openness[S.AGREED]
    assert openness[S.CANCELLED] == openness[S.CLOSED]
    assert set(openness) == set(S)


# Time


def test_an_opening_may_be_reported_late() -> None:
    assert decided(given_corridor(S.AGREED), S.OPEN, at=OPENED_AT).effective_at == OPENED_AT


def test_an_opening_is_never_set_ahead() -> None:
    with pytest.raises(Unacceptable) as refused:
        decided(given_corridor(S.AGREED), S.OPEN, at=NOON.replace(hour=13))
    assert refused.value.pointer == "/effective_at"


def test_nothing_is_set_before_the_corridor_was_drawn() -> None:
    with pytest.raises(MoveUnknown, match="The corridor had no status"):
        decided(given_corridor(S.DRAFT), S.PLANNED, at=DRAWN_AT.replace(hour=8))


def test_a_late_move_is_refused_where_the_next_one_would_no_longer_follow() -> None:
    with pytest.raises(MoveUnknown, match=r"open at .* follow cancelled"):
        decided(given_corridor(S.OPEN), S.CANCELLED, at=OPENED_AT.replace(hour=8, minute=1))


# Transitions


def test_transitions_list_every_move_and_what_is_missing() -> None:
    found = {
        move.to: move
        for move in transitions(given_corridor(S.AGREED, line=None), given_agreement(), NOON, OCHA)
    }
    assert list(found) == [S.OPEN, S.BLOCKED, S.CLOSED, S.CANCELLED]
    assert [u.code for u in found[S.OPEN].unmet] == ["route_invalid"]
    assert found[S.CLOSED].unmet == ()


@pytest.mark.parametrize(
    ("organisation", "allowed"),
    [
        (OCHA, {S.RESTRICTED, S.SUSPENDED, S.BLOCKED, S.CLOSED}),
        (MOD, {S.SUSPENDED, S.BLOCKED, S.CLOSED}),
        (None, set()),
    ],
)
def test_transitions_say_which_moves_the_reader_may_make(
    organisation: UUID | None, allowed: set[CorridorStatus]
) -> None:
    moves = transitions(given_corridor(), given_agreement(), NOON, organisation)
    assert {move.to for move in moves if move.allowed} == allowed
    assert {move.to: move.who for move in moves}[S.SUSPENDED] is Who.ANY_PARTY


def test_transitions_of_a_declared_corridor_ask_for_a_source_but_not_to_stop() -> None:
    corridor = given_corridor(S.OPEN, laterality=Laterality.UNILATERAL)
    found = {m.to: m.unmet for m in transitions(corridor, given_declaration(), NOON, None)}
    assert [u.code for u in found[S.RESTRICTED]] == ["source_missing"]
    assert found[S.SUSPENDED] == found[S.BLOCKED] == found[S.CLOSED] == ()
