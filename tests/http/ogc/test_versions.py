"""Versions of a feature: on both axes, to each reader its own, and none that the single one hides."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from app.disclosure import past
from app.domain.instant import format_instant, parse_instant
from app.ogc.crs import WEB_MERCATOR
from tests.http.agreements.case import from_now, given_proposed
from tests.http.places.given import Way, given_open, given_site, given_way
from tests.http.world import World, read

EVER = {"known-at": "2020-01-01T00:00:00Z/.."}
FIRST, BETWEEN, SECOND = (f"2022-04-{day}T00:00:00Z" for day in (20, 22, 25))
_INSTANT = timedelta(microseconds=1)


def single(kind: str, id: str) -> str:
    """Give the address of a feature."""
    return f"/ogc/collections/{kind}/items/{id}"


def versions(world: World, path: str, who: str = "ocha", **params: Any) -> list[dict[str, Any]]:
    """Give the versions of a feature, without their links."""
    found = world.by(who).read(f"{path}/versions", **params)["features"]
    return [{name: one[name] for name in one if name != "links"} for one in found]


def edit(world: World, id: str, **body: Any) -> Any:
    """Change a site on its present version."""
    voice, path = world.by("ocha"), f"/v1/sites/{id}"
    return read(voice.call("PATCH", path, body, if_match=voice.get(path).headers["ETag"]), 200)


@pytest.fixture
def changed(world: World) -> str:
    """Lend a site that was renamed on the 25th; a capacity was reported late, a name corrected."""
    if "ogc versions" not in world.kept:
        id = given_site(world, name="Hall", effective_at=FIRST, sensitivity="low")
        edit(world, id, name="Shelter", effective_at=SECOND)
        edit(world, id, capacity=70, effective_at=BETWEEN)
        events = world.by("auditor").read("/v1/history", subject=id)["items"]
        edit(world, id, name="Refuge", effective_at=SECOND, corrects=[events[1]["id"]])
        world.kept["ogc versions"] = id
    kept: str = world.kept["ogc versions"]
    return kept


@pytest.fixture
def stopped(world: World) -> Way:
    """Lend a corridor that was opened, narrowed, and stopped."""
    if "ogc stopped" not in world.kept:
        way = given_open(world)
        read(way.edit(width_m=300), 200)
        read(way.stop(), 201)
        world.kept["ogc stopped"] = way
    kept: Way = world.kept["ogc stopped"]
    return kept


class TestBothAxes:
    def test_what_is_known_now_comes_by_validity(self, world: World, changed: str) -> None:
        found = [each["properties"] for each in versions(world, single("sites", changed))]
        assert [(one["name"], one["capacity"]) for one in found] == [
            ("Hall", None),
            ("Hall", 70),
            ("Refuge", 70),
        ]
        assert [parse_instant(one["valid_from"]) for one in found] == [
            parse_instant(at) for at in (FIRST, BETWEEN, SECOND)
        ]
        assert [one["valid_until"] for one in found] == [
            *(one["valid_from"] for one in found[1:]),
            None,
        ]
        assert {one["recorded_until"] for one in found} == {None}

    def test_an_earlier_record_had_other_versions(self, world: World, changed: str) -> None:
        history = world.by("auditor").read("/v1/history", subject=changed)["items"]
        lines = [
            [
                (one["properties"]["name"], one["properties"]["capacity"])
                for one in versions(
                    world, single("sites", changed), **{"known-at": event["recorded_at"]}
                )
            ]
            for event in history
        ]
        assert lines == [
            [("Hall", None)],
            [("Hall", None), ("Shelter", None)],
            [("Hall", None), ("Hall", 70), ("Shelter", 70)],
            [("Hall", None), ("Hall", 70), ("Refuge", 70)],
        ]

    def test_an_interval_of_the_record_shows_what_was_replaced_too(
        self, world: World, changed: str
    ) -> None:
        history = world.by("auditor").read("/v1/history", subject=changed)["items"]
        recorded = [event["recorded_at"] for event in history]
        found = [one["properties"] for one in versions(world, single("sites", changed), **EVER)]
        replaced = [one for one in found if one["recorded_until"] is not None]
        assert len(found) == 7
        assert {one["recorded_from"] for one in found} == {*recorded}
        assert {one["recorded_until"] for one in replaced} == {*recorded[1:]}
        keys = [(one["valid_from"], one["recorded_from"]) for one in found]
        assert keys == sorted(set(keys))

    @pytest.mark.parametrize(
        ("when", "names"),
        [
            ("2022-04-19T23:59:59Z", []),
            (FIRST, ["Hall"]),
            (SECOND, ["Refuge"]),
            (f"{FIRST}/{BETWEEN}", ["Hall", "Hall"]),
            (f"{BETWEEN}/..", ["Hall", "Refuge"]),
            (f"../{FIRST}", ["Hall"]),
            ("2922-01-01T00:00:00Z", ["Refuge"]),
        ],
    )
    def test_datetime_picks_versions_that_held_then(
        self, world: World, changed: str, when: str, names: list[str]
    ) -> None:
        found = versions(world, single("sites", changed), datetime=when)
        assert [one["properties"]["name"] for one in found] == names

    def test_neighbours_are_those_of_the_same_record(self, world: World, changed: str) -> None:
        path = single("sites", changed)
        for asked in ({}, EVER):
            document = world.by("ocha").read(f"{path}/versions", **asked)
            features = document["features"]
            for before, after in pairwise(features) if not asked else ():
                assert link(before, "successor-version") == link(after, "self")
                assert link(after, "predecessor-version") == link(before, "self")
            assert link(features[0], "predecessor-version") is None
            mementos = [one["href"] for one in document["links"] if one["rel"] == "memento"]
            assert mementos == [link(one, "self") for one in features]
            for feature in features:
                for rel in ("predecessor-version", "successor-version"):
                    if (to := link(feature, rel)) is not None:
                        assert world.by("ocha").get(to).status_code == 200


def link(document: dict[str, Any], rel: str) -> str | None:
    """Give where the link of this kind leads."""
    found = [each["href"] for each in document["links"] if each["rel"] == rel]
    return found[0] if found else None


class TestSingle:
    """What the single feature shows, and what the list does, are one and the same."""

    @pytest.mark.parametrize("who", ["ocha", "mod", "map-client", "msf-map", "anonymous"])
    def test_each_version_links_to_itself(
        self, world: World, changed: str, stopped: Way, who: str
    ) -> None:
        if who == "msf-map" and who not in world.tokens:
            world.token(who, "MSF", "map_client", "msf-map", operations=["mariupol-2022"])
        for path in (single("sites", changed), single("corridors", stopped.id)):
            answer = world.by(who).get(f"{path}/versions", **EVER)
            if who == "anonymous" and answer.status_code == 404:
                continue
            for version in read(answer, 200)["features"]:
                to = link(version, "self")
                assert to is not None
                _same(world.by(who).read(to), version)

    @pytest.mark.parametrize("who", ["ocha", "mod"])
    def test_at_every_instant_the_list_has_what_the_single_one_shows(
        self, world: World, changed: str, stopped: Way, who: str
    ) -> None:
        for path in (single("sites", changed), single("corridors", stopped.id)):
            ever = versions(world, path, who, **EVER)
            for valid, known in _instants(ever):
                times = {"datetime": format_instant(valid), "known-at": format_instant(known)}
                alone = world.by(who).get(path, **times)
                found = [one for one in ever if _holds(one, valid, known)]
                assert len(found) == (alone.status_code == 200), times
                for version in found:
                    _same(alone.json(), version)

    def test_it_names_its_versions(self, world: World, changed: str) -> None:
        path = single("sites", changed)
        answer = world.by("ocha").get(path, datetime="2022-04-21T00:00:00Z")
        document = read(answer, 200)
        assert answer.headers["memento-datetime"] == "Wed, 20 Apr 2022 00:00:00 GMT"
        for rel in ("original", "latest-version"):
            assert str(link(document, rel)).endswith(path)
        for rel in ("timemap", "version-history"):
            assert str(link(document, rel)).endswith(f"{path}/versions")
            assert f'<{link(document, rel)}>; rel="{rel}"' in answer.headers["link"]
        _same(read(world.by("ocha").get(str(link(document, "canonical"))), 200), document)

    def test_what_lies_ahead_is_no_version(self, world: World, changed: str) -> None:
        answer = world.by("ocha").get(single("sites", changed), datetime=from_now(hours=1))
        assert "memento-datetime" not in answer.headers
        assert link(read(answer, 200), "canonical") is None


def _same(alone: dict[str, Any], version: dict[str, Any]) -> None:
    record = {"recorded_from", "recorded_until"}
    told = {k: v for k, v in version["properties"].items() if k not in record}
    assert alone["properties"] == told
    assert alone["geometry"] == version["geometry"]


def _holds(version: dict[str, Any], valid: datetime, known: datetime) -> bool:
    told = version["properties"]
    spans = {"valid": valid, "recorded": known}
    return all(
        parse_instant(told[f"{name}_from"])
        <= at
        < parse_instant(told[f"{name}_until"] or "9999-01-01T00:00:00Z")
        for name, at in spans.items()
    )


def _instants(ever: list[dict[str, Any]]) -> Iterator[tuple[datetime, datetime]]:
    """Name every instant at which anything begins or ends, and the one before it, on both axes."""

    def around(*names: str) -> list[datetime]:
        found = {one["properties"][name] for one in ever for name in names} - {None}
        ends = {parse_instant(at) for at in found}
        return sorted(ends | {at - _INSTANT for at in ends} | {datetime.now(UTC)})

    for valid in around("valid_from", "valid_until"):
        for known in around("recorded_from", "recorded_until"):
            yield valid, known


class TestHidden:
    def test_a_severe_place_is_rough_here_and_exact_alone(self, world: World) -> None:
        way = given_way(given_proposed(world), sensitivity="severe")
        path = single("corridors", way.id)
        read(way.edit(width_m=300), 200)
        document = world.by("ocha").read(f"{path}/versions", **EVER)
        exact = way.read()["geometry"]
        for version in document["features"]:
            assert version["geometry"] != exact
            assert version["properties"]["precision_m"] == 1000
            assert world.by("ocha").read(str(link(version, "self")))["geometry"] == exact
        for who in ("mod", "anonymous"):
            assert world.by(who).get(f"{path}/versions").status_code == 404

    def test_a_release_that_lies_ahead_is_announced_to_nobody(self, world: World) -> None:
        id = given_site(world, sensitivity="high")
        path = f"{single('sites', id)}/versions"
        before = {who: world.by(who).get(path, **EVER) for who in ("anonymous", "mod")}
        edit(world, id, release_at=from_now(hours=1))
        for who, answer in before.items():
            assert world.by(who).get(path, **EVER).content == answer.content
        unknown = world.by("anonymous").get(f"{single('sites', str(uuid4()))}/versions", **EVER)
        hidden = world.by("anonymous").get(path, **EVER)
        assert hidden.status_code == unknown.status_code == 404
        assert (hidden.content, dict(hidden.headers)) == (unknown.content, dict(unknown.headers))

    def test_a_change_of_which_a_reader_sees_nothing_makes_no_version(self, world: World) -> None:
        id = given_site(world, sensitivity="high")
        path = f"{single('sites', id)}/versions"
        before = world.by("mod").get(path, **EVER).content
        whole = len(world.by("ocha").read(path, **EVER)["features"])
        near = {"type": "Point", "coordinates": [37.6081, 47.0971]}
        edit(world, id, name="Hidden hall", geometry=near, effective_at=SECOND)
        assert world.by("mod").get(path, **EVER).content == before
        assert len(world.by("ocha").read(path, **EVER)["features"]) > whole

    def test_what_was_written_to_an_agreement_makes_no_version_for_those_who_do_not_know_it(
        self, world: World
    ) -> None:
        way = given_open(world)
        path = f"{single('corridors', way.id)}/versions"
        before = world.by("mod").get(path, **EVER).content
        way.case.window(at=None, starts_at=from_now(hours=30), ends_at=from_now(hours=36))
        assert world.by("mod").get(path, **EVER).content == before

    @pytest.mark.usefixtures("made_anew")
    def test_a_row_that_is_written_anew_for_an_end_that_lies_ahead_makes_no_version(
        self, world: World
    ) -> None:
        for before, after in _around_a_hidden_word(world):
            assert after == before

    @pytest.mark.usefixtures("made_anew")
    def test_a_list_of_rows_is_found_out(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(past, "joined", sorted)
        assert any(after != before for before, after in _around_a_hidden_word(world))

    def test_an_end_that_lies_ahead_is_no_end(self, world: World) -> None:
        way = given_open(world)
        for who in ("ocha", "mod"):
            found = versions(world, single("corridors", way.id), who)
            assert found[-1]["properties"]["valid_until"] is None
            now = format_instant(datetime.now(UTC))
            assert all(one["properties"]["valid_from"] <= now for one in found)

    def test_a_raised_class_reaches_back(self, world: World) -> None:
        id = given_site(world, sensitivity="low")
        path = f"{single('sites', id)}/versions"
        edit(world, id, name="Second name", effective_at=SECOND)
        assert len(world.by("mod").read(path, **EVER)["features"]) > 1
        edit(world, id, sensitivity="high")
        assert world.by("anonymous").get(path, **EVER).status_code == 404
        (left,) = world.by("mod").read(path, **EVER)["features"]
        assert left["properties"]["precision_m"] == 1000

    def test_a_place_of_the_other_collection_is_not_found(self, world: World, changed: str) -> None:
        assert world.by("ocha").get(f"{single('corridors', changed)}/versions").status_code == 404


def _around_a_hidden_word(world: World) -> list[tuple[bytes, bytes]]:
    """Give what partners read of a stopped corridor before and after a party's word ends sooner."""
    way = given_open(world)
    read(way.stop(), 201)
    path = f"{single('corridors', way.id)}/versions"

    def read_by_partners() -> list[bytes]:
        return [world.by(who).get(path, **EVER).content for who in ("mod", "map-client")]

    before = read_by_partners()
    read(way.case.confirm("icrc", valid_until=from_now(hours=3)), 201)
    return list(zip(before, read_by_partners(), strict=True))


class TestForm:
    def test_pages_follow_one_another(self, world: World, changed: str) -> None:
        path = single("sites", changed)
        whole = versions(world, path, **EVER)
        found, following = [], f"{path}/versions?limit=3&known-at={EVER['known-at']}"
        while following:
            answer = world.by("ocha").get(following)
            document = read(answer, 200)
            assert document["numberReturned"] == len(document["features"]) <= 3
            found += document["features"]
            following = link(document, "next") or ""
            assert bool(following) == ("link" in answer.headers)
        assert [one["properties"] for one in found] == [one["properties"] for one in whole]

    @pytest.mark.parametrize(
        ("params", "pointer"),
        [
            ({"datetime": "yesterday"}, "query/datetime"),
            ({"known-at": "../.."}, "query/known-at"),
            ({"limit": "0"}, "query/limit"),
            ({"cursor": "bm90aGluZw"}, "query/cursor"),
            ({"cursor": "WyJhIiwiYiJd"}, "query/cursor"),
            ({"bbox": "1,2,3,4"}, "query"),
            ({"crs": "EPSG:4326"}, "query/crs"),
        ],
    )
    def test_what_cannot_be_read_is_refused(
        self, world: World, changed: str, params: dict[str, str], pointer: str
    ) -> None:
        answer = world.by("ocha").get(f"{single('sites', changed)}/versions", **params)
        assert read(answer, 400)["errors"][0]["pointer"] == pointer

    def test_it_is_a_page_too_and_in_metres(self, world: World, changed: str) -> None:
        path = f"{single('sites', changed)}/versions"
        page = world.by("ocha").get(path, f="html")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "Refuge" in page.text
        turned = world.by("ocha").get(path, crs=WEB_MERCATOR)
        assert turned.headers["content-crs"] == f"<{WEB_MERCATOR}>"
        assert turned.json()["features"][0]["geometry"]["coordinates"][0] > 4_000_000
