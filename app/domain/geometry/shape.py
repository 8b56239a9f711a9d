"""The shapes that the service knows, as GeoJSON and as the record holds them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from app.domain.decimal_text import decimal_text
from app.domain.json_value import Json

Position: TypeAlias = "tuple[float, float]"
"""Longitude, then latitude."""
Ring: TypeAlias = "tuple[Position, ...]"
"""A closed line: its last position is its first."""


@dataclass(frozen=True)
class Point:
    """One place."""

    position: Position


@dataclass(frozen=True)
class Line:
    """A way; between neighbouring longitudes more than 180 degrees apart it goes the short way."""

    positions: tuple[Position, ...]


@dataclass(frozen=True)
class Polygon:
    """An area: its outline counter-clockwise, then its holes clockwise."""

    rings: tuple[Ring, ...]


@dataclass(frozen=True)
class MultiPolygon:
    """An area in several parts that share no more than points."""

    polygons: tuple[Polygon, ...]


Area: TypeAlias = Polygon | MultiPolygon
Shape: TypeAlias = Point | Line | Area


def as_geojson(shape: Shape) -> dict[str, Any]:
    """Give the GeoJSON geometry of a shape, with numbers as coordinates."""
    match shape:
        case Point(position):
            return {"type": "Point", "coordinates": list(position)}
        case Line(positions):
            return {"type": "LineString", "coordinates": _lists(positions)}
        case Polygon(rings):
            return {"type": "Polygon", "coordinates": [_lists(ring) for ring in rings]}
        case MultiPolygon(polygons):
            inner = [[_lists(ring) for ring in polygon.rings] for polygon in polygons]
            return {"type": "MultiPolygon", "coordinates": inner}


def as_recorded(shape: Shape) -> Json:
    """Give the GeoJSON geometry of a shape, with decimal texts as coordinates.

    The record holds no fractions. Each text is the shortest that reads back as the same number.
    """
    written = as_geojson(shape)
    return {"type": written["type"], "coordinates": _written(written["coordinates"])}


def from_recorded(value: Json) -> Shape:
    """Give back the shape that `as_recorded` wrote.

    Raises:
        ValueError: `value` is no such geometry.
    """
    try:
        recorded = cast(dict[str, Any], value)
        return _shape(recorded["type"], recorded["coordinates"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("this is no recorded geometry") from error


def _lists(positions: Iterable[Position]) -> list[list[float]]:
    return [list(position) for position in positions]


def _written(coordinates: Any) -> Json:
    if isinstance(coordinates, list):
        return [_written(each) for each in coordinates]
    return decimal_text(coordinates)


def _shape(kind: str, coordinates: Any) -> Shape:
    match kind:
        case "Point":
            return Point(_position(coordinates))
        case "LineString":
            return Line(_positions(coordinates))
        case "Polygon":
            return _polygon(coordinates)
        case "MultiPolygon":
            return MultiPolygon(tuple(map(_polygon, coordinates)))
        case _:
            raise ValueError(kind)


def _polygon(rings: Any) -> Polygon:
    return Polygon(tuple(map(_positions, rings)))


def _positions(positions: Any) -> tuple[Position, ...]:
    return tuple(map(_position, positions))


def _position(position: Any) -> Position:
    longitude, latitude = position
    return float(longitude), float(latitude)
