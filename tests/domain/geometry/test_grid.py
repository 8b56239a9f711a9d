"""The grid keeps what its page promises: fixed, nested, never too narrow."""

from fractions import Fraction
from math import cos, pi, radians, sin, sqrt

import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.geometry.cell import FINE_IN_COARSE, columns
from app.domain.geometry.decimals import exact
from app.domain.geometry.grid import Cell, Size, cell_of, generalised
from app.domain.geometry.shape import MultiPolygon, Point, Polygon, Position
from tests.domain.geometry.given import AZOVSTAL, MANHUSH, MARIUPOL, ROUTE, positions

POLAR_ROWS = 2
"""So many coarse rows at each pole are the exception that the page tells of."""
ROWS = range(POLAR_ROWS, 1800 - POLAR_ROWS)


def parallel_m(latitude: float) -> float:
    """Measure a whole parallel in steps so small that they bend with it."""
    return float(geodesic((latitude, 0), (latitude, 0.001)).m * 360_000)


def meridian_m(south: float, north: float) -> float:
    return float(geodesic((south, 0), (north, 0)).m)


class TestWidths:
    @pytest.mark.parametrize("size", Size)
    def test_along_both_edges_of_its_row_a_cell_is_1_to_1_6_times_its_size(
        self, size: Size
    ) -> None:
        fine = FINE_IN_COARSE if size is Size.FINE else 1
        for row in ROWS:
            count = columns(size, row * fine)
            for edge in (row, row + 1):
                width = parallel_m(edge / 10 - 90) / count
                assert 1 <= width / size.metres <= 1.6

    @pytest.mark.parametrize("size", Size)
    def test_a_row_is_1_to_1_6_times_its_size_high(self, size: Size) -> None:
        step = 1 / size.rows_per_degree
        for row in range(0, 180 * size.rows_per_degree, size.rows_per_degree // 10):
            south = row * step - 90
            assert 1.105 <= meridian_m(south, min(south + step, 90)) / size.metres <= 1.117

    def test_at_the_poles_they_are_as_the_page_says(self) -> None:
        assert columns(Size.COARSE, 1799) == columns(Size.COARSE, 0) == 1
        assert columns(Size.COARSE, 1798) == columns(Size.COARSE, 1) == 7
        assert 2 <= parallel_m(89.8) / 7 / 10_000 < 2.01

    def test_no_row_is_so_near_to_another_number_of_columns_that_rounding_could_tell(self) -> None:
        e2 = (2 - 1 / 298.257223563) / 298.257223563
        for row in range(900):
            at = radians(row / 10)
            length = 2 * pi * 6_378_137 * cos(at) / sqrt(1 - e2 * sin(at) ** 2)
            assert 2 < length % 10_000 < 9_998


class TestCellOf:
    def test_a_coordinate_on_an_edge_is_taken_by_its_decimal_value(self) -> None:
        for hundredths in range(4600, 4800):
            cell = cell_of((37.608, hundredths / 100), Size.FINE)
            assert cell.row == 9000 + hundredths
            assert cell.bounds.south == hundredths / 100

    def test_just_below_an_edge_is_the_row_before(self) -> None:
        assert cell_of((37.608, 47.09999999999999), Size.COARSE).row == 1370
        assert cell_of((37.608, 47.1), Size.COARSE).row == 1371

    @pytest.mark.parametrize("size", Size)
    def test_longitude_180_is_minus_180(self, size: Size) -> None:
        assert cell_of((180, 47), size) == cell_of((-180, 47), size)
        assert cell_of((180, 47), size).column == 0

    @pytest.mark.parametrize("size", Size)
    def test_the_poles_belong_to_the_first_and_the_last_row(self, size: Size) -> None:
        assert cell_of((0, -90), size).row == 0
        assert cell_of((0, 90), size).row == 180 * size.rows_per_degree - 1

    @settings(max_examples=300)
    @given(positions, st.sampled_from(Size))
    def test_it_is_the_cell_that_the_definition_gives(self, position: Position, size: Size) -> None:
        longitude, latitude = map(exact, position)
        cell = cell_of(position, size)
        last = 180 * size.rows_per_degree - 1
        assert cell.row == min((latitude + 90) * size.rows_per_degree // 1, last)
        count = columns(size, cell.row)
        assert cell.column == (longitude + 180) * count / 360 // 1 % count

    @settings(max_examples=300)
    @given(positions)
    def test_the_coarse_cell_of_a_place_holds_its_fine_one(self, position: Position) -> None:
        fine, coarse = (cell_of(position, size) for size in (Size.FINE, Size.COARSE))
        assert (fine.row // 10, fine.column // 10) == (coarse.row, coarse.column)
        assert coarse.bounds.west <= fine.bounds.west < fine.bounds.east <= coarse.bounds.east
        assert coarse.bounds.south <= fine.bounds.south < fine.bounds.north <= coarse.bounds.north

    @settings(max_examples=300)
    @given(positions, st.sampled_from(Size))
    def test_the_centre_of_a_cell_lies_in_it(self, position: Position, size: Size) -> None:
        cell = cell_of(position, size)
        assert cell_of(cell.centre, size) == cell
        assert all(number == round(number, 7) for number in cell.centre)

    @settings(max_examples=300)
    @given(positions, st.sampled_from(Size), st.data())
    def test_moving_within_a_cell_changes_nothing(
        self, position: Position, size: Size, data: st.DataObject
    ) -> None:
        cell = cell_of(position, size)
        box = cell.bounds
        share = st.floats(0.001, 0.999)
        x, y = data.draw(share), data.draw(share)
        moved = (box.west + (box.east - box.west) * x, box.south + (box.north - box.south) * y)
        assert cell_of(moved, size) == cell

    @settings(max_examples=200)
    @given(positions, st.sampled_from(Size))
    def test_neighbours_share_an_edge(self, position: Position, size: Size) -> None:
        cell = cell_of(position, size)
        count = columns(size, cell.row)
        east = Cell(size, cell.row, (cell.column + 1) % count)
        assert east.bounds.west in {cell.bounds.east, cell.bounds.east - 360}
        assert (cell.bounds.west, east.bounds.east) != (-180, -180)

    def test_a_cell_is_as_wide_as_its_share_of_the_row(self) -> None:
        box = cell_of(AZOVSTAL, Size.COARSE).bounds
        assert box.east - box.west == pytest.approx(float(Fraction(360, 2732)))


class TestGeneralised:
    def test_a_point_becomes_the_centre_of_its_cell(self) -> None:
        assert generalised(Point(AZOVSTAL), Size.FINE) == Point((37.614202, 47.095))
        assert generalised(Point(AZOVSTAL), Size.COARSE) == Point((37.6207906, 47.05))

    def test_a_line_within_one_cell_becomes_a_point(self) -> None:
        line = type(ROUTE)((AZOVSTAL, (37.609, 47.098)))
        assert generalised(line, Size.COARSE) == generalised(Point(AZOVSTAL), Size.COARSE)

    def test_a_line_of_one_place_becomes_its_point(self) -> None:
        line = type(ROUTE)((AZOVSTAL, AZOVSTAL))
        assert generalised(line, Size.FINE) == generalised(Point(AZOVSTAL), Size.FINE)

    def test_a_line_becomes_the_line_of_centres(self) -> None:
        rough = generalised(ROUTE, Size.COARSE)
        assert isinstance(rough, type(ROUTE))
        assert rough.positions[0] == cell_of(MARIUPOL, Size.COARSE).centre
        assert len(set(rough.positions)) == len(rough.positions)

    def test_an_area_has_no_rough_form(self) -> None:
        polygon = Polygon(((AZOVSTAL, MANHUSH, MARIUPOL, AZOVSTAL),))
        assert generalised(polygon, Size.COARSE) is None
        assert generalised(MultiPolygon((polygon,)), Size.COARSE) is None

    @settings(max_examples=100)
    @given(positions, st.sampled_from(Size))
    def test_telling_roughly_twice_tells_no_more(self, position: Position, size: Size) -> None:
        once = generalised(Point(position), size)
        assert once is not None
        assert generalised(once, size) == once
