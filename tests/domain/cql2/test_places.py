"""A geometry of a filter passes the guards of every geometry before a C library sees it."""

from typing import Any

import pytest
import shapely

from app.domain.cql2.places import read_place
from app.domain.cql2.refused import FilterRefused
from tests.domain.cql2.given import COLLECTION, PLACES, SQUARE

INFINITE = float("inf")


def shapes(value: Any, *, mercator: bool = False) -> list[Any]:
    """Read a geometry and give its parts."""
    return [shapely.from_wkb(part) for part in read_place(value, mercator=mercator)]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_kind_is_read_as_one_valid_geometry(place: Any) -> None:
    (shape,) = shapes(place)
    assert shape.is_valid
    assert not shape.is_empty


def test_a_collection_is_read_as_its_parts() -> None:
    assert [shape.geom_type for shape in shapes(COLLECTION)] == ["Point", "Polygon"]


def test_a_line_over_the_antimeridian_takes_the_short_way() -> None:
    (shape,) = shapes({"type": "LineString", "coordinates": [[179.0, 0.0], [-179.0, 0.0]]})
    assert shape.geom_type == "MultiLineString"
    assert shape.length == 2.0


@pytest.mark.parametrize(
    ("bbox", "kind", "area"),
    [
        ([0, 0, 2, 2], "Polygon", 4),
        ([0, 0, -5, 2, 2, 9], "Polygon", 4),
        ([1, 1, 1, 1], "Point", 0),
        ([1, 1, 2, 1], "LineString", 0),
        ([179, 0, -179, 1], "MultiPolygon", 2),
    ],
)
def test_a_box_is_what_it_encloses(bbox: list[float], kind: str, area: float) -> None:
    (shape,) = shapes({"bbox": bbox})
    assert (shape.geom_type, shape.area) == (kind, area)


def test_a_box_over_the_antimeridian_may_be_two_lines() -> None:
    assert [shape.geom_type for shape in shapes({"bbox": [180, 0, -180, 1]})] == ["LineString"] * 2


def test_positions_may_be_metres() -> None:
    point = {"type": "Point", "coordinates": [111319.49079327357, 5621521.486192066]}
    (shape,) = shapes(point, mercator=True)
    assert shapely.get_coordinates(shape).tolist() == [[pytest.approx(1.0), pytest.approx(45.0)]]
    within = {"type": "GeometryCollection", "geometries": [point]}
    assert shapes(within, mercator=True) == [shape]
    (box,) = shapes({"bbox": [0, 0, 111319.49079327357, 5621521.486192066]}, mercator=True)
    assert box.bounds == pytest.approx((0, 0, 1, 45))


@pytest.mark.parametrize(
    "place",
    [
        None, [], {}, {"type": "Point"}, {"type": "Circle", "coordinates": [1, 2]},
        {"type": "Point", "coordinates": [200, 0]},
        {"type": "Point", "coordinates": [0, 91]},
        {"type": "Point", "coordinates": [INFINITE, 0]},
        {"type": "Point", "coordinates": [float("nan"), 0]},
        {"type": "Point", "coordinates": [True, 0]},
        {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": [1, 2, 3, 4]},
        {"type": "Point", "coordinates": [1, 2], "crs": "x"},
        {"type": "LineString", "coordinates": [[1, 2]]},
        {"type": "LineString", "coordinates": []},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [SQUARE[:-1]]},
        {"type": "MultiPoint", "coordinates": []},
        {"type": "MultiPoint", "coordinates": [[0, 0]] * 101},
        {"type": "MultiPoint", "coordinates": [[0, 0], [[1, 1]]]},
        {"type": "MultiLineString", "coordinates": [[1, 2]]},
        {"type": "MultiLineString", "coordinates": None},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "GeometryCollection", "geometries": [COLLECTION]},
        {"type": "GeometryCollection", "geometries": [{"bbox": [0, 0, 1, 1]}]},
        {"type": "GeometryCollection", "geometries": None},
        {"bbox": [0, 1, 2]}, {"bbox": None}, {"bbox": ["a", 0, 1, 1]}, {"bbox": [0, 5, 1, 4]},
        {"bbox": [0, 0, 181, 1]}, {"bbox": [0, 0, INFINITE, 1]}, {"bbox": [0, 0, 10**400, 1]},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("mercator", [False, True])
def test_what_is_no_geometry_is_refused(place: Any, mercator: bool) -> None:
    if mercator and str(place) in _FINE_IN_METRES:
        return
    with pytest.raises(FilterRefused):
        read_place(place, mercator=mercator)


_FINE_IN_METRES = {
    str({"type": "Point", "coordinates": [200, 0]}),
    str({"type": "Point", "coordinates": [0, 91]}),
    str({"bbox": [0, 0, 181, 1]}),
}


@pytest.mark.parametrize("position", [[1e9, 0], [0, 1e9], [INFINITE, 0], [0, -INFINITE]])
def test_metres_beyond_the_world_are_refused(position: list[float]) -> None:
    with pytest.raises(FilterRefused, match="expected them within"):
        read_place({"type": "Point", "coordinates": position}, mercator=True)
