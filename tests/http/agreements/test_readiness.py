"""Readiness and transitions: what is missing between here and there."""

import pytest

from tests.http.agreements.case import (
    CONFIRMED_AT,
    KEYS,
    STATED_AT,
    Case,
    given_case,
    given_declared,
    given_live,
    given_proposed,
)
from tests.http.world import ICRC, MOD, OCHA, UKRAINE, World, read


class TestReadiness:
    """GET …/readiness."""

    def test_everything_that_is_missing_has_a_code_and_a_sentence(self, world: World) -> None:
        shown = given_proposed(world).read("/readiness")
        assert (shown["ready"], shown["revision"], shown["terms_agreed"]) == (False, 1, 0)
        assert [t["key"] for t in shown["terms"]] == list(KEYS)
        assert [u["code"] for u in shown["unmet"]].count("term_not_agreed") == 10
        assert all(u["message"].endswith(".") for u in shown["unmet"])
        assert {u["term"] for u in shown["unmet"] if u["code"] == "term_not_agreed"} == set(KEYS)

    def test_it_names_who_is_missing(self, world: World) -> None:
        shown = given_proposed(world).read("/readiness")
        missing = {u["organisation"]: u["code"] for u in shown["unmet"] if u["organisation"]}
        assert missing == {
            world.organisations[MOD]: "party_not_confirmed",
            world.organisations[UKRAINE]: "party_not_confirmed",
            world.organisations[ICRC]: "executor_not_confirmed",
        }

    def test_it_is_ready_when_all_is_there(self, world: World) -> None:
        shown = given_case(world, "stated").read("/readiness", as_of=CONFIRMED_AT)
        assert (shown["ready"], shown["unmet"], shown["terms_agreed"]) == (True, [], 10)
        assert shown["status"] == "agreed_in_principle"

    def test_it_names_the_principal_behind_each_counted_position(self, world: World) -> None:
        shown = given_case(world, "stated").read("/readiness", as_of=CONFIRMED_AT)
        by = {w["short_name"]: w["by"]["holder"] for w in shown["positions"] if w["counts"]}
        assert by == {MOD: "mod-desk", UKRAINE: "ukraine-desk", ICRC: "icrc-desk"}

    def test_it_says_why_a_word_counts_for_less(self, world: World) -> None:
        case = given_case(world, "settled")
        read(case.relay("ocha", MOD), 201)
        word = next(
            w
            for w in case.read("/readiness", as_of=STATED_AT)["positions"]
            if w["short_name"] == MOD
        )
        assert (word["position"], word["counts_as"]) == ("confirmed", "in_principle")
        assert "attested" in word["why_not_more"]

    def test_it_is_judged_at_the_time_that_is_asked_about(self, world: World) -> None:
        case = given_case(world, "stated")
        assert case.read("/readiness", as_of=STATED_AT)["ready"] is True
        assert case.read("/readiness", as_of="2022-04-29T07:59:59Z")["ready"] is False
        now = case.read("/readiness")
        assert [u["code"] for u in now["unmet"]] == ["window_over"]

    def test_it_is_told_as_it_was_known(self, world: World) -> None:
        case = given_case(world, "settled")
        known = case.read()["recorded_at"]
        for who in ("mod", "ukraine", "icrc"):
            read(case.confirm(who, at=STATED_AT), 201)
        at = {"as_of": CONFIRMED_AT}
        assert case.read("/readiness", **at)["ready"] is True
        assert case.read("/readiness", **at, known_at=known)["ready"] is False

    @pytest.mark.parametrize(
        ("who", "status"), [("anonymous", 401), ("nrc", 404), ("auditor", 200), ("mod", 200)]
    )
    def test_those_who_know_the_agreement_whole_read_it(
        self, world: World, who: str, status: int
    ) -> None:
        for below in ("/readiness", "/transitions"):
            assert given_proposed(world).get(below, who=who).status_code == status


class TestTransitions:
    """GET …/transitions."""

    def test_it_lists_the_moves_from_here_and_what_each_needs(self, world: World) -> None:
        shown = given_proposed(world).read("/transitions")
        moves = {move["to"]: move for move in shown["moves"]}
        assert shown["status"] == "proposed"
        assert set(moves) == {
            "in_talks", "agreed_in_principle", "rejected", "withdrawn", "superseded",
        }  # fmt: skip
        assert [u["code"] for u in moves["in_talks"]["unmet"]] == ["party_not_approached"]
        assert all(move["ready"] == (not move["unmet"]) for move in moves.values())

    @pytest.mark.parametrize("step", ["agreed_in_principle", "settled", "stated", "confirmed"])
    def test_confirmed_is_ready_exactly_where_readiness_says_so(
        self, world: World, step: str
    ) -> None:
        case, at = given_case(world, step), {"as_of": "2022-04-30T10:00:00Z"}
        shown, moves = case.read("/readiness", **at), case.read("/transitions", **at)["moves"]
        confirmed = [move for move in moves if move["to"] == "confirmed"]
        assert shown["ready"] == (step in ("stated", "confirmed"))
        if step != "confirmed":
            assert confirmed[0]["ready"] == shown["ready"]

    def test_what_is_over_goes_nowhere(self, world: World) -> None:
        case = given_proposed(world)
        read(case.to("withdrawn", who="ukraine"), 201)
        assert case.read("/transitions")["moves"] == []

    def test_a_declared_one_never_lists_confirmed(self, world: World) -> None:
        moves = given_declared(world).read("/transitions")["moves"]
        assert "confirmed" not in {move["to"] for move in moves}

    def test_it_says_whether_a_move_is_the_callers_to_make(self, world: World) -> None:
        case = given_live(world)
        for who, allowed in (("ocha", True), ("mod", True), ("msf", False), ("auditor", False)):
            moves = {m["to"]: m for m in case.read("/transitions", who=who)["moves"]}
            assert moves["suspended"]["allowed"] is allowed

    def test_what_a_move_says_is_what_the_change_answers(self, world: World) -> None:
        case: Case = given_case(world, "agreed_in_principle")
        listed = next(m for m in case.read("/transitions")["moves"] if m["to"] == "confirmed")
        refused = read(case.to("confirmed"), 422)
        assert [u["code"] for u in refused["unmet"]] == [u["code"] for u in listed["unmet"]]
        assert case.read()["proposer"] != world.organisations[OCHA]
