"""Geometries in bodies: read into shapes, refused with their place, told in the description."""

import subprocess
import sys
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.access.resource import as_json, warned
from app.domain.geometry.shape import Line, MultiPolygon, Point, Polygon, as_recorded
from app.http.geometry import (
    AreaIn,
    GeoLine,
    GeoMultiPolygon,
    GeoPoint,
    GeoPolygon,
    LineIn,
    PointIn,
)
from app.http.schema import Body

DOCUMENTS: list[tuple[Any, type[BaseModel], type[Any]]] = [
    (PointIn, GeoPoint, Point),
    (LineIn, GeoLine, Line),
    (AreaIn, GeoPolygon, Polygon),
    (AreaIn, GeoMultiPolygon, MultiPolygon),
]


class Place(Body):
    """A body with two geometries."""

    geometry: PointIn
    area: AreaIn | None = None


def example(document: type[BaseModel]) -> Any:
    (shown,) = document.model_json_schema()["examples"]
    return shown


def refusal(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value, strict=True)
    (error,) = refused.value.errors()
    return str(error["msg"])


@pytest.mark.parametrize(("kind", "document", "shape"), DOCUMENTS)
def test_the_example_of_the_description_can_be_sent(
    kind: Any, document: type[BaseModel], shape: type[Any]
) -> None:
    read = TypeAdapter(kind).validate_python(example(document), strict=True)
    assert isinstance(read.shape, shape)
    assert read.warnings == ()


@pytest.mark.parametrize(("kind", "document", "shape"), DOCUMENTS)
def test_the_description_shows_the_document(
    kind: Any, document: type[BaseModel], shape: type[Any]
) -> None:
    schema = TypeAdapter(kind).json_schema()
    assert document.__name__ in str(schema.get("title", schema))


@pytest.mark.parametrize(("kind", "document", "shape"), DOCUMENTS)
def test_what_is_on_record_can_be_shown(
    kind: Any, document: type[BaseModel], shape: type[Any]
) -> None:
    read = TypeAdapter(kind).validate_python(example(document), strict=True)
    shown = document.model_validate(as_recorded(read.shape))
    assert shown.model_dump(mode="json") == example(document)


def test_a_refusal_names_the_place() -> None:
    swapped = {"type": "LineString", "coordinates": [[37.5, 47.1], [47.1, 137.5]]}
    assert refusal(LineIn, swapped).startswith("coordinates/1: found 47.1, 137.5; expected")
    assert refusal(PointIn, []) == "found an array of 0, expected a GeoJSON Point"


def test_a_line_too_long_is_refused() -> None:
    around = {"type": "LineString", "coordinates": [[0, 0], [90, 0], [180, 1]]}
    assert "coordinates: found a line of 20,0" in refusal(LineIn, around)


def test_a_body_hands_on_shapes_for_the_record_and_what_was_changed() -> None:
    ring = [[37.5, 47, 1], [37.6, 47, 1], [37.6, 47.1, 1], [37.5, 47, 1]]
    area = {"type": "Polygon", "coordinates": [ring]}
    body = Place.model_validate(
        {"geometry": {"type": "Point", "coordinates": [37.608, 47.097, 9]}, "area": area}
    )
    assert as_json(body.geometry) == {"type": "Point", "coordinates": ["37.608", "47.097"]}
    assert [warning.code for warning in warned(body)] == ["z_dropped"]


def test_the_service_starts_without_libraries_of_geometry() -> None:
    code = (
        "import sys, app.main; "
        "sys.exit(str({'numpy', 'shapely', 'geopy'} & sys.modules.keys() or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
