"""Shapes in Web Mercator. A line that is straight in degrees is not there, so it gets more positions."""

from math import degrees, sqrt
from typing import Any

from app.domain.geometry.mercator import RADIUS_M
from app.domain.tiles.address import unit_m

_DIGITS = 4  # of a metre, a twentieth of the smallest unit
_STEEPEST = 131
"""How much Web Mercator bends at most, sec φ · tan φ where the square world ends."""
STRAIGHT = 0.25
"""Units by which a line may lie off."""

Geometries = Any
"""An array of geometries of shapely."""


def longest_degrees(zoom: int) -> float:
    """Give how long a piece of a line may be, so that it is straight to a quarter of a unit.

    A piece of length d sags by d² · R · sec φ · tan φ / 8.
    """
    return degrees(sqrt(8 * STRAIGHT * unit_m(zoom) / (RADIUS_M * _STEEPEST)))


def projected(geometries: Geometries, zoom: int) -> Geometries:
    """Give geometries of OGC CRS84, away from the poles, in metres of Web Mercator."""
    import shapely  # noqa: PLC0415

    longest = longest_degrees(zoom)
    pieces = geometries.copy()
    long = shapely.length(geometries) > longest  # GEOS divides no line without length
    pieces[long] = shapely.segmentize(geometries[long], longest)
    return shapely.transform(pieces, _in_metres)


def _in_metres(positions: Any) -> Any:
    import numpy as np  # noqa: PLC0415

    turned = np.radians(positions)
    turned[:, 1] = np.arcsinh(np.tan(turned[:, 1]))
    return (turned * RADIUS_M).round(_DIGITS)
