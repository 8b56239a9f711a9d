"""The one reader of geometries: strict GeoJSON in OGC CRS84, checked, repaired only as it says.

Every guard that bounds type, depth and counts comes before a geometry library sees a number. What
is changed (see `changed.py`) is said in the warnings of what was read; all else is refused.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, TypeVar

from app.domain.fact import Warned
from app.domain.geometry.antimeridian import crosses
from app.domain.geometry.changed import ANTIMERIDIAN_SHORT_WAY, Changes
from app.domain.geometry.found import found
from app.domain.geometry.positions import MAX_VERTICES, read_position, read_positions
from app.domain.geometry.refused import GeometryRefused as GeometryRefused
from app.domain.geometry.rings import MAX_RINGS, read_polygons, turned
from app.domain.geometry.shape import Area, Line, MultiPolygon, Point, Position, Shape
from app.domain.geometry.validity import check_area

AnyShape = TypeVar("AnyShape", bound=Shape)
_COORDINATES = "coordinates"


@dataclass(frozen=True)
class Read(Generic[AnyShape]):
    """A shape as it was taken, and what was changed about it, each change said once."""

    shape: AnyShape
    warnings: tuple[Warned, ...] = ()


def read_point(value: Any) -> Read[Point]:
    """Read a GeoJSON Point.

    Raises:
        GeometryRefused: it is none, or its position is out of range.
    """
    changes = Changes()
    _, coordinates = _members(value, "Point")
    point = Point(read_position(coordinates, (_COORDINATES,), changes))
    return Read(point, changes.warnings())


def read_line(value: Any) -> Read[Line]:
    """Read a GeoJSON LineString of up to 10,000 positions; it may cross itself.

    Raises:
        GeometryRefused: it is none, leads nowhere, or one of its positions is out of range.
    """
    changes = Changes()
    _, coordinates = _members(value, "LineString")
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        raise GeometryRefused(
            f"found {found(coordinates)}, expected an array of two positions or more",
            (_COORDINATES,),
        )
    _check_count(coordinates)
    positions = read_positions(coordinates, (_COORDINATES,), changes)
    if len(set(map(_place, positions))) < 2:
        raise GeometryRefused(
            "all positions of the line are one place; expected two different ones at least",
            (_COORDINATES,),
        )
    if any(crosses(start, end) for start, end in pairwise(positions)):
        changes.add(ANTIMERIDIAN_SHORT_WAY)
    return Read(Line(positions), changes.warnings())


def read_area(value: Any, *, multi: bool) -> Read[Area]:
    """Read a GeoJSON Polygon of up to 10,000 positions and 1,000 rings.

    Args:
        multi: whether a MultiPolygon is taken too, within the same bounds in all.

    Raises:
        GeometryRefused: it is none, crosses itself, or one of its positions is out of range.
    """
    changes = Changes()
    kind, coordinates = _members(value, *(("Polygon", "MultiPolygon") if multi else ("Polygon",)))
    if kind == "Polygon":
        (polygon,) = read_polygons([(coordinates, (_COORDINATES,))], changes)
        check_area(polygon)
        return Read(turned(polygon, changes), changes.warnings())
    placed = [(each, (_COORDINATES, at)) for at, each in enumerate(_parts(coordinates))]
    polygons = MultiPolygon(read_polygons(placed, changes))
    check_area(polygons)
    shape = MultiPolygon(tuple(turned(each, changes) for each in polygons.polygons))
    return Read(shape, changes.warnings())


def _members(value: Any, *kinds: str) -> tuple[str, Any]:
    """Give type and coordinates of a geometry that has nothing else."""
    expected = " or ".join(kinds)
    if not isinstance(value, dict):
        raise GeometryRefused(f"found {found(value)}, expected a GeoJSON {expected}")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in kinds:
        raise GeometryRefused(f"found type {found(kind)}, expected {expected}", ("type",))
    if value.keys() - {"type", _COORDINATES}:
        raise GeometryRefused("found other members, expected type and coordinates only")
    return kind, value.get(_COORDINATES)


def _parts(coordinates: Any) -> list[Any]:
    if not isinstance(coordinates, list) or not 1 <= len(coordinates) <= MAX_RINGS:
        raise GeometryRefused(
            f"found {found(coordinates)}, expected an array of 1 to {MAX_RINGS} polygons",
            (_COORDINATES,),
        )
    return coordinates


def _check_count(positions: list[Any]) -> None:
    if len(positions) > MAX_VERTICES:
        raise GeometryRefused(
            f"found {len(positions)} positions, expected {MAX_VERTICES} at most", (_COORDINATES,)
        )


def _place(position: Position) -> Position:
    """Give one position for those that are one place: at ±180, and at a pole."""
    longitude, latitude = position
    if abs(latitude) == 90:
        return 0.0, latitude
    return (-180.0 if longitude == 180 else longitude), latitude
