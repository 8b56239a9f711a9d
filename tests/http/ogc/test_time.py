"""`datetime` is validity, `known-at` is record: which state of a place is shown."""

from typing import Any

import pytest

from tests.http.agreements.case import given_proposed
from tests.http.places.given import given_open, given_site, given_way
from tests.http.world import World, read

PLACE = {"type": "Point", "coordinates": [60.25, -48.25]}
BOX = {"bbox": "60,-48.5,60.5,-48"}
ITEMS = "/ogc/collections/sites/items"
FIRST, SECOND = "2022-04-20T00:00:00Z", "2022-04-25T00:00:00Z"


@pytest.fixture
def changed(world: World) -> str:
    """Lend a site that began as `Hall` on 20 April and has been `Shelter` since the 25th."""
    if "ogc changed" not in world.kept:
        id = given_site(world, name="Hall", geometry=PLACE, effective_at=FIRST)
        voice, path = world.by("ocha"), f"/v1/sites/{id}"
        tag = voice.get(path).headers["ETag"]
        body = {"name": "Shelter", "effective_at": SECOND}
        read(voice.call("PATCH", path, body, if_match=tag), 200)
        world.kept["ogc changed"] = id
    kept: str = world.kept["ogc changed"]
    return kept


def names(world: World, path: str = ITEMS, **params: Any) -> list[str]:
    """Give the names of the features that are shown, or of the one."""
    answer = world.by("ocha").get(path, **{n.replace("_", "-"): v for n, v in params.items()})
    if answer.status_code == 404:
        return []
    document = read(answer, 200)
    features = document.get("features", [document])
    return [each["properties"]["name"] for each in features]


TIMES = {
    "2022-04-19T23:59:59Z": [],
    "2022-04-20T00:00:00Z": ["Hall"],
    "2022-04-24T23:59:59.999999Z": ["Hall"],
    "2022-04-25T00:00:00Z": ["Shelter"],
    "../2022-04-19T00:00:00Z": [],
    "../2022-04-22T00:00:00Z": ["Hall"],
    "/2022-04-22T00:00:00Z": ["Hall"],
    "2022-04-01T00:00:00Z/2022-04-20T00:00:00Z": ["Hall"],
    "2022-04-21T00:00:00+03:00/2022-04-22T00:00:00Z": ["Hall"],
    "2022-04-21T00:00:00Z/2022-04-25T00:00:00Z": ["Shelter"],
    "2022-04-01T00:00:00Z/..": ["Shelter"],
    "2022-04-26T00:00:00Z/": ["Shelter"],
    "2922-04-26T00:00:00Z/..": ["Shelter"],
}


@pytest.mark.parametrize("when", TIMES)
def test_a_time_picks_one_state_by_its_validity(world: World, changed: str, when: str) -> None:
    assert names(world, datetime=when, **BOX) == TIMES[when]
    assert names(world, f"{ITEMS}/{changed}", datetime=when) == TIMES[when]
    assert names(world, datetime=when, bbox="60,-48.5,60.2,-48") == []


def test_without_a_time_it_is_the_present_state(world: World, changed: str) -> None:
    assert names(world, **BOX) == ["Shelter"]
    assert names(world, f"{ITEMS}/{changed}") == ["Shelter"]


def test_known_at_is_the_other_axis(world: World, changed: str) -> None:
    history = world.by("auditor").read("/v1/history", subject=changed)["items"]
    first, second = (event["recorded_at"] for event in history)
    assert names(world, known_at=first, **BOX) == ["Hall"]
    assert names(world, known_at=second, **BOX) == ["Shelter"]
    since = f"{FIRST}/.."
    assert names(world, known_at=first, datetime=since, **BOX) == ["Hall"]
    assert names(world, f"{ITEMS}/{changed}", known_at=first, datetime=since) == ["Hall"]
    assert names(world, known_at="2020-01-01T00:00:00Z", **BOX) == []


def test_an_interval_shows_what_barred_a_corridor_in_its_latest_state(world: World) -> None:
    way = given_open(world)
    path = f"/ogc/collections/corridors/items/{way.id}"
    before = way.read("/status-changes")["items"][-1]["effective_at"]
    assert world.by("ocha").read(path)["properties"]["do_not_move"]["reasons"] == []
    read(way.stop(), 201)
    for when in (f"{before}/..", f"2022-01-01T00:00:00Z/{_now(way)}"):
        for asked, most in ((path, {}), (path.rpartition("/")[0], {"limit": 1000})):
            document = world.by("ocha").read(asked, datetime=when, **most)
            (own,) = (each for each in document.get("features", [document]) if each["id"] == way.id)
            told = own["properties"]
            assert told["status"] == "suspended"
            assert "corridor_not_open" in [r["code"] for r in told["do_not_move"]["reasons"]]
    then = world.by("ocha").read(path, datetime=f"2022-01-01T00:00:00Z/{before}")["properties"]
    assert then["status"] == "open"
    assert then["valid_until"] is not None


def _now(way: Any) -> str:
    at: str = way.read("/status-changes")["items"][-1]["effective_at"]
    return at


def test_a_severe_corridor_is_exact_one_at_a_time_also_in_an_interval(world: World) -> None:
    way = given_way(given_proposed(world), sensitivity="severe")
    single = f"/ogc/collections/corridors/items/{way.id}"
    exact = way.read()["geometry"]
    for when in ({}, {"datetime": "2022-01-01T00:00:00Z/.."}):
        assert world.by("ocha").read(single, **when)["geometry"] == exact
        listed = world.by("ocha").read(single.rpartition("/")[0], limit=1000, **when)
        (own,) = (each for each in listed["features"] if each["id"] == way.id)
        assert own["geometry"] != exact
