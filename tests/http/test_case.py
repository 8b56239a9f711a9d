"""The Azovstal case as anybody meets it who loads it and asks the service."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.console.database import write_for
from app.demo.replay import Loaded, load
from app.main import create_app
from app.settings import Settings
from tests.http.world import Voice, World
from tests.http.worlds import Worlds


@dataclass(kw_only=True)
class Azovstal:
    """The loaded case, and the ways to read it."""

    world: World
    loaded: Loaded
    client: TestClient
    agreement: str
    path: str

    def by(self, who: str) -> Voice:
        """Speak with one of the tokens that loading printed."""
        token = None if who == "anonymous" else self.loaded.tokens[who]
        return Voice(client=self.client, token=token)

    def read(self, below: str = "", *, who: str = "coordinator-ocha", **times: Any) -> Any:
        """Read the agreement that the UN brokered, or what is below it."""
        return self.by(who).read(self.path + below, **times)


@pytest.fixture(params=("sqlite", "postgresql"))
def azovstal(request: pytest.FixtureRequest, worlds: Worlds) -> Azovstal:
    """Lend the case, loaded once into a database of its own."""
    world = worlds.lend_empty(request.param, "azovstal")
    if "case" not in world.kept:
        world.kept["case"] = _loaded(world)
    case: Azovstal = world.kept["case"]
    return case


def _loaded(world: World) -> Azovstal:
    loaded = load(world.engine, write_for)
    voice = Voice(client=world.client, token=loaded.tokens["coordinator-ocha"])
    found = voice.read("/v1/agreements", laterality="multilateral")["items"]
    assert len(found) == 1
    return Azovstal(
        world=world,
        loaded=loaded,
        client=world.client,
        agreement=found[0]["id"],
        path=f"/v1/agreements/{found[0]['id']}",
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


class TestLoadingAgain:
    """`passage demo` a second time."""

    def test_it_changes_nothing_and_issues_new_tokens(self, azovstal: Azovstal) -> None:
        before, events = azovstal.read(), azovstal.world.events()
        again = load(azovstal.world.engine, write_for)
        assert again.fresh is False
        assert azovstal.world.events() == events + len(again.tokens)
        assert azovstal.read() == before
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
    )
    with TestClient(create_app(settings)) as client:
        voice = Voice(client=client, token=azovstal.loaded.tokens["coordinator-ocha"])
        at = {"as_of": "2022-04-30T12:00:00Z"}
        assert (
            voice.get(azovstal.path, **at).content
            == azovstal.by("coordinator-ocha").get(azovstal.path, **at).content
        )
