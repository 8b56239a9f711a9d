"""Sites over HTTP: who sees how much of them, at which time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.disclosure.tables import DisclosedShapeRow
from tests.http.places.given import AZOVSTAL, GEOJSON, given_site
from tests.http.world import World, read


class TestReadSite:
    """GET /v1/sites/{site_id}."""

    def test_the_operational_audience_sees_it_whole(self, world: World) -> None:
        shown = world.by("ocha").read(f"/v1/sites/{given_site(world, contact_channel='+380 62 1')}")
        assert shown["geometry"] == AZOVSTAL
        assert (shown["sensitivity"], shown["contact_channel"]) == ("high", "+380 62 1")
        assert (shown["version"], shown["status"], shown["area"]) == (1, "planned", None)

    def test_a_partner_sees_the_cell_of_a_high_one_and_no_name(self, world: World) -> None:
        shown = world.by("mod").read(f"/v1/sites/{given_site(world)}")
        assert shown["geometry"]["coordinates"] != AZOVSTAL["coordinates"]
        assert shown["precision_m"] == 1000
        assert not {"name", "area", "contact_channel", "sensitivity"} & shown.keys()

    def test_to_the_public_a_high_one_does_not_exist(self, world: World) -> None:
        path = f"/v1/sites/{given_site(world)}"
        for who in ("anonymous", "nrc", "administrator"):
            assert world.by(who).get(path).status_code == 404

    def test_everybody_sees_a_released_one(self, world: World) -> None:
        past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        shown = world.by("anonymous").read(f"/v1/sites/{given_site(world, release_at=past)}")
        assert (shown["geometry"], shown["name"]) == (AZOVSTAL, "Azovstal steelworks")
        assert "release_at" not in shown

    def test_a_release_that_lies_ahead_shows_nothing_yet(self, world: World) -> None:
        ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        path = f"/v1/sites/{given_site(world, release_at=ahead)}"
        assert world.by("anonymous").get(path).status_code == 404
        assert world.by("mod").read(path)["precision_m"] == 1000

    @pytest.mark.parametrize(
        ("more", "released"), [({}, False), ({"release_at": "2022-05-02T00:00:00Z"}, True)]
    )
    def test_a_changed_class_clears_the_release_but_for_one_that_comes_with_it(
        self, world: World, more: dict[str, str], released: bool
    ) -> None:
        path = f"/v1/sites/{given_site(world, release_at='2022-05-01T00:00:00Z')}"
        assert world.by("anonymous").get(path).status_code == 200
        voice = world.by("ocha")
        body = {"sensitivity": "severe", **more}
        tag = voice.get(path).headers["ETag"]
        after = read(voice.call("PATCH", path, body, if_match=tag), 200)
        assert (after["release_at"] is not None) is released
        assert (world.by("anonymous").get(path).status_code == 200) is released

    def test_a_severe_one_is_exact_one_at_a_time_only(self, world: World) -> None:
        id = given_site(world, sensitivity="severe")
        assert world.by("ocha").read(f"/v1/sites/{id}")["geometry"] == AZOVSTAL
        listed = world.by("ocha").read("/v1/sites", limit=1000)["items"]
        one = next(item for item in listed if item["id"] == id)
        assert one["geometry"]["coordinates"] != AZOVSTAL["coordinates"]
        assert world.by("mod").get(f"/v1/sites/{id}").status_code == 404

    def test_it_is_shown_as_it_was(self, world: World) -> None:
        id = given_site(world)
        voice = world.by("ocha")
        tag = voice.get(f"/v1/sites/{id}").headers["ETag"]
        body = {"status": "open", "effective_at": "2022-05-01T00:00:00Z"}
        read(voice.call("PATCH", f"/v1/sites/{id}", body, if_match=tag), 200)
        assert voice.read(f"/v1/sites/{id}")["status"] == "open"
        then = voice.read(f"/v1/sites/{id}", as_of="2022-04-30T00:00:00Z")
        assert (then["status"], then["version"]) == ("planned", 2)
        assert voice.get(f"/v1/sites/{id}", as_of="2022-01-01T00:00:00Z").status_code == 404

    def test_raising_the_class_takes_earlier_versions_away(self, world: World) -> None:
        id = given_site(world, sensitivity="low")
        public, voice = world.by("anonymous"), world.by("ocha")
        known = public.read(f"/v1/sites/{id}")["recorded_at"]
        tag = voice.get(f"/v1/sites/{id}").headers["ETag"]
        read(voice.call("PATCH", f"/v1/sites/{id}", {"sensitivity": "high"}, if_match=tag), 200)
        for times in ({}, {"known_at": known}, {"as_of": "2022-04-01T00:00:00Z"}):
            assert public.get(f"/v1/sites/{id}", **times).status_code == 404
        assert world.by("mod").read(f"/v1/sites/{id}", known_at=known)["precision_m"] == 1000


class TestListSites:
    """GET /v1/sites."""

    @pytest.mark.parametrize(("box", "found"), [("37,47,38,48", True), ("37.61,47,38,48", False)])
    def test_a_box_picks_by_the_geometry(self, world: World, box: str, found: bool) -> None:
        id = given_site(world, sensitivity="low")
        items = world.by("anonymous").read("/v1/sites", bbox=box, limit=1000)["items"]
        assert (id in {item["id"] for item in items}) is found

    def test_map_clients_get_features(self, world: World) -> None:
        id = given_site(world)
        answer = world.by("map-client").call("GET", "/v1/sites?limit=1000", accept=GEOJSON)
        assert answer.headers["Content-Type"] == GEOJSON
        collection = answer.json()
        feature = next(f for f in collection["features"] if f["id"] == id)
        assert feature["properties"]["valid_from"] == "2022-02-24T00:00:00.000000Z"
        assert feature["properties"]["valid_until"] is None
        assert collection["numberReturned"] == len(collection["features"])

    def test_pages_follow_each_other(self, world: World) -> None:
        ids = {given_site(world) for _ in range(3)}
        for accept in (GEOJSON, "application/json"):
            found: list[str] = []
            path: str | None = "/v1/sites?limit=2"
            while path:
                page = world.by("ocha").call("GET", path, accept=accept)
                body = page.json()
                found += [one["id"] for one in body.get("items", body.get("features"))]
                links = body.get("links") or [{"href": body.get("next")}]
                path = links[0]["href"]
                assert (path is None) == ("Link" not in page.headers) or accept == GEOJSON
            assert ids <= set(found)
            assert found == sorted(set(found))

    def test_filters_pick_by_what_the_reader_sees(self, world: World) -> None:
        id = given_site(world, name="Assembly point 7")
        for who, seen in (("ocha", True), ("mod", False)):
            items = world.by(who).read("/v1/sites", name="Assembly point 7", limit=1000)["items"]
            assert (id in {item["id"] for item in items}) is seen


class TestReleaseOfSevere:
    """A severe site: nothing exact of it is in any row before its release."""

    def test_no_row_is_exact_before_and_everybody_sees_it_after(self, world: World) -> None:
        at = datetime.now(UTC) + timedelta(seconds=2)
        point = {"type": "Point", "coordinates": [37.6081234, 47.0971234]}
        body: dict[str, Any] = {
            "sensitivity": "severe",
            "release_at": at.isoformat(),
            "geometry": point,
        }
        path = f"/v1/sites/{given_site(world, **body)}"
        public = world.by("anonymous")
        assert public.get(path).status_code == 404
        with world.engine.connect() as connection:
            texts = [row[0] for row in connection.execute(select(DisclosedShapeRow.geojson))]
        assert not any("37.6081234" in text for text in texts)
        deadline = time.monotonic() + 20
        while (answer := public.get(path)).status_code == 404 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert datetime.now(UTC) >= at
        assert (answer.status_code, answer.json()["geometry"]) == (200, point)
        listed = public.read("/v1/sites", bbox="37.608,47.097,37.609,47.098")["items"]
        assert point in [item["geometry"] for item in listed]
