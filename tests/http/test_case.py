"""The Azovstal case as anybody meets it who loads it and asks the service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from httpx2 import Client
from starlette.testclient import TestClient

from app.console.database import write_for
from app.demo.replay import Loaded, load
from app.main import create_app
from app.settings import Settings
from tests.http.places.given import AZOVSTAL, GEOJSON, ROUTE
from tests.http.world import Voice, World, read
from tests.http.worlds import Worlds


@dataclass(kw_only=True)
class Azovstal:
    """The loaded case, and the ways to read it."""

    world: World
    loaded: Loaded
    client: Client
    agreement: str
    path: str
    corridor: str

    def by(self, who: str) -> Voice:
        """Speak with one of the tokens that loading printed."""
        token = None if who == "anonymous" else self.loaded.tokens[who]
        return Voice(client=self.client, token=token)

    def read(self, below: str = "", *, who: str = "coordinator-ocha", **times: Any) -> Any:
        """Read the agreement that the UN brokered, or what is below it."""
        return self.by(who).read(self.path + below, **times)

    def way(self, below: str = "", *, who: str = "coordinator-ocha", **times: Any) -> Any:
        """Read the corridor to Zaporizhzhia, or what is below it."""
        return self.by(who).read(f"/v1/corridors/{self.corridor}{below}", **times)

    def reasons(self, *, who: str = "coordinator-ocha", **times: Any) -> list[str]:
        """Give the codes of why nobody may move along the corridor."""
        return [r["code"] for r in self.way(who=who, **times)["do_not_move"]["reasons"]]

    def items(self, path: str, *, who: str = "coordinator-ocha", **times: Any) -> list[Any]:
        """List what somebody sees."""
        return list(self.by(who).read(path, **times)["items"])


@pytest.fixture(params=("sqlite", "postgresql"))
def azovstal(request: pytest.FixtureRequest, worlds: Worlds) -> Azovstal:
    """Lend the case, loaded once into a database of its own."""
    return _lent(worlds.lend_empty(request.param, "azovstal"))


@pytest.fixture(params=("sqlite", "postgresql"))
def released(request: pytest.FixtureRequest, worlds: Worlds) -> Azovstal:
    """Lend the case in another database, in which its places are released to everybody."""
    world = worlds.lend_empty(request.param, "azovstal-released")
    is_new = "case" not in world.kept
    case = _lent(world)
    if is_new:
        _release(case)
    return case


def _lent(world: World) -> Azovstal:
    if "case" not in world.kept:
        world.kept["case"] = _loaded(world)
    case: Azovstal = world.kept["case"]
    return case


def _release(case: Azovstal) -> None:
    """Let a coordinator release the sites and the corridor to Zaporizhzhia."""
    voice = case.by("coordinator-ocha")
    sites = [f"/v1/sites/{site['id']}" for site in case.items("/v1/sites")]
    for path in (*sites, f"/v1/corridors/{case.corridor}"):
        tag = voice.get(path).headers["ETag"]
        body = {"release_at": "2022-05-10T00:00:00Z"}
        read(voice.call("PATCH", path, body, if_match=tag), 200)


def _loaded(world: World) -> Azovstal:
    loaded = load(world.engine, write_for)
    voice = Voice(client=world.client, token=loaded.tokens["coordinator-ocha"])
    found = voice.read("/v1/agreements", laterality="multilateral")["items"]
    corridors = voice.read("/v1/corridors", consent_basis="mutual")["items"]
    assert (len(found), len(corridors)) == (1, 1)
    return Azovstal(
        world=world,
        loaded=loaded,
        client=world.client,
        agreement=found[0]["id"],
        path=f"/v1/agreements/{found[0]['id']}",
        corridor=corridors[0]["id"],
    )


class TestStatuses:
    """What held when."""

    @pytest.mark.parametrize(
        ("as_of", "status"),
        [
            ("2022-04-25T10:00:00Z", "proposed"),
            ("2022-04-26T00:00:00Z", "proposed"),
            ("2022-04-27T00:00:00Z", "agreed_in_principle"),
            ("2022-04-28T12:00:00Z", "agreed_in_principle"),
            ("2022-04-29T12:00:00Z", "confirmed"),
            ("2022-04-30T03:00:00Z", "confirmed"),
            ("2022-04-30T07:59:59.999999Z", "confirmed"),
            ("2022-04-30T08:00:00Z", "in_force"),
            ("2022-04-30T12:00:00Z", "in_force"),
            ("2022-05-08T12:00:00Z", "in_force"),
            ("2022-05-09T00:00:00Z", "completed"),
        ],
    )
    def test_it_had_the_status_of_the_day(
        self, azovstal: Azovstal, as_of: str, status: str
    ) -> None:
        assert azovstal.read(as_of=as_of)["status"] == status

    def test_it_ended_as_completed(self, azovstal: Azovstal) -> None:
        assert azovstal.read()["status"] == "completed"

    def test_before_it_was_proposed_it_does_not_exist(self, azovstal: Azovstal) -> None:
        voice = azovstal.by("coordinator-ocha")
        at = {"as_of": "2022-04-25T00:00:00Z"}
        assert voice.get(azovstal.path, **at).status_code == 404
        assert azovstal.agreement not in voice.get("/v1/agreements", **at).text

    def test_it_was_recorded_today_and_not_known_before(self, azovstal: Azovstal) -> None:
        voice = azovstal.by("coordinator-ocha")
        at = {"known_at": "2022-05-09T00:00:00Z"}
        assert voice.get(azovstal.path, **at).status_code == 404
        assert voice.read("/v1/agreements", **at)["items"] == []

    def test_its_history_is_gapless_attributed_and_sourced(self, azovstal: Azovstal) -> None:
        items = azovstal.read("/status-changes")["items"]
        assert [i["to"] for i in items] == [
            "proposed", "in_talks", "agreed_in_principle", "confirmed", "in_force", "completed",
        ]  # fmt: skip
        assert [i["from"] for i in items[1:]] == [i["to"] for i in items[:-1]]
        assert all(item["sources"] for item in items)
        assert all(item["lasted_s"] is not None for item in items[:-1])

    def test_it_came_in_force_five_hours_late(self, azovstal: Azovstal) -> None:
        change = azovstal.read("/status-changes")["items"][4]
        first = azovstal.read("/windows")["items"][0]
        assert change["ceasefire_effective_at"] == "2022-04-30T08:00:00.000000Z"
        assert first["starts_at"] == "2022-04-30T03:00:00.000000Z"

    def test_its_end_keeps_the_claims_apart(self, azovstal: Azovstal) -> None:
        end = azovstal.read("/status-changes")["items"][-1]
        for claim in ("127", "156", "69"):
            assert claim in end["counts_statement"]
        assert end["movements_statement"]


class TestWhatIsInferred:
    """What no source shows is marked, wherever it counts."""

    def test_becoming_confirmed_is(self, azovstal: Azovstal) -> None:
        changes = {i["to"]: i["basis"] for i in azovstal.read("/status-changes")["items"]}
        assert changes["confirmed"] == "inferred"
        assert changes["agreed_in_principle"] == "stated"

    def test_the_terms_are(self, azovstal: Azovstal) -> None:
        terms = azovstal.read("/terms", as_of="2022-04-29T12:00:00Z")["items"]
        assert {(t["state"], t["basis"]) for t in terms} == {("agreed", "inferred")}

    def test_the_confirmations_are_and_each_is_attested(self, azovstal: Azovstal) -> None:
        positions = azovstal.read("/positions", as_of="2022-04-29T12:00:00Z")["items"]
        confirmed = [p for p in positions if p["position"] == "confirmed"]
        assert len(confirmed) == 4
        for position in confirmed:
            assert (position["basis"], position["form"]) == ("inferred", "not_known")
            assert position["attestations"]
            assert position["counts"]

    def test_readiness_shows_it_with_the_principals_behind_it(self, azovstal: Azovstal) -> None:
        shown = azovstal.read("/readiness", as_of="2022-04-29T12:00:00Z")
        assert (shown["ready"], shown["unmet"]) == (True, [])
        for word in (w for w in shown["positions"] if w["counts"]):
            assert word["basis"] == "inferred"
            assert word["by"]["organisation"] != word["attested_by"][0]["organisation"]


class TestPositions:
    """Who said what, on the days of the talks."""

    def test_moscow_was_in_principle_by_the_readout_of_the_un(self, azovstal: Azovstal) -> None:
        positions = azovstal.read("/positions", as_of="2022-04-27T00:00:00Z")["items"]
        moscow = [p for p in positions if p["short_name"] == "Russian MoD"][-1]
        assert (moscow["position"], moscow["counts_as"]) == ("in_principle", "in_principle")
        assert moscow["authority_level"] == "head_of_state"
        assert moscow["relayed_by"]
        source = azovstal.by("coordinator-ocha").read(f"/v1/sources/{moscow['sources'][0]}")
        assert source["publisher"] == "United Nations"

    def test_ukraine_asked_for_it_by_itself(self, azovstal: Azovstal) -> None:
        first = azovstal.read("/positions", as_of="2022-04-25T12:00:00Z")["items"][0]
        assert (first["short_name"], first["position"]) == ("Government of Ukraine", "in_principle")
        assert first["relayed_by"] is None

    def test_readiness_rises_from_day_to_day(self, azovstal: Azovstal) -> None:
        days = ("2022-04-26T00:00:00Z", "2022-04-28T17:00:00Z", "2022-04-29T12:00:00Z")
        unmet = [len(azovstal.read("/readiness", as_of=day)["unmet"]) for day in days]
        assert unmet == sorted(unmet, reverse=True)
        assert unmet[-1] == 0


class TestContacts:
    """The talks, for those who may know of them."""

    def test_further_talks_are_a_planned_contact(self, azovstal: Azovstal) -> None:
        found = azovstal.read("/contacts", as_of="2022-04-27T00:00:00Z")["items"]
        assert [c["status"] for c in found] == ["planned"]
        assert len(found[0]["participants"]) == 2
        assert found[0]["follow_ups"]

    @pytest.mark.parametrize("who", ["coordinator-russian-mod", "coordinator-ukraine"])
    def test_belligerents_do_not_see_them(self, azovstal: Azovstal, who: str) -> None:
        assert azovstal.read("/contacts", who=who)["items"] == []


class TestWindows:
    """One a day, from 30 April to 8 May."""

    def test_there_is_one_a_day(self, azovstal: Azovstal) -> None:
        windows = azovstal.read("/windows")["items"]
        assert len(windows) == 9
        assert {w["tz"] for w in windows} == {"Europe/Kyiv"}
        assert {w["status"] for w in windows} == {"closed_as_planned"}

    def test_inside_its_window_in_force_it_bars_nobody(self, azovstal: Azovstal) -> None:
        bar = azovstal.read(as_of="2022-04-30T12:00:00Z")["do_not_move"]
        assert bar == {"reasons": [], "until": "2022-04-30T17:00:00.000000Z"}

    def test_at_night_it_says_when_the_next_begins(self, azovstal: Azovstal) -> None:
        bar = azovstal.read(as_of="2022-05-01T01:00:00Z")["do_not_move"]
        assert [r["code"] for r in bar["reasons"]] == ["window_not_begun"]
        assert bar["until"] == "2022-05-01T03:00:00.000000Z"

    def test_between_its_hour_and_the_ceasefire_nobody_moves(self, azovstal: Azovstal) -> None:
        bar = azovstal.read(as_of="2022-04-30T06:00:00Z")["do_not_move"]
        assert [r["code"] for r in bar["reasons"]] == ["agreement_not_in_force"]


class TestDeclared:
    """What the ministry announced by itself is a record of its own, and no agreement."""

    def declared(self, azovstal: Azovstal, **times: str) -> list[dict[str, Any]]:
        voice = azovstal.by("coordinator-ocha")
        items = voice.read("/v1/agreements", laterality="unilateral", **times)["items"]
        return list(items)

    def test_both_announcements_are_there(self, azovstal: Azovstal) -> None:
        found = self.declared(azovstal)
        assert len(found) == 2
        assert {a["consent_basis"] for a in found} == {"unilateral"}
        assert {a["declared_by"] for a in found} == {found[0]["declared_by"]}

    @pytest.mark.parametrize(
        ("as_of", "statuses"),
        [
            ("2022-04-25T12:00:00Z", ["declared"]),
            ("2022-05-04T18:00:00Z", ["expired", "declared"]),
            ("2022-05-09T00:00:00Z", ["expired", "expired"]),
        ],
    )
    def test_they_were_declared_and_expired(
        self, azovstal: Azovstal, as_of: str, statuses: list[str]
    ) -> None:
        assert [a["status"] for a in self.declared(azovstal, as_of=as_of)] == statuses

    def test_they_never_freed_anybody_to_move(self, azovstal: Azovstal) -> None:
        for as_of in ("2022-04-25T12:00:00Z", "2022-05-05T06:00:00Z"):
            for agreement in self.declared(azovstal, as_of=as_of):
                codes = {r["code"] for r in agreement["do_not_move"]["reasons"]}
                assert "consent_not_mutual" in codes

    def test_the_words_of_the_announcement_are_kept(self, azovstal: Azovstal) -> None:
        later = self.declared(azovstal)[-1]
        windows = azovstal.by("coordinator-ocha").read(f"/v1/agreements/{later['id']}/windows")
        first = windows["items"][0]
        assert first["as_announced"] == "08:00-18:00 Moscow"
        assert first["starts_at"] == "2022-05-05T05:00:00.000000Z"


class TestSites:
    """Where it took place."""

    def test_they_are_the_places_of_the_case(self, azovstal: Azovstal) -> None:
        kinds = {site["name"]: site["kind"] for site in azovstal.items("/v1/sites")}
        assert kinds == {
            "Azovstal steelworks": "besieged_site",
            "Mariupol assembly point": "assembly_point",
            "Berdiansk assembly point": "assembly_point",
            "Manhush": "checkpoint",
            "Tokmak": "transit",
            "Vasylivka": "transit",
            "Kamianske": "transit",
            "Zaporizhzhia": "reception",
        }

    def test_each_says_how_far_off_its_point_may_be(self, azovstal: Azovstal) -> None:
        found = {site["name"]: site for site in azovstal.items("/v1/sites")}
        assert found["Azovstal steelworks"]["geometry"] == AZOVSTAL
        assert found["Azovstal steelworks"]["precision_m"] == 1000
        assert all(site["precision_m"] >= 1000 for site in found.values())

    def test_each_rests_on_what_was_published(self, azovstal: Azovstal) -> None:
        published = {source["id"] for source in azovstal.items("/v1/sources")}
        for place in (*azovstal.items("/v1/sites"), azovstal.way()):
            assert set(place["sources"]) <= published
            assert place["sources"]

    def test_all_are_of_class_high_and_none_is_released(self, azovstal: Azovstal) -> None:
        places = [*azovstal.items("/v1/sites"), *azovstal.items("/v1/corridors")]
        assert {(p["sensitivity"], p["release_at"]) for p in places} == {("high", None)}

    def test_they_were_there_before_25_april_and_not_on_record(self, azovstal: Azovstal) -> None:
        assert len(azovstal.items("/v1/sites", as_of="2022-04-24T00:00:00Z")) == 8
        for path in ("/v1/sites", "/v1/corridors"):
            assert azovstal.items(path, known_at="2022-05-09T00:00:00Z") == []

    def test_swapped_coordinates_fall_out_of_the_area(self, azovstal: Azovstal) -> None:
        body = {
            "operation": "mariupol-2022",
            "name": "Azovstal steelworks",
            "kind": "besieged_site",
            "geometry": {"type": "Point", "coordinates": AZOVSTAL["coordinates"][::-1]},
        }
        refused = read(azovstal.by("coordinator-ocha").post("/v1/sites", body), 422)
        assert refused["errors"][0]["pointer"] == "/geometry"
        assert "outside the operation's area; swapped" in refused["errors"][0]["message"]


class TestCorridor:
    """The corridor to Zaporizhzhia, from its drawing to its end."""

    @pytest.mark.parametrize(
        ("as_of", "status"),
        [
            ("2022-04-28T16:00:00Z", "planned"),
            ("2022-04-29T08:59:59Z", "planned"),
            ("2022-04-29T09:00:00Z", "agreed"),
            ("2022-04-30T07:59:59.999999Z", "agreed"),
            ("2022-04-30T08:00:00Z", "open"),
            ("2022-04-30T12:00:00Z", "open"),
            ("2022-05-02T12:00:00Z", "suspended"),
            ("2022-05-03T12:00:00Z", "open"),
            ("2022-05-08T19:59:59Z", "open"),
            ("2022-05-08T20:00:00Z", "suspended"),
            ("2022-05-09T00:00:00Z", "closed"),
        ],
    )
    @pytest.mark.parametrize("who", ["coordinator-ocha", "map-client"])
    def test_it_had_the_status_of_the_day(
        self, azovstal: Azovstal, as_of: str, status: str, who: str
    ) -> None:
        assert azovstal.way(as_of=as_of, who=who)["status"] == status

    def test_before_it_was_drawn_it_does_not_exist(self, azovstal: Azovstal) -> None:
        path = f"/v1/corridors/{azovstal.corridor}"
        at = {"as_of": "2022-04-28T15:59:59Z"}
        assert azovstal.by("coordinator-ocha").get(path, **at).status_code == 404

    def test_it_measures_some_230_km(self, azovstal: Azovstal) -> None:
        shown = azovstal.way()
        assert 225_000 <= shown["length_m"] <= 240_000
        assert (shown["geometry"], shown["mode"], shown["direction"]) == (ROUTE, "bus", "out")

    def test_it_leads_from_site_to_site(self, azovstal: Azovstal) -> None:
        names = {site["id"]: site["name"] for site in azovstal.items("/v1/sites")}
        shown = azovstal.way()
        ids = [shown["from_site"], *shown["waypoints"], shown["to_site"]]
        assert [names[id] for id in ids] == [
            "Mariupol assembly point", "Manhush", "Tokmak", "Vasylivka", "Kamianske",
            "Zaporizhzhia",
        ]  # fmt: skip

    def test_its_history_is_gapless_sourced_and_inferred(self, azovstal: Azovstal) -> None:
        items = azovstal.way("/status-changes")["items"]
        assert [i["to"] for i in items] == [
            "draft", "planned", "agreed", "open", "suspended", "open", "suspended", "closed",
        ]  # fmt: skip
        assert [i["from"] for i in items[1:]] == [i["to"] for i in items[:-1]]
        assert all(item["sources"] and item["reason"] for item in items[1:])
        stated = {item["to"] for item in items if item["basis"] == "stated"}
        assert stated == {"suspended"}  # on 8 May, as the end of the agreement is

    def test_it_stopped_with_its_agreement_and_was_closed_by_hand(self, azovstal: Azovstal) -> None:
        *_, stopped, closed = azovstal.way("/status-changes")["items"]
        ended = azovstal.read("/status-changes")["items"][-1]
        assert (stopped["automatic"], stopped["reason"]) == (True, "agreement_left_force")
        assert stopped["effective_at"] == ended["effective_at"]
        assert (closed["automatic"], closed["reason"]) == (False, "purpose_met")

    def test_it_waited_at_manhush_according_to_the_media(self, azovstal: Azovstal) -> None:
        wait = azovstal.way("/status-changes")["items"][4]
        assert (wait["to"], wait["reason"], wait["automatic"]) == (
            "suspended", "checks_stalled", False,
        )  # fmt: skip
        source = azovstal.by("coordinator-ocha").read(f"/v1/sources/{wait['sources'][0]}")
        assert source["title"] == "Buses wait for checks at Manhush"

    def test_its_route_is_in_the_terms_that_all_confirmed(self, azovstal: Azovstal) -> None:
        then = {"as_of": "2022-04-29T12:00:00Z"}
        routes = azovstal.read("/routes", **then)
        confirmed = [
            position["terms_hash"]
            for position in azovstal.read("/positions", **then)["items"]
            if position["position"] == "confirmed"
        ]
        assert [route["corridor"] for route in routes["items"]] == [azovstal.corridor]
        assert routes["items"][0]["geometry"] == ROUTE
        assert set(confirmed) == {routes["terms_hash"]}

    @pytest.mark.parametrize(
        ("as_of", "reasons", "until"),
        [
            ("2022-04-30T06:00:00Z", ["agreement_not_in_force", "corridor_not_open"], "04-30T17"),
            ("2022-04-30T12:00:00Z", [], "04-30T17"),
            ("2022-04-30T17:00:00Z", ["window_not_begun"], "05-01T03"),
            ("2022-05-02T12:00:00Z", ["corridor_not_open"], "05-02T17"),
            ("2022-05-03T12:00:00Z", [], "05-03T17"),
        ],
    )
    def test_it_says_whether_a_convoy_may_leave(
        self, azovstal: Azovstal, as_of: str, reasons: list[str], until: str
    ) -> None:
        readiness = azovstal.way("/readiness", as_of=as_of)
        assert [one["code"] for one in readiness["unmet"]] == reasons
        assert readiness["ready"] is (reasons == [])
        assert readiness["until"].startswith(f"2022-{until}")
        bar = azovstal.way(as_of=as_of)["do_not_move"]
        assert bar == {"reasons": readiness["unmet"], "until": readiness["until"]}

    def test_to_a_map_client_all_reasons_of_the_agreement_are_one(self, azovstal: Azovstal) -> None:
        then = azovstal.way(who="map-client", as_of="2022-04-30T17:00:00Z")["do_not_move"]
        assert [reason["code"] for reason in then["reasons"]] == ["agreement_not_in_force"]
        assert then["until"] is None
        assert azovstal.reasons(who="map-client", as_of="2022-04-30T12:00:00Z") == []

    def test_now_nobody_moves_along_it(self, azovstal: Azovstal) -> None:
        assert azovstal.reasons() == ["agreement_not_in_force", "window_over", "corridor_not_open"]


class TestDeclaredCorridors:
    """The ways that one side announced."""

    def found(self, azovstal: Azovstal, **times: str) -> dict[str, Any]:
        items = azovstal.items("/v1/corridors", consent_basis="unilateral", **times)
        return {item["name"]: item for item in items}

    @pytest.mark.parametrize(
        ("as_of", "statuses"),
        [
            ("2022-04-25T12:00:00Z", {"Azovstal to Manhush, 25 April": "declared"}),
            (
                "2022-05-05T06:00:00Z",
                {
                    "Azovstal to Manhush, 25 April": "closed",
                    "Azovstal to Manhush, 5 to 7 May": "declared",
                },
            ),
            (
                "2022-05-09T00:00:00Z",
                {
                    "Azovstal to Manhush, 25 April": "closed",
                    "Azovstal to Manhush, 5 to 7 May": "closed",
                },
            ),
        ],
    )
    def test_they_were_declared_and_closed(
        self, azovstal: Azovstal, as_of: str, statuses: dict[str, str]
    ) -> None:
        found = self.found(azovstal, as_of=as_of)
        assert {name: item["status"] for name, item in found.items()} == statuses

    def test_they_never_opened_and_never_freed_anybody(self, azovstal: Azovstal) -> None:
        for as_of in ("2022-04-25T12:00:00Z", "2022-05-05T06:00:00Z"):
            for one in self.found(azovstal, as_of=as_of).values():
                codes = [reason["code"] for reason in one["do_not_move"]["reasons"]]
                assert codes[0] == "consent_not_mutual"
                assert "corridor_not_open" in codes

    def test_map_clients_see_on_whose_consent_they_rest(self, azovstal: Azovstal) -> None:
        items = azovstal.items("/v1/corridors", who="map-client")
        bases = sorted(item["consent_basis"] for item in items)
        assert bases == ["mutual", "unilateral", "unilateral"]

    def test_they_were_recorded_by_the_party_that_declared_them(self, azovstal: Azovstal) -> None:
        for one in self.found(azovstal).values():
            path = f"/v1/corridors/{one['id']}/status-changes"
            history = azovstal.by("coordinator-ocha").read(path)["items"]
            assert [item["to"] for item in history] == ["draft", "planned", "declared", "closed"]
            agreement = azovstal.by("coordinator-ocha").read(f"/v1/agreements/{one['agreement']}")
            assert {item["organisation"] for item in history[:3]} == {agreement["declared_by"]}


MOMENTS: list[dict[str, str]] = [{}, {"as_of": "2022-04-30T12:00:00Z"}]
"""Now, and while the corridor was open."""


class TestWhoSeesThePlaces:
    """What each token sees while nothing is released, now and of 30 April."""

    @pytest.mark.parametrize("times", MOMENTS)
    def test_the_public_sees_neither_the_plant_nor_the_route(
        self, azovstal: Azovstal, times: dict[str, str]
    ) -> None:
        for path in ("/v1/sites", "/v1/corridors", "/v1/operations"):
            assert azovstal.items(path, who="anonymous", **times) == []
        anonymous = azovstal.by("anonymous")
        assert anonymous.get(f"/v1/corridors/{azovstal.corridor}", **times).status_code == 404

    @pytest.mark.parametrize(
        "who", ["map-client", "coordinator-russian-mod", "coordinator-ukraine"]
    )
    @pytest.mark.parametrize("times", MOMENTS)
    def test_partners_see_cells_of_one_kilometre(
        self, azovstal: Azovstal, who: str, times: dict[str, str]
    ) -> None:
        shown = azovstal.way(who=who, **times)
        assert shown["precision_m"] == 1000
        assert len(shown["geometry"]["coordinates"]) > 200
        sites = azovstal.items("/v1/sites", who=who, kind="besieged_site", **times)
        assert [site["geometry"]["coordinates"] for site in sites] == [[37.614202, 47.095]]
        assert not {"name", "other_names"} & sites[0].keys()

    @pytest.mark.parametrize("who", ["coordinator-ocha", "coordinator-icrc", "auditor"])
    def test_the_operational_audience_sees_all_exactly(self, azovstal: Azovstal, who: str) -> None:
        assert azovstal.way(who=who)["geometry"] == ROUTE
        works = azovstal.items("/v1/sites", who=who, name="Azovstal steelworks")
        assert works[0]["geometry"] == AZOVSTAL

    @pytest.mark.parametrize("who", ["coordinator-russian-mod", "coordinator-ukraine"])
    def test_the_parties_read_the_exact_route_in_the_agreement(
        self, azovstal: Azovstal, who: str
    ) -> None:
        assert azovstal.read("/routes", who=who)["items"][0]["geometry"] == ROUTE

    def test_a_map_client_gets_a_map(self, azovstal: Azovstal) -> None:
        answer = azovstal.by("map-client").call("GET", "/v1/corridors", accept=GEOJSON)
        assert answer.headers["content-type"] == GEOJSON
        features = answer.json()["features"]
        assert len(features) == 3
        assert all(one["properties"]["do_not_move"]["reasons"] for one in features)


class TestRelease:
    """A coordinator releases the places; from then on everybody sees them, of the past too."""

    @pytest.mark.parametrize("who", ["anonymous", "map-client", "coordinator-russian-mod"])
    @pytest.mark.parametrize("times", MOMENTS)
    def test_everybody_sees_the_plant_and_the_route(
        self, released: Azovstal, who: str, times: dict[str, str]
    ) -> None:
        shown = released.way(who=who, **times)
        assert (shown["geometry"], shown["name"]) == (ROUTE, "Mariupol to Zaporizhzhia")
        works = released.items("/v1/sites", who=who, kind="besieged_site", **times)
        assert [(site["name"], site["geometry"]) for site in works] == [
            ("Azovstal steelworks", AZOVSTAL)
        ]

    def test_the_public_then_sees_when_it_was_open(self, released: Azovstal) -> None:
        shown = released.way(who="anonymous", as_of="2022-04-30T12:00:00Z")
        assert (shown["status"], shown["do_not_move"]["reasons"]) == ("open", [])
        assert released.reasons(who="anonymous") == ["agreement_not_in_force", "corridor_not_open"]

    def test_the_agreement_and_what_one_side_announced_stay_hidden(
        self, released: Azovstal
    ) -> None:
        assert released.way(who="anonymous")["agreement"] is None
        assert released.items("/v1/agreements", who="anonymous") == []
        seen = released.items("/v1/corridors", who="anonymous")
        assert [one["id"] for one in seen] == [released.corridor]


class TestReaders:
    """Who sees the case."""

    def test_the_public_knows_nothing_of_it(self, azovstal: Azovstal) -> None:
        voice = azovstal.by("anonymous")
        assert voice.read("/v1/agreements")["items"] == []
        assert voice.get(azovstal.path).status_code == 404

    @pytest.mark.parametrize(
        "who",
        ["coordinator-ocha", "coordinator-icrc", "coordinator-russian-mod",
         "coordinator-ukraine", "auditor"],
    )  # fmt: skip
    def test_every_party_and_the_auditor_read_it(self, azovstal: Azovstal, who: str) -> None:
        assert azovstal.read(who=who)["status"] == "completed"

    def test_the_auditor_reads_every_event_of_it(self, azovstal: Azovstal) -> None:
        voice = azovstal.by("auditor")
        items = voice.read("/v1/history", subject=azovstal.agreement, limit=1000)["items"]
        sequences = sorted(item["sequence"] for item in items)
        assert sequences == list(range(1, azovstal.read()["version"] + 1))

    def test_everything_is_from_before_25_april(self, azovstal: Azovstal) -> None:
        voice = azovstal.by("auditor")
        for path in ("/v1/organisations", "/v1/operations"):
            then = voice.read(path, as_of="2022-04-24T00:00:00Z")["items"]
            assert len(then) == len(voice.read(path)["items"]) > 0


class TestWhatIsDisputed:
    """What is known at second hand is never shown as certain."""

    def test_the_source_of_the_late_beginning_says_how_far_it_is_believed(
        self, azovstal: Azovstal
    ) -> None:
        (change,) = azovstal.read("/status-changes", to="in_force")["items"]
        (source,) = change["sources"]
        shown = azovstal.by("coordinator-ocha").read(f"/v1/sources/{source}")
        assert (shown["reliability"], shown["credibility"]) == ("F", 3)
        assert "said to have" in shown["title"]

    def test_the_place_of_the_plant_says_how_far_off_it_may_be(self, azovstal: Azovstal) -> None:
        sites = azovstal.by("coordinator-ocha").read("/v1/sites", name="Azovstal steelworks")
        (plant,) = sites["items"]
        assert plant["precision_m"] == 1000


class TestFiltersOfWhatIsBelow:
    """Lists below an agreement or a corridor are filtered by the fields of their items."""

    FIELDS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "agreement/positions": (
            *("organisation", "position", "authority_level", "form", "relayed_by", "basis"),
        ),
        "agreement/status-changes": ("to", "organisation", "basis"),
        "agreement/windows": ("status", "outcome", "direction", "corridor"),
        "corridor/status-changes": ("to", "organisation", "basis"),
    }

    @staticmethod
    def whole(azovstal: Azovstal, below: str) -> str:
        of, _, path = below.partition("/")
        above = azovstal.path if of == "agreement" else f"/v1/corridors/{azovstal.corridor}"
        return f"{above}/{path}"

    @pytest.mark.parametrize("below", FIELDS)
    def test_each_field_picks_those_that_have_its_value(
        self, azovstal: Azovstal, below: str
    ) -> None:
        whole = self.whole(azovstal, below)
        voice = azovstal.by("coordinator-ocha")
        every = voice.read(whole)["items"]
        assert len(every) > 1
        for field in self.FIELDS[below]:
            for value in {item[field] for item in every} - {None}:
                found = voice.read(whole, **{field: value})["items"]
                assert found == [item for item in every if item[field] == value]

    @pytest.mark.parametrize("below", FIELDS)
    def test_a_page_of_those_that_fit_leads_to_the_next(
        self, azovstal: Azovstal, below: str
    ) -> None:
        whole = self.whole(azovstal, below)
        voice, field = azovstal.by("coordinator-ocha"), self.FIELDS[below][0]
        value = voice.read(whole)["items"][0][field]
        fitting = voice.read(whole, **{field: value})["items"]
        found, page = [], voice.read(whole, **{field: value}, limit=1)
        while True:
            found += page["items"]
            if page["next"] is None:
                break
            page = voice.read(page["next"])
        assert found == fitting

    @pytest.mark.parametrize("below", FIELDS)
    def test_what_no_item_has_finds_nothing_and_what_is_none_is_refused(
        self, azovstal: Azovstal, below: str
    ) -> None:
        whole = self.whole(azovstal, below)
        voice = azovstal.by("coordinator-ocha")
        for field in self.FIELDS[below]:
            refused = voice.get(whole, **{field: "neither"})
            assert refused.status_code == 400
            assert refused.json()["errors"][0]["pointer"] == f"query/{field}"
        if "organisation" in self.FIELDS[below]:
            assert voice.read(whole, organisation=str(uuid4()))["items"] == []


class TestLoadingAgain:
    """`passage demo` a second time."""

    def test_it_changes_nothing_and_issues_new_tokens(self, azovstal: Azovstal) -> None:
        before, events = azovstal.read(), azovstal.world.events()
        places = [azovstal.items(path) for path in ("/v1/sites", "/v1/corridors")]
        again = load(azovstal.world.engine, write_for)
        assert again.fresh is False
        assert azovstal.world.events() == events + len(again.tokens)
        assert azovstal.read() == before
        assert [azovstal.items(path) for path in ("/v1/sites", "/v1/corridors")] == places
        assert set(again.tokens) == set(azovstal.loaded.tokens)
        voice = Voice(client=azovstal.client, token=again.tokens["auditor"])
        assert voice.read(azovstal.path)["version"] == before["version"]
        assert again.tokens["auditor"] != azovstal.loaded.tokens["auditor"]


def test_a_service_that_starts_again_answers_the_same(azovstal: Azovstal, tmp_path: Path) -> None:
    database = azovstal.world.database
    settings = Settings(
        data_dir=tmp_path,
        database_url=database.url,
        migration_database_url=database.migration_url,
        pool_size=2,
        log_signs=False,
    )
    with TestClient(create_app(settings)) as client:
        voice = Voice(client=client, token=azovstal.loaded.tokens["coordinator-ocha"])
        at = {"as_of": "2022-04-30T12:00:00Z"}
        assert (
            voice.get(azovstal.path, **at).content
            == azovstal.by("coordinator-ocha").get(azovstal.path, **at).content
        )
