"""Web Mercator, against what its definition gives."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.geometry.box import Box
from app.domain.geometry.mercator import (
    HALF_M,
    box_from_mercator,
    coordinates_to_mercator,
    from_mercator,
    to_mercator,
)

KNOWN = {
    # by the formula of EPSG's guidance note 7-2: easting R λ, northing R ln tan(π/4 + φ/2)
    (0.0, 0.0): (0.0, 0.0),
    (37.5413, 47.0951): (4179078.400, 5957610.651),
    (180.0, 85.05112877980659): (HALF_M, HALF_M),
    (-180.0, -85.05112877980659): (-HALF_M, -HALF_M),
}


@pytest.mark.parametrize("position", KNOWN)
def test_positions_are_where_proj_puts_them(position: tuple[float, float]) -> None:
    assert to_mercator(position) == pytest.approx(KNOWN[position], abs=0.001)


@given(st.floats(-180, 180), st.floats(-89.9, 89.9))
def test_there_and_back_is_the_same_to_a_millimetre(x: float, y: float) -> None:
    back = from_mercator(to_mercator((x, y)))
    assert back == pytest.approx((x, y), abs=1e-8)


@pytest.mark.parametrize("latitude", [-90.0, 90.0])
def test_the_poles_are_far_away_and_finite(latitude: float) -> None:
    _, north = to_mercator((0.0, latitude))
    assert math.isfinite(north)
    assert abs(north) > 2e8
    assert box_from_mercator(0, min(north, 0), 1, max(north, 0)).north <= 90


def test_geometry_is_turned_however_deep() -> None:
    line = [[0.0, 0.0], [180.0, 0.0]]
    turned = [(0.0, 0.0), (round(HALF_M, 3), 0.0)]
    assert coordinates_to_mercator(line) == turned
    assert coordinates_to_mercator([[line]]) == [[turned]]


def test_a_box_may_cross_the_antimeridian() -> None:
    box = box_from_mercator(HALF_M - 1, 0, 1 - HALF_M, 1)
    assert len(box.parts()) == 2
    assert box_from_mercator(-HALF_M, 0, HALF_M, 0) == Box(-180, 0, 180, 0)


@pytest.mark.parametrize(
    "sides",
    [
        (-HALF_M - 1, 0, 0, 1),
        (0, 0, HALF_M + 1, 1),
        (0, 1, 1, 0),
        (0, 0, 1, 1e99),
        (math.nan, 0, 1, 1),
        (0, math.nan, 1, 1),
    ],
)
def test_what_bounds_no_box_is_refused(sides: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        box_from_mercator(*sides)
