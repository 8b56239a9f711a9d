"""Longitude and latitude on WGS84 to metres on the ground: UTM, and UPS at the poles.

Krüger's series to the sixth power of the third flattening (Karney, "Transverse Mercator with an
accuracy of a few nanometers", 2011); the polar stereographic projection is exact. Zones and false
origins: NGA.SIG.0012, "The Universal Grids".
"""

from dataclasses import dataclass
from math import asinh, atan2, atanh, cos, cosh, floor, hypot, radians, sin, sinh, sqrt, tan

from app.domain.geometry.shape import Position

_A_M = 6_378_137.0
_F = 1 / 298.257_223_563
_E = sqrt(_F * (2 - _F))
_N = _F / (2 - _F)
_RADIUS_M = _A_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
_SERIES = (
    _N / 2
    - 2 * _N**2 / 3
    + 5 * _N**3 / 16
    + 41 * _N**4 / 180
    - 127 * _N**5 / 288
    + 7891 * _N**6 / 37_800,
    13 * _N**2 / 48
    - 3 * _N**3 / 5
    + 557 * _N**4 / 1440
    + 281 * _N**5 / 630
    - 1_983_433 * _N**6 / 1_935_360,
    61 * _N**3 / 240 - 103 * _N**4 / 140 + 15_061 * _N**5 / 26_880 + 167_603 * _N**6 / 181_440,
    49_561 * _N**4 / 161_280 - 179 * _N**5 / 168 + 6_601_661 * _N**6 / 7_257_600,
    34_729 * _N**5 / 80_640 - 3_418_889 * _N**6 / 1_995_840,
    212_378_941 * _N**6 / 319_334_400,
)
_UTM_SCALE, _UPS_SCALE = 0.9996, 0.994
_UTM_EAST_M, _UTM_SOUTH_M, _UPS_M = 500_000.0, 10_000_000.0, 2_000_000.0
_UPS_RADIUS_M = 2 * _A_M * _UPS_SCALE / sqrt((1 + _E) ** (1 + _E) * (1 - _E) ** (1 - _E))
_SOUTHMOST, _NORTHMOST = -80.0, 84.0
_MICROMETRE = 6


@dataclass(frozen=True)
class Projected:
    """A place in metres of its zone, to the micrometre.

    Attributes:
        zone: 1 to 60 of UTM; 0 for UPS.
    """

    zone: int
    north: bool
    easting: float
    northing: float


def projected(position: Position) -> Projected:
    """Give a place in the zone that is used where it lies."""
    longitude, latitude = position
    if not _SOUTHMOST <= latitude < _NORTHMOST:
        return _polar(longitude, latitude)
    zone = _zone(longitude, latitude)
    return _transverse(zone, longitude, latitude)


def _zone(longitude: float, latitude: float) -> int:
    """Give the zone, with the exceptions for south-west Norway and for Svalbard."""
    zone = floor((longitude + 180) / 6) % 60 + 1
    if 56 <= latitude < 64 and zone == 31 and longitude >= 3:
        return 32
    if latitude >= 72 and 0 <= longitude < 42:
        return next(
            zone for zone, end in ((31, 9), (33, 21), (35, 33), (37, 42)) if longitude < end
        )
    return zone


def _transverse(zone: int, longitude: float, latitude: float) -> Projected:
    away = radians((longitude - (6 * zone - 183) + 180) % 360 - 180)
    conformal = _conformal(latitude)
    xi = atan2(conformal, cos(away))
    eta = asinh(sin(away) / hypot(conformal, cos(away)))
    terms = tuple(enumerate(_SERIES, start=1))
    up = xi + sum(a * sin(2 * j * xi) * cosh(2 * j * eta) for j, a in terms)
    right = eta + sum(a * cos(2 * j * xi) * sinh(2 * j * eta) for j, a in terms)
    metres = _UTM_SCALE * _RADIUS_M
    south = 0.0 if latitude >= 0 else _UTM_SOUTH_M
    return _rounded(zone, latitude >= 0, metres * right + _UTM_EAST_M, metres * up + south)


def _polar(longitude: float, latitude: float) -> Projected:
    conformal = _conformal(abs(latitude))
    radius = _UPS_RADIUS_M / (sqrt(1 + conformal**2) + conformal)
    around = radians(180.0 if longitude == -180 else longitude)
    up = radius * cos(around)
    northing = _UPS_M - up if latitude > 0 else _UPS_M + up
    return _rounded(0, latitude > 0, _UPS_M + radius * sin(around), northing)


def _rounded(zone: int, north: bool, easting: float, northing: float) -> Projected:
    """Leave out what is noise of the arithmetic: it would put the pole into the wrong square."""
    return Projected(zone, north, round(easting, _MICROMETRE), round(northing, _MICROMETRE))


def _conformal(latitude: float) -> float:
    """Give the tangent of the conformal latitude."""
    tau = tan(radians(latitude))
    sigma = sinh(_E * atanh(_E * tau / sqrt(1 + tau**2)))
    return tau * sqrt(1 + sigma**2) - sigma * sqrt(1 + tau**2)
