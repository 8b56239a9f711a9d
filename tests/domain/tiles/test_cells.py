"""Whatever a tile may show meets the cell by which it is told apart."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.tiles.address import Tile
from app.domain.tiles.cell import EVERYWHERE, MOST, ZOOM, cell_of, cells_of
from tests.tiles import tile_at

_LONGITUDES, _LATITUDES = st.floats(-180, 180), st.floats(-90, 90)


@given(
    longitudes=st.tuples(_LONGITUDES, _LONGITUDES),
    latitudes=st.tuples(_LATITUDES, _LATITUDES),
    zoom=st.integers(ZOOM, 22),
    across=st.floats(-0.1, 1.1),
    down=st.floats(-0.1, 1.1),
)
def test_what_a_tile_may_show_is_counted_in_its_cell(
    longitudes: tuple[float, float],
    latitudes: tuple[float, float],
    zoom: int,
    across: float,
    down: float,
) -> None:
    west, east = sorted(longitudes)
    south, north = sorted(latitudes)
    at = (west + (east - west) * across, south + (north - south) * down)
    tile = tile_at(max(-180, min(at[0], 180)), max(-90, min(at[1], 90)), zoom)
    box = tile.box
    meets = box.west <= east and west <= box.east and box.south <= north and south <= box.north
    found = cells_of((west, south, east, north))
    cell = cell_of(tile)
    assert cell is not None
    assert not meets or cell in found or found == {EVERYWHERE}
    assert len(found) <= MOST


def test_a_large_tile_has_no_cell() -> None:
    assert [cell_of(Tile(zoom, 0, 0)) is None for zoom in (0, 7, 8, 22)] == [
        True,
        True,
        False,
        False,
    ]


def test_a_place_is_counted_in_few_cells() -> None:
    assert len(cells_of((37.6, 47.1, 37.6, 47.1))) == 1
    assert cells_of((0.0, 0.0, 0.0, 0.0)) == cells_of((-0.001, -0.001, 0.001, 0.001))
    assert len(cells_of((0.0, 0.0, 0.0, 0.0))) == 4


def test_what_meets_very_many_is_counted_everywhere() -> None:
    assert cells_of((-180.0, -90.0, 180.0, 90.0)) == {EVERYWHERE}
