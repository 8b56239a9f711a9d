"""Geometries are read strictly: what is changed is said, all else is refused with its place."""

import time
from collections.abc import Callable
from contextlib import suppress
from math import cos, inf, nan, pi, sin
from typing import Any

import pytest

from app.domain.geometry.reading import GeometryRefused, read_area, read_line, read_point
from app.domain.geometry.shape import Line, MultiPolygon, Point, Polygon
from tests.domain.geometry.given import (
    AZOVSTAL,
    MANHUSH,
    MARIUPOL,
    SQUARE,
    json_line,
    json_polygon,
)

HOLE = [[36.0, 47.0], [37.0, 47.0], [37.0, 47.5], [36.0, 47.5], [36.0, 47.0]]
BOWTIE = [[34.9, 46.5], [38.1, 48], [38.1, 46.5], [34.9, 48.0], [34.9, 46.5]]
FAR = [[40, 46], [41, 46], [41, 47], [40, 46]]


def nested(depth: int) -> list[Any]:
    inside: list[Any] = []
    for _ in range(depth):
        inside = [inside]
    return inside


def collections(depth: int) -> dict[str, Any]:
    inside: dict[str, Any] = {"type": "GeometryCollection", "geometries": []}
    for _ in range(depth):
        inside = {"type": "GeometryCollection", "geometries": [inside]}
    return inside


def read_any_area(value: Any) -> Any:
    return read_area(value, multi=True)


def read_polygon(value: Any) -> Any:
    return read_area(value, multi=False)


def point(*coordinates: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(coordinates)}


def refusal(read: Callable[[Any], Any], value: Any) -> GeometryRefused:
    began = time.process_time()
    with pytest.raises(GeometryRefused) as refused:
        read(value)
    assert time.process_time() - began < 1
    assert len(refused.value.message) < 300
    return refused.value


def codes(read: Any) -> list[str]:
    return [warning.code for warning in read.warnings]


class TestAnyGeometry:
    @pytest.mark.parametrize("read", [read_point, read_line, read_polygon, read_any_area])
    @pytest.mark.parametrize(
        ("value", "message", "path"),
        [
            (None, "found null, expected a GeoJSON", ()),
            ([], "found an array of 0, expected a GeoJSON", ()),
            ("POINT (37 47)", "found text, expected a GeoJSON", ()),
            ({}, "found type null, expected", ("type",)),
            ({"type": ["Point"]}, "found type an array of 1, expected", ("type",)),
            ({"type": "Circle", "coordinates": []}, 'found type "Circle", expected', ("type",)),
            ({"type": "sp_secret"}, "found type text, expected", ("type",)),
            (collections(5), 'found type "GeometryCollection", expected', ("type",)),
            (collections(30_000), 'found type "GeometryCollection", expected', ("type",)),
            ({"type": nested(30_000)}, "found type an array of 1, expected", ("type",)),
        ],
        ids=lambda x: "" if isinstance(x, dict) else None,
    )
    def test_another_type_is_refused_by_name(
        self, read: Callable[[Any], Any], value: Any, message: str, path: tuple[str, ...]
    ) -> None:
        refused = refusal(read, value)
        assert message in refused.message
        assert refused.path == path

    @pytest.mark.parametrize(
        ("read", "expected"),
        [
            (read_point, "expected Point"),
            (read_line, "expected LineString"),
            (read_polygon, "expected Polygon"),
            (read_any_area, "expected Polygon or MultiPolygon"),
        ],
    )
    def test_the_message_names_what_was_expected(
        self, read: Callable[[Any], Any], expected: str
    ) -> None:
        assert refusal(read, collections(1)).message == (
            f'found type "GeometryCollection", {expected}'
        )

    def test_only_type_and_coordinates_are_taken(self) -> None:
        for member in ("bbox", "crs", "properties"):
            refused = refusal(read_point, point(*AZOVSTAL) | {member: []})
            assert "other members" in refused.message

    @pytest.mark.parametrize("read", [read_point, read_line, read_polygon, read_any_area])
    def test_coordinates_are_there(self, read: Callable[[Any], Any]) -> None:
        for kind in ("Point", "LineString", "Polygon", "MultiPolygon"):
            absent: list[dict[str, Any]] = [{}, {"coordinates": []}, {"coordinates": None}]
            for missing in absent:
                value: dict[str, Any] = {"type": kind, **missing}
                assert refusal(read, value).path in {("type",), ("coordinates",)}

    @pytest.mark.parametrize("kind", ["Point", "LineString", "Polygon", "MultiPolygon"])
    @pytest.mark.parametrize("width", [1, 2, 4])
    def test_no_depth_is_followed(self, kind: str, width: int) -> None:
        read = {"Point": read_point, "LineString": read_line}.get(kind, read_any_area)
        value = {"type": kind, "coordinates": [nested(30_000)] * width}
        assert refusal(read, value).path[0] == "coordinates"


class TestReadPoint:
    def test_it_is_taken_as_it_is(self) -> None:
        read = read_point(point(*AZOVSTAL))
        assert read.shape == Point(AZOVSTAL)
        assert read.warnings == ()

    @pytest.mark.parametrize("position", [(180, 90), (-180, -90), (0, 0), (179.9999999, 0.0)])
    def test_the_ends_of_the_range_are_inside(self, position: tuple[float, float]) -> None:
        assert read_point(point(*position)).shape == Point(position)

    def test_a_negative_zero_is_zero(self) -> None:
        assert str(read_point(point(-0.0, -0.0)).shape) == str(Point((0.0, 0.0)))

    def test_a_height_is_dropped_and_said(self) -> None:
        read = read_point(point(*AZOVSTAL, 12))
        assert read.shape == Point(AZOVSTAL)
        assert codes(read) == ["z_dropped"]

    @pytest.mark.parametrize(
        ("coordinates", "message"),
        [
            ([37.608], "found an array of 1, expected [longitude, latitude]"),
            ([37.608, 47.097, 12, 5], "found an array of 4, expected [longitude, latitude]"),
            ([[37.608, 47.097]], "found an array of 1, expected [longitude, latitude]"),
            ([[37.608], 47.097], "two numbers, longitude and latitude in degrees, found an array"),
            (["37.608", 47.097], "expected two numbers, longitude and latitude"),
            ([True, 47.097], "found true and 47.097"),
            ([37.608, None], "found 37.608 and null"),
            ([37.608, 47.097, "12"], "expected two numbers"),
            ([37.608, 47.097, nan], "expected two numbers"),
            ([nan, 47.097], "found nan and 47.097"),
            ([37.608, nan], "expected two numbers"),
            ([inf, 47.097], "found inf and 47.097"),
            ([37.608, -inf], "expected two numbers"),
            ([180.0000001, 47.097], "found 180.0000001, 47.097; expected a longitude within ±180"),
            ([37.608, -90.0000001], "then a latitude within ±90"),
            ([10**5000, 47.097], "found a number too great to hold, 47.097; expected a longitude"),
            ([37.608, 10**5000, 10**5000], "found 37.608, a number too great to hold"),
        ],
    )  # fmt: skip
    def test_what_is_no_position_is_refused(self, coordinates: list[Any], message: str) -> None:
        refused = refusal(read_point, point(*coordinates))
        assert message in refused.message
        assert refused.path == ("coordinates",)

    def test_swapped_coordinates_are_named_where_they_can_be_told(self) -> None:
        assert "look swapped" in refusal(read_point, point(35.68, 139.69)).message
        assert "look swapped" not in refusal(read_point, point(190, 47)).message
        assert "look swapped" not in refusal(read_point, point(190, 95)).message


class TestReadLine:
    def test_it_is_taken_as_it_is(self) -> None:
        read = read_line(json_line(MARIUPOL, MANHUSH))
        assert read.shape == Line((MARIUPOL, MANHUSH))
        assert read.warnings == ()

    def test_it_may_cross_itself(self) -> None:
        assert read_line(json_line(*BOWTIE)).warnings == ()

    def test_it_may_lead_out_and_back(self) -> None:
        assert read_line(json_line(MARIUPOL, MANHUSH, MARIUPOL)).warnings == ()

    def test_neighbouring_repeated_points_are_merged_and_said(self) -> None:
        read = read_line(json_line(MARIUPOL, MARIUPOL, MANHUSH, MANHUSH, MANHUSH, MARIUPOL))
        assert read.shape == Line((MARIUPOL, MANHUSH, MARIUPOL))
        assert codes(read) == ["repeated_points_merged"]

    def test_points_that_differ_in_height_alone_are_one(self) -> None:
        read = read_line(json_line((*MARIUPOL, 1), (*MARIUPOL, 2), MANHUSH))
        assert read.shape == Line((MARIUPOL, MANHUSH))
        assert codes(read) == ["z_dropped", "repeated_points_merged"]

    def test_over_the_antimeridian_it_takes_the_short_way_as_given(self) -> None:
        read = read_line(json_line((178.4, -18.1), (-175.2, -21.1)))
        assert read.shape == Line(((178.4, -18.1), (-175.2, -21.1)))
        assert codes(read) == ["antimeridian_short_way"]

    def test_half_the_globe_is_taken_as_given(self) -> None:
        assert read_line(json_line((-90, 0), (90, 1))).warnings == ()

    @pytest.mark.parametrize(
        ("positions", "message", "path"),
        [
            ([], "found an array of 0, expected an array of two positions or more", ()),
            ([MARIUPOL], "found an array of 1", ()),
            ([MARIUPOL] * 3, "all positions of the line are one place", ()),
            ([(180, 10), (-180, 10)], "one place", ()),
            ([(10, 90), (70, 90)], "one place", ()),
            ([MARIUPOL, (47.0563, 137.3119)], "look swapped", (1,)),
            ([MARIUPOL, MANHUSH, (37, 47, 1, 1)], "[longitude, latitude]", (2,)),
            ([MARIUPOL, MANHUSH, (nan, nan)], "two numbers", (2,)),
            ([MARIUPOL] * 10_001, "found 10001 positions, expected 10000 at most", ()),
            ([MARIUPOL] * 1_000_000, "10000 at most", ()),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_is_no_line_is_refused_with_its_place(
        self, positions: list[Any], message: str, path: tuple[int, ...]
    ) -> None:
        refused = refusal(read_line, json_line(*positions))
        assert message in refused.message
        assert refused.path == ("coordinates", *path)

    def test_ten_thousand_positions_are_taken(self) -> None:
        positions = [(30 + at / 10_000, 47.0) for at in range(10_000)]
        assert read_line(json_line(*positions)).shape == Line(tuple(positions))


class TestReadArea:
    def test_it_is_taken_as_it_is(self) -> None:
        read = read_polygon(json_polygon(SQUARE, HOLE[::-1]))
        rings = (tuple((x, y) for x, y in SQUARE), tuple((x, y) for x, y in HOLE[::-1]))
        assert read.shape == Polygon(rings)
        assert read.warnings == ()

    def test_rings_are_turned_and_said_once(self) -> None:
        turned = read_polygon(json_polygon(SQUARE[::-1], HOLE))
        assert codes(turned) == ["rings_turned"]
        assert turned.shape == read_polygon(json_polygon(SQUARE, HOLE[::-1])).shape

    def test_a_sliver_is_turned_by_what_its_numbers_say(self) -> None:
        sliver = [[0, 0], [1, 0], [1, 5e-324], [0, 0]]
        assert codes(read_polygon(json_polygon(sliver[::-1]))) == ["rings_turned"]
        assert codes(read_polygon(json_polygon(sliver))) == []

    @pytest.mark.parametrize("first", range(4))
    def test_it_is_turned_wherever_the_ring_begins(self, first: int) -> None:
        ring = [*SQUARE[first:4], *SQUARE[:first], SQUARE[first]]
        assert codes(read_polygon(json_polygon(ring))) == []
        assert codes(read_polygon(json_polygon(ring[::-1]))) == ["rings_turned"]

    def test_heights_and_repeated_points_are_dropped_and_said(self) -> None:
        ring = [[*each, 5] for each in (SQUARE[0], *SQUARE, SQUARE[4])]
        read = read_polygon(json_polygon(ring))
        assert read.shape == read_polygon(json_polygon(SQUARE)).shape
        assert codes(read) == ["z_dropped", "repeated_points_merged"]

    def test_several_parts_are_taken_where_they_may_be(self) -> None:
        value = {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [FAR[::-1]]]}
        read = read_any_area(value)
        assert isinstance(read.shape, MultiPolygon)
        assert [len(each.rings) for each in read.shape.polygons] == [2, 1]
        assert codes(read) == ["rings_turned"]
        assert "expected Polygon" in refusal(read_polygon, value).message

    @pytest.mark.parametrize(
        ("rings", "message", "path"),
        [
            ([[]], "ring 0 has 0 positions, expected four or more", (0,)),
            ([SQUARE, HOLE[:3]], "ring 1 has 3 positions, expected four or more", (1,)),
            ([SQUARE[:4]], "ring 0 is not closed", (0,)),
            ([SQUARE, HOLE[:4]], "ring 1 is not closed", (1,)),
            ([SQUARE, 5], "a ring that is no array", (1,)),
            ([[*SQUARE[:3], [46.5, 134.9], SQUARE[0]]], "look swapped", (0, 3)),
            ([[*SQUARE[:3], [nan, nan], SQUARE[0]]], "two numbers", (0, 3)),
            ([[[nan, nan], *SQUARE[1:4], [nan, nan]]], "two numbers", (0, 0)),
            ([[SQUARE[0]] * 4], "encloses no area; expected a polygon that does", (0,)),
            ([[SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[0]]], "encloses no area", (0,)),
            ([[]] * 1001, "found an array of 1001, expected an array of 1 to 1000 rings", ()),
            ([[SQUARE[0]] * 10_001], "found 10001 positions, expected 10000 at most", ()),
            ([[SQUARE[0]] * 1_000_000], "10000 at most", ()),
        ],
        ids=lambda x: "" if isinstance(x, list) else None,
    )
    def test_what_is_no_polygon_is_refused_with_its_place(
        self, rings: list[Any], message: str, path: tuple[int, ...]
    ) -> None:
        refused = refusal(read_polygon, json_polygon(*rings))
        assert message in refused.message
        assert refused.path == ("coordinates", *path)
        parts = {"type": "MultiPolygon", "coordinates": [[FAR], rings]}
        assert refusal(read_any_area, parts).path in {
            ("coordinates", 1, *path),
            ("coordinates",),
        }

    @pytest.mark.parametrize(
        ("coordinates", "message"),
        [
            ([], "expected an array of 1 to 1000 polygons"),
            ([[SQUARE]] * 1001, "expected an array of 1 to 1000 polygons"),
            ([[[]] * 501] * 2, "found 1002 rings, expected 1000 at most"),
            ([[[[0, 0]] * 5001]] * 2, "found 10002 positions, expected 10000 at most"),
        ],
        ids=lambda x: "" if isinstance(x, list) else None,
    )
    def test_the_bounds_hold_for_all_parts_together(
        self, coordinates: list[Any], message: str
    ) -> None:
        refused = refusal(read_any_area, {"type": "MultiPolygon", "coordinates": coordinates})
        assert message in refused.message
        assert refused.path == ("coordinates",)

    @pytest.mark.parametrize(
        ("rings", "message"),
        [
            ([BOWTIE], "the outline crosses itself near longitude 36.5, latitude 47.25"),
            ([SQUARE, FAR], "a hole lies outside the outline near longitude 4"),
            ([SQUARE, HOLE, HOLE], "expected a polygon that does not"),
            ([[[0, 0], [1, 0], [2, 0], [0, 0]]], "expected a polygon that does"),
            ([[*SQUARE[:2], [36, 46.5], [36, 48], [34.9, 48], SQUARE[0]]], "near longitude"),
        ],
    )
    def test_a_polygon_may_not_cross_itself(self, rings: list[Any], message: str) -> None:
        assert message in refusal(read_polygon, json_polygon(*rings)).message

    def test_parts_may_not_overlap(self) -> None:
        value = {"type": "MultiPolygon", "coordinates": [[SQUARE], [HOLE]]}
        assert "an outline lies inside another near" in refusal(read_any_area, value).message
        shifted = [[x + 1, y + 1] for x, y in SQUARE]
        value = {"type": "MultiPolygon", "coordinates": [[SQUARE], [shifted]]}
        assert "an outline crosses itself or another near" in refusal(read_any_area, value).message


def comb(teeth: int, slant: float) -> list[list[float]]:
    """Draw an outline of many teeth, each beside all others where they slant."""
    upper = [[at / teeth * 20 + tip * slant, tip * 10.0] for at in range(teeth) for tip in (0, 1)]
    return [*upper, [20 + slant, 9], [20, -1], [0, -1], upper[0]]


def star(corners: int) -> list[list[float]]:
    """Draw a star whose every second corner lies next to its middle."""
    drawn = [
        [(10 if at % 2 else 0.01) * turn(2 * pi * at / corners) for turn in (cos, sin)]
        for at in range(corners)
    ]
    return [*drawn, drawn[0]]


class TestTime:
    @pytest.mark.parametrize(
        "ring",
        [comb(4998, slant) for slant in (0, 1, 10, 90)] + [comb(2200, 90), star(9998)],
        ids=["upright", "a little slanted", "slanted", "flat", "as flat as is taken", "star"],
    )
    def test_no_outline_keeps_others_waiting(self, ring: list[list[float]]) -> None:
        assert len(ring) <= 10_000
        began = time.process_time()
        with suppress(GeometryRefused):
            read_polygon(json_polygon(ring))
        assert time.process_time() - began < 1

    def test_an_outline_too_intricate_to_be_checked_is_refused(self) -> None:
        for ring in (comb(4998, 90), star(9998)):
            assert "too intricate" in refusal(read_polygon, json_polygon(ring)).message

    def test_an_outline_of_ten_thousand_natural_corners_is_taken(self) -> None:
        ring = [
            [(10 + sin(at) / 2) * turn(2 * pi * at / 9_999) for turn in (cos, sin)]
            for at in range(9_999)
        ]
        assert read_polygon(json_polygon([*ring, ring[0]])).warnings == ()

    def test_many_holes_and_many_parts_are_taken(self) -> None:
        squares = [
            [[x, y], [x + 0.5, y], [x + 0.5, y + 0.5], [x, y + 0.5], [x, y]]
            for x in range(-80, -40)
            for y in range(-12, 12)
        ]
        outline = [[-90, -20], [90, -20], [90, 20], [-90, 20], [-90, -20]]
        assert read_polygon(json_polygon(outline, *squares))
        assert read_any_area({"type": "MultiPolygon", "coordinates": [[each] for each in squares]})
