"""Web Mercator (EPSG:3857): metres on a sphere that map tiles use, to degrees and back.

A map in it shows nothing beyond ±85.06°. Towards the poles its metres grow without end; at the
poles themselves they are as far as the arithmetic goes.
"""

from math import asinh, atan, degrees, radians, sinh, tan
from typing import Any

from app.domain.geometry.box import Box
from app.domain.geometry.shape import Position

RADIUS_M = 6_378_137.0
HALF_M = 20_037_508.342789244
"""How far the antimeridian is from Greenwich."""
_FARTHEST_M = 250_000_000.0  # the poles are nearer, as far as they can be told
_MILLIMETRE = 3


def to_mercator(position: Position) -> Position:
    """Give (easting, northing) in metres, to the millimetre, of (longitude, latitude)."""
    longitude, latitude = position
    east = RADIUS_M * radians(longitude)
    north = RADIUS_M * asinh(tan(radians(latitude)))
    return round(east, _MILLIMETRE), round(north, _MILLIMETRE)


def from_mercator(position: Position) -> Position:
    """Give (longitude, latitude) in degrees of (easting, northing) in metres."""
    east, north = position
    return degrees(east / RADIUS_M), degrees(atan(sinh(north / RADIUS_M)))


def position_from_mercator(position: Position) -> Position:
    """Give (longitude, latitude) of a position that somebody named.

    Raises:
        ValueError: it lies beyond the antimeridian, or beyond what the arithmetic reaches.
    """
    east, north = position
    if not (-HALF_M <= east <= HALF_M and -_FARTHEST_M <= north <= _FARTHEST_M):
        raise ValueError(
            f"found easting {east} and northing {north}, expected them within ±{HALF_M} m and "
            f"±{_FARTHEST_M:.0f} m"
        )
    longitude, latitude = from_mercator((east, north))
    return max(-180.0, min(longitude, 180.0)), latitude


def coordinates_to_mercator(coordinates: Any) -> Any:
    """Turn the `coordinates` of a GeoJSON geometry, however deep they are nested."""
    if isinstance(coordinates[0], int | float):
        return to_mercator((coordinates[0], coordinates[1]))
    return [coordinates_to_mercator(inner) for inner in coordinates]


def box_from_mercator(west: float, south: float, east: float, north: float) -> Box:
    """Give a box in degrees; its sides are the same lines on the ground.

    Raises:
        ValueError: an easting lies beyond the antimeridian, or the northings are in the wrong order
            or beyond what the arithmetic reaches.
    """
    if not (-HALF_M <= west <= HALF_M and -HALF_M <= east <= HALF_M):
        raise ValueError(f"found eastings {west} and {east}, expected them within ±{HALF_M} m")
    if not -_FARTHEST_M <= south <= north <= _FARTHEST_M:
        raise ValueError(
            f"found northings {south} and {north}, expected south first, within ±{_FARTHEST_M:.0f} m"
        )
    (left, bottom), (right, top) = from_mercator((west, south)), from_mercator((east, north))
    return Box(max(left, -180.0), bottom, min(right, 180.0), top)
