"""Geometries in bodies and answers: GeoJSON in OGC CRS84, longitude first, in degrees on WGS84."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PlainValidator

from app.domain.geometry import shape
from app.domain.geometry.measure import require_bounded
from app.domain.geometry.reading import (
    AnyShape,
    GeometryRefused,
    Read,
    read_area,
    read_line,
    read_point,
)
from app.http.found import refused

_OUTLINE: JsonValue = [[34.9, 46.5], [38.1, 46.5], [38.1, 48.0], [34.9, 48.0], [34.9, 46.5]]
_MANHUSH: JsonValue = [
    [37.28, 47.04],
    [37.34, 47.04],
    [37.34, 47.07],
    [37.28, 47.07],
    [37.28, 47.04],
]
_WORKS: JsonValue = [
    [37.58, 47.08],
    [37.63, 47.08],
    [37.63, 47.11],
    [37.58, 47.11],
    [37.58, 47.08],
]

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Position: TypeAlias = tuple[Longitude, Latitude]


def _example(kind: str, coordinates: JsonValue) -> ConfigDict:
    example: JsonValue = {"type": kind, "coordinates": coordinates}
    return ConfigDict(frozen=True, json_schema_extra={"examples": [example]})


class GeoPoint(BaseModel):
    """A GeoJSON Point in OGC CRS84: longitude, then latitude, in degrees."""

    model_config = _example("Point", [37.608, 47.097])

    type: Literal["Point"]
    coordinates: Position


class GeoLine(BaseModel):
    """A GeoJSON LineString in OGC CRS84: longitude, then latitude, in degrees."""

    model_config = _example("LineString", [[37.5413, 47.0951], [37.3119, 47.0563]])

    type: Literal["LineString"]
    coordinates: list[Position] = Field(
        min_length=2,
        description="in the direction of the way; where neighbouring longitudes lie more than 180 "
        "degrees apart it crosses the antimeridian, the short way",
    )


class GeoPolygon(BaseModel):
    """A GeoJSON Polygon in OGC CRS84: longitude, then latitude, in degrees."""

    model_config = _example("Polygon", [_OUTLINE])

    type: Literal["Polygon"]
    coordinates: list[list[Position]] = Field(
        description="rings, the outline first and then its holes; each closed"
    )


class GeoMultiPolygon(BaseModel):
    """A GeoJSON MultiPolygon in OGC CRS84: longitude, then latitude, in degrees."""

    model_config = _example("MultiPolygon", [[_WORKS], [_MANHUSH]])

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[Position]]] = Field(
        description="polygons; of each its rings, the outline first and then its holes"
    )


GeoArea: TypeAlias = GeoPolygon | GeoMultiPolygon


def reader(read: Callable[[Any], Read[AnyShape]], document: Any) -> PlainValidator:
    """Read a member of a body with `read`; the description of the API shows `document`."""

    def validate(value: Any) -> Read[AnyShape]:
        try:
            return read(value)
        except GeometryRefused as error:
            place = "/".join(map(str, error.path))
            raise refused(f"{place}: {error.message}" if place else error.message) from None

    return PlainValidator(validate, json_schema_input_type=document)


def _read_bounded_line(value: Any) -> Read[shape.Line]:
    read = read_line(value)
    require_bounded(read.shape)
    return read


def _read_any_area(value: Any) -> Read[shape.Area]:
    return read_area(value, multi=True)


PointIn = Annotated[Read[shape.Point], reader(read_point, GeoPoint)]
"""A place from a body, with what was changed about it."""
LineIn = Annotated[Read[shape.Line], reader(_read_bounded_line, GeoLine)]
"""A way of 10,000 km at most from a body, with what was changed about it."""
AreaIn = Annotated[Read[shape.Area], reader(_read_any_area, GeoArea)]
"""A Polygon or MultiPolygon from a body, with what was changed about it."""
