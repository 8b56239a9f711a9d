"""What of a shape is drawn in a tile: whole units from its north-western corner, cut at the buffer.

Nothing is dropped for being small: what has no length left is drawn as a point. Places are
points and lines; none that is disclosed is an area.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from app.domain.tiles.address import BUFFER, EXTENT, Tile
from app.domain.tiles.projecting import STRAIGHT, Geometries, projected
from app.domain.tiles.thinning import thinned

_LOW, _HIGH = -BUFFER, EXTENT + BUFFER

Part = Any
"""Positions one after another, each of so many units to the east and to the south; or an array."""


class Kind(IntEnum):
    """What a drawing is made of, as Mapbox numbers it."""

    POINT = 1
    LINE = 2


@dataclass(frozen=True)
class Drawing:
    """A shape in a tile.

    Attributes:
        parts: a point, or lines.
    """

    kind: Kind
    parts: Sequence[Part]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A shape as it is stored.

    Attributes:
        wkb: in EPSG:3857 where it is a sketch, else in OGC CRS84.
    """

    wkb: bytes
    is_sketch: bool


def draw(shapes: Sequence[Stored], tile: Tile) -> list[Drawing]:
    """Draw shapes that meet the box of a tile."""
    import shapely  # noqa: PLC0415

    geometries = shapely.from_wkb([each.wkb for each in shapes])
    whole = [not each.is_sketch for each in shapes]
    if any(whole):
        geometries[whole] = _near(geometries[whole], tile)
    west, _, _, north = tile.sides
    unit = tile.unit_m

    def in_units(positions: Any) -> Any:
        return (positions - (west, north)) / (unit, -unit)

    return _drawings(shapely.transform(geometries, in_units))


def _near(geometries: Geometries, tile: Tile) -> Geometries:
    """Project what of shapes lies about a tile, with no more positions than can be seen."""
    import shapely  # noqa: PLC0415

    box = tile.surroundings
    cut = shapely.clip_by_rect(geometries, box.west, box.south, box.east, box.north)
    return thinned(projected(cut, tile.zoom), STRAIGHT * tile.unit_m)


def _drawings(shapes: Geometries) -> list[Drawing]:
    """Draw shapes that are in units, with fractions; what lies within one unit is a point, as most are."""
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    west, south, east, north = shapely.bounds(shapes).T
    inside = (west >= _LOW) & (east <= _HIGH) & (south >= _LOW) & (north <= _HIGH)
    first, last = np.rint([west, south]), np.rint([east, north])
    small = (first == last).all(axis=0)
    near = np.clip(np.nan_to_num(first), _LOW, _HIGH).T.astype(int).tolist()
    cut = shapes.copy()
    beyond = ~small & ~inside
    cut[beyond] = shapely.clip_by_rect(cut[beyond], _LOW, _LOW, _HIGH, _HIGH)
    lines = iter(_lines(cut[~small]))
    return [
        Drawing(Kind.POINT, [[(x, y)]]) if is_small else _drawing(shape, next(lines))
        for shape, is_small, (x, y) in zip(shapes, small, near, strict=True)
    ]


def _drawing(shape: Any, lines: Sequence[Part]) -> Drawing:
    return Drawing(Kind.LINE, lines) if lines else _as_point(shape)


def _lines(shapes: Geometries) -> list[list[Part]]:
    """Give the lines of shapes in whole units, leaving out what then stands twice in a row.

    All positions are looked at together: one by one they would take ten times as long.
    """
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    parts, owners = shapely.get_parts(shapes, return_index=True)
    positions, of = shapely.get_coordinates(parts, return_index=True)
    units = np.rint(positions).astype(int)
    stays = np.ones(len(units), dtype=bool)
    stays[1:] = (of[1:] != of[:-1]) | (units[1:] != units[:-1]).any(axis=1)
    ends = np.cumsum(np.bincount(of[stays], minlength=len(parts))).tolist()
    kept = units[stays]
    found: list[list[Part]] = [[] for _ in shapes]
    for owner, start, end in zip(owners.tolist(), [0, *ends], ends, strict=False):
        if end - start > 1:
            found[owner].append(kept[start:end])
    return found


def _as_point(shape: Any) -> Drawing:
    """Draw what has no whole unit in the tile as the point of it that is nearest."""
    import shapely  # noqa: PLC0415

    if shape.is_empty:  # it only touched the edge of what was cut out
        return Drawing(Kind.POINT, [[(_LOW, _LOW)]])
    line = shapely.shortest_line(shape, shapely.box(_LOW, _LOW, _HIGH, _HIGH))
    x, y = line.coords[0]
    return Drawing(Kind.POINT, [[(_held(x), _held(y))]])


def _held(value: float) -> int:
    return max(_LOW, min(round(value), _HIGH))
