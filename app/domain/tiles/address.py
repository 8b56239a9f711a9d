"""Where a tile lies: WebMercatorQuad, the square world in 1, 4, 16 … tiles (OGC 17-083r4, annex D)."""

import re
from dataclasses import dataclass
from math import atan, degrees, sinh

from app.domain.geometry.box import Box
from app.domain.geometry.mercator import HALF_M, from_mercator

EXTENT = 4096
"""So many units has a tile each way."""
BUFFER = 64
"""So many units beyond its edges are drawn too, so that what lies across them is not cut off."""
DEEPEST = 22
NORTHERNMOST = degrees(atan(sinh(3.141592653589793)))
"""Where the square world ends, north and south; what lies beyond is in no tile."""
_NUMBER = re.compile(r"0|[1-9][0-9]{0,7}")


@dataclass(frozen=True)
class Tile:
    """One tile.

    Attributes:
        row: from 0 in the north.
        column: from 0, which begins at longitude -180 and runs east.
    """

    zoom: int
    row: int
    column: int

    @property
    def unit_m(self) -> float:
        """How long a unit is, in metres of Web Mercator."""
        return unit_m(self.zoom)

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """West, south, east and north in metres of Web Mercator, without the buffer."""
        return self._sides(0)

    @property
    def box(self) -> Box:
        """What is looked for: tile and buffer in degrees, as far as the square world goes."""
        west, south, east, north = self._sides(BUFFER)
        (left, bottom), (right, top) = from_mercator((west, south)), from_mercator((east, north))
        most = NORTHERNMOST
        return Box(max(left, -180.0), max(bottom, -most), min(right, 180.0), min(top, most))

    @property
    def surroundings(self) -> Box:
        """Tile and twice its buffer in degrees: of a shape no more than that is projected.

        It goes on beyond longitude 180, so that nothing that lies on it is on its edge.
        """
        west, south, east, north = self._sides(2 * BUFFER)
        (left, bottom), (right, top) = from_mercator((west, south)), from_mercator((east, north))
        return Box(left, max(bottom, -90.0), right, min(top, 90.0))

    def _sides(self, units: int) -> tuple[float, float, float, float]:
        side = EXTENT * self.unit_m
        west, north = self.column * side - HALF_M, HALF_M - self.row * side
        more = units * self.unit_m
        return west - more, north - side - more, west + side + more, north + more


def unit_m(zoom: int) -> float:
    """Give how long a unit is at a zoom, in metres of Web Mercator."""
    return 2 * HALF_M / (EXTENT << zoom)


def read_tile(zoom: str, row: str, column: str) -> Tile:
    """Read the address of a tile.

    Raises:
        ValueError: what was found and what was expected.
    """
    depth = _read("zoom", zoom, DEEPEST)
    most = 2**depth - 1
    row_number = _read("row", row, most, f" at zoom {depth}")
    return Tile(depth, row_number, _read("column", column, most, f" at zoom {depth}"))


def _read(name: str, text: str, most: int, where: str = "") -> int:
    if not _NUMBER.fullmatch(text) or int(text) > most:
        found = text if text.isascii() and text.isdecimal() and len(text) < 12 else "something else"
        raise ValueError(f"found {found}, expected a {name} from 0 to {most}{where}")
    return int(text)
