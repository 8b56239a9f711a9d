"""Lengths in metres on the WGS84 ellipsoid; never on degrees."""

from collections.abc import Sequence
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

from app.domain.geometry.refused import GeometryRefused
from app.domain.geometry.shape import Line, Position

MAX_LENGTH_M = 10_000_000
_RADIUS_M = 6_410_000
"""On a sphere this large, every way is longer than on the ellipsoid."""


def length_m(line: Line) -> float:
    """Give the length of the geodesics from position to position, the short way round."""
    return length_of(line.positions)


def length_of(positions: Sequence[Position]) -> float:
    """Give the length of the geodesics from position to position; 0 for fewer than two."""
    # Loaded with the first length, so that the service starts without it.
    from geopy.distance import geodesic  # noqa: PLC0415

    kilometres = geodesic().measure  # a ruler for each pair would take as long as its measuring
    pairs = pairwise(positions)
    return 1000 * sum(float(kilometres(start[::-1], end[::-1])) for start, end in pairs)


def require_bounded(line: Line) -> None:
    """Refuse a line so long that what is made of it would grow without bound.

    Raises:
        GeometryRefused: it is longer than 10,000 km.
    """
    if _at_most_m(line.positions) <= MAX_LENGTH_M:
        return
    length = length_m(line)
    if not length <= MAX_LENGTH_M:
        raise GeometryRefused(
            f"found a line of {length / 1000:,.0f} km, expected {MAX_LENGTH_M // 1000:,} km at "
            "most. Check its positions: longitude comes first",
            ("coordinates",),
        )


def _at_most_m(positions: Sequence[Position]) -> float:
    """Give a length that the line does not exceed, many times faster than its own."""
    turned = [(radians(longitude), radians(latitude)) for longitude, latitude in positions]
    return sum(
        2 * _RADIUS_M * asin(min(1.0, sqrt(_haversine(*start, *end))))
        for start, end in pairwise(turned)
    )


def _haversine(x0: float, y0: float, x1: float, y1: float) -> float:
    return sin((y1 - y0) / 2) ** 2 + cos(y0) * cos(y1) * sin((x1 - x0) / 2) ** 2
