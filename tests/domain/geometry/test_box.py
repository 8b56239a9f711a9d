"""Boxes of queries."""

import pytest

from app.domain.geometry.box import Box, bounds, read_box
from tests.domain.geometry.given import MARIUPOL, ROUTE


class TestReadBox:
    def test_four_numbers_are_west_south_east_north(self) -> None:
        assert read_box("34.9,46.5,38.1,48") == Box(34.9, 46.5, 38.1, 48.0)

    def test_of_six_numbers_the_heights_are_passed_over(self) -> None:
        assert read_box("34.9,46.5,-100,38.1,48,9000.5") == Box(34.9, 46.5, 38.1, 48.0)

    def test_a_point_is_a_box(self) -> None:
        assert read_box("37.5,47,37.5,47") == Box(37.5, 47, 37.5, 47)

    def test_clients_may_write_numbers_with_exponents(self) -> None:
        assert read_box("1e-05,4.7e1,37.5,4.8E+1") == Box(0.00001, 47, 37.5, 48)

    def test_the_world_is_a_box(self) -> None:
        assert read_box("-180,-90,180,90") == Box(-180, -90, 180, 90)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "found 1 values, expected 4 or 6"),
            ("1,2,3", "found 3 values, expected 4 or 6"),
            ("1,2,3,4,5", "found 5 values, expected 4 or 6"),
            ("1,2,3,4,5,6,7", "found 7 values, expected 4 or 6"),
            ("1," * 1000, "more than 200 characters"),
            ("1,2,3,", "plain decimal numbers"),
            ("1,2,3, 4", "plain decimal numbers"),
            ("1,2,3,4\n", "plain decimal numbers"),
            ("1,2,3,nan", "plain decimal numbers"),
            ("1,2,inf,4", "plain decimal numbers"),
            ("1,2,3e,4", "plain decimal numbers"),
            ("1,2,0x3,4", "plain decimal numbers"),
            ("1,2,+3,4", "plain decimal numbers"),
            ("1,2,1_0,4", "plain decimal numbers"),
            ("1,2,3.,4", "plain decimal numbers"),
            ("1,2,.3,4", "plain decimal numbers"),
            ("1,2,٣,4", "plain decimal numbers"),
            ("1,2,nan,3,4,5", "plain decimal numbers"),
            ("-180.1,2,3,4", "found longitudes -180.1 and 3.0, expected them within ±180"),
            ("1,2,181,4", "within ±180"),
            ("1,-91,3,4", "found latitudes -91.0 and 4.0, expected them within ±90"),
            ("1,2,3,90.5", "within ±90"),
            ("1,4,3,2", "found south 4.0 and north 2.0, expected south first"),
        ],
    )
    def test_all_else_is_refused_with_its_reason(self, text: str, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            read_box(text)


class TestParts:
    def test_a_plain_box_is_its_only_part(self) -> None:
        assert read_box("34.9,46.5,38.1,48").parts() == (Box(34.9, 46.5, 38.1, 48),)

    def test_a_box_over_the_antimeridian_has_two(self) -> None:
        assert read_box("170,-20,-175,-10").parts() == (
            Box(170, -20, 180, -10),
            Box(-180, -20, -175, -10),
        )


class TestBounds:
    def test_they_hold_every_position(self) -> None:
        assert bounds([ROUTE.positions]) == Box(35.1171, 47.0563, 37.5413, 47.8517)
        assert bounds([[(1, 2)], [(-3, 4), (5, -6)]]) == Box(-3, -6, 5, 4)

    def test_those_of_a_point_are_the_point(self) -> None:
        assert bounds([[MARIUPOL]]) == Box(*MARIUPOL, *MARIUPOL)

    def test_nothing_has_none(self) -> None:
        with pytest.raises(ValueError, match="not enough values"):
            bounds([])
