"""What of a shape is drawn in a tile: whole units from its north-western corner, cut at the buffer.

Nothing is dropped for being small: what has no length left is drawn as a point. Places are
points and lines; none that is disclosed is an area.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from app.domain.tiles.address import BUFFER, EXTENT, Tile
from app.domain.tiles.projecting import STRAIGHT, Geometries, projected
from app.domain.tiles.thinning import thinned

_LOW, _HIGH = -BUFFER, EXTENT + BUFFER

Units = tuple[int, int]
"""How many units to the east and to the south."""
Part = Sequence[Units]


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
    return [
        Drawing(Kind.POINT, [[(x, y)]]) if is_small else _drawing(shape, is_inside)
        for shape, is_small, is_inside, (x, y) in zip(shapes, small, inside, near, strict=True)
    ]


def _drawing(shape: Any, is_inside: bool) -> Drawing:
    import shapely  # noqa: PLC0415

    cut = shape if is_inside else shapely.clip_by_rect(shape, _LOW, _LOW, _HIGH, _HIGH)
    parts = list(_lines(cut))
    return Drawing(Kind.LINE, parts) if parts else _as_point(shape)


def _lines(shape: Any) -> Iterator[Part]:
    for part in _parts(shape):
        line = _whole(part.coords)
        if len(line) > 1:
            yield line


def _parts(shape: Any) -> Iterator[Any]:
    for part in getattr(shape, "geoms", (shape,)):
        if not part.is_empty:
            yield part


def _whole(positions: Any) -> list[Units]:
    """Round to whole units, and leave out what then stands twice in a row."""
    found: list[Units] = []
    for x, y in positions:
        at = (round(x), round(y))
        if not found or found[-1] != at:
            found.append(at)
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
