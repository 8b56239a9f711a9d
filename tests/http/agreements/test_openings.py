"""What may not open by a side door: late statuses, corrections, looks into the future."""

from typing import Any

from tests.http.agreements.case import (
    CONFIRMED_AT,
    Case,
    from_now,
    given_case,
    given_live,
    given_proposed,
)
from tests.http.world import MOD, UKRAINE, World, read


class TestLateStatuses:
    """A status that is reported late."""

    def test_it_cannot_outlive_the_terms_that_it_rests_on(self, world: World) -> None:
        case = given_case(world, "stated")
        later = {
            "state": "agreed",
            "text": "By another road",
            "effective_at": "2022-04-29T12:00:00Z",
        }
        assert read(case.change("PUT", "/terms/routes", later), 200)["revision"] == 2
        answer = case.to("confirmed", at=CONFIRMED_AT)
        assert answer.status_code == 409
        assert "revision 2" in answer.json()["detail"]
        assert case.read()["status"] == "agreed_in_principle"

    def test_a_later_window_does_not_stand_in_its_way(self, world: World) -> None:
        case = given_case(world, "stated")
        day = {"starts_at": "2022-05-01T03:00:00Z", "ends_at": "2022-05-01T17:00:00Z"}
        added = case.window(at="2022-04-29T12:00:00Z", **day)
        assert added["extends"] == 1
        assert case.to("confirmed", at=CONFIRMED_AT).status_code == 201


class TestCorrectedPositions:
    """A correction that would let a party's word count for more."""

    def _withdrawn_by_observer(self, world: World) -> tuple[Case, str]:
        case = given_live(world)
        source = world.source()
        stated = case.state(
            "mariupol", "withdrawn", organisation=UKRAINE, relayed_by=MOD, sources=[source]
        )
        return case, read(stated, 201)["id"]

    def test_an_observer_does_not_take_a_withdrawal_back(self, world: World) -> None:
        case, withdrawn = self._withdrawn_by_observer(world)
        more: dict[str, Any] = {
            "relayed_by": MOD,
            "sources": [world.source()],
            "corrects": [withdrawn],
        }
        none: dict[str, Any] = {"revision": 1, "terms_hash": "0" * 64, "form": "letter"}
        answer = case.state("mariupol", "confirmed", organisation=UKRAINE, **none, **more)
        assert answer.status_code == 403
        answer = case.state("mariupol", "in_principle", organisation=UKRAINE, **more)
        assert answer.status_code == 403
        assert case.read()["do_not_move"]["reasons"]

    def test_the_party_itself_does(self, world: World) -> None:
        case, withdrawn = self._withdrawn_by_observer(world)
        read(case.confirm("ukraine", corrects=[withdrawn]), 201)
        assert case.read()["do_not_move"]["reasons"] == []

    def test_it_must_say_something_in_that_place(self, world: World) -> None:
        case, withdrawn = self._withdrawn_by_observer(world)
        answer = case.confirm("ukraine", terms_hash="0" * 64, corrects=[withdrawn])
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/terms_hash"

    def test_a_refusal_leaves_out_what_it_may_not_correct(self, world: World) -> None:
        case = given_live(world)
        own = case.read("/positions")["items"][0]["id"]
        done = read(case.state("icrc", "withdrawn", corrects=[own]), 201)
        assert done["corrects"] == []
        assert "corrects_dropped" in {w["code"] for w in done["warnings"]}

    def test_a_refusal_goes_on_record_whoever_relayed_it(self, world: World) -> None:
        case = given_live(world)
        done = read(case.state("ocha", "withdrawn", organisation=MOD, relayed_by="nobody"), 201)
        assert "relayed_by_dropped" in {w["code"] for w in done["warnings"]}
        assert case.read()["do_not_move"]["reasons"]


class TestCorrectedTerms:
    """A correction of the terms."""

    def test_only_the_last_change_can_be_corrected(self, world: World) -> None:
        case = given_proposed(world)
        first = {"state": "proposed", "effective_at": "2022-04-28T10:00:00Z"}
        read(case.change("PUT", "/terms/routes", first), 200)
        event = case.by("auditor").read("/v1/history", subject=case.id)["items"][-1]["id"]
        again = {"state": "agreed", "effective_at": "2022-04-28T12:00:00Z", "corrects": [event]}
        assert case.change("PUT", "/terms/routes", again).status_code == 409
        in_place = {"state": "agreed", "corrects": [event]}
        done = read(case.change("PUT", "/terms/routes", in_place), 200)
        assert done["items"][3]["since"] == "2022-04-28T10:00:00.000000Z"


class TestTakenOut:
    """Status changes that were taken out."""

    def test_who_took_them_out_keeps_an_address_beside_the_list(self, world: World) -> None:
        case = given_live(world)
        stopped = read(case.stop(reason="reported_in_error"), 201)["id"]
        for who in ("mod", "ukraine", "icrc"):
            read(case.confirm(who), 201)
        out = case.to(
            None, corrects=[stopped], sources=[world.source()],
            ceasefire_effective_at=from_now(hours=-1),
        )  # fmt: skip
        made = read(out, 201)
        assert (made["to"], made["corrects"], made["changes_status"]) == (None, [stopped], False)
        listed = case.read("/status-changes")["items"]
        assert {made["id"], stopped}.isdisjoint(item["id"] for item in listed)
        assert case.by("ocha").read(out.headers["Location"]) == made
        assert case.statuses()[-1] == "in_force"


class TestTheFuture:
    """`as_of` an instant that has not come."""

    def test_nothing_ahead_is_a_green_light(self, world: World) -> None:
        case = given_live(world)
        assert case.read()["do_not_move"]["reasons"] == []
        ahead = case.read(as_of=from_now(hours=1))["do_not_move"]
        assert [reason["code"] for reason in ahead["reasons"]] == ["not_yet_known"]
