"""Geometries that a filter names: every guard of `app.domain.geometry` first, then well-known binary.

A line over the antimeridian takes the short way, as everywhere in this service.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

from app.domain.cql2.refused import FilterRefused
from app.domain.geometry.antimeridian import split
from app.domain.geometry.box import Box, make_box
from app.domain.geometry.found import found
from app.domain.geometry.mercator import box_from_mercator, position_from_mercator
from app.domain.geometry.reading import read_area, read_line, read_point
from app.domain.geometry.refused import GeometryRefused
from app.domain.geometry.shape import Line, Position, as_geojson

_MOST_PARTS = 100
_GREAT = 2**53
_SINGLE = {"MultiPoint": "Point", "MultiLineString": "LineString"}
_KINDS = "Point, LineString, Polygon, MultiPoint, MultiLineString, MultiPolygon, GeometryCollection"


def read_place(value: Any, *, mercator: bool) -> tuple[bytes, ...]:
    """Read a GeoJSON geometry or `{"bbox": […]}`, as well-known binary in OGC CRS84.

    Args:
        mercator: whether its positions are metres of Web Mercator; else they are degrees.

    Returns:
        Its parts: several of a GeometryCollection, and of a box over the antimeridian that is
        no area.

    Raises:
        FilterRefused: it is none, or lies out of range.
    """
    try:
        if isinstance(value, dict) and value.keys() == {"bbox"}:
            return _box(value["bbox"], box_from_mercator if mercator else make_box)
        return tuple(map(_wkb, _documents(_in_degrees(value) if mercator else value)))
    except GeometryRefused as error:
        place = "/".join(map(str, error.path)) or "the whole"
        raise FilterRefused(f"{error.message}, at {place} of a geometry") from None
    except ValueError as error:
        raise FilterRefused(str(error)) from None


def _documents(value: Any) -> list[dict[str, Any]]:
    """Give the geometries of a collection, or the one that it is."""
    if not isinstance(value, dict) or value.get("type") != "GeometryCollection":
        return [_document(value)]
    inner = value.get("geometries")
    if value.keys() != {"type", "geometries"} or not isinstance(inner, list):
        raise FilterRefused("found a GeometryCollection without an array of geometries")
    _check_count(inner)
    return [_document(each) for each in inner]


def _document(value: Any) -> dict[str, Any]:
    """Give a geometry as GeoJSON, once all guards let it pass."""
    kind = value.get("type") if isinstance(value, dict) else None
    match kind:
        case "Point":
            return as_geojson(read_point(value).shape)
        case "LineString":
            return _lines([read_line(value).shape])
        case "Polygon" | "MultiPolygon":
            return as_geojson(read_area(value, multi=True).shape)
        case "MultiPoint":
            points = [read_point(each).shape for each in _singles(value)]
            return {"type": kind, "coordinates": [list(point.position) for point in points]}
        case "MultiLineString":
            return _lines([read_line(each).shape for each in _singles(value)])
        case _:
            raise FilterRefused(f"found {found(value)}, expected a geometry: {_KINDS}")


def _singles(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Take a geometry of several parts for as many of one part."""
    coordinates = value.get("coordinates")
    if value.keys() != {"type", "coordinates"} or not isinstance(coordinates, list):
        raise FilterRefused(f"found a {value['type']} without an array of coordinates alone")
    _check_count(coordinates)
    return [{"type": _SINGLE[value["type"]], "coordinates": each} for each in coordinates]


def _check_count(parts: list[Any]) -> None:
    if not 1 <= len(parts) <= _MOST_PARTS:
        raise FilterRefused(f"found a geometry of {len(parts)} parts, expected 1 to {_MOST_PARTS}")


def _lines(lines: Iterable[Line]) -> dict[str, Any]:
    parts = [[list(position) for position in part] for line in lines for part in split(line)]
    if len(parts) == 1:
        return {"type": "LineString", "coordinates": parts[0]}
    return {"type": "MultiLineString", "coordinates": parts}


def _in_degrees(value: Any) -> Any:
    """Turn the positions of a geometry; what is none is left for the guards."""
    if not isinstance(value, dict):
        return value
    return {name: _member_in_degrees(name, each) for name, each in value.items()}


def _member_in_degrees(name: str, value: Any) -> Any:
    if name == "coordinates":
        return _turned(value)
    if name == "geometries" and isinstance(value, list):
        return [_in_degrees(each) for each in value]
    return value


def _turned(coordinates: Any) -> Any:
    match coordinates:
        case [east, north, *height] if _is_number(east) and _is_number(north):
            return [*position_from_mercator((east, north)), *height]
        case list():
            return [_turned(inner) for inner in coordinates]
        case _:
            return coordinates


def _box(sides: Any, make: Callable[[float, float, float, float], Box]) -> tuple[bytes, ...]:
    if not isinstance(sides, list) or len(sides) not in {4, 6} or not all(map(_is_side, sides)):
        raise FilterRefused(
            f"found {found(sides)} as bbox, expected [west, south, east, north] or six numbers "
            "with heights"
        )
    flat = sides if len(sides) == 4 else [*sides[:2], *sides[3:5]]
    parts = make(*(side + 0.0 for side in flat)).parts()
    if len(parts) == 2 and all(_is_area(part) for part in parts):
        outlines = [[_outline(part)] for part in parts]
        return (_wkb({"type": "MultiPolygon", "coordinates": outlines}),)
    return tuple(map(_wkb_of_box, parts))


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_side(value: Any) -> bool:
    return _is_number(value) and abs(value) < _GREAT


def _is_area(box: Box) -> bool:
    return box.west < box.east and box.south < box.north


def _wkb_of_box(box: Box) -> bytes:
    """Give a box, which may be a line or a point."""
    corners = ((box.west, box.south), (box.east, box.north))
    if corners[0] == corners[1]:
        return _wkb({"type": "Point", "coordinates": corners[0]})
    if not _is_area(box):
        return _wkb({"type": "LineString", "coordinates": corners})
    return _wkb({"type": "Polygon", "coordinates": [_outline(box)]})


def _outline(box: Box) -> list[Position]:
    return [
        (box.west, box.south),
        (box.east, box.south),
        (box.east, box.north),
        (box.west, box.north),
        (box.west, box.south),
    ]


def _wkb(document: dict[str, Any]) -> bytes:
    # Loaded with the first geometry: it takes a tenth of the time that the service takes to start.
    from shapely import to_wkb  # noqa: PLC0415
    from shapely.geometry import shape as made  # noqa: PLC0415

    return bytes(to_wkb(made(document)))
