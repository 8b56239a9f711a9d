"""A tile shows what the list of items shows, once each, in a form that a map can draw."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
import shapely
from httpx2 import Response
from shapely.geometry import shape
from sqlalchemy import select

from app.db.session import reading
from app.disclosure import tiles
from app.disclosure.tables import DisclosedFeatureRow
from app.domain.policy import Audience
from tests.http.agreements.case import given_proposed
from tests.http.places.given import given_open, given_site, given_way, site
from tests.http.world import World, read
from tests.http.worlds import Worlds
from tests.tiles import Told, decoded, decoded_layers, in_units, off, tile_at

MVT = "application/vnd.mapbox-vector-tile"
AT = (37.608, 47.097)
_feature = DisclosedFeatureRow.__table__


@pytest.fixture(params=("sqlite", "postgresql"))
def mapped(request: pytest.FixtureRequest, worlds: Worlds) -> World:
    """Lend a world with a site of each class, a corridor that is open and one that is barred."""
    world = worlds.lend(request.param, "tiles")
    if "tiles" not in world.kept:
        for n, name in enumerate(("low", "moderate", "high", "severe")):
            point = {"type": "Point", "coordinates": [AT[0] + n / 50, AT[1]]}
            more: dict[str, Any] = {"other_names": ["Азовсталь", 'a "b"'], "capacity": 70 + n}
            given_site(world, name=name, geometry=point, sensitivity=name, **more)
        world.kept["open"] = given_open(world, sensitivity="low").id
        case = given_proposed(world, sensitivity="low")
        world.kept["barred"] = given_way(case, ends=False, sensitivity="low").id
        given_way(case, ends=False, name="nowhere", geometry=None, sensitivity="low")
        world.kept["tiles"] = True
    return world


def path(collection: str, zoom: int, longitude: float = AT[0], latitude: float = AT[1]) -> str:
    """Give the address of the tile in which a place lies."""
    tile = tile_at(longitude, latitude, zoom)
    below = f"/{tile.zoom}/{tile.row}/{tile.column}"
    return f"/ogc/collections/{collection}/tiles/WebMercatorQuad{below}"


def asked(world: World, who: str, address: str, **params: Any) -> Response:
    """Ask for a tile."""
    answer = world.by(who).get(address, **{k.replace("_", "-"): v for k, v in params.items()})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MVT
    return answer


DRAWABLE = "-180,-85.0511,180,85.0511"
"""As a box, what Web Mercator can draw: other tests have places at the poles."""


def shown(world: World, who: str, address: str, **params: Any) -> dict[str, Told]:
    """Give the features of a tile."""
    return decoded(asked(world, who, address, **params).content, address.split("/")[3])


def items(world: World, who: str, collection: str, **params: Any) -> dict[str, Any]:
    """Give the features of the list that have a geometry."""
    found = world.by(who).read(f"/ogc/collections/{collection}/items", **params)["features"]
    return {each["id"]: each for each in found if each["geometry"] is not None}


@pytest.mark.parametrize("who", ["anonymous", "mod", "ocha", "map-client"])
@pytest.mark.parametrize("collection", ["sites", "corridors"])
@pytest.mark.parametrize("zoom", [0, 6, 9])
def test_a_tile_holds_what_the_list_shows(
    mapped: World, who: str, collection: str, zoom: int
) -> None:
    tile = tile_at(*AT, zoom)
    box = tile.box
    bbox = ",".join(f"{side:.9f}" for side in (box.west, box.south, box.east, box.north))
    found = shown(mapped, who, path(collection, zoom))
    wanted = items(mapped, who, collection, bbox=bbox, limit="1000")
    assert found.keys() == wanted.keys()
    assert len(found) > 0
    for id, told in found.items():
        feature = wanted[id]
        assert {**told.properties} == {"id": id, **flattened(feature["properties"])}
        window = shapely.box(-64, -64, 4160, 4160)
        seen = in_units(shapely.segmentize(shape(feature["geometry"]), 0.01), tile)
        assert off(told.geometry, seen.intersection(window)) <= 1.3


def flattened(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Give properties as a tile should hold them, told here a second time."""
    found = {
        name: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if isinstance(value, list | dict)
        else value
        for name, value in properties.items()
        if value is not None
    }
    told = properties.get("do_not_move")
    if told:
        codes = [each["code"] for each in told["reasons"]]
        found |= {"do_not_move_codes": ",".join(codes)} if codes else {}
        found |= {"do_not_move_until": told["until"]} if told["until"] else {}
    return found


def test_what_is_barred_can_be_told_without_reading_json(mapped: World) -> None:
    found = shown(mapped, "anonymous", path("corridors", 6))
    may, may_not = (found[mapped.kept[name]].properties for name in ("open", "barred"))
    assert "do_not_move_codes" not in may
    assert may["do_not_move_until"] > "2022"
    assert may_not["do_not_move_codes"]
    assert json.loads(may_not["do_not_move"])["reasons"]


def test_nobody_draws_a_corridor_as_open_of_which_nothing_bars_the_way_on_record() -> None:
    from app.domain.tiles.properties import flat  # noqa: PLC0415

    assert flat('{"status":"open"}', barred=True)["do_not_move_codes"] == "not_known"
    assert "do_not_move_codes" not in flat('{"status":"open"}', barred=False)


@pytest.mark.parametrize("zoom", [3, 8, 14, 22])
def test_a_severe_place_is_drawn_as_its_cell(mapped: World, zoom: int) -> None:
    id, exact = severe(mapped)
    cell = items(mapped, "ocha", "sites")[id]["geometry"]["coordinates"]
    assert cell != exact
    found = shown(mapped, "ocha", path("sites", zoom, *cell))
    tile = tile_at(cell[0], cell[1], zoom)
    assert off(found[id].geometry, in_units(shapely.Point(cell), tile)) <= 0.8
    near = tile_at(exact[0], exact[1], 22)
    assert id not in shown(mapped, "ocha", path("sites", 22, *exact))
    assert near != tile_at(cell[0], cell[1], 22)
    for who in ("anonymous", "mod"):
        assert id not in shown(mapped, who, path("sites", zoom, *cell))


def severe(world: World) -> tuple[str, list[float]]:
    """Give the severe site, and where it is."""
    (id,) = (
        id
        for id, each in items(world, "ocha", "sites").items()
        if each["properties"].get("sensitivity") == "severe"
    )
    alone = world.by("ocha").read(f"/ogc/collections/sites/items/{id}")
    coordinates: list[float] = alone["geometry"]["coordinates"]
    return id, coordinates


def test_where_nothing_is_a_tile_is_empty(mapped: World) -> None:
    answer = asked(mapped, "ocha", path("sites", 10, -120, -40))
    assert answer.content == b""
    assert "Tile-Incomplete" not in answer.headers


def test_the_clocks_and_a_filter_pick_as_in_the_list(mapped: World) -> None:
    before = {"datetime": "2021-01-01T00:00:00Z"}
    assert shown(mapped, "ocha", path("sites", 0), **before) == {}
    assert shown(mapped, "ocha", path("sites", 0), known_at="2021-01-01T00:00:00Z") == {}
    for params in (
        {"datetime": "2022-03-01T00:00:00Z"},
        {"datetime": "2022-01-01T00:00:00Z/.."},
        {"filter": "capacity > 71"},
        {"filter": '{"op":"=","args":[{"property":"name"},"low"]}', "filter-lang": "cql2-json"},
        {"operation": "mariupol-2022"},
    ):
        found = shown(mapped, "ocha", path("sites", 0), **params)
        listed = items(mapped, "ocha", "sites", bbox=DRAWABLE, limit="1000", **params)
        assert found.keys() == listed.keys(), params
        assert len(found) > 0


def test_a_tile_that_cannot_hold_all_says_so(
    mapped: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = shown(mapped, "ocha", path("sites", 0))
    for bound, most in (("MOST", 2), ("MOST_BYTES", 700)):
        monkeypatch.setattr(tiles, bound, most)
        params = {"filter": f"capacity >= 0 OR capacity < {most} OR capacity IS NULL"}
        answer = asked(mapped, "ocha", path("sites", 0), **params)
        layers = decoded_layers(answer.content)
        held, known = map(int, answer.headers["Tile-Incomplete"].split("/"))
        assert (len(layers["sites"]), known) == (held, len(everything))
        assert held < known
        (notice,) = layers["incomplete"].values()
        assert (notice.properties["held"], notice.properties["found"]) == (held, known)
        assert f"{held} of {known}" in notice.properties["message"]
        monkeypatch.undo()
    whole = asked(mapped, "ocha", path("sites", 0))
    assert "Tile-Incomplete" not in whole.headers
    assert list(decoded_layers(whole.content)) == ["sites"]


def test_what_a_tile_can_hold_is_counted_in_bytes(
    mapped: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a Cyrillic text both databases count each letter as two."""
    at, name = (11.5, -33.5), "\N{CYRILLIC CAPITAL LETTER ZHE}" * 150
    ids = {
        given_site(mapped, name=name, geometry={"type": "Point", "coordinates": at}) for _ in "ab"
    }
    told = select(_feature.c.properties).where(
        _feature.c.place_id.in_(map(UUID, ids)), _feature.c.audience == Audience.OPERATIONAL
    )
    with reading(mapped.engine) as db:
        texts = db.scalars(told).all()
    stored = sum(len(each.encode()) for each in texts) + sum(
        len(shapely.to_wkb(shapely.Point(at))) for _ in ids
    )
    for most, held in ((stored, 2), (stored - 1, 1)):
        monkeypatch.setattr(tiles, "MOST_BYTES", most)
        answer = asked(
            mapped, "ocha", path("sites", 12, *at), filter=f"capacity IS NULL OR capacity < {most}"
        )
        assert len(decoded_layers(answer.content)["sites"]) == held


def test_a_tag_of_a_cell_stays_where_something_moved_elsewhere(mapped: World) -> None:
    here, there = path("sites", 10), path("sites", 10, 24.03, 49.84)
    large = path("sites", 5)
    tags = {each: asked(mapped, "ocha", each).headers["ETag"] for each in (here, there, large)}
    point = {"type": "Point", "coordinates": [24.03, 49.84]}
    read(mapped.by("ocha").post("/v1/sites", site(geometry=point)), 201)
    now = {each: asked(mapped, "ocha", each).headers["ETag"] for each in tags}
    assert now[here] == tags[here]
    assert now[there] != tags[there]
    assert now[large] != tags[large]
    again = mapped.by("ocha").call("GET", here, if_none_match=tags[here])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_what_is_moved_changes_the_cell_that_it_leaves_and_the_one_that_it_reaches(
    mapped: World,
) -> None:
    places = ((5.0, 5.0), (15.0, 5.0), (25.0, 5.0))
    left, reached, other = (path("sites", 9, *at) for at in places)
    id = given_site(mapped, geometry={"type": "Point", "coordinates": places[0]})
    tags = {each: asked(mapped, "ocha", each).headers["ETag"] for each in (left, reached, other)}
    address = f"/v1/sites/{id}"
    tag = mapped.by("ocha").get(address).headers["ETag"]
    body = {"geometry": {"type": "Point", "coordinates": places[1]}}
    read(mapped.by("ocha").call("PATCH", address, body, if_match=tag), 200)
    now = {each: asked(mapped, "ocha", each).headers["ETag"] for each in tags}
    assert [now[each] == tags[each] for each in (left, reached, other)] == [False, False, True]
    assert list(shown(mapped, "ocha", left)) == []
    assert list(shown(mapped, "ocha", reached)) == [id]


def test_a_move_within_a_cell_is_told_to_nobody_who_sees_the_cell(mapped: World) -> None:
    at = [30.004, 10.004]
    id = given_site(mapped, geometry={"type": "Point", "coordinates": at}, sensitivity="high")
    address = f"/v1/sites/{id}"
    seen = mapped.by("mod").read(address)["geometry"]["coordinates"]
    tile = path("sites", 12, *seen)
    before = asked(mapped, "mod", tile)
    tag = mapped.by("ocha").get(address).headers["ETag"]
    moved = {"geometry": {"type": "Point", "coordinates": [at[0] + 0.0001, at[1] + 0.0001]}}
    read(mapped.by("ocha").call("PATCH", address, moved, if_match=tag), 200)
    after = asked(mapped, "mod", tile)
    assert (after.content, after.headers["ETag"]) == (before.content, before.headers["ETag"])
    assert id in decoded(after.content, "sites")


@pytest.mark.parametrize(
    ("below", "status"),
    [
        ("WebMercatorQuad/23/0/0", 400),
        ("WebMercatorQuad/3/8/0", 400),
        ("WebMercatorQuad/3/0/8", 400),
        ("WebMercatorQuad/-1/0/0", 400),
        ("WebMercatorQuad/a/b/c", 400),
        ("WebMercatorQuad/1e3/0/0", 400),
        (f"WebMercatorQuad/{'9' * 400}/0/0", 400),
        ("WebMercatorQuad/0/0/0/0", 404),
        ("WorldCRS84Quad/0/0/0", 404),
        ("WorldCRS84Quad", 404),
        ("webmercatorquad", 404),
    ],
)
def test_what_is_no_tile_is_refused_with_a_reason(mapped: World, below: str, status: int) -> None:
    answer = mapped.by("ocha").get(f"/ogc/collections/sites/tiles/{below}")
    problem = read(answer, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["detail"]
    assert status == 404 or "expected" in problem["errors"][0]["message"]


def test_an_unknown_collection_has_no_tiles(mapped: World) -> None:
    for below in ("", "/WebMercatorQuad", "/WebMercatorQuad/0/0/0"):
        assert mapped.by("ocha").get(f"/ogc/collections/nothing/tiles{below}").status_code == 404


def test_a_line_over_the_antimeridian_is_on_both_edges_of_the_map(mapped: World) -> None:
    line = {"type": "LineString", "coordinates": [[179.5, -17.0], [-179.5, -16.0]]}
    id = given_way(given_proposed(mapped), ends=False, geometry=line).id
    for longitude, edge in ((179.9, 4096), (-179.9, 0)):
        found = shown(mapped, "ocha", path("corridors", 6, longitude, -16.5))
        assert edge in shapely.get_coordinates(found[id].geometry)[:, 0]


def test_what_is_at_a_pole_breaks_no_tile(mapped: World) -> None:
    line = {"type": "LineString", "coordinates": [[60.0, 80.0], [60.0, 90.0]]}
    id = given_way(given_proposed(mapped), ends=False, geometry=line).id
    point = {"type": "Point", "coordinates": [60.0, 90.0]}
    beyond = given_site(mapped, geometry=point)
    for zoom in (0, 5, 10, 14):
        assert id in shown(mapped, "ocha", path("corridors", zoom, 60.0, 85.0))
        assert beyond not in shown(mapped, "ocha", path("sites", zoom, 60.0, 85.05))


def test_tags_differ_by_reader_and_head_answers_as_get(mapped: World) -> None:
    address = path("sites", 9)
    tags = {
        who: asked(mapped, who, address).headers["ETag"] for who in ("anonymous", "mod", "ocha")
    }
    assert len({*tags.values()}) == 3
    head = mapped.by("ocha").call("HEAD", address)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", tags["ocha"])


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody draw."""

    def refuse(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(tiles, "draw", refuse)


def test_a_tile_that_was_made_is_not_drawn_again(
    mapped: World, request: pytest.FixtureRequest
) -> None:
    address = path("sites", 9)
    first = asked(mapped, "ocha", address)
    request.getfixturevalue("undrawn")
    assert asked(mapped, "ocha-again", address).content == first.content
    tag = first.headers["ETag"]
    assert mapped.by("ocha").call("GET", address, if_none_match=tag).status_code == 304
    assert mapped.by("ocha").get(path("sites", 9, 10, 10)).status_code == 500


@pytest.mark.parametrize("longitude", [180.0, -180.0])
@pytest.mark.parametrize("zoom", [0, 3, 8, 14])
def test_what_lies_on_longitude_180_is_drawn(mapped: World, longitude: float, zoom: int) -> None:
    name = f"On {longitude} at {zoom}"
    place = {"type": "Point", "coordinates": [longitude, -17.0]}
    id = given_site(mapped, name=name, geometry=place, sensitivity="low")
    address = path("sites", zoom, longitude * 0.9999999, -17.0)
    assert id in shown(mapped, "anonymous", address)
