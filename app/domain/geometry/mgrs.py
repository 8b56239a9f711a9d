"""Grid references of the Military Grid Reference System, which many read over the radio.

A reference names a square, and no finer one than the place is known to. NGA.SIG.0012, chapter 3;
the lettering is the one for WGS84.
"""

from math import floor

from app.domain.geometry.shape import Position
from app.domain.geometry.utm import Projected, projected

_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_EVEN_ZONES_BEGIN = 5
_SQUARE_M = 100_000
_FINEST = 5
_POLE = 20
"""In how many squares from the false origin the poles lie, both ways."""
_POLAR_COLUMNS = {"A": "JKLPQRSTUXYZ", "B": "ABCFGHJKLPQR", "Y": "RSTUXYZ", "Z": "ABCFGHJ"}
_POLAR_ROWS = {False: "ABCDEFGHJKLMNPQRSTUVWXYZ", True: "ABCDEFGHJKLMNP"}
_POLAR_FIRST = {False: 8, True: 13}


def grid_reference(position: Position, precision_m: float | None = None) -> str:
    """Name the square in which a place lies, such as `37T CN 89299 16764`.

    Args:
        position: longitude, latitude in degrees on WGS84.
        precision_m: how well the place is known; the square is at least as wide. None: to 1 m.
    """
    place = projected(position)
    square = _polar(place) if place.zone == 0 else _utm(place, position[1])
    digits = _digits(precision_m)
    if not digits:
        return square
    unit = 10 ** (_FINEST - digits)
    east, north = (floor(metres) % _SQUARE_M // unit for metres in (place.easting, place.northing))
    return f"{square} {east:0{digits}} {north:0{digits}}"


def _digits(precision_m: float | None) -> int:
    """Count the digits of a square that is no finer than that."""
    wide = precision_m or 1
    return next((d for d in range(_FINEST, 0, -1) if wide <= 10 ** (_FINEST - d)), 0)


def _utm(place: Projected, latitude: float) -> str:
    band = _BANDS[min(int((latitude + 80) // 8), len(_BANDS) - 1)]
    column = _COLUMNS[place.zone % 3][_square(place.easting) - 1]
    begins = 0 if place.zone % 2 else _EVEN_ZONES_BEGIN
    row = _ROWS[(_square(place.northing) + begins) % len(_ROWS)]
    return f"{place.zone:02}{band} {column}{row}"


def _polar(place: Projected) -> str:
    east = _square(place.easting) >= _POLE
    first = _POLAR_FIRST[place.north]
    zone = ("AB", "YZ")[place.north][east]
    column = _POLAR_COLUMNS[zone][_square(place.easting) - (_POLE if east else first)]
    row = _POLAR_ROWS[place.north][_square(place.northing) - first]
    return f"{zone} {column}{row}"


def _square(metres: float) -> int:
    return floor(metres) // _SQUARE_M
