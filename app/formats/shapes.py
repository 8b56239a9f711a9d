"""Geometry of GeoJSON, taken apart for files that know fewer kinds of it."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from app.domain.geometry.mgrs import grid_reference
from app.formats.writer import Feature

Geometry: TypeAlias = Mapping[str, Any]
Position: TypeAlias = tuple[float, float]
_MULTI = "Multi"


def is_exact(feature: Feature) -> bool:
    """Tell whether a shape is shown as it is; who sees no more than cells is told no name."""
    return "name" in feature["properties"]


def parts(geometry: Geometry | None) -> Iterator[tuple[str, Any]]:
    """Give points, lines and polygons, each as its kind and its coordinates."""
    if geometry is None:
        return
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind.startswith(_MULTI):
        yield from ((kind.removeprefix(_MULTI), each) for each in coordinates)
    else:
        yield kind, coordinates


def begins_at(geometry: Geometry | None) -> Position | None:
    """Give the first position of a shape: of a point itself, of a way where it begins."""
    return None if geometry is None else _first(geometry["coordinates"])


def ends_at(geometry: Geometry | None) -> Position | None:
    """Give the last position of a way; None of what is none."""
    lines = [line for kind, line in parts(geometry) if kind == "LineString"]
    return (lines[-1][-1][0], lines[-1][-1][1]) if lines else None


def _first(coordinates: Any) -> Position:
    while isinstance(coordinates[0], list | tuple):
        coordinates = coordinates[0]
    return coordinates[0], coordinates[1]


def square(feature: Feature, position: Position) -> str:
    """Name the square of a position of a feature, no finer than the feature is known to."""
    return grid_reference(position, feature["properties"].get("precision_m"))


def squares(feature: Feature) -> list[str]:
    """Name the squares in which a feature begins and, if it is a way, ends."""
    ends = (begins_at(feature["geometry"]), ends_at(feature["geometry"]))
    return list(dict.fromkeys(square(feature, end) for end in ends if end is not None))


def wkt(geometry: Geometry | None) -> str:
    """Write a shape as well-known text."""
    if geometry is None:
        return ""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    written = f"({_position(coordinates)})" if kind == "Point" else _text(coordinates)
    return f"{kind.upper()} {written}"


def _text(coordinates: Any) -> str:
    """Write positions, or lists of them; numbers as the shortest texts that read back the same."""
    if isinstance(coordinates[0][0], list | tuple):
        return f"({', '.join(map(_text, coordinates))})"
    return f"({', '.join(map(_position, coordinates))})"


def _position(position: Any) -> str:
    return f"{position[0]!r} {position[1]!r}"
