"""What is drawn in a tile is the shape itself, to a unit, cut at the buffer, and nothing is lost."""

from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from app.disclosure.outline import outline
from app.domain.geometry.shape import Line
from app.domain.tiles.address import BUFFER, EXTENT, Tile
from app.domain.tiles.drawing import Drawing, Kind, Stored, draw
from app.domain.tiles.projecting import longest_degrees
from app.domain.tiles.sketch import BANDS, NO_BAND, band_of, sketches
from tests.tiles import in_units, off, tile_at

_LONGITUDES = st.floats(-179.9, 179.9).map(lambda x: round(x, 9))
_LATITUDES = st.floats(-84.9, 84.9).map(lambda y: round(y, 9))
_POSITIONS = st.tuples(_LONGITUDES, _LATITUDES)
_INSIDE = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
_MOST_OFF = 1.25
"""Units: half of one each way for the grid, a half for what is left out as it cannot be seen."""
_AT_THE_EDGE = 2
"""Units: what lies that near to the edge of the buffer may be cut off."""


@st.composite
def lines(draw_: Any) -> tuple[shapely.LineString, Tile]:
    """Give a line, and a tile at one of its positions."""
    start, zoom = draw_(_POSITIONS), draw_(st.integers(0, 22))
    unit = 360 / (EXTENT << zoom)
    reach = draw_(st.sampled_from((unit, 3 * unit, 1e-5, 1e-3, 0.1, 2.0)))
    step = st.floats(-reach, reach)
    positions = [start]
    for _ in range(draw_(st.integers(1, 40))):
        x, y = positions[-1]
        at = _near(x + draw_(step), 179.9), _near(y + draw_(step), 84.9)
        positions.append((round(at[0], 9), round(at[1], 9)))
    at = draw_(st.sampled_from(positions))
    return shapely.LineString(positions), tile_at(at[0], at[1], zoom)


def _near(value: float, most: float) -> float:
    return max(-most, min(value, most))


def drawn(shape: Any, tile: Tile) -> Any:
    """Draw a shape as it is, and give it as a geometry."""
    (found,) = draw([Stored(wkb=shapely.to_wkb(shape), is_sketch=False)], tile)
    return as_geometry(found)


def as_geometry(found: Drawing) -> Any:
    """Give a drawing as a geometry."""
    match found.kind:
        case Kind.POINT:
            return shapely.Point(found.parts[0][0])
        case Kind.LINE:
            return shapely.MultiLineString([list(part) for part in found.parts])


def truth(shape: Any, tile: Tile, *, beyond: int = 0) -> Any:
    """Give what is seen of a shape in a tile, to the millimetre.

    Args:
        beyond: units beyond the buffer, less than another buffer.
    """
    box = tile.surroundings
    near = shapely.clip_by_rect(shape, box.west, box.south, box.east, box.north)
    longest = longest_degrees(tile.zoom) / 2
    dense = shapely.segmentize(near, longest) if near.length > longest else near
    return shapely.clip_by_rect(in_units(dense, tile), *_INSIDE.buffer(beyond).bounds)


def astray(drawn: Any, shape: Any, tile: Tile) -> float:
    """Tell how far what is drawn lies off, and how far off anything is that had to be drawn.

    A line that leaves at a flat angle leaves elsewhere when it moves by half a unit: so what is
    drawn is compared with what lies beyond the edge too, and so is what lies at the edge.
    """
    had_to_be = truth(shape, tile, beyond=-_AT_THE_EDGE)
    return max(
        farthest(drawn, truth(shape, tile, beyond=BUFFER // 2)),
        0.0 if had_to_be.is_empty else farthest(had_to_be, drawn),
    )


def farthest(one: Any, other: Any) -> float:
    """Tell how far from the other the farthest place of one is."""
    dense = shapely.get_parts(one)
    long: Any = shapely.length(dense) > 1  # GEOS divides no line without length
    dense[long] = shapely.segmentize(dense[long], 4.0)
    return float(shapely.distance(shapely.points(shapely.get_coordinates(dense)), other).max())


@given(asked=lines())
def test_a_line_is_drawn_where_it_is(asked: tuple[Any, Tile]) -> None:
    line, tile = asked
    assume(not truth(line, tile).is_empty)
    assert astray(drawn(line, tile), line, tile) <= _MOST_OFF


@given(asked=lines())
def test_a_sketch_differs_by_less_than_can_be_seen(asked: tuple[Any, Tile]) -> None:
    line, tile = asked
    band = band_of(tile.zoom)
    found = sketches(shapely.to_wkb(line))
    assume(band in found)
    assume(not truth(line, tile).is_empty)
    (sketched,) = draw([Stored(wkb=found[band], is_sketch=True)], tile)
    assert astray(as_geometry(sketched), line, tile) <= _MOST_OFF


@given(asked=lines())
def test_all_is_within_the_buffer_and_in_the_order_of_the_way(asked: tuple[Any, Tile]) -> None:
    line, tile = asked
    (found,) = draw([Stored(wkb=shapely.to_wkb(line), is_sketch=False)], tile)
    assert all(_INSIDE.covers(shapely.Point(at)) for part in found.parts for at in part)
    assert all(tuple(one) != tuple(other) for part in found.parts for one, other in pairwise(part))
    if line.is_simple and len(found.parts) == 1 and found.kind is Kind.LINE:
        exact = truth(line, tile)
        first, last = (shapely.Point(found.parts[0][at]) for at in (0, -1))
        if exact.geom_type == "LineString" and exact.length > 10:
            assert exact.project(first) <= exact.project(last)


@given(at=_POSITIONS, zoom=st.integers(0, 22))
def test_a_point_is_drawn_where_it_is(at: tuple[float, float], zoom: int) -> None:
    tile, point = tile_at(at[0], at[1], zoom), shapely.Point(at)
    assert off(drawn(point, tile), in_units(point, tile)) <= 0.7072


@pytest.mark.parametrize("zoom", [0, 3, 8, 12, 13, 22])
def test_nothing_is_dropped_for_being_small(zoom: int) -> None:
    x, y = 37.5413, 47.0951
    tiny = shapely.LineString([(x, y), (x + 1e-9, y + 1e-9)])
    loop = shapely.Point(x, y).buffer(1e-9).exterior
    for shape in (tiny, loop):
        found = drawn(shape, tile_at(x, y, zoom))
        assert found.geom_type == "Point"
        assert found.distance(in_units(shapely.Point(x, y), tile_at(x, y, zoom))) <= 1


def test_a_loop_too_small_for_a_zoom_stays_as_a_point() -> None:
    loop = shapely.Point(37.5, 47.1).buffer(1e-5, quad_segs=9).exterior
    for band, sketch in sketches(shapely.to_wkb(loop)).items():
        tile = tile_at(37.5, 47.1, band)
        (found,) = draw([Stored(wkb=sketch, is_sketch=True)], tile)
        assert len(found.parts) == 1


@pytest.mark.parametrize("latitude", [85.06, 86.0, 89.9, 90.0, -90.0])
def test_what_lies_beyond_the_square_world_is_cut_there(latitude: float) -> None:
    line = shapely.LineString([(10.0, 0.0), (10.0, latitude)])
    found = drawn(line, Tile(0, 0, 0))
    top = min(y for _, y in shapely.get_coordinates(found))
    bottom = max(y for _, y in shapely.get_coordinates(found))
    assert (top, bottom) == ((-BUFFER, 2048) if latitude > 0 else (2048, EXTENT + BUFFER)) or (
        latitude == 85.06 and -2 <= top <= 0
    )


def test_a_line_over_the_antimeridian_is_drawn_on_both_sides_of_the_map() -> None:
    line = Line(((179.0, 10.0), (-179.0, 11.0)))
    cut = outline(UUID(int=1), line)
    assert cut.geometry is not None
    for column, at in ((0, -180.0), (255, 180.0)):
        tile = tile_at(at, 10.5, 8)
        assert tile.column == column
        (found,) = draw([Stored(wkb=cut.geometry, is_sketch=False)], tile)
        edge = 0 if column == 0 else EXTENT
        assert any(x == edge for part in found.parts for x, _ in part)


def test_bands_follow_one_another() -> None:
    found = [band_of(zoom) for zoom in range(23)]
    assert found == [4] * 5 + [8] * 4 + [12] * 4 + [NO_BAND] * 10
    assert BANDS == (4, 8, 12)


@given(asked=lines())
def test_a_sketch_saves_positions_or_is_not_there(asked: tuple[Any, Tile]) -> None:
    line, _ = asked
    for sketch in sketches(shapely.to_wkb(line)).values():
        made = shapely.from_wkb(sketch)
        assert 2 <= shapely.get_num_coordinates(made) < shapely.get_num_coordinates(line)
        assert made.geom_type == "LineString"


@pytest.mark.parametrize("longitude", [180.0, -180.0])
@pytest.mark.parametrize("zoom", [0, 3, 8, 10])
def test_a_line_along_longitude_180_is_drawn_whole(longitude: float, zoom: int) -> None:
    inward = longitude * 0.999
    line = shapely.LineString([(longitude, -16.4), (longitude, -16.6), (inward, -16.7)])
    tile = tile_at(longitude * 0.9999999, -16.5, zoom)
    (found,) = draw([Stored(wkb=shapely.to_wkb(line), is_sketch=False)], tile)
    wanted = in_units(line, tile).intersection(_INSIDE)
    assert found.kind is Kind.LINE
    assert off(as_geometry(found), wanted) < _MOST_OFF
