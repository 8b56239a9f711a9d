"""Lines are cut at ±180, where maps end."""

from itertools import chain, pairwise

import pytest
from hypothesis import given, settings

from app.domain.geometry.antimeridian import split
from app.domain.geometry.measure import length_of
from app.domain.geometry.shape import Line, Position
from tests.domain.geometry.given import ROUTE, lines


def cut(*positions: Position) -> list[list[Position]]:
    return [list(part) for part in split(Line(positions))]


def test_a_line_that_does_not_cross_is_one_part() -> None:
    assert split(ROUTE) == (ROUTE.positions,)
    assert cut((-90, 0), (90, 1)) == [[(-90, 0), (90, 1)]]


def test_it_is_cut_where_it_crosses_eastward() -> None:
    assert cut((170, 10), (-170, 20)) == [[(170, 10), (180, 15)], [(-180, 15), (-170, 20)]]


def test_it_is_cut_where_it_crosses_westward() -> None:
    assert cut((-179, 1), (178, 4)) == [[(-179, 1), (-180, 2)], [(180, 2), (178, 4)]]


def test_the_latitude_is_rounded_once() -> None:
    assert cut((179.9, 0.1), (-179.8, 0.4))[0][-1] == (180, 0.2)


def test_it_is_cut_as_often_as_it_crosses() -> None:
    parts = cut((179, 0), (-179, 0), (179, 2))
    assert [len(part) for part in parts] == [2, 3, 2]


@pytest.mark.parametrize("edge", [180, -180])
def test_a_point_on_the_antimeridian_makes_no_empty_part(edge: float) -> None:
    assert cut((edge, 5), (-170, 5)) == [[(-180, 5), (-170, 5)]]
    assert cut((edge, 5), (170, 5)) == [[(180, 5), (170, 5)]]
    assert cut((170, 5), (edge, 5)) == [[(170, 5), (180, 5)]]
    assert cut((-170, 5), (edge, 5)) == [[(-170, 5), (-180, 5)]]


@pytest.mark.parametrize("edge", [180, -180])
def test_a_point_on_the_antimeridian_ends_one_part_and_begins_the_next(edge: float) -> None:
    assert cut((170, 5), (edge, 6), (-170, 7)) == [
        [(170, 5), (180, 6)],
        [(-180, 6), (-170, 7)],
    ]


@pytest.mark.parametrize("edge", [180, -180])
def test_a_line_that_only_touches_is_not_cut(edge: float) -> None:
    assert cut((170, 5), (edge, 6), (170, 7)) == [[(170, 5), (180, 6), (170, 7)]]
    assert cut((170, 5), (180, 6), (-180, 8), (170, 7)) == [
        [(170, 5), (180, 6), (180, 8), (170, 7)]
    ]


def test_a_line_along_the_antimeridian_is_one_part() -> None:
    assert cut((180, 5), (180, 6)) == [[(180, 5), (180, 6)]]
    assert cut((-180, 5), (-180, 6), (-179, 7)) == [[(-180, 5), (-180, 6), (-179, 7)]]


@settings(max_examples=300)
@given(lines())
def test_the_parts_are_the_line(line: Line) -> None:
    parts = split(line)
    assert all(len(part) > 1 for part in parts)
    for start, end in chain.from_iterable(map(pairwise, parts)):
        assert -180 <= start[0] - end[0] <= 180 or abs(start[0]) == 180
        assert -180 <= end[0] <= 180
    for before, after in pairwise(parts):
        assert abs(before[-1][0]) == 180
        assert (-before[-1][0], before[-1][1]) == after[0]
    joined = [(x % 360, y) for x, y in chain.from_iterable(parts)]
    assert all((x % 360, y) in joined for x, y in line.positions)


@settings(max_examples=100)
@given(lines(5))
def test_cutting_makes_no_line_longer_or_shorter(line: Line) -> None:
    cut_length = sum(map(length_of, split(line)))
    assert cut_length == pytest.approx(length_of(line.positions), rel=2e-3, abs=1)
