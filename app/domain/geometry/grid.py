"""What of a place is shown where its exact shape is not: cells of one fixed grid.

The grid is the same for every format and zoom and moves nothing at random, so no number of
questions says more than one.
"""

from app.domain.geometry.along import cells_along as cells_along
from app.domain.geometry.cell import Cell as Cell
from app.domain.geometry.cell import Size as Size
from app.domain.geometry.cell import cell_of as cell_of
from app.domain.geometry.shape import Line, MultiPolygon, Point, Polygon, Shape


def generalised(shape: Shape, size: Size) -> Point | Line | None:
    """Give what a reader sees of a shape who may know it only to a cell of `size`.

    A point becomes the centre of its cell, a line the line of the centres of the cells that it
    passes (a point where that is one). An area has no such form: None.
    """
    match shape:
        case Point(position):
            return Point(cell_of(position, size).centre)
        case Line():
            return _line_of_centres(shape, size)
        case Polygon() | MultiPolygon():
            return None


def _line_of_centres(line: Line, size: Size) -> Point | Line:
    cells = cells_along(line, size) or (cell_of(line.positions[0], size),)
    centres = tuple(cell.centre for cell in cells)
    return Line(centres) if len(centres) > 1 else Point(centres[0])
