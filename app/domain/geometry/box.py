"""Boxes along meridians and parallels, as queries name them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.geometry.shape import Position

_NUMBER = re.compile(r"-?[0-9]{1,10}(?:\.[0-9]{1,20})?(?:[eE][-+]?[0-9]{1,2})?")
_LONGEST = 200
_EXAMPLE = "such as 34.9,46.5,38.1,48.0"


@dataclass(frozen=True)
class Box:
    """From west to east and from south to north, edges included, in degrees.

    Where west is greater than east it lies over the antimeridian.
    """

    west: float
    south: float
    east: float
    north: float

    def parts(self) -> tuple["Box", ...]:
        """Give one or two boxes that lie over no antimeridian, the western first."""
        if self.west <= self.east:
            return (self,)
        return (
            Box(self.west, self.south, 180.0, self.north),
            Box(-180.0, self.south, self.east, self.north),
        )


WORLD = Box(-180.0, -90.0, 180.0, 90.0)
"""Every position lies in it."""


def read_box(text: str) -> Box:
    """Read `west,south,east,north`, or with heights `west,south,low,east,north,high`.

    Heights are passed over.

    Raises:
        ValueError: these are not 4 or 6 plain decimal numbers, or they bound no box.
    """
    return make_box(*read_sides(text))


def read_sides(text: str) -> tuple[float, float, float, float]:
    """Read the four sides of a box in whatever unit, in the order and form of `read_box`.

    Raises:
        ValueError: these are not 4 or 6 plain decimal numbers.
    """
    words = text.split(",") if len(text) <= _LONGEST else []
    if len(words) not in {4, 6}:
        raise ValueError(
            f"found {_counted(words)}, expected 4 or 6 with commas between, {_EXAMPLE}"
        )
    if not all(map(_NUMBER.fullmatch, words)):
        raise ValueError(f"expected plain decimal numbers with commas between, {_EXAMPLE}")
    numbers = [float(word) + 0.0 for word in words]
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    return west, south, east, north


def bounds(parts: Iterable[Iterable[Position]]) -> Box:
    """Give the smallest box around all positions; no part of a shape crosses the antimeridian.

    Raises:
        ValueError: there are no positions.
    """
    longitudes, latitudes = zip(*(position for part in parts for position in part), strict=True)
    return Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))


def make_box(west: float, south: float, east: float, north: float) -> Box:
    """Make a box in degrees of its sides.

    Raises:
        ValueError: they bound none.
    """
    if not (-180 <= west <= 180 and -180 <= east <= 180):
        raise ValueError(f"found longitudes {west} and {east}, expected them within ±180")
    if not (-90 <= south <= 90 and -90 <= north <= 90):
        raise ValueError(f"found latitudes {south} and {north}, expected them within ±90")
    if not south <= north:
        raise ValueError(f"found south {south} and north {north}, expected south first")
    return Box(west, south, east, north)


def _counted(words: list[str]) -> str:
    return f"{len(words)} values" if words else f"more than {_LONGEST} characters"
