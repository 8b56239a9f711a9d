"""What is written in one of two worlds: each kind of it is taken, or nothing would be compared."""

import pytest

from tests.http.places.bases import Bases
from tests.http.places.bases import bases as bases
from tests.http.places.hand import Hand, Scope, Wish
from tests.http.places.hidden import WRITES
from tests.http.places.passage import STEPS
from tests.http.places.passages import passage
from tests.http.places.twins import given_twin

_VALUES = range(6)


@pytest.mark.parametrize("what", sorted(WRITES))
def test_each_kind_of_write_is_taken(bases: Bases, what: str) -> None:
    base = bases.get("sqlite").base
    for scope in Scope:
        with given_twin(bases.stock, base) as twin:
            hand = Hand(twin=twin, scope=scope)
            answers = [WRITES[what](hand, _wish(what, value)) for value in _VALUES]
            assert any(answer is not None and answer.is_success for answer in answers)


def test_passages_come_to_all_states_between_a_proposal_and_open_corridors(bases: Bases) -> None:
    with given_twin(bases.stock, bases.get("sqlite").base) as twin:
        hand = Hand(twin=twin, scope=Scope.PARTNER)
        for value in range(len(STEPS) + 1):
            WRITES["a passage"](hand, _wish("a passage", value))
        for value in (0, 1):
            WRITES["a declared passage"](hand, _wish("a declared passage", value))
        found = {made.case.read()["status"] for made in twin.passages}
        from_a_proposal = {"proposed", "in_talks", "agreed_in_principle", "confirmed", "in_force"}
        assert found == {*from_a_proposal, "declared"}
        ways = {way.read()["status"] for made in twin.passages for way in made.ways}
        assert ways == {"draft", "planned", "agreed", "declared", "open", "restricted"}


def test_a_passage_stops_and_goes_on(bases: Bases) -> None:
    with given_twin(bases.stock, bases.get("sqlite").base) as twin:
        hand = Hand(twin=twin, scope=Scope.PARTNER)
        chosen = passage(hand, _wish("a passage goes on", 1))
        for value in (0, 1):
            answer = WRITES["a passage goes on"](hand, _wish("a passage goes on", value))
            assert answer is not None
            assert answer.is_success
        assert chosen.case.read()["status"] == "in_force"
        assert chosen.case.statuses().count("suspended") == 1
        for way in chosen.ways:
            assert way.read()["status"] == "open"
            assert way.statuses().count("suspended") == 2


def _wish(what: str, value: int) -> Wish:
    return Wish(what=what, target=0, value=value, when=None)
