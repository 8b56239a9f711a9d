"""Grid references, against what NGA's own program gives and what PROJ computes."""

from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from app.domain.geometry.cell import Size, cell_of
from app.domain.geometry.mgrs import grid_reference
from app.domain.geometry.utm import Projected, projected

KNOWN = {
    # by GEOTRANS of the NGA: Mariupol and Zaporizhzhia, Bergen and Svalbard, both sides of the
    # equator, both poles
    (37.5413, 47.0951): "37TCN8929916764",
    (35.1171, 47.8517): "36TXU5837401987",
    (5.32, 60.39): "32VKN9723000510",
    (2.9, 61): "31VDH9459162791",
    (15.6, 78.2): "33XWG1369680760",
    (8.9, 78.2): "31XFG3447087473",
    (21.1, 78.2): "35XLG6552987473",
    (41.9, 83.9): "37XEP3439017795",
    (-170.2, -79.9): "02CNS1566129468",
    (151.21, -33.86): "56HLH3441651925",
    (1e-05, 1e-05): "31NAA6602200001",
    (-1e-05, -1e-05): "30MZE3397799998",
    (10, 85): "ZAB9645452981",
    (-10, 85): "YZB0354552981",
    (-10, -85): "AZT0354547018",
    (10, -85): "BAT9645447018",
    (36.82, -1.29): "37MBU5742257312",
    (179.5, 89.9): "ZAH0009611101",
    (-77.04, -12.05): "18LTM7792567091",
}
EXCEPTIONS = {
    # south-west Norway
    (2.999999, 60.0): 31,
    (3.0, 60.0): 32,
    (3.0, 55.999999): 31,
    (3.0, 64.0): 31,
    (11.999999, 56.0): 32,
    # Svalbard
    (0.0, 72.0): 31,
    (8.999999, 75.0): 31,
    (9.0, 75.0): 33,
    (20.999999, 83.999999): 33,
    (21.0, 75.0): 35,
    (33.0, 75.0): 37,
    (41.999999, 75.0): 37,
    (42.0, 75.0): 38,
    (9.0, 71.999999): 32,
    (-0.000001, 75.0): 30,
    # the antimeridian, and where UPS begins
    (180.0, 10.0): 1,
    (-180.0, 10.0): 1,
    (179.999999, 10.0): 60,
    (10.0, 84.0): 0,
    (10.0, 83.999999): 33,
    (10.0, -80.0): 32,
    (10.0, -80.000001): 0,
}
DIGITS = {
    None: "37T CN 89299 16764",
    0.5: "37T CN 89299 16764",
    1: "37T CN 89299 16764",
    2: "37T CN 8929 1676",
    10: "37T CN 8929 1676",
    100: "37T CN 892 167",
    101: "37T CN 89 16",
    1_000: "37T CN 89 16",
    10_000: "37T CN 8 1",
    10_001: "37T CN",
}
MARIUPOL = (37.5413, 47.0951)
positions = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@pytest.mark.parametrize("position", KNOWN)
def test_references_are_those_of_the_agency(position: tuple[float, float]) -> None:
    assert grid_reference(position).replace(" ", "") == KNOWN[position]


@pytest.mark.parametrize("position", EXCEPTIONS)
def test_zones_are_those_of_the_standard(position: tuple[float, float]) -> None:
    assert projected(position).zone == EXCEPTIONS[position]


@pytest.mark.parametrize(
    ("pole", "square"), [(90.0, "Z AH 00000 00000"), (-90.0, "B AN 00000 00000")]
)
def test_a_pole_has_one_square_on_every_meridian(pole: float, square: str) -> None:
    assert {grid_reference((longitude, pole)) for longitude in (-180, -90, 0, 45, 180)} == {square}


@pytest.mark.parametrize("precision", DIGITS)
def test_a_square_is_no_finer_than_what_is_known(precision: float | None) -> None:
    assert grid_reference(MARIUPOL, precision) == DIGITS[precision]


@given(positions)
def test_metres_are_those_of_proj(position: tuple[float, float]) -> None:
    found = projected(position)
    east, north = _by_proj(found, position)
    assert found.easting == pytest.approx(east, abs=1e-4)
    assert found.northing == pytest.approx(north, abs=1e-4)


@given(positions, st.sampled_from(tuple(Size)))
def test_a_cell_is_named_by_one_square_wherever_in_it_a_place_lies(
    position: tuple[float, float], size: Size
) -> None:
    """What is shown is the centre of the cell, and its square tells nothing else."""
    cell = cell_of(position, size)
    again = cell_of(cell.centre, size)
    named = [grid_reference(each.centre, size.metres) for each in (cell, again)]
    assert named[0] == named[1]
    digits = named[0].split()[2:] if cell.centre[1] not in (-90, 90) else []
    assert all(len(each) == (2 if size is Size.FINE else 1) for each in digits[-2:])


@given(positions, st.integers(0, 5))
def test_a_coarse_square_holds_the_fine_one(position: tuple[float, float], digits: int) -> None:
    fine = grid_reference(position)
    coarse = grid_reference(position, 10 ** (5 - digits))
    head, (east, north) = fine.rsplit(" ", 2)[0], fine.split(" ")[-2:]
    kept = f"{head} {east[:digits]} {north[:digits]}" if digits else head
    assert coarse == kept


def _by_proj(found: Projected, position: tuple[float, float]) -> tuple[float, float]:
    if found.zone:
        code = (32_600 if found.north else 32_700) + found.zone
    else:
        code = 5041 if found.north else 5042
    turn = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}", always_xy=True)
    east, north = turn.transform(*position)
    return float(east), float(north)


def test_a_reference_counts_whole_metres() -> None:
    """It is never rounded up: the place would lie outside of its square."""
    position = (35.002, 47.000003)
    place = projected(position)
    east, north = grid_reference(position).split()[-2:]
    assert int(east) == floor(place.easting) % 100_000
    assert int(north) == floor(place.northing) % 100_000
