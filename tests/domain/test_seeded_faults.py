"""A fault seeded in any rule is noticed: the sentences of the tests say what it does."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from app.domain.machine.table import Move
from tests.domain.agreement.seeds import SEEDING as AGREEMENT
from tests.domain.corridor.seeds import SEEDING as CORRIDOR
from tests.domain.seeding import Seeding, always, some_fails

SEEDINGS = {"agreement": AGREEMENT, "corridor": CORRIDOR}


def _label(value: object) -> str | None:
    if isinstance(value, Move):
        return f"{value.start}-{value.to} {value.kinds}"
    return value if isinstance(value, str) else getattr(value, "name", None)


@pytest.mark.parametrize("of", SEEDINGS)
def test_every_sentence_is_true_without_a_fault(of: str) -> None:
    assert not some_fails(SEEDINGS[of].told)


@pytest.mark.parametrize(
    ("of", "fault"), [(of, fault) for of, seeding in SEEDINGS.items() for fault in seeding.faults]
)
def test_a_fault_in_a_rule_is_noticed(of: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seeding = SEEDINGS[of]
    told = seeding.told
    seeding.plant(monkeypatch, seeding.faults[fault])
    assert some_fails(told), fault


@pytest.mark.parametrize("of", SEEDINGS)
def test_no_rule_is_left_without_a_fault(of: str) -> None:
    assert SEEDINGS[of].without_a_fault() == []


@pytest.mark.parametrize(
    ("of", "guard"),
    [(of, guard) for of, seeding in SEEDINGS.items() for guard in seeding.guards],
    ids=_label,
)
def test_a_guard_that_lets_everything_through_is_noticed(
    of: str, guard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeding = SEEDINGS[of]
    monkeypatch.setitem(seeding.guards, guard, always(()))
    assert some_fails(partial(seeding.refused, *way) for way in seeding.breaks)


def _forgotten(seeding: Seeding) -> list[tuple[Move[Any, Any], Any]]:
    return [(move, guard) for move in seeding.machine.moves for guard in move.guards]


@pytest.mark.parametrize(
    ("of", "move", "guard"),
    [(of, *each) for of, seeding in SEEDINGS.items() for each in _forgotten(seeding)],
    ids=_label,
)
def test_a_guard_that_a_move_forgets_is_noticed(
    of: str, move: Move[Any, Any], guard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeding, machine = SEEDINGS[of], SEEDINGS[of].machine
    forgetful = replace(move, guards=tuple(g for g in move.guards if g is not guard))
    moves = tuple(forgetful if m is move else m for m in machine.moves)
    seeding.replace(monkeypatch, machine, replace(machine, moves=moves))
    ways = [way for way in seeding.breaks if way[1:3] == (move.start, move.to)]
    assert some_fails(partial(seeding.refused, *way) for way in ways)


@pytest.mark.parametrize("of", SEEDINGS)
def test_every_status_is_part_of_the_walk(of: str) -> None:
    machine = SEEDINGS[of].machine
    assert {m.start for m in machine.moves} | {m.to for m in machine.moves} == set(machine.openness)
