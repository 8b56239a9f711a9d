"""Reading the rings of an area: closed, bounded in number, turned as RFC 7946 asks."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from app.domain.geometry.changed import RINGS_TURNED, Changes
from app.domain.geometry.decimals import exact
from app.domain.geometry.found import found
from app.domain.geometry.positions import MAX_VERTICES, read_positions
from app.domain.geometry.refused import GeometryRefused, Path
from app.domain.geometry.shape import Polygon, Ring

MAX_RINGS = 1000

Placed: TypeAlias = "tuple[Any, Path]"
"""A value and where it stands."""


def read_polygons(polygons: Sequence[Placed], changes: Changes) -> tuple[Polygon, ...]:
    """Read polygons that share one bound on rings and positions; not yet turned nor checked.

    Raises:
        GeometryRefused: there are too many of something, or a ring cannot be read.
    """
    rings = [_placed_rings(value, path) for value, path in polygons]
    _check_counts([ring for each in rings for ring in each], polygons[0][1][:1])
    return tuple(
        Polygon(tuple(_ring(ring, path, changes) for ring, path in each)) for each in rings
    )


def turned(polygon: Polygon, changes: Changes) -> Polygon:
    """Turn the outline of a valid polygon counter-clockwise, and its holes clockwise."""
    outline, *holes = polygon.rings
    rings = (
        outline if _is_counter_clockwise(outline) else outline[::-1],
        *(hole[::-1] if _is_counter_clockwise(hole) else hole for hole in holes),
    )
    if rings != polygon.rings:
        changes.add(RINGS_TURNED)
    return Polygon(rings)


def _placed_rings(value: Any, path: Path) -> list[Placed]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_RINGS:
        raise GeometryRefused(
            f"found {found(value)}, expected an array of 1 to {MAX_RINGS} rings", path
        )
    return [(ring, (*path, index)) for index, ring in enumerate(value)]


def _check_counts(rings: Sequence[Placed], path: Path) -> None:
    for ring, place in rings:
        if not isinstance(ring, list):
            raise GeometryRefused(
                "found a ring that is no array, expected arrays of positions", place
            )
    if len(rings) > MAX_RINGS:
        raise GeometryRefused(f"found {len(rings)} rings, expected {MAX_RINGS} at most", path)
    count = sum(len(ring) for ring, _ in rings)
    if count > MAX_VERTICES:
        raise GeometryRefused(f"found {count} positions, expected {MAX_VERTICES} at most", path)


def _ring(ring: list[Any], path: Path, changes: Changes) -> Ring:
    name = f"ring {path[-1]}"
    if len(ring) < 4:
        raise GeometryRefused(f"{name} has {len(ring)} positions, expected four or more", path)
    read = read_positions(ring, path, changes)
    if read[0] != read[-1]:
        raise GeometryRefused(
            f"{name} is not closed; expected its last position to be its first", path
        )
    if len(read) < 4:
        raise GeometryRefused(f"{name} encloses no area; expected a polygon that does", path)
    return read


def _is_counter_clockwise(ring: Ring) -> bool:
    """Tell by the turn at the south-westernmost corner, which no valid ring passes straight."""
    corner = min(range(len(ring) - 1), key=ring.__getitem__)
    (x, y), (x0, y0), (x1, y1) = (
        map(exact, ring[at]) for at in (corner, corner - 1 if corner else -2, corner + 1)
    )
    return (x - x0) * (y1 - y) > (y - y0) * (x1 - x)
