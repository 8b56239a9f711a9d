"""Addresses of tiles, and where they lie."""

import pytest

from app.domain.tiles.address import NORTHERNMOST, Tile, read_tile


@pytest.mark.parametrize(
    ("zoom", "row", "column", "told"),
    [
        ("23", "0", "0", "found 23, expected a zoom from 0 to 22"),
        ("-1", "0", "0", "found something else, expected a zoom from 0 to 22"),
        ("99999999999999999999", "0", "0", "found something else, expected a zoom from 0 to 22"),
        ("0", "1", "0", "found 1, expected a row from 0 to 0 at zoom 0"),
        ("3", "8", "0", "found 8, expected a row from 0 to 7 at zoom 3"),
        ("3", "0", "8", "found 8, expected a column from 0 to 7 at zoom 3"),
        ("3", "01", "0", "found 01, expected a row from 0 to 7 at zoom 3"),
        ("3", "1.0", "0", "found something else, expected a row from 0 to 7 at zoom 3"),
        ("3", "\u0661", "0", "found something else, expected a row from 0 to 7 at zoom 3"),
        ("", "0", "0", "found something else, expected a zoom from 0 to 22"),
        ("z", "0", "0", "found something else, expected a zoom from 0 to 22"),
    ],
)
def test_what_is_no_address_is_refused(zoom: str, row: str, column: str, told: str) -> None:
    with pytest.raises(ValueError, match="^" + told.replace(".", r"\.") + "$"):
        read_tile(zoom, row, column)


def test_the_last_tile_of_the_deepest_zoom_is_one() -> None:
    last = 2**22 - 1
    assert read_tile("22", str(last), str(last)) == Tile(22, last, last)


def test_the_first_tile_is_the_whole_square_world() -> None:
    box = Tile(0, 0, 0).box
    assert (box.west, box.east) == (-180.0, 180.0)
    assert (box.south, box.north) == (-NORTHERNMOST, NORTHERNMOST)


def test_rows_run_south_and_columns_east() -> None:
    box = Tile(1, 0, 1).box
    assert -3 < box.west < 0
    assert -3 < box.south < 0
    assert (box.east, box.north) == (180.0, NORTHERNMOST)
