"""Large and odd geometry as map clients read it: poles, the antimeridian, ten thousand vertices."""

from collections.abc import Mapping
from math import cos, sin
from typing import Any

import pytest

from tests.http.agreements.case import given_proposed
from tests.http.places.given import given_site, given_way
from tests.http.world import World
from tests.http.worlds import Worlds

SITES, CORRIDORS = "/ogc/collections/sites/items", "/ogc/collections/corridors/items"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
POINTS = {
    "north pole": [12.5, 90.0],
    "south pole": [-170.0, -90.0],
    "antimeridian": [180.0, -17.0],
    "west of it": [179.5, -17.0],
    "east of it": [-179.5, -17.0],
}
LONG = [
    [round(36 + n / 5000 + sin(n) / 200, 7), round(47 + n / 9000 + cos(n) / 200, 7)]
    for n in range(10_000)
]
ACROSS = [[179.0, -16.0], [-179.0, -18.0]]


@pytest.fixture(params=("sqlite", "postgresql"))
def odd(request: pytest.FixtureRequest, worlds: Worlds) -> World:
    """Lend a world with sites at odd places, a very long route and one over the antimeridian."""
    world = worlds.lend(request.param, "odd geometry")
    if "odd" not in world.kept:
        for name, at in POINTS.items():
            point = {"type": "Point", "coordinates": at}
            given_site(world, name=name, geometry=point, sensitivity="low")
        case = given_proposed(world)
        for name, line in (("long", LONG), ("across", ACROSS)):
            route = {"type": "LineString", "coordinates": line}
            given_way(case, ends=False, name=name, geometry=route, sensitivity="low")
        world.kept["odd"] = True
    return world


def shown(world: World, path: str, **params: str) -> Mapping[str, Any]:
    """Give features by their names, which the public reads."""
    found = world.by("anonymous").read(path, **{n.replace("_", "-"): v for n, v in params.items()})
    return {each["properties"]["name"]: each for each in found["features"]}


@pytest.mark.parametrize(
    ("bbox", "names"),
    [
        ("-180,80,180,90", {"north pole"}),
        ("12,90,13,90", {"north pole"}),
        ("13,90,14,90", set()),
        ("-180,-90,180,-89.9", {"south pole"}),
        ("179,-18,180,-16", {"west of it", "antimeridian"}),
        ("179,-18,-179,-16", {"west of it", "antimeridian", "east of it"}),
        ("179.9,-18,-179.9,-16", {"antimeridian"}),
        ("-180,-90,180,90", set(POINTS)),
        ("-180,-90,-10000,180,90,10000", set(POINTS)),
    ],
)
def test_a_box_finds_what_lies_in_it(odd: World, bbox: str, names: set[str]) -> None:
    assert set(shown(odd, SITES, bbox=bbox)) == names


@pytest.mark.parametrize(
    ("bbox", "names"),
    [
        ("178,-19,-178,-15", {"across"}),
        ("-179.6,-18,-179.4,-17.3", {"across"}),
        ("179.4,-16.9,179.6,-16.3", {"across"}),
        ("0,-19,10,-15", set()),
        ("35,46,39,49", {"long"}),
        ("36.5,46.5,36.6,46.6", set()),
    ],
)
def test_a_route_is_met_where_it_runs_and_not_in_its_envelope(
    odd: World, bbox: str, names: set[str]
) -> None:
    assert set(shown(odd, CORRIDORS, bbox=bbox)) == names


def test_a_line_over_the_antimeridian_is_cut_there(odd: World) -> None:
    across = shown(odd, CORRIDORS)["across"]["geometry"]
    assert across["type"] == "MultiLineString"
    assert across["coordinates"] == [
        [[179.0, -16.0], [180.0, -17.0]],
        [[-180.0, -17.0], [-179, -18]],
    ]


def test_ten_thousand_vertices_come_back_as_they_went_in(odd: World) -> None:
    long = shown(odd, CORRIDORS, bbox="35,46,39,49")["long"]
    assert long["geometry"]["coordinates"] == LONG
    alone = odd.by("anonymous").read(f"{CORRIDORS}/{long['id']}")
    assert alone["geometry"] == long["geometry"]
    page = odd.by("anonymous").get(f"{CORRIDORS}/{long['id']}", f="html")
    assert page.status_code == 200
    assert len(page.content) < 20_000


def test_metres_of_web_mercator_are_finite_everywhere(odd: World) -> None:
    metres = shown(odd, SITES, crs=MERCATOR)
    assert metres["antimeridian"]["geometry"]["coordinates"][0] == pytest.approx(20037508.343)
    for name, south_or_north in (("north pole", 1), ("south pole", -1)):
        north = metres[name]["geometry"]["coordinates"][1] * south_or_north
        assert 200_000_000 < north < 250_000_000
    long = shown(odd, CORRIDORS, crs=MERCATOR)["long"]["geometry"]["coordinates"]
    assert len(long) == len(LONG)
    box = "19481188,-2037549,-19481188,-1804722"
    found = shown(odd, SITES, bbox=box, bbox_crs=MERCATOR)
    assert set(found) == {"west of it", "antimeridian", "east of it"}


def test_the_extent_reaches_over_all_of_it(odd: World) -> None:
    extent = odd.by("anonymous").read("/ogc/collections/sites")["extent"]
    assert extent["spatial"]["bbox"] == [[-179.5, -90.0, 180.0, 90.0]]
