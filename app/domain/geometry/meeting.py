"""Does a geometry meet a box? The exact test, on the shape itself and not on its envelope."""

from functools import lru_cache
from typing import Any


def meets_box(wkb: bytes, west: float, south: float, east: float, north: float) -> bool:
    """Tell whether the geometry and a plain box, edges included, have a point in common.

    Args:
        wkb: the geometry as well-known binary, in OGC CRS84.
        west: not greater than `east`: a box over the antimeridian is asked for in two parts.
    """
    box, read, intersects = _box(west, south, east, north)
    return bool(intersects(box, read(wkb)))


@lru_cache(maxsize=16)
def _box(west: float, south: float, east: float, north: float) -> Any:
    """Give a box, ready to be compared with many geometries, and what reads and compares them."""
    # Loaded with the first box: it takes a tenth of the time that the service takes to start.
    from shapely import LineString, from_wkb, intersects, prepare  # noqa: PLC0415

    box = LineString([(west, south), (east, north)]).envelope
    prepare(box)
    return box, from_wkb, intersects
