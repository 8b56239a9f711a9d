"""Corridors over HTTP: drawn, agreed, opened, stopped, and what each reader sees of them."""

from typing import Any

import pytest

from tests.http.agreements.case import from_now, given_live, given_proposed
from tests.http.places.given import GEOJSON, ROUTE, corridor, given_open, given_site, given_way
from tests.http.world import ICRC, MOD, OCHA, UKRAINE, World, read


class TestDraw:
    """POST /v1/corridors."""

    def test_it_begins_as_a_draft_that_nobody_may_use(self, world: World) -> None:
        way = given_way(given_proposed(world))
        shown = way.read()
        assert (shown["status"], shown["consent_basis"], shown["version"]) == ("draft", "mutual", 1)
        assert 225_000 < shown["length_m"] < 240_000
        assert shown["geometry"] == ROUTE
        assert {"agreement_not_in_force", "corridor_not_open"} <= set(way.reasons())

    def test_a_partner_sees_cells_and_one_reason_of_the_agreement(self, world: World) -> None:
        shown = given_way(given_proposed(world)).read(who="mod")
        assert shown["geometry"]["type"] == "LineString"
        assert shown["geometry"]["coordinates"] != ROUTE["coordinates"]
        assert not {"name", "length_m", "from_site", "to_site", "width_m"} & shown.keys()
        codes = [reason["code"] for reason in shown["do_not_move"]["reasons"]]
        assert codes == ["agreement_not_in_force", "corridor_not_open"]
        assert (shown["do_not_move"]["until"], shown["agreement"]) == (None, None)

    def test_an_agreement_that_is_not_known_is_refused(self, world: World) -> None:
        case = given_proposed(world)
        body = corridor(case) | {"agreement": case.world.source()}
        refused = read(world.by("ocha").post("/v1/corridors", body), 422)
        assert refused["errors"][0]["pointer"] == "/agreement"

    def test_those_who_do_not_settle_terms_may_not_draw(self, world: World) -> None:
        case = given_proposed(world)
        for who in ("mariupol", "msf"):
            assert world.by(who).post("/v1/corridors", corridor(case)).status_code == 403


class TestTerms:
    """Routes as part of what the parties consent to."""

    def test_a_planned_route_is_in_the_hash(self, world: World) -> None:
        case = given_proposed(world)
        way = given_way(case)
        was = case.read()["terms_hash"]
        read(way.to("planned"), 201)
        assert case.read()["terms_hash"] != was
        routes = case.read("/routes", who="mod")["items"]
        assert routes[0]["geometry"] == ROUTE
        assert [site["role"] for site in routes[0]["sites"]] == ["from_site", "to_site"]
        assert case.read("/routes", corridor=way.id, direction="out")["items"] == routes
        assert case.read("/routes", direction="in")["items"] == []

    def test_a_changed_route_voids_the_confirmations_and_suspends(self, world: World) -> None:
        way = given_open(world)
        edited = read(way.edit(width_m=300), 200)
        codes = [warning["code"] for warning in edited["warnings"]]
        assert "confirmations_voided" in codes
        assert way.case.read()["status"] == "suspended"
        assert way.read()["status"] == "suspended"

    def test_a_site_that_moves_changes_the_terms(self, world: World) -> None:
        way = given_open(world)
        end = way.read()["to_site"]
        tag = world.by("ocha").get(f"/v1/sites/{end}").headers["ETag"]
        body = {"geometry": {"type": "Point", "coordinates": [35.2, 47.9]}}
        read(world.by("ocha").call("PATCH", f"/v1/sites/{end}", body, if_match=tag), 200)
        assert way.case.read()["status"] == "suspended"
        assert way.read()["status"] == "suspended"

    def test_class_and_name_change_nothing_of_the_terms(self, world: World) -> None:
        way = given_open(world)
        was = way.case.read()["terms_hash"]
        read(way.edit(sensitivity="moderate", name="Another name"), 200)
        assert (way.case.read()["terms_hash"], way.read()["status"]) == (was, "open")


class TestOpen:
    """POST /v1/corridors/{corridor_id}/status-changes."""

    def test_it_opens_when_all_is_there_and_a_convoy_may_leave(self, world: World) -> None:
        way = given_open(world)
        readiness = way.read("/readiness")
        assert (readiness["ready"], readiness["unmet"]) == (True, [])
        assert readiness["until"] is not None
        assert way.reasons(who="mod") == []
        assert way.statuses() == ["draft", "planned", "agreed", "open"]

    def test_it_says_everything_that_is_missing(self, world: World) -> None:
        case = given_live(world, "confirmed")
        way = given_way(case, ends=False, geometry=None)
        moved = way.to("open")
        assert moved.status_code == 409
        read(way.to("planned"), 201)
        unmet = read(way.to("agreed"), 422)["unmet"]
        assert [u["code"] for u in unmet] == ["agreement_not_in_force"]

    @pytest.mark.parametrize("who", ["mod", "ukraine", "mariupol"])
    def test_any_party_stops_it_without_a_version(self, world: World, who: str) -> None:
        way = given_open(world)
        stopped = read(way.stop(who=who), 201)
        assert (stopped["from"], stopped["to"]) == ("open", "suspended")
        assert [w["code"] for w in stopped["warnings"]] == ["incomplete"]
        assert way.reasons() == ["corridor_not_open"]

    def test_it_stops_with_its_agreement_and_does_not_reopen_by_itself(self, world: World) -> None:
        way = given_open(world)
        read(way.case.stop(who="mod"), 201)
        assert way.read()["status"] == "suspended"
        last = way.read("/status-changes")["items"][-1]
        assert (last["automatic"], last["reason"]) == (True, "agreement_left_force")
        read(way.case.confirm("mod"), 201)
        read(way.case.to("in_force"), 201)
        assert way.read()["status"] == "suspended"
        read(way.to("open"), 201)
        assert way.reasons() == []

    @pytest.mark.parametrize("position", ["withdrawn", "rejected"])
    def test_a_refusal_of_a_party_suspends_it(self, world: World, position: str) -> None:
        way = given_open(world)
        body: dict[str, Any] = {
            "organisation": UKRAINE,
            "relayed_by": MOD,
            "sources": [world.source()],
        }
        read(way.case.state("ocha", position, **body), 201)
        assert way.read()["status"] == "suspended"
        assert way.case.read()["status"] == "in_force"

    def test_a_window_that_names_another_corridor_does_not_open_this_one(
        self, world: World
    ) -> None:
        way = given_open(world)
        other = given_way(way.case)
        body = {"starts_at": from_now(hours=7), "ends_at": from_now(hours=8)}
        tag = way.case.tag()
        path = f"/v1/corridors/{other.id}/windows"
        window = read(world.by("ocha").call("POST", path, body, if_match=tag), 201)
        assert window["corridor"] == other.id
        assert [w["id"] for w in other.read("/windows")["items"]] == [window["id"]]
        assert way.read("/windows")["items"] == []
        assert way.reasons() == []

    def test_its_windows_are_filtered_by_their_fields(self, world: World) -> None:
        way = given_way(given_open(world).case)
        path = f"/v1/corridors/{way.id}/windows"
        for hour, direction in ((7, "out"), (9, "in")):
            times = {"starts_at": from_now(hours=hour), "ends_at": from_now(hours=hour + 1)}
            body = {**times, "direction": direction}
            tag = way.case.tag()
            read(world.by("ocha").call("POST", path, body, if_match=tag), 201)
        every = way.read("/windows")["items"]
        assert way.read("/windows", direction="in")["items"] == every[1:]
        assert way.read("/windows", status="scheduled")["items"] == every
        assert way.read("/windows", status="opened", direction="out")["items"] == []
        assert way.read("/windows", outcome="worked")["items"] == []
        for field in ("status", "outcome", "direction"):
            assert way.get("/windows", **{field: "neither"}).status_code == 400


class TestMaps:
    """GET /v1/corridors as GeoJSON."""

    def test_each_feature_says_whether_anybody_may_move(self, world: World) -> None:
        way = given_open(world)
        found = world.by("map-client").call(
            "GET", f"/v1/corridors?agreement={way.case.id}", accept=GEOJSON
        )
        assert found.json()["features"] == []  # it may not know the agreement, so nothing matches
        page = world.by("map-client").call("GET", "/v1/corridors?limit=1000", accept=GEOJSON)
        feature = next(f for f in page.json()["features"] if f["id"] == way.id)
        assert feature["properties"]["do_not_move"]["reasons"] == []
        assert feature["properties"]["do_not_move"]["until"] is not None
        assert feature["properties"]["consent_basis"] == "mutual"
        assert feature["properties"]["valid_until"] is None

    def test_a_released_one_shows_its_ends_as_far_as_they_are_released(self, world: World) -> None:
        way = given_open(world)
        read(way.edit(release_at=from_now(hours=-1)), 200)
        shown = way.read(who="anonymous")
        assert shown["geometry"] == ROUTE
        assert (shown["from_site"], shown["to_site"], shown["agreement"]) == (None, None, None)
        site = way.read()["from_site"]
        path = f"/v1/sites/{site}"
        tag = world.by("ocha").get(path).headers["ETag"]
        body = {"sensitivity": "low"}
        read(world.by("ocha").call("PATCH", path, body, if_match=tag), 200)
        assert way.read(who="anonymous")["from_site"] == site

    @pytest.mark.parametrize(
        ("more", "released"), [({}, False), ({"release_at": "2022-05-02T00:00:00Z"}, True)]
    )
    def test_a_changed_class_clears_the_release_but_for_one_that_comes_with_it(
        self, world: World, more: dict[str, str], released: bool
    ) -> None:
        way = given_open(world)
        read(way.edit(release_at="2022-05-01T00:00:00Z"), 200)
        assert way.get(who="anonymous").status_code == 200
        after = read(way.edit(sensitivity="severe", **more), 200)
        assert (after["release_at"] is not None) is released
        assert (way.get(who="anonymous").status_code == 200) is released

    @pytest.mark.parametrize("who", ["ocha", "mod"])
    def test_a_repetition_names_the_version_that_its_change_left(
        self, world: World, who: str
    ) -> None:
        way = given_open(world)
        path = f"{way.path}/status-changes"
        body = {"to": "suspended", "reason": "shelling", "note": f"{who} {way.id}"}
        first = world.by(who).post(path, body, idempotency_key=way.id)
        read(way.stop("blocked"), 201)
        again = world.by(who).post(path, body, idempotency_key=way.id)
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["ETag"] == first.headers["ETag"]
        assert way.get(who=who).headers["ETag"] != first.headers["ETag"]

    def test_reciprocal_corridors_tell_of_each_other(self, world: World) -> None:
        way = given_open(world)
        back = given_way(way.case, reciprocal_of=way.id)
        read(back.to("cancelled"), 201)
        assert [a["code"] for a in way.read()["attention"]] == ["reciprocal_stopped"]

    def test_a_site_of_another_operation_is_not_known(self, world: World) -> None:
        site = given_site(world, operation="kherson-2022", by="nrc")
        case = given_proposed(world)
        refused = world.by("ocha").post("/v1/corridors", corridor(case, from_site=site))
        assert read(refused, 422)["errors"][0]["pointer"] == "/from_site"


class TestWhoMay:
    """Who changes a corridor: those who may know its agreement whole, and have a part in it."""

    def test_seeing_a_released_corridor_gives_no_say_in_it(self, world: World) -> None:
        way = given_open(world)
        read(way.edit(sensitivity="low"), 200)
        for who in ("ocha-elsewhere", "nrc"):
            assert way.get(who=who).status_code == 200
            assert way.stop(who=who).status_code == 403
            assert way.edit(who=who, name="Mine").status_code == 403
            assert way.to("restricted", who=who).status_code == 403
        assert way.read()["status"] == "open"

    def test_seeing_a_released_site_gives_no_say_in_it(self, world: World) -> None:
        site = given_site(world, sensitivity="low")
        voice, path = world.by("nrc"), f"/v1/sites/{site}"
        tag = voice.get(path).headers["ETag"]
        assert voice.call("PATCH", path, {"status": "closed"}, if_match=tag).status_code == 403

    def test_a_device_of_the_operational_audience_reads_no_agreement(self, world: World) -> None:
        members = [OCHA, MOD, UKRAINE, {"organisation": ICRC, "audience": "operational"}]
        way = given_open(world)
        operation = world.operations["mariupol-2022"]
        path, admin = f"/v1/operations/{operation}", world.by("administrator")
        was = admin.read(path)["members"]
        tag = admin.get(path).headers["ETag"]
        read(admin.call("PATCH", path, {"members": members}, if_match=tag), 200)
        read(way.case.stop(who="mod"), 201)
        try:
            shown = way.read(who="map-client")
            assert (shown["geometry"], shown["agreement"]) == (ROUTE, None)
            codes = [reason["code"] for reason in shown["do_not_move"]["reasons"]]
            assert codes == ["agreement_not_in_force", "corridor_not_open"]
        finally:
            tag = admin.get(path).headers["ETag"]
            read(admin.call("PATCH", path, {"members": was}, if_match=tag), 200)

    def test_no_correction_takes_the_route_of_an_open_corridor_out_of_the_terms(
        self, world: World
    ) -> None:
        way = given_open(world)
        items = way.read("/status-changes")["items"]
        named = [item["id"] for item in items if item["to"] != "draft"]
        assert way.to(None, corrects=named, effective_at=from_now(seconds=-1)).status_code == 409
        assert way.read()["status"] == "open"

    def test_a_correction_before_the_first_drawing_is_refused(self, world: World) -> None:
        way = given_open(world)
        last = way.read("/status-changes")["items"][-1]["id"]
        before = "2000-01-01T00:00:00Z"
        assert way.to(None, corrects=last, effective_at=before).status_code == 409

    def test_a_planned_corridor_of_an_ended_agreement_can_be_cancelled(self, world: World) -> None:
        case = given_proposed(world)
        way = given_way(case)
        read(way.to("planned"), 201)
        read(case.to("withdrawn", who="ukraine"), 201)
        assert read(way.to("cancelled"), 201)["to"] == "cancelled"
