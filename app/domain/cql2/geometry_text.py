"""Geometries in CQL2 Text: properties, well-known text and BBOX, as GeoJSON would say them."""

from typing import Any

from app.domain.cql2.cursor import Cursor

_TYPES = {
    "point": ("Point", 0),
    "linestring": ("LineString", 1),
    "polygon": ("Polygon", 2),
    "multipoint": ("MultiPoint", 1),
    "multilinestring": ("MultiLineString", 2),
    "multipolygon": ("MultiPolygon", 3),
}
"""Name and how deep its lists of positions are."""
_COLLECTION = "geometrycollection"
_EXPECTED = f"a property, BBOX or a geometry such as POINT(37.6 47.1): {', '.join(_TYPES)}"


def read(cursor: Cursor) -> Any:
    """Read what may be compared as a geometry."""
    if cursor.following.key in {"(", "z"}:
        return _literal(cursor)
    return cursor.property()


def _literal(cursor: Cursor) -> Any:
    name = cursor.word.key
    if name == "bbox":
        cursor.go_on()
        return {"bbox": cursor.listed(cursor.number)}
    if name == _COLLECTION:
        cursor.go_on()
        with cursor.deeper():
            return {"type": "GeometryCollection", "geometries": cursor.listed(lambda: read(cursor))}
    kind = name if name in _TYPES else name.removesuffix("z")
    if kind not in _TYPES:
        raise cursor.refused(_EXPECTED)
    cursor.go_on()
    cursor.takes("z")
    title, depth = _TYPES[kind]
    return {"type": title, "coordinates": _coordinates(cursor, kind, depth)}


def _coordinates(cursor: Cursor, kind: str, depth: int) -> Any:
    if depth == 0:
        cursor.require("(")
        position = _position(cursor)
        cursor.require(")")
        return position
    if kind == "multipoint":
        return cursor.listed(lambda: _point(cursor))
    return _lists(cursor, depth)


def _lists(cursor: Cursor, depth: int) -> Any:
    if depth == 0:
        return _position(cursor)
    return cursor.listed(lambda: _lists(cursor, depth - 1))


def _point(cursor: Cursor) -> Any:
    """Read a position of a MULTIPOINT, with parentheses or without."""
    if not cursor.takes("("):
        return _position(cursor)
    position = _position(cursor)
    cursor.require(")")
    return position


def _position(cursor: Cursor) -> list[float]:
    position = [cursor.number()]
    while cursor.word.key not in {",", ")"}:
        position.append(cursor.number())
    return position
