"""The cells that a line passes: all of them, no other, each once, in order."""

from itertools import pairwise
from math import sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box

from app.domain.geometry.antimeridian import split
from app.domain.geometry.cell import columns
from app.domain.geometry.grid import Cell, Size, cell_of, cells_along
from app.domain.geometry.shape import Line, Position
from tests.domain.geometry.given import ROUTE, degrees, lines


def places(line: Line, size: Size = Size.FINE) -> list[tuple[int, int]]:
    return [(cell.row, cell.column) for cell in cells_along(line, size)]


def around(line: Line, size: Size) -> set[Cell]:
    """Give every cell of the rows and columns that a short line could reach."""
    found = set[Cell]()
    for part in split(line):
        for start, end in pairwise(part):
            rows = sorted(cell_of(each, size).row for each in (start, end))
            for row in range(max(0, rows[0] - 1), min(180 * size.rows_per_degree, rows[1] + 2)):
                count = columns(size, row)
                edges = sorted(int((x + 180) * count // 360) for x in (start[0], end[0]))
                found |= {
                    Cell(size, row, column)
                    for column in range(max(0, edges[0] - 1), min(count, edges[1] + 2))
                }
    return found


def length_in(cell: Cell, line: Line) -> float:
    """Measure in degrees, with a geometry library, how far a line runs in a cell."""
    edges = cell.bounds
    outline = box(edges.west, edges.south, edges.east, edges.north)
    return float(sum(LineString(part).intersection(outline).length for part in split(line)))


class TestOrder:
    def test_a_line_north_passes_row_after_row(self) -> None:
        assert places(Line(((37.608, 47.001), (37.608, 47.029)))) == [
            (13700 + step, cell_of((37.608, 47.0), Size.FINE).column) for step in range(3)
        ]

    def test_a_line_east_passes_column_after_column(self) -> None:
        line = Line(((0.001, 47.005), (0.03, 47.005)))
        first = cell_of(line.positions[0], Size.FINE)
        assert places(line) == [(first.row, first.column + step) for step in range(3)]

    def test_back_again_is_the_same_cells_in_the_same_order(self) -> None:
        there = cells_along(ROUTE, Size.FINE)
        assert cells_along(Line(ROUTE.positions + ROUTE.positions[::-1]), Size.FINE) == there

    @pytest.mark.parametrize("size", Size)
    def test_the_other_way_round_the_order_is_turned(self, size: Size) -> None:
        straight = Line((ROUTE.positions[0], ROUTE.positions[-1]))
        back = Line(straight.positions[::-1])
        assert cells_along(back, size) == cells_along(straight, size)[::-1]


class TestEdges:
    def test_through_a_corner_it_passes_no_cell_beside(self) -> None:
        corner = Line(((-0.005, 46.995), (0.005, 47.005)))
        at = columns(Size.FINE, 13699) // 2
        up = columns(Size.FINE, 13700) // 2
        assert places(corner) == [(13699, at - 1), (13700, up)]
        assert places(Line(corner.positions[::-1])) == [(13700, up), (13699, at - 1)]

    def test_ending_on_an_edge_it_does_not_pass_beyond(self) -> None:
        column = cell_of((37.608, 47.0), Size.FINE).column
        assert places(Line(((37.608, 47.001), (37.608, 47.01)))) == [(13700, column)]
        assert places(Line(((37.608, 47.02), (37.608, 47.015)))) == [(13701, column)]

    def test_along_a_parallel_edge_it_passes_the_cells_to_the_north(self) -> None:
        assert {row for row, _ in places(Line(((37.6, 47.1), (37.7, 47.1))))} == {13710}
        assert {row for row, _ in places(Line(((37.7, 47.1), (37.6, 47.1))))} == {13710}

    def test_along_a_meridian_edge_it_passes_the_cells_to_the_east(self) -> None:
        half = columns(Size.FINE, 13700) // 2
        assert places(Line(((0.0, 47.001), (0.0, 47.002)))) == [(13700, half)]

    def test_along_the_antimeridian_it_passes_the_first_column(self) -> None:
        for longitude in (180.0, -180.0):
            line = Line(((longitude, 47.001), (longitude, 47.002)))
            assert places(line) == [(13700, 0)]

    def test_over_the_antimeridian_it_takes_the_short_way(self) -> None:
        last = columns(Size.COARSE, 1370) - 1
        line = Line(((179.99, 47.05), (-179.99, 47.05)))
        assert places(line, Size.COARSE) == [(1370, last), (1370, 0)]

    def test_to_the_pole_it_passes_the_last_row(self) -> None:
        assert places(Line(((10.0, 89.95), (10.0, 90.0))), Size.COARSE) == [(1799, 0)]
        assert places(Line(((10.0, 90.0), (20.0, 90.0))), Size.COARSE) == [(1799, 0)]

    def test_a_line_of_one_place_passes_none(self) -> None:
        assert cells_along(Line(((37.608, 47.097),) * 2), Size.FINE) == ()

    def test_the_flattest_line_is_followed_exactly(self) -> None:
        line = Line(((-90.0, 46.99999999999999), (89.0, 47.00000000000001)))
        cells = cells_along(line, Size.COARSE)
        assert [cell.row for cell in cells] == sorted(cell.row for cell in cells)
        turn = next(cell for cell in cells if cell.row == 1370)
        assert turn.bounds.west <= -0.5 < turn.bounds.east


class TestAgainstALibrary:
    @settings(max_examples=150)
    @given(
        st.tuples(degrees(-179.8, 179.8), degrees(-89, 89)),
        st.lists(st.tuples(degrees(-0.04, 0.04), degrees(-0.04, 0.04)), min_size=1, max_size=3),
    )
    def test_it_passes_what_the_line_has_length_in(
        self, start: Position, steps: list[Position]
    ) -> None:
        line = Line((start, *((start[0] + x, start[1] + y) for x, y in steps)))
        passed = set(cells_along(line, Size.FINE))
        for cell in around(line, Size.FINE) | passed:
            length = length_in(cell, line)
            if cell in passed:
                wide = cell.bounds
                near = box(wide.west, wide.south, wide.east, wide.north).buffer(1e-9)
                assert any(LineString(part).intersects(near) for part in split(line))
            elif length > 1e-9:
                assert runs_along_an_edge(line, cell)

    @settings(max_examples=100)
    @given(lines(30), st.sampled_from(Size))
    def test_each_is_passed_once_and_touches_the_one_before(self, line: Line, size: Size) -> None:
        straight = Line(line.positions[:2])
        cells = cells_along(straight, size)
        assert len(set(cells)) == len(cells)
        assert all(abs(a.row - b.row) <= 1 for a, b in pairwise(cells))

    @settings(max_examples=100)
    @given(lines(3))
    def test_the_fine_cells_lie_in_the_coarse_ones(self, line: Line) -> None:
        fine, coarse = cells_along(line, Size.FINE), cells_along(line, Size.COARSE)
        within = dict.fromkeys((cell.row // 10, cell.column // 10) for cell in fine)
        assert list(within) == [(cell.row, cell.column) for cell in coarse]

    @settings(max_examples=100)
    @given(lines(3), st.sampled_from(Size))
    def test_a_place_on_the_way_lies_in_a_cell_that_is_passed(self, line: Line, size: Size) -> None:
        passed = set(cells_along(line, size))
        for part in split(line):
            for (x0, y0), (x1, y1) in pairwise(part):
                if abs(x0 - x1) > 1e-6 and abs(y0 - y1) > 1e-6:
                    assert cell_of(((x0 + x1) / 2, (y0 + y1) / 2), size) in passed


def runs_along_an_edge(line: Line, cell: Cell) -> bool:
    """Whether all of the line in the cell lies so near to an edge that the library cannot tell."""
    edges = cell.bounds
    inside = box(edges.west, edges.south, edges.east, edges.north).buffer(-1e-9)
    return all(LineString(part).intersection(inside).length < 1e-8 for part in split(line))


class TestLongLines:
    def test_ten_thousand_positions_are_followed(self) -> None:
        line = Line(tuple((30 + at / 2500, 47 + sin(at) / 5000) for at in range(10_000)))
        assert len(cells_along(line, Size.FINE)) > 300

    def test_ten_thousand_kilometres_are_followed(self) -> None:
        line = Line(((-30.0, -30.0), (30.0, 40.0)))
        assert len(cells_along(line, Size.FINE)) > 13_000
