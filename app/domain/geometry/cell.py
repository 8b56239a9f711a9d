"""The cells of the one fixed grid, to which places are generalised.

`docs/explanation/cells.md` tells how a stranger computes a cell.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from math import cos, floor, pi, radians, sin, sqrt

from app.domain.geometry.box import Box
from app.domain.geometry.decimals import exact
from app.domain.geometry.shape import Position

FINE_IN_COARSE = 10
"""How many fine rows, and fine columns, a coarse cell holds."""

_EQUATOR_RADIUS_M = 6_378_137.0
_FLATTENING = 1 / 298.257223563
_NEAR = 1e-6


class Size(StrEnum):
    """How large cells are."""

    FINE = "fine"
    COARSE = "coarse"

    @property
    def metres(self) -> int:
        """A cell is at least that wide both ways, and at most 1.6 times (not so at the poles)."""
        return 1_000 if self is Size.FINE else 10_000

    @property
    def rows_per_degree(self) -> int:
        """How many rows a degree of latitude has."""
        return 100 if self is Size.FINE else 10


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        row: from 0 at the south pole.
        column: from 0, which begins at longitude -180 and runs east.
    """

    size: Size
    row: int
    column: int

    @property
    def centre(self) -> Position:
        """The middle of its longitudes and of its latitudes, rounded to seven digits."""
        longitude, latitude = self._at(Fraction(1, 2))
        return round(longitude, 7), round(latitude, 7)

    @property
    def bounds(self) -> Box:
        """Its edges. The western and the southern one belong to it, the others do not."""
        (west, south), (east, north) = self._at(Fraction(0)), self._at(Fraction(1))
        return Box(west, south, east, north)

    def _at(self, share: Fraction) -> Position:
        longitude = (self.column + share) * 360 / columns(self.size, self.row) - 180
        latitude = (self.row + share) / self.size.rows_per_degree - 90
        return float(longitude), float(latitude)


def cell_of(position: Position, size: Size) -> Cell:
    """Give the cell in which a position lies, by the decimal value of its coordinates.

    Longitude 180 is -180; latitude 90 belongs to the last row.
    """
    longitude, latitude = position
    row = min(row_steps(latitude, size)[0], 180 * size.rows_per_degree - 1)
    count = columns(size, row)
    column, _ = column_steps(longitude, lambda: exact(longitude), count)
    return Cell(size, row, column % count)


def columns(size: Size, row: int) -> int:
    """Give into how many columns a row is divided."""
    if size is Size.COARSE:
        return _coarse_columns(row)
    return _coarse_columns(row // FINE_IN_COARSE) * FINE_IN_COARSE


def row_steps(latitude: float, size: Size) -> tuple[int, int]:
    """Give the rows between whose southern edges a latitude lies, one row twice where on it."""
    scale = size.rows_per_degree
    return _steps((latitude + 90) * scale, lambda: (exact(latitude) + 90) * scale)


def column_steps(longitude: float, exactly: Callable[[], Fraction], count: int) -> tuple[int, int]:
    """Give the columns between whose western edges a longitude lies, one twice where on it.

    Args:
        longitude: may be wrong by a billionth of a degree; NaN where it is not known.
        exactly: gives the longitude as it is.
    """
    return _steps((longitude + 180) * count / 360, lambda: (exactly() + 180) * count / 360)


def _steps(value: float, exactly: Callable[[], Fraction]) -> tuple[int, int]:
    """Give the whole numbers around a value; what is near one of them is told apart exactly."""
    below = value // 1
    if _NEAR < value - below < 1 - _NEAR:
        return int(below), int(below) + 1
    at = exactly()
    lower = floor(at)
    return lower, lower if at == lower else lower + 1


@cache
def _coarse_columns(row: int) -> int:
    """Divide the parallel at the poleward edge of a coarse row into columns of 10 km or more."""
    rows_from_equator = max(abs(row - 900), abs(row + 1 - 900))
    latitude = radians(rows_from_equator / Size.COARSE.rows_per_degree)
    eccentricity_squared = _FLATTENING * (2 - _FLATTENING)
    radius = cos(latitude) * _EQUATOR_RADIUS_M / sqrt(1 - eccentricity_squared * sin(latitude) ** 2)
    return max(1, floor(2 * pi * radius / Size.COARSE.metres))
