"""Cells of the map by which changes are counted: the tiles of one zoom, each with its buffer.

A tile of that zoom, or within it, shows nothing that does not meet its cell.
"""

from math import asinh, floor, pi, radians, tan

from app.domain.tiles.address import NORTHERNMOST, Tile

ZOOM = 8
EVERYWHERE = -1
"""Stands for all cells, where something meets very many."""
MOST = 64
_MANY = 1 << ZOOM
_MARGIN = 1 / 32  # of a cell: twice the buffer, so that no rounding counts

Bounds = tuple[float, float, float, float]
"""West, south, east and north in degrees."""


def cell_of(tile: Tile) -> int | None:
    """Give the cell in which a tile lies; None where the tile is larger."""
    deeper = tile.zoom - ZOOM
    return None if deeper < 0 else _number(tile.row >> deeper, tile.column >> deeper)


def cells_of(bounds: Bounds) -> frozenset[int]:
    """Give all cells that something within these bounds may meet, or `EVERYWHERE` alone."""
    west, south, east, north = bounds
    columns = _span(_across(west), _across(east))
    rows = _span(_down(north), _down(south))
    if len(columns) * len(rows) > MOST:
        return frozenset({EVERYWHERE})
    return frozenset(_number(row, column) for row in rows for column in columns)


def _number(row: int, column: int) -> int:
    return row * _MANY + column


def _span(first: float, last: float) -> range:
    low, high = (max(0, min(floor(at), _MANY - 1)) for at in (first - _MARGIN, last + _MARGIN))
    return range(low, high + 1)


def _across(longitude: float) -> float:
    return (longitude + 180) / 360 * _MANY


def _down(latitude: float) -> float:
    held = max(-NORTHERNMOST, min(latitude, NORTHERNMOST))
    return (1 - asinh(tan(radians(held))) / pi) / 2 * _MANY
