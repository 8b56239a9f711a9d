"""What encloses all that a reader sees, and how many features a question finds."""

from typing import Any

import pytest

from app.disclosure import overall
from tests.http.agreements.case import given_proposed
from tests.http.places.given import given_site, given_way
from tests.http.world import World
from tests.http.worlds import Worlds

SITES = "/ogc/collections/sites"
FIRST = "2022-03-01T00:00:00Z"
PLACES = {"low": [20.5, 10.5], "high": [30.25, -5.25], "severe": [40.0, 15.0]}


@pytest.fixture(params=("sqlite", "postgresql"))
def few(request: pytest.FixtureRequest, worlds: Worlds) -> World:
    """Lend a world with a site of three classes each, and a severe corridor without a route."""
    world = worlds.lend(request.param, "extents")
    if "extents" not in world.kept:
        for name, at in PLACES.items():
            point = {"type": "Point", "coordinates": at}
            given_site(world, geometry=point, sensitivity=name, effective_at=FIRST)
        given_way(given_proposed(world), ends=False, geometry=None, sensitivity="severe")
        world.kept["extents"] = True
    return world


def extent(world: World, who: str) -> Any:
    """Give it as the collection says, which the list of collections repeats."""
    one = world.by(who).read(SITES)
    listed = world.by(who).read("/ogc/collections")["collections"]
    assert one["extent"] == next(each for each in listed if each["id"] == "sites")["extent"]
    return one["extent"]


def test_it_encloses_what_the_reader_sees_and_nothing_else(few: World) -> None:
    west, south = PLACES["low"]
    public = extent(few, "anonymous")
    assert public["spatial"]["bbox"] == [[west, south, west, south]]
    assert public["temporal"]["interval"] == [["2022-03-01T00:00:00.000000Z", None]]
    for who in ("mod", "ocha"):
        (box,) = extent(few, who)["spatial"]["bbox"]
        seen = few.by(who).read(f"{SITES}/items")["features"]
        corners = [point for each in seen for point in points(each["geometry"])]
        assert box == [
            *(min(axis) for axis in zip(*corners, strict=True)),
            *(max(axis) for axis in zip(*corners, strict=True)),
        ]


def points(geometry: Any) -> list[list[float]]:
    if geometry is None:
        return []
    return [geometry["coordinates"]] if geometry["type"] == "Point" else geometry["coordinates"][0]


def test_where_nothing_is_seen_there_is_none_and_without_a_geometry_no_box(few: World) -> None:
    path = "/ogc/collections/corridors"
    assert "extent" not in few.by("anonymous").read(path)
    assert set(few.by("ocha").read(path)["extent"]) == {"temporal"}


def test_it_is_told_apart_like_any_answer(few: World) -> None:
    for path in (SITES, "/ogc/collections"):
        first = few.by("ocha").get(path)
        asked = few.by("ocha").call("GET", path, if_none_match=first.headers["ETag"])
        assert asked.status_code == 304
        assert few.by("anonymous").get(path).headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("more", [{}, {"f": "html"}, {"bbox": "20,10,41,16"}])
def test_how_many_there_are_is_said_when_asked(few: World, more: dict[str, str]) -> None:
    whole = few.by("ocha").get(f"{SITES}/items", **(more | {"f": "json"})).json()
    assert "numberMatched" not in whole
    asked = {"limit": "1", "number-matched": "true", **more}
    answer = few.by("ocha").get(f"{SITES}/items", **asked)
    many = len(whole["features"])
    if more.get("f") == "html":
        assert f"<dt>numberMatched</dt><dd>{many}</dd>" in answer.text
        return
    page = answer.json()
    assert (page["numberMatched"], page["numberReturned"]) == (many, 1)
    (following,) = [each["href"] for each in page["links"] if each["rel"] == "next"]
    after = few.by("ocha").get(following.partition("testserver")[2]).json()
    assert after["numberMatched"] == many


def test_very_many_are_not_counted(few: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overall, "MOST_COUNTED", 2)
    page = few.by("ocha").read(f"{SITES}/items", **{"number-matched": "true", "limit": "3"})
    assert "numberMatched" not in page
