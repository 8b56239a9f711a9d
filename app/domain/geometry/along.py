"""Which cells a line passes, exactly: no rounding adds a cell or leaves one out."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import nan
from typing import TypeAlias

from app.domain.geometry.antimeridian import split
from app.domain.geometry.cell import Cell, Size, column_steps, columns, row_steps
from app.domain.geometry.decimals import exact
from app.domain.geometry.shape import Line, Position

_FLATTEST = 10_000
"""A segment that is flatter (so many degrees of longitude to one of latitude) is followed exactly."""

_Meeting: TypeAlias = "tuple[float, Callable[[], Fraction]]"
"""A longitude where a segment ends or meets the edge of a row: to a billionth of a degree, or NaN
where it is not known that well; and what gives it as it is."""


def cells_along(line: Line, size: Size) -> tuple[Cell, ...]:
    """Give the cells that a line passes with positive length, by their first passage, each once.

    Between its positions the line is straight in the plane of longitude and latitude; over the
    antimeridian it takes the short way. What runs along an edge passes the cell north or east
    of it.
    """
    passed: dict[tuple[int, int], None] = {}
    for part in split(line):
        for start, end in pairwise(part):
            if start != end:
                passed.update(dict.fromkeys(_passed(start, end, size)))
    return tuple(Cell(size, row, column) for row, column in passed)


def _passed(start: Position, end: Position, size: Size) -> Iterator[tuple[int, int]]:
    """Give rows and columns of the cells that a segment passes, in order."""
    eastward = end[0] - start[0]
    for row, entry, leaving in _in_rows(start, end, size):
        for column in _columns(entry, leaving, eastward, columns(size, row)):
            yield row, column


def _in_rows(
    start: Position, end: Position, size: Size
) -> Iterator[tuple[int, _Meeting, _Meeting]]:
    """Cut a segment at the edges of rows."""
    rows = _rows(start[1], end[1], size)
    entry: _Meeting = (start[0], partial(exact, start[0]))
    for row in rows[:-1]:
        edge = row + 1 if rows.step > 0 else row
        meeting = _meeting(start, end, Fraction(edge, size.rows_per_degree) - 90)
        yield row, entry, meeting
        entry = meeting
    yield rows[-1], entry, (end[0], partial(exact, end[0]))


def _rows(start: float, end: float, size: Size) -> range:
    (below, above), (to_below, to_above) = row_steps(start, size), row_steps(end, size)
    if start < end:
        return range(below, to_above)
    if start > end:
        return range(above - 1, to_below - 1, -1)
    row = min(below, 180 * size.rows_per_degree - 1)
    return range(row, row + 1)


def _columns(entry: _Meeting, leaving: _Meeting, eastward: float, count: int) -> range:
    (below, above) = column_steps(*entry, count)
    if eastward > 0:
        return range(below, column_steps(*leaving, count)[1])
    if eastward < 0:
        return range(above - 1, column_steps(*leaving, count)[0] - 1, -1)
    return range(below % count, below % count + 1)


def _meeting(start: Position, end: Position, latitude: Fraction) -> _Meeting:
    (west, south), (east, north) = start, end
    width, height = east - west, north - south

    def exactly() -> Fraction:
        share = (latitude - exact(south)) / (exact(north) - exact(south))
        return exact(west) + (exact(east) - exact(west)) * share

    is_flat = abs(width) > _FLATTEST * abs(height)
    return (nan if is_flat else west + width * (float(latitude) - south) / height), exactly
