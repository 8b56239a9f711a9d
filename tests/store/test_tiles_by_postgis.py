"""PostgreSQL and our own encoder draw the same: the same features, properties, and geometry to a unit."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import orjson
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Double,
    Engine,
    LargeBinary,
    Text,
    cast,
    column,
    func,
    select,
    values,
)
from sqlalchemy.orm import Session

from app.db.session import reading
from app.disclosure.form import Form, When
from app.disclosure.mapped import drawn_by_postgis, parameters
from app.domain.tiles.address import BUFFER, EXTENT, Tile
from app.domain.tiles.drawing import Stored, draw
from app.domain.tiles.encoding import layer
from app.domain.tiles.properties import flat
from app.domain.tiles.sketch import band_of, sketches
from tests.tiles import Told, decoded, in_units, off, tile_at

only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
_NESTED = ("do_not_move", "waypoints")
_SIDES = ("west", "south", "east", "north")
_INNER = shapely.box(1 - BUFFER, 1 - BUFFER, EXTENT + BUFFER - 1, EXTENT + BUFFER - 1)
_MOST_OFF = 1.5
_STEP = 4.0

_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    _TEXTS,
    st.integers(-(2**31), 2**31),
    st.floats(-1e9, 1e9).map(lambda x: round(x, 3)),
)
_REASONS = st.lists(
    st.fixed_dictionaries(
        {"code": st.sampled_from(("no_window", "window_over")), "message": _TEXTS}
    ),
    max_size=2,
)
_BARRED = st.fixed_dictionaries(
    {"reasons": _REASONS, "until": st.none() | st.just("2022-05-01T00:00:00Z")}
)
_PROPERTIES = st.fixed_dictionaries(
    {"name": _SCALARS, "status": _SCALARS, "width_m": _SCALARS},
    optional={"do_not_move": _BARRED, "waypoints": st.none() | st.lists(_TEXTS, max_size=2)},
)


@st.composite
def shapes(pick: Any, x: float, y: float) -> Any:
    """Give a shape near a place: a point, a loop, or a line in one or two parts."""
    reach = pick(st.sampled_from((1e-6, 1e-4, 0.01, 0.3, 3.0)))
    near = st.tuples(st.floats(x - reach, x + reach), st.floats(y - reach, y + reach)).map(
        lambda at: (round(at[0], 7), round(at[1], 7))
    )
    match pick(st.sampled_from(("point", "line", "lines", "loop"))):
        case "point":
            return shapely.Point(pick(near))
        case "line":
            return shapely.LineString(pick(st.lists(near, min_size=2, max_size=25)))
        case "lines":
            parts = [pick(st.lists(near, min_size=2, max_size=6, unique=True)) for _ in "ab"]
            return shapely.MultiLineString(parts)
        case _:
            around = shapely.Point(pick(near)).buffer(reach, quad_segs=pick(st.integers(1, 9)))
            return around.exterior


@st.composite
def scenes(pick: Any) -> tuple[Tile, list[tuple[Any, dict[str, Any]]]]:
    """Give a tile, and shapes that lie about it with their properties."""
    x, y = pick(st.floats(-175, 175)), pick(st.floats(-80, 80))
    tile = tile_at(x, y, pick(st.integers(0, 20)))
    some = st.lists(st.tuples(shapes(x, y), _PROPERTIES), min_size=1, max_size=4)
    return tile, pick(some)


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    with reading(engine) as session:
        yield session


def by_postgis(db: Session, tile: Tile, rows: Sequence[dict[str, Any]]) -> bytes:
    """Let PostGIS draw rows, by the words in which it draws those that are disclosed."""
    names = ("told", "reasons", "until", "geometry", "sketch", *_SIDES, "fits")
    types = (Text, Text, Text, LargeBinary, LargeBinary, Double, Double, Double, Double, Boolean)
    columns = [column(name, type_()) for name, type_ in zip(names, types, strict=True)]
    given_ = values(*columns, name="given").data([tuple(row[n] for n in names) for row in rows])
    form = Form(
        sqlite=False, collection="corridors", parts=(), whole=True, as_of=When.PRESENT,
        known_at=False, barred_now=False, bars_known_now=False, since=False, box=1, place=False,
        after=False, equal=(), nested=_NESTED,
    )  # fmt: skip
    features = drawn_by_postgis(
        select(*(cast(each, each.type).label(each.name) for each in given_.c)).cte("found"), form
    ).subquery()
    content = func.st_asmvt(features.table_valued(), "corridors", EXTENT, "geom")
    return bytes(db.execute(select(content), parameters(tile)).scalar_one())


def by_us(tile: Tile, rows: Sequence[dict[str, Any]]) -> bytes:
    """Draw them here."""
    stored = [
        Stored(wkb=row["sketch"] or row["geometry"], is_sketch=row["sketch"] is not None)
        for row in rows
    ]
    properties = [flat(row["told"], row["reasons"], row["until"], barred=True) for row in rows]
    return layer("corridors", zip(draw(stored, tile), properties, strict=True))


def row_of(number: int, shape: Any, properties: dict[str, Any], tile: Tile) -> dict[str, Any]:
    """Give a row as it would be found."""
    wkb = shapely.to_wkb(shape)
    west, south, east, north = shape.bounds
    told = {"id": str(UUID(int=number)), **properties}
    barred = told.pop("do_not_move", None)
    return {
        "told": orjson.dumps(told).decode(),
        "reasons": barred and orjson.dumps(barred["reasons"]).decode()[1:-1],
        "until": barred and orjson.dumps(barred["until"]).decode(),
        "geometry": wkb,
        "sketch": sketches(wkb).get(band_of(tile.zoom)),
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "fits": True,
    }


@only_postgresql
@settings(
    max_examples=200, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(scene=scenes())
def test_both_draw_the_same(db: Session, scene: tuple[Tile, list[Any]]) -> None:
    tile, shown = scene
    box = shapely.box(tile.box.west, tile.box.south, tile.box.east, tile.box.north)
    rows = [
        row_of(number, shape, properties, tile)
        for number, (shape, properties) in enumerate(shown, 1)
        if shape.intersects(box)
    ]
    if not rows:
        return
    theirs, ours = (
        decoded(each, "corridors") for each in (by_postgis(db, tile, rows), by_us(tile, rows))
    )
    assert theirs.keys() == ours.keys()
    assert len(ours) == len(rows)
    for id, one in theirs.items():
        assert one.properties == ours[id].properties
        assert are_alike(one, ours[id]), (one.geometry, ours[id].geometry)


def are_alike(one: Told, other: Told) -> bool:
    """Tell whether all of each drawing, but for its outermost edge, lies on the other to a unit."""
    pairs = ((one.geometry, other.geometry), (other.geometry, one.geometry))
    return all(farthest(each.intersection(_INNER), whole) <= _MOST_OFF for each, whole in pairs)


def farthest(part: Any, whole: Any) -> float:
    """Tell how far a part goes from a whole."""
    places = shapely.points(shapely.get_coordinates(shapely.segmentize(part, _STEP)))
    return max(shapely.distance(places, whole), default=0.0)


@only_postgresql
@pytest.mark.parametrize("latitude", [85.2, 89.0, 90.0])
def test_both_cut_what_lies_beyond_the_square_world(db: Session, latitude: float) -> None:
    tile = Tile(0, 0, 0)
    line = shapely.LineString([(10.0, -latitude), (11.0, latitude)])
    rows = [row_of(1, line, {}, tile)]
    theirs, ours = (
        decoded(each, "corridors") for each in (by_postgis(db, tile, rows), by_us(tile, rows))
    )
    (one,), (other,) = theirs.values(), ours.values()
    assert off(one.geometry, other.geometry) <= _MOST_OFF
    top, bottom = other.geometry.bounds[1], other.geometry.bounds[3]
    assert -BUFFER <= top < 0
    assert EXTENT < bottom <= EXTENT + BUFFER


@only_postgresql
@pytest.mark.parametrize("zoom", [6, 12, 14])
def test_where_a_way_goes_out_and_back_the_same_it_is_drawn(db: Session, zoom: int) -> None:
    there = (37.52, 47.12)
    line = shapely.LineString(
        [(37.50, 47.10), (37.51, 47.10), there, (37.51, 47.10), (37.51, 47.13)]
    )
    tile = tile_at(*there, zoom)
    (told,) = decoded(by_postgis(db, tile, [row_of(1, line, {}, tile)]), "corridors").values()
    assert told.geometry.distance(in_units(shapely.Point(there), tile)) <= 1


@only_postgresql
def test_a_fault_of_a_unit_and_a_half_is_found(db: Session) -> None:
    tile = Tile(6, 22, 38)
    line = shapely.LineString([(37.5, 47.1), (35.1, 47.8)])
    moved = shapely.affinity.translate(line, 360 / 2**6 / EXTENT * 2)
    theirs, ours = (
        decoded(by_postgis(db, tile, [row_of(1, each, {}, tile)]), "corridors")
        for each in (line, moved)
    )
    (one,), (other,) = theirs.values(), ours.values()
    assert not are_alike(one, other)
