"""Lengths are geodesics on WGS84."""

import time

import pytest
from geopy.distance import geodesic
from hypothesis import given, settings

from app.domain.geometry import measure
from app.domain.geometry.measure import length_m, length_of, require_bounded
from app.domain.geometry.refused import GeometryRefused
from app.domain.geometry.shape import Line
from tests.domain.geometry.given import MANHUSH, MARIUPOL, ROUTE, lines


def test_the_route_by_the_town_centres_is_some_232_km() -> None:
    assert length_m(ROUTE) == pytest.approx(232_398, abs=1)


def test_one_place_has_no_length() -> None:
    assert length_of([MARIUPOL]) == 0
    assert length_of([]) == 0


def test_a_degree_along_the_equator() -> None:
    assert length_of([(0, 0), (1, 0)]) == pytest.approx(111_319.490793)


def test_it_is_the_same_there_and_back() -> None:
    assert length_of([MARIUPOL, MANHUSH]) == pytest.approx(length_of([MANHUSH, MARIUPOL]))


def test_over_the_antimeridian_it_goes_the_short_way() -> None:
    assert length_of([(179.5, 0), (-179.5, 0)]) == pytest.approx(length_of([(0, 0), (1, 0)]))


class TestRequireBounded:
    def test_a_line_of_ten_thousand_kilometres_is_taken(self) -> None:
        require_bounded(ROUTE)
        require_bounded(Line(((0.0, 0.0), (89.83, 0.0))))

    def test_a_longer_one_is_refused_in_a_sentence(self) -> None:
        with pytest.raises(GeometryRefused, match=r"a line of 10,001 km, expected 10,000 km"):
            require_bounded(Line(((0.0, 0.0), (89.84, 0.0))))

    @settings(max_examples=200)
    @given(lines(60))
    def test_it_refuses_by_the_geodesic_and_nothing_else(self, line: Line) -> None:
        length = sum(
            geodesic(a[::-1], b[::-1]).m
            for a, b in zip(line.positions, line.positions[1:], strict=False)
        )
        try:
            require_bounded(line)
        except GeometryRefused:
            assert length > 10_000_000
        else:
            assert length <= 10_000_000

    def test_ten_thousand_positions_are_soon_judged(self) -> None:
        line = Line(tuple((30 + at / 2500, 47 + at % 2 / 1000) for at in range(10_000)))
        began = time.process_time()
        require_bounded(line)
        assert time.process_time() - began < 0.2

    def test_ten_thousand_positions_far_below_the_bound_are_not_measured(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def measured(_: Line) -> float:
            raise AssertionError("this takes seconds")

        monkeypatch.setattr(measure, "length_m", measured)
        require_bounded(Line(tuple((30 + at / 2500, 47 + at % 2 / 1000) for at in range(10_000))))
