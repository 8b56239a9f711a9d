"""Terms and windows: what the parties are asked to consent to, and what changing it does."""

from typing import Any
from uuid import uuid4

import pytest

from tests.http.agreements.case import (
    KEYS,
    SETTLED_AT,
    WINDOW,
    Case,
    all_agreed,
    from_now,
    given_case,
    given_live,
    given_proposed,
)
from tests.http.world import World, read

LATER = {"starts_at": "2022-05-01T03:00:00Z", "ends_at": "2022-05-01T17:00:00Z"}
AGREED = {"state": "agreed", "text": "Civilians who wish to leave"}


class TestPuttingOne:
    """PUT …/terms/{key}."""

    def test_it_says_what_it_did_to_the_revision(self, world: World) -> None:
        case = given_proposed(world)
        before = case.read()["terms_hash"]
        done = read(case.change("PUT", "/terms/eligible_people", AGREED), 200)
        assert (done["revision"], done["confirmations_voided"]) == (1, False)
        assert done["terms_hash"] not in (before, None)
        assert case.read()["terms_hash"] == done["terms_hash"]
        assert case.read("/terms/eligible_people")["state"] == "agreed"

    def test_its_answer_carries_the_new_version(self, world: World) -> None:
        case = given_proposed(world)
        answer = case.change("PUT", "/terms/eligible_people", AGREED)
        assert answer.headers["ETag"] == case.tag() == '"2"'

    def test_an_unknown_key_is_not_found(self, world: World) -> None:
        case = common(world)
        assert case.change("PUT", "/terms/weather", AGREED).status_code == 404
        assert case.get("/terms/weather").status_code == 404

    @pytest.mark.parametrize("who", ["auditor", "msf", "mariupol"])
    def test_those_who_do_not_settle_may_not(self, world: World, who: str) -> None:
        answer = common(world).change("PUT", "/terms/routes", AGREED, who=who)
        assert answer.status_code == 403

    def test_to_strangers_there_are_no_terms(self, world: World) -> None:
        answer = common(world).change("PUT", "/terms/routes", AGREED, who="nrc")
        assert answer.status_code == 404

    def test_without_a_token_it_is_asked_for(self, world: World) -> None:
        answer = common(world).change("PUT", "/terms/routes", AGREED, who="anonymous")
        assert answer.status_code == 401

    def test_it_needs_the_version_of_the_agreement(self, world: World) -> None:
        case = common(world)
        answer = case.by("ocha").call("PUT", case.path + "/terms/routes", AGREED)
        assert answer.status_code == 428
        assert case.change("PUT", "/terms/routes", AGREED, if_match='"9"').status_code == 412

    @pytest.mark.parametrize(
        ("wrong", "pointer"),
        [
            ({"state": "settled"}, "/state"),
            ({"state": None}, "/state"),
            ({"text": 5}, "/text"),
            ({"text": "Ring +380 50 123 45 67"}, "/text"),
            ({"details": {"desk": {"mail": "ivan.petrenko@example.org"}}}, "/details"),
            ({"details": {"width": 1.5}}, "/details"),
            ({"details": []}, "/details"),
            ({"key": "routes"}, "/key"),
            ({"effective_at": "2999-01-01T00:00:00Z"}, "/effective_at"),
        ],
    )
    def test_what_is_wrong_is_pointed_at(
        self, world: World, wrong: dict[str, Any], pointer: str
    ) -> None:
        answer = common(world).change("PUT", "/terms/routes", AGREED | wrong)
        found = [error["pointer"] for error in read(answer, 422)["errors"]]
        assert len(found) == 1
        assert found[0].startswith(pointer)

    def test_what_is_left_out_is_empty_then(self, world: World) -> None:
        case = given_proposed(world)
        details = {"details": {"minimum_age": 18}}
        read(case.change("PUT", "/terms/eligible_people", AGREED | details), 200)
        read(case.change("PUT", "/terms/eligible_people", {"state": "open"}), 200)
        shown = case.read("/terms/eligible_people")
        assert (shown["state"], shown["text"], shown["details"]) == ("open", None, {})


class TestPuttingMany:
    """PUT …/terms."""

    def test_ten_terms_are_one_version_and_one_revision(self, world: World) -> None:
        case = given_proposed(world)
        done = case.settle()
        assert (done["revision"], case.tag()) == (1, '"2"')
        assert {item["state"] for item in done["items"]} == {"agreed"}
        assert [item["key"] for item in done["items"]] == list(KEYS)

    def test_terms_that_are_left_out_stay(self, world: World) -> None:
        case = given_proposed(world)
        case.settle()
        read(case.change("PUT", "/terms", {"terms": {"checks": {"state": "open"}}}), 200)
        states = {t["key"]: t["state"] for t in case.read("/terms")["items"]}
        for state in ("open", "proposed", "agreed"):
            picked = [t["key"] for t in case.read("/terms", state=state)["items"]]
            assert picked == [key for key in KEYS if states[key] == state]
        assert states.pop("checks") == "open"
        assert set(states.values()) == {"agreed"}

    def test_the_keys_may_stand_beside_the_reason(self, world: World) -> None:
        case = given_proposed(world)
        body = {"checks": {"state": "agreed"}, "reason": "as settled in the meeting"}
        assert case.change("PUT", "/terms", body).status_code == 200

    @pytest.mark.parametrize(
        "body", [{}, {"terms": {}}, {"terms": {"weather": AGREED}}, {"weather": AGREED}]
    )
    def test_terms_that_do_not_exist_are_refused(self, world: World, body: Any) -> None:
        assert common(world).change("PUT", "/terms", body).status_code == 422

    def test_nothing_is_half_done(self, world: World) -> None:
        case = given_proposed(world)
        body = {"terms": {"checks": {"state": "agreed"}, "routes": {"state": "done"}}}
        assert case.change("PUT", "/terms", body).status_code == 422
        assert case.tag() == '"1"'

    def test_terms_run_forward(self, world: World) -> None:
        case = given_proposed(world)
        case.settle(at="2022-04-28T00:00:00Z")
        late = {"terms": {"checks": {"state": "open"}}, "effective_at": "2022-04-27T00:00:00Z"}
        assert case.change("PUT", "/terms", late).status_code == 409

    def test_a_late_change_that_covers_nothing_new_is_taken(self, world: World) -> None:
        case = given_proposed(world)
        case.settle(at="2022-04-28T00:00:00Z")
        same = {"terms": all_agreed(), "effective_at": "2022-04-27T00:00:00Z"}
        assert case.change("PUT", "/terms", same).status_code in (200, 409)


class TestRevisions:
    """What a change does to consent that was given."""

    def test_before_anybody_confirmed_the_draft_is_edited_in_place(self, world: World) -> None:
        case = given_proposed(world)
        first = case.settle(at=None)
        changed = read(case.change("PUT", "/terms/routes", AGREED), 200)
        assert (first["revision"], changed["revision"]) == (1, 1)
        assert first["terms_hash"] != changed["terms_hash"]

    def test_after_a_confirmation_every_change_voids_all_of_them(self, world: World) -> None:
        case = given_case(world, "stated")
        changed = read(case.change("PUT", "/terms/routes", AGREED), 200)
        assert (changed["revision"], changed["confirmations_voided"]) == (2, True)
        words = case.read("/readiness")["positions"]
        assert not any(word["counts"] for word in words)

    @pytest.mark.parametrize(
        ("step", "falls_to"), [("confirmed", "agreed_in_principle"), ("in_force", "suspended")]
    )
    def test_the_status_falls_in_the_same_transaction(
        self, world: World, step: str, falls_to: str
    ) -> None:
        case = given_case(world, step)
        changed = read(case.change("PUT", "/terms/routes", AGREED), 200)
        assert changed["status"] == falls_to
        assert "status_fell" in {w["code"] for w in changed["warnings"]}
        last = case.read("/status-changes")["items"][-1]
        assert (last["to"], last["reason"]) == (falls_to, "terms_changed")
        assert last["lasted_s"] is None

    def test_terms_and_windows_carry_over(self, world: World) -> None:
        case = given_case(world, "confirmed")
        read(case.change("PUT", "/terms/routes", AGREED), 200)
        assert {t["state"] for t in case.read("/terms")["items"]} == {"agreed"}
        assert len(case.read("/windows")["items"]) == 1

    def test_the_same_terms_again_void_nothing(self, world: World) -> None:
        case = given_case(world, "confirmed")
        again = read(case.change("PUT", "/terms", {"terms": all_agreed()}), 200)
        assert (again["revision"], again["confirmations_voided"]) == (1, False)
        assert case.read()["status"] == "confirmed"

    def test_a_change_before_the_agreement_came_in_force_is_refused(self, world: World) -> None:
        case = given_case(world, "in_force")
        late = AGREED | {"effective_at": "2022-04-30T07:00:00Z"}
        assert case.change("PUT", "/terms/routes", late).status_code == 409

    def test_what_is_over_has_no_terms_to_change(self, world: World) -> None:
        case = given_proposed(world)
        read(case.to("withdrawn", who="ukraine"), 201)
        assert case.change("PUT", "/terms/routes", AGREED).status_code == 409

    def test_going_back_to_talks_makes_a_revision_and_voids(self, world: World) -> None:
        case = given_case(world, "in_force")
        read(case.stop(who="mod"), 201)
        read(case.to("in_talks"), 201)
        shown = case.read("/readiness")
        assert shown["revision"] == 2
        assert not any(word["counts"] for word in shown["positions"])


class TestReadingTerms:
    """GET …/terms and of one."""

    def test_all_ten_are_open_at_first(self, world: World) -> None:
        shown = common(world).read("/terms", as_of="2022-04-26T00:00:00Z")
        assert [(t["key"], t["state"]) for t in shown["items"]] == [(k, "open") for k in KEYS]

    def test_they_are_shown_as_they_were(self, world: World) -> None:
        case = given_proposed(world)
        case.settle(at="2022-04-28T00:00:00Z", checks={"state": "proposed"})
        read(case.change("PUT", "/terms/checks", AGREED), 200)
        then = case.read("/terms/checks", as_of="2022-04-28T00:00:00Z")
        assert (then["state"], then["since"]) == ("proposed", "2022-04-28T00:00:00.000000Z")
        before = case.read("/terms/checks", as_of="2022-04-27T23:59:59.999999Z")
        assert (before["state"], before["since"]) == ("open", None)

    def test_they_are_shown_as_they_were_known(self, world: World) -> None:
        case = given_proposed(world)
        known = case.read()["recorded_at"]
        case.settle()
        then = case.read("/terms", known_at=known)
        assert {t["state"] for t in then["items"]} == {"open"}

    @pytest.mark.parametrize("who", ["nrc", "administrator"])
    def test_strangers_see_none(self, world: World, who: str) -> None:
        assert common(world).get("/terms", who=who).status_code == 404


class TestAddingWindows:
    """POST …/windows."""

    def test_a_window_keeps_its_zone_and_its_words(self, world: World) -> None:
        case = given_proposed(world)
        moscow = {"tz": "Europe/Moscow", "as_announced": "08:00-18:00 Moscow"}
        made = case.window(starts_at="2022-05-05T05:00:00Z", ends_at="2022-05-05T15:00:00Z",
                           **moscow)  # fmt: skip
        shown = case.read(f"/windows/{made['id']}")
        assert {name: shown[name] for name in moscow} == moscow
        assert shown["starts_at"] == "2022-05-05T05:00:00.000000Z"
        assert (shown["status"], shown["outcome"]) == ("scheduled", None)

    def test_any_zone_of_a_time_is_turned_to_utc(self, world: World) -> None:
        case = given_proposed(world)
        case.window(starts_at="2022-05-05T08:00:00+03:00", ends_at="2022-05-05T18:00:00+03:00")
        assert case.read("/windows")["items"][0]["starts_at"] == "2022-05-05T05:00:00.000000Z"

    def test_the_zone_is_the_operations_where_none_is_named(self, world: World) -> None:
        case = given_proposed(world)
        body = {name: WINDOW[name] for name in ("starts_at", "ends_at")}
        assert read(case.change("POST", "/windows", body), 201)["tz"] == "Europe/Kyiv"

    @pytest.mark.parametrize("ends_at", [WINDOW["starts_at"], "2022-04-30T02:59:59Z"])
    def test_a_window_ends_after_it_begins(self, world: World, ends_at: str) -> None:
        body = WINDOW | {"ends_at": ends_at}
        refused = read(common(world).change("POST", "/windows", body), 422)
        assert [error["pointer"] for error in refused["errors"]] == ["/ends_at"]

    @pytest.mark.parametrize(
        ("wrong", "pointer"),
        [
            ({"starts_at": "2022-04-30T06:00:00"}, "/starts_at"),
            ({"starts_at": "06:00"}, "/starts_at"),
            ({"starts_at": 1651287600}, "/starts_at"),
            ({"tz": "Moscow"}, "/tz"),
            ({"direction": "north"}, "/direction"),
            ({"status": "opened"}, "/status"),
            ({"corridor": str(uuid4())}, "/corridor"),
            ({"as_announced": "ask +7 495 123 45 67"}, "/as_announced"),
            ({"sources": [str(uuid4())]}, "/sources/0"),
            ({"id": str(uuid4())}, "/id"),
        ],
    )
    def test_what_is_wrong_is_pointed_at(
        self, world: World, wrong: dict[str, Any], pointer: str
    ) -> None:
        refused = read(common(world).change("POST", "/windows", WINDOW | wrong), 422)
        assert [error["pointer"] for error in refused["errors"]] == [pointer]

    def test_it_needs_the_version_of_the_agreement(self, world: World) -> None:
        case = common(world)
        assert case.post("/windows", WINDOW).status_code == 428
        assert case.post("/windows", WINDOW, if_match='"77"').status_code == 412

    @pytest.mark.parametrize(("who", "status"), [("msf", 403), ("auditor", 403), ("nrc", 404)])
    def test_only_those_who_settle_may(self, world: World, who: str, status: int) -> None:
        assert common(world).change("POST", "/windows", WINDOW, who=who).status_code == status

    def test_a_later_window_extends_what_was_confirmed(self, world: World) -> None:
        case = given_case(world, "confirmed")
        made = case.window(at=None, **LATER)
        assert (made["revision"], made["extends"]) == (2, 1)
        assert (made["confirmations_voided"], made["agreement_status"]) == (False, "confirmed")
        assert made["counts"] is False

    def test_an_extension_counts_once_all_have_confirmed_it(self, world: World) -> None:
        case = given_live(world)
        later = {"starts_at": from_now(hours=6.1), "ends_at": from_now(hours=12)}
        window = case.window(at=None, **later)["id"]
        for who in ("mod", "ukraine"):
            assert read(case.confirm(who), 201)["counts"] is True
        assert case.read(f"/windows/{window}")["counts"] is False
        read(case.confirm("icrc"), 201)
        assert case.read(f"/windows/{window}")["counts"] is True
        assert case.read()["status"] == "in_force"

    def test_a_window_in_between_is_a_new_revision(self, world: World) -> None:
        case = given_case(world, "confirmed")
        made = case.window(at=None, starts_at="2022-04-30T10:00:00Z")
        assert (made["revision"], made["extends"], made["confirmations_voided"]) == (2, None, True)
        assert made["agreement_status"] == "agreed_in_principle"


class TestChangingWindows:
    """PATCH …/windows/{window}."""

    def test_what_became_of_it_is_reported_without_touching_consent(self, world: World) -> None:
        case = given_case(world)
        window = case.read("/windows")["items"][0]["id"]
        opened = report(case, window, {"status": "opened"})
        assert (opened["status"], opened["revision"]) == ("opened", 1)
        assert opened["confirmations_voided"] is False
        closed = report(case, window, {"status": "closed_early", "outcome": "partly"})
        assert (closed["outcome"], closed["agreement_status"]) == ("partly", "in_force")

    def test_one_that_closed_early_bars_people_from_moving(self, world: World) -> None:
        case = given_live(world)
        window = case.read("/windows")["items"][0]["id"]
        assert case.read()["do_not_move"]["reasons"] == []
        for status in ("opened", "closed_early"):
            report(case, window, {"status": status})
        assert "window_over" in {r["code"] for r in case.read()["do_not_move"]["reasons"]}

    @pytest.mark.parametrize("status", ["closed_as_planned", "closed_early"])
    def test_an_unlisted_move_is_a_conflict(self, world: World, status: str) -> None:
        case = common(world)
        window = case.read("/windows")["items"][0]["id"]
        answer = case.change("PATCH", f"/windows/{window}", {"status": status})
        assert answer.status_code == 409

    def test_other_hours_void_what_was_confirmed(self, world: World) -> None:
        case = given_case(world)
        window = case.read("/windows")["items"][0]["id"]
        changed = report(case, window, {"ends_at": "2022-04-30T18:00:00Z"})
        assert (changed["revision"], changed["confirmations_voided"]) == (2, True)
        assert changed["agreement_status"] == "suspended"

    @pytest.mark.parametrize(
        ("wrong", "pointer"),
        [
            ({"ends_at": WINDOW["starts_at"]}, "/ends_at"),
            ({"starts_at": None}, "/starts_at"),
            ({"status": "over"}, "/status"),
            ({"outcome": "worked"}, "/outcome"),
            ({"outcome": "fine"}, "/outcome"),
        ],
    )
    def test_what_is_wrong_is_pointed_at(
        self, world: World, wrong: dict[str, Any], pointer: str
    ) -> None:
        case = common(world)
        window = case.read("/windows")["items"][0]["id"]
        refused = read(case.change("PATCH", f"/windows/{window}", wrong), 422)
        assert [error["pointer"] for error in refused["errors"]] == [pointer]

    def test_an_unknown_window_is_not_found(self, world: World) -> None:
        case = common(world)
        other = given_case(world, "settled").read("/windows")["items"][0]["id"]
        for window in (str(uuid4()), other, "x"):
            answer = case.change("PATCH", f"/windows/{window}", {"status": "opened"})
            assert answer.status_code == 404
            assert case.get(f"/windows/{window}").status_code == 404

    def test_it_needs_the_version_of_the_agreement(self, world: World) -> None:
        case = common(world)
        window = case.read("/windows")["items"][0]["id"]
        path = f"{case.path}/windows/{window}"
        assert case.by("ocha").call("PATCH", path, {"status": "opened"}).status_code == 428
        stale = case.change("PATCH", f"/windows/{window}", {"status": "opened"}, if_match='"1"')
        assert stale.status_code == 412


class TestReadingWindows:
    """GET …/windows and of one."""

    def test_they_are_listed_by_their_start(self, world: World) -> None:
        case = given_proposed(world)
        case.window(**LATER)
        case.window()
        starts = [w["starts_at"] for w in case.read("/windows")["items"]]
        assert starts == sorted(starts)

    def test_one_is_shown_as_it_was(self, world: World) -> None:
        case = given_case(world)
        window = case.read("/windows")["items"][0]["id"]
        report(case, window, {"status": "opened", "effective_at": "2022-04-30T08:00:00Z"})
        path = f"/windows/{window}"
        assert case.read(path, as_of="2022-04-30T07:59:59Z")["status"] == "scheduled"
        assert case.read(path, as_of="2022-04-30T08:00:00Z")["status"] == "opened"
        assert case.get(path, as_of="2022-04-28T00:00:00Z").status_code == 404
        assert case.read("/windows", as_of="2022-04-28T00:00:00Z")["items"] == []

    def test_before_it_was_recorded_it_is_not_there(self, world: World) -> None:
        case = given_proposed(world)
        known = case.read()["recorded_at"]
        made = case.window()
        assert case.get(f"/windows/{made['id']}", known_at=known).status_code == 404


class TestTermsAndHash:
    """What is shown is what the hash covers, at every instant."""

    def test_true_and_one_are_different_terms(self, world: World) -> None:
        case = given_proposed(world)
        path = "/terms/destinations_and_free_choice"
        for value in (True, 1, True):
            done = read(case.change("PUT", path, AGREED | {"details": {"voluntary": value}}), 200)
            assert case.read(path)["details"]["voluntary"] is value
            assert case.read()["terms_hash"] == done["terms_hash"]

    def test_parties_in_another_order_say_nothing_about_the_past(self, world: World) -> None:
        case = given_case(world, "settled")
        was = case.read()["parties"]
        parties = [{"organisation": p["organisation"], "role": p["role"]} for p in was]
        fewer = {"parties": parties[:-1], "effective_at": "2022-04-29T07:30:00Z"}
        read(case.change("PATCH", "", fewer), 200)
        turned = {"parties": parties[-2::-1], "effective_at": "2022-04-29T06:30:00Z"}
        read(case.change("PATCH", "", turned), 200)
        assert case.read(as_of="2022-04-29T06:45:00Z")["parties"] == was


class TestCorrectingTerms:
    """A change of terms that replaces an earlier report."""

    def test_a_wrong_report_of_a_window_is_replaced(self, world: World) -> None:
        case = given_case(world)
        window = case.read("/windows")["items"][0]["id"]
        wrong = {"status": "not_opened", "effective_at": "2022-04-30T09:00:00Z"}
        report(case, window, wrong)
        event = last_event(world, case)
        report(case, window, {"status": "opened", "corrects": event})
        shown = case.read(f"/windows/{window}", as_of="2022-04-30T09:00:00Z")
        assert shown["status"] == "opened"

    def test_what_another_organisation_recorded_is_not_corrected(self, world: World) -> None:
        case = given_proposed(world)
        read(case.change("PUT", "/terms/checks", AGREED, who="mod"), 200)
        body = {"state": "open", "corrects": [last_event(world, case)]}
        assert case.change("PUT", "/terms/checks", body).status_code == 403

    def test_an_event_that_says_nothing_of_it_is_pointed_at(self, world: World) -> None:
        case = given_proposed(world)
        read(case.change("PUT", "/terms/checks", AGREED), 200)
        body = {"state": "open", "corrects": [last_event(world, case)]}
        refused = read(case.change("PUT", "/terms/routes", body), 422)
        assert [error["pointer"] for error in refused["errors"]] == ["/corrects/0"]


def common(world: World) -> Case:
    """Lend an agreement with terms and a window, for what is refused."""
    if "settled" not in world.kept:
        world.kept["settled"] = given_case(world, "settled")
    case: Case = world.kept["settled"]
    return case


def report(case: Case, window: str, body: dict[str, Any]) -> Any:
    """Patch a window."""
    return read(case.change("PATCH", f"/windows/{window}", body), 200)


def last_event(world: World, case: Case) -> str:
    """Ask the auditor for the last event about an agreement."""
    items = world.by("auditor").read("/v1/history", subject=case.id, limit=1000)["items"]
    return str(max(items, key=lambda item: int(item["sequence"]))["id"])


def test_times_are_read_in_any_zone(world: World) -> None:
    case = given_proposed(world)
    read(case.change("PUT", "/terms/checks", AGREED | {"effective_at": SETTLED_AT}), 200)
    shown = case.read("/terms/checks", as_of="2022-04-29T09:00:00+03:00")
    assert shown["state"] == "agreed"
