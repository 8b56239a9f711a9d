"""Shapes as GeoJSON, and as the record holds them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.geometry.shape import (
    Line,
    MultiPolygon,
    Point,
    Polygon,
    Shape,
    as_geojson,
    as_recorded,
    from_recorded,
)
from app.domain.record import canonical
from tests.domain.geometry.given import AZOVSTAL, MANHUSH, MARIUPOL, positions

RING = (AZOVSTAL, MANHUSH, MARIUPOL, AZOVSTAL)
SHAPES: list[Shape] = [
    Point(AZOVSTAL),
    Line((MARIUPOL, MANHUSH)),
    Polygon((RING, RING[::-1])),
    MultiPolygon((Polygon((RING,)), Polygon((RING, RING[::-1])))),
]


def test_a_point_is_geojson_with_its_longitude_first() -> None:
    assert as_geojson(Point(AZOVSTAL)) == {"type": "Point", "coordinates": [37.608, 47.097]}


def test_the_record_holds_decimal_texts() -> None:
    assert as_recorded(Line(((1e-7, -0.0), (180.0, -46.50)))) == {
        "type": "LineString",
        "coordinates": [["0.0000001", "0"], ["180", "-46.5"]],
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_each_kind_comes_back_from_the_record(shape: Shape) -> None:
    assert canonical(as_recorded(shape))
    assert from_recorded(as_recorded(shape)) == shape


@pytest.mark.parametrize("shape", SHAPES)
def test_the_record_nests_as_geojson_does(shape: Shape) -> None:
    recorded, geojson = str(as_recorded(shape)), str(as_geojson(shape))
    assert recorded.replace("'", "") == geojson.replace("'", "")


@settings(max_examples=200)
@given(positions | st.tuples(st.floats(-180, 180), st.floats(-90, 90)))
def test_no_digit_is_lost_and_no_exponent_written(position: tuple[float, float]) -> None:
    recorded = as_recorded(Point(position))
    assert from_recorded(recorded) == Point(position)
    assert isinstance(recorded, dict)
    assert not set(str(recorded["coordinates"])) - set("[]', -.0123456789")


@pytest.mark.parametrize(
    "value",
    [None, [], {"type": "Point"}, {"type": "Circle", "coordinates": []},
     {"type": "Point", "coordinates": ["1"]}, {"type": "LineString", "coordinates": [["a", "b"]]}],
)  # fmt: skip
def test_what_is_no_recorded_geometry_is_an_error(value: object) -> None:
    with pytest.raises(ValueError, match="no recorded geometry"):
        from_recorded(value)  # type: ignore[arg-type]
