"""The pages of a list belong together, whatever is written while they are read."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.instant import format_instant
from app.http.paging import write_cursor
from tests.http.agreements.case import from_now
from tests.http.places.given import ROUTE, given_open, given_site, lead_elsewhere
from tests.http.world import Voice, World, read

SITES = "/ogc/collections/sites/items"
CORRIDORS = "/ogc/collections/corridors/items"
WEST = 88.0
NUMBER = 6


def place(number: int, south: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [WEST + number / 10, south]}


@pytest.fixture
def south(world: World) -> float:
    """Lend a latitude at which nothing else is."""
    world.kept["ogc south"] = world.kept.get("ogc south", -30.0) - 0.5
    return float(world.kept["ogc south"])


@pytest.fixture
def sites(world: World, south: float) -> list[str]:
    """Lend sites along it, by their ids."""
    made = (
        given_site(world, name=f"Site {number}", geometry=place(number, south), sensitivity="low")
        for number in range(NUMBER)
    )
    return sorted(made)


def box(south: float) -> dict[str, str]:
    return {"bbox": f"{WEST - 1},{south - 0.1},{WEST + 1},{south + 0.1}"}


def change(world: World, id: str, **body: Any) -> None:
    voice, path = world.by("ocha"), f"/v1/sites/{id}"
    tag = voice.get(path).headers["ETag"]
    read(voice.call("PATCH", path, body, if_match=tag), 200)


def first(voice: Voice, path: str = SITES, **params: str) -> Any:
    return voice.read(path, **params)


def after(voice: Voice, page: Any) -> Any:
    """Give the page that follows, and None after the last."""
    for link in page["links"]:
        if link["rel"] == "next":
            return voice.read(link["href"].partition("testserver")[2])
    return None


def rest(voice: Voice, page: Any) -> list[Any]:
    """Read on to the last page."""
    found = []
    following = after(voice, page)
    while following is not None:
        found += following["features"]
        following = after(voice, following)
    return found


def names(features: list[Any]) -> list[str]:
    return [feature["properties"]["name"] for feature in features]


def test_an_edit_between_two_pages_neither_doubles_nor_drops(
    world: World, sites: list[str], south: float
) -> None:
    voice = world.by("anonymous")
    page = first(voice, limit="2", **box(south))
    truth = {each["id"]: each for each in first(voice, **box(south))["features"]}
    change(world, sites[0], name="Shown already")
    change(world, sites[2], name="Not shown yet")
    change(world, sites[3], geometry=place(3, south + 5))
    outside = given_site(world, geometry=place(3, south + 5), sensitivity="low")
    change(world, outside, geometry=place(3, south))
    given_site(world, name="New", geometry=place(4, south), sensitivity="low")
    found = [*page["features"], *rest(voice, page)]
    assert [each["id"] for each in found] == sites
    assert [each["properties"]["name"] for each in found] == [
        truth[id]["properties"]["name"] for id in sites
    ]
    assert [each["geometry"] for each in found] == [truth[id]["geometry"] for id in sites]
    now = names(first(voice, **box(south))["features"])
    assert {"Shown already", "Not shown yet", "New"} <= set(now)
    assert len(now) == NUMBER + 1


def test_a_filter_is_asked_about_the_state_of_the_first_page(
    world: World, sites: list[str], south: float
) -> None:
    voice = world.by("anonymous")
    page = first(voice, limit="2", filter="name LIKE 'Site%'", **box(south))
    change(world, sites[4], name="Renamed")
    found = names([*page["features"], *rest(voice, page)])
    assert sorted(found) == [f"Site {number}" for number in range(NUMBER)]


def test_what_may_no_longer_be_seen_leaves_at_once(
    world: World, sites: list[str], south: float
) -> None:
    voice = world.by("anonymous")
    page = first(voice, limit="2", **box(south))
    change(world, sites[3], sensitivity="severe")
    found = [*page["features"], *rest(voice, page)]
    assert [each["id"] for each in found] == [id for id in sites if id != sites[3]]


def test_a_page_that_follows_is_told_apart_like_any_other(
    world: World, sites: list[str], south: float
) -> None:
    voice = world.by("anonymous")
    page = first(voice, limit="2", **box(south))
    href = next(link["href"] for link in page["links"] if link["rel"] == "next")
    one = voice.get(href)
    again = voice.call("GET", href, if_none_match=one.headers["ETag"])
    assert again.status_code == 304
    change(world, sites[5], name="Another name")
    later = voice.call("GET", href, if_none_match=one.headers["ETag"])
    assert later.status_code == 200
    assert later.json()["features"] == one.json()["features"]


def test_an_interval_and_an_earlier_record_are_pinned_too(
    world: World, sites: list[str], south: float
) -> None:
    voice = world.by("anonymous")
    wishes = (
        {"datetime": "2022-03-01T00:00:00Z/.."},
        {"datetime": "2022-03-01T00:00:00Z"},
        {"known-at": "2999-01-01T00:00:00Z"},
    )
    pages = [first(voice, limit="2", **box(south), **wish) for wish in wishes]
    change(world, sites[4], name="Late", effective_at="2022-02-25T00:00:00Z")
    for page in pages:
        found = names([*page["features"], *rest(voice, page)])
        assert len(found) == NUMBER
        assert "Late" not in found


@pytest.mark.parametrize(
    "when", [{}, {"datetime": "2022-01-01T00:00:00Z/.."}, {"known-at": "2999-01-01T00:00:00Z"}]
)
def test_what_bars_a_corridor_is_never_of_an_earlier_page(
    world: World, when: dict[str, str]
) -> None:
    """A crawl that began before a stop does not say that one may move."""
    way = given_open(world)
    voice = world.by("ocha")
    asked = {"limit": "1", "operation": "mariupol-2022", **when}
    page = first(voice, CORRIDORS, **asked)
    while page["features"][0]["id"] == way.id:  # it must come on a page that follows
        way = given_open(world)
        page = first(voice, CORRIDORS, **asked)

    def told() -> Any:
        (found,) = [each for each in rest(voice, page) if each["id"] == way.id]
        return found["properties"]

    assert told()["do_not_move"]["reasons"] == []
    read(way.to("suspended", sources=[world.source()]), 201)
    assert told()["status"] == "open"
    codes = [reason["code"] for reason in told()["do_not_move"]["reasons"]]
    assert codes == ["changed_since", "corridor_not_open"]


def test_a_stop_is_not_taken_back_when_the_time_comes_that_was_asked_about(world: World) -> None:
    """Of a list that asks what will be known, begun before a stop that came before that time."""
    way = given_open(world)
    voice, comes = world.by("ocha"), datetime.now(UTC) + timedelta(seconds=4)
    pin = voice.read("/v1/corridors/" + way.id)["recorded_at"]
    cursor = write_cursor([str(UUID(int=UUID(way.id).int - 1)), pin])
    asked = {"limit": "1", "cursor": cursor, "known-at": format_instant(comes)}
    read(way.stop(sources=[world.source()]), 201)

    def told() -> tuple[Any, list[str]]:
        answer = voice.get(CORRIDORS, **asked)
        (found,) = read(answer, 200)["features"]
        reasons = found["properties"]["do_not_move"]["reasons"]
        return (found["id"], answer.headers["ETag"]), [reason["code"] for reason in reasons]

    (id, before), codes = told()
    assert (id, codes) == (way.id, ["changed_since", "corridor_not_open"])
    assert datetime.now(UTC) < comes
    time.sleep((comes - datetime.now(UTC)).total_seconds() + 0.01)
    (_, after), later = told()
    assert (later, after != before) == (codes, True)


def test_of_what_was_known_at_a_time_no_page_tells_what_came_after(world: World) -> None:
    way = given_open(world)
    voice, asked = world.by("ocha"), {"limit": "1", "operation": "mariupol-2022"}
    asked["known-at"] = format_instant(datetime.now(UTC))  # nothing has moved since
    page = first(voice, CORRIDORS, **asked)
    while page["features"][0]["id"] == way.id:
        way = given_open(world)
        asked["known-at"] = format_instant(datetime.now(UTC))
        page = first(voice, CORRIDORS, **asked)
    read(way.stop(sources=[world.source()]), 201)
    (found,) = [each for each in rest(voice, page) if each["id"] == way.id]
    assert found["properties"]["do_not_move"]["reasons"] == []


def test_a_way_that_was_left_for_another_is_barred(world: World) -> None:
    """A later page shows the old way; that the new one is open is not for whoever sees that."""
    way = given_open(world)
    voice = world.by("ocha")
    asked = {"limit": "1", "operation": "mariupol-2022"}
    page = first(voice, CORRIDORS, **asked)
    while page["features"][0]["id"] == way.id:
        way = given_open(world)
        page = first(voice, CORRIDORS, **asked)
    lead_elsewhere(way)
    (found,) = [each for each in rest(voice, page) if each["id"] == way.id]
    assert found["geometry"] == ROUTE
    assert voice.read(f"{CORRIDORS}/{way.id}")["properties"]["do_not_move"]["reasons"] == []
    told = found["properties"]["do_not_move"]
    assert ([reason["code"] for reason in told["reasons"]], told["until"]) == (
        ["changed_since"],
        None,
    )


@pytest.mark.parametrize("hours", [1, 7])
def test_no_cursor_makes_a_past_of_what_lies_ahead(world: World, hours: int) -> None:
    """Windows that lie ahead are announced to nobody."""
    given_open(world, sensitivity="low")
    voice = world.by("anonymous")
    ahead = from_now(hours=hours)
    forged = write_cursor([str(UUID(int=0)), ahead])
    for when in (ahead, "2022-01-01T00:00:00Z/.."):
        answer = voice.get(CORRIDORS, datetime=when, cursor=forged)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "query/cursor"
    now = write_cursor([str(UUID(int=0)), from_now()])
    told = voice.read(CORRIDORS, datetime=ahead, cursor=now)["features"]
    assert told
    for each in told:
        assert each["properties"]["do_not_move"]["reasons"][0]["code"] == "not_yet_known"
