"""Whether rings bound an area. Called after every guard: a C library sees the numbers here."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise

from app.domain.geometry.refused import GeometryRefused
from app.domain.geometry.shape import Area, MultiPolygon, Polygon, Ring

MAX_NEIGHBOURS = 10_000_000
"""How many pairs of edges may lie beside each other; each is compared. Natural outlines of 10,000
positions have some hundred thousand; a comb made to keep others waiting has 50 million."""

_PLACE = re.compile(r"(?P<what>.+?)\[(?P<longitude>\S+) (?P<latitude>\S+)\]")
_REASONS = {
    "Self-intersection": "the outline crosses itself",
    "Ring Self-intersection": "a ring touches or crosses itself",
    "Hole lies outside shell": "a hole lies outside the outline",
    "Holes are nested": "a hole lies inside another hole",
    "Interior is disconnected": "holes cut the area in two",
    "Nested shells": "an outline lies inside another",
    "Duplicate Rings": "a ring is there twice",
    "Too few points in geometry component": "a ring has fewer than three different points",
}
_REASONS_OF_SEVERAL = _REASONS | {"Self-intersection": "an outline crosses itself or another"}


def check_area(area: Area) -> None:
    """Check that an area is one as OGC Simple Features have it; it is never repaired.

    Raises:
        GeometryRefused: it crosses itself, encloses nothing, or is too intricate to be checked.
    """
    _check_neighbours(area)
    reason = _reason(area)
    if reason == "Valid Geometry":
        return
    at = _PLACE.fullmatch(reason)
    if at is None:
        raise GeometryRefused("this outline encloses no area; expected a polygon that does")
    reasons = _REASONS_OF_SEVERAL if isinstance(area, MultiPolygon) else _REASONS
    what = reasons.get(at["what"], "the outline is not a polygon")
    raise GeometryRefused(
        f"{what} near longitude {at['longitude']}, latitude {at['latitude']}; "
        "expected a polygon that does not. It is not repaired here: correct it and send it again"
    )


def _reason(area: Area) -> str:
    # Loaded with the first area: it brings numpy, a tenth of the time that the service takes to start.
    import shapely  # noqa: PLC0415

    parts = [shapely.Polygon(each.rings[0], each.rings[1:]) for each in _polygons(area)]
    whole = shapely.MultiPolygon(parts) if isinstance(area, MultiPolygon) else parts[0]
    return str(shapely.is_valid_reason(whole))


def _check_neighbours(area: Area) -> None:
    rings = [ring for polygon in _polygons(area) for ring in polygon.rings]
    pairs = min(_overlapping(_extents(rings, axis)) for axis in (0, 1))
    if pairs > MAX_NEIGHBOURS:
        raise GeometryRefused(
            f"this outline is too intricate to be checked: {pairs} pairs of its edges lie beside "
            f"each other, expected {MAX_NEIGHBOURS} at most. Send it with fewer positions"
        )


def _polygons(area: Area) -> tuple[Polygon, ...]:
    return area.polygons if isinstance(area, MultiPolygon) else (area,)


def _extents(rings: Iterable[Ring], axis: int) -> Iterator[tuple[float, float]]:
    """Give from where to where each edge reaches along an axis."""
    for ring in rings:
        for start, end in pairwise(ring):
            a, b = start[axis], end[axis]
            yield (a, b) if a <= b else (b, a)


def _overlapping(extents: Iterable[tuple[float, float]]) -> int:
    """Count the pairs of extents that have a value in common."""
    ordered = sorted(extents)
    starts = [start for start, _ in ordered]
    return sum(bisect_right(starts, end) - at - 1 for at, (_, end) in enumerate(ordered))
