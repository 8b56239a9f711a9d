"""KML and GPX: what a driver reads, in XML that every reader of it takes."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.gpx import Gpx
from app.formats.kml import Kml
from tests.formats.given import (
    ACROSS,
    AREA,
    AREAS,
    BARRED,
    LATER,
    LINE,
    NOON,
    PASSABLE,
    POINT,
    POINTS,
    about,
    feature,
    file,
)

KML = "{http://www.opengis.net/kml/2.2}"
GPX = "{http://www.topografix.com/GPX/1/1}"
FORBIDDEN = "DO NOT MOVE: "


def placemarks(*features: dict[str, Any], **of: Any) -> list[ET.Element]:
    root = ET.fromstring(file(Kml(about(**of)), *features))
    assert root.tag == f"{KML}kml"
    return root.findall(f".//{KML}Placemark")


def gpx(*features: dict[str, Any], **of: Any) -> ET.Element:
    return ET.fromstring(file(Gpx(about(**of)), *features))


def text(element: ET.Element, *path: str) -> str:
    found = element.find("/".join(path))
    assert found is not None, path
    return found.text or ""


def both(*features: dict[str, Any], **of: Any) -> list[tuple[str, str]]:
    """Give name and words of the first feature, as KML and as GPX have them."""
    mark = placemarks(*features, **of)[0]
    root = gpx(*features, **of)
    element = next(each for each in root if each.tag in (f"{GPX}wpt", f"{GPX}trk"))
    return [
        (text(mark, f"{KML}name"), text(mark, f"{KML}description")),
        (text(element, f"{GPX}name"), text(element, f"{GPX}desc")),
    ]


def test_what_may_be_passed_says_until_when_and_to_ask_again() -> None:
    for name, words in both(feature()):
        assert name == "Mariupol to Zaporizhzhia (only until 2022-04-30 15:30 UTC)"
        assert "Do not rely on it after 2022-04-30 15:30 UTC" in words
        assert "Read at 2022-04-30 12:00:00 UTC. This file does not change by itself." in words
        assert "Ask the service again right before leaving" in words
        assert "MGRS 37T CN 89299 16764" in words
        assert "MGRS 36T XU 58374 01987" in words


@pytest.mark.parametrize(
    ("changes", "of"),
    [
        ({"do_not_move": BARRED}, {}),
        ({"do_not_move": ...}, {}),
        ({"do_not_move": PASSABLE | {"until": None}}, {}),
        ({"name": ..., "precision_m": 1000}, {}),
        ({}, {"is_present": False}),
        ({}, {"read_at": LATER}),
        ({}, {"read_at": LATER + timedelta(days=1)}),
    ],
)
def test_a_doubt_is_in_the_name(changes: dict[str, Any], of: dict[str, Any]) -> None:
    for name, words in both(feature(**changes), **of):
        assert name.startswith(FORBIDDEN)
        assert words.startswith("DO NOT MOVE along this corridor:\n- ")
        assert "only until" not in name
    (mark,) = placemarks(feature(**changes), **of)
    assert text(mark, f"{KML}styleUrl") == "#barred"
    assert text(gpx(feature(**changes), **of), f"{GPX}trk", f"{GPX}type") == "do not move"


def test_reasons_are_told() -> None:
    for _, words in both(feature(do_not_move=BARRED)):
        assert "- It is closed." in words


def test_what_is_seen_by_cells_is_not_named_finer_nor_given_as_the_way() -> None:
    for _, words in both(feature(name=..., precision_m=1000)):
        assert "about latitude 47.0951" in words
        assert "MGRS 37T CN 89 16" in words
        assert "What is drawn is not the way" in words


def test_a_site_does_not_say_that_the_way_is_open() -> None:
    for name, words in both(feature(POINT, name="Hall 7", do_not_move=...), collection="sites"):
        assert name == "Hall 7"
        assert "does not say that the way there is open" in words


def test_colours_differ_by_what_bars() -> None:
    marks = placemarks(feature(), feature(do_not_move=BARRED))
    looks = [text(each, f"{KML}styleUrl") for each in marks]
    assert looks == ["#passable", "#barred"]
    root = ET.fromstring(file(Kml(about())))
    colours = {
        each.get("id"): text(each, f"{KML}LineStyle", f"{KML}color")
        for each in root.findall(f".//{KML}Style")
    }
    assert colours.keys() == {"barred", "passable", "site"}
    assert len(set(colours.values())) == 3


@pytest.mark.parametrize(
    ("geometry", "kinds", "waypoints", "segments"),
    [
        (POINT, ["Point"], 1, []),
        (LINE, ["LineString"], 0, [2]),
        (ACROSS, ["LineString", "LineString"], 0, [2, 2]),
        (AREA, ["Polygon"], 0, [5, 4]),
        (AREAS, ["Polygon", "Polygon"], 0, [5, 4, 5, 4]),
        (POINTS, ["Point", "Point"], 2, []),
        (None, [], 0, []),
    ],
)
def test_shapes_are_taken_apart_well(
    geometry: Any, kinds: list[str], waypoints: int, segments: list[int]
) -> None:
    (mark,) = placemarks(feature(geometry))
    shapes = mark.find(f"{KML}MultiGeometry") if len(kinds) > 1 else mark
    assert shapes is not None
    named = {f"{KML}{kind}" for kind in ("Point", "LineString", "Polygon")}
    assert [each.tag.removeprefix(KML) for each in shapes if each.tag in named] == kinds
    root = gpx(feature(geometry))
    assert len(root.findall(f"{GPX}wpt")) == waypoints
    found = [len(segment) for segment in root.findall(f"{GPX}trk/{GPX}trkseg")]
    assert found == segments
    assert len(root.findall(f"{GPX}trk")) == (0 if waypoints else 1)


def test_no_longitude_is_one_that_the_schema_of_gpx_refuses() -> None:
    root = gpx(feature(ACROSS), feature({"type": "Point", "coordinates": [180.0, 5.0]}))
    east = [float(each.attrib["lon"]) for each in root.iter() if "lon" in each.attrib]
    assert east == [179.999999999, 179.0, 179.999999999, -180.0, -179.0]
    assert all(-180 <= each < 180 for each in east)


def test_an_area_has_its_hole() -> None:
    (mark,) = placemarks(feature(AREA))
    rings = [each.tag.removeprefix(KML) for each in mark.findall(f"{KML}Polygon/*")]
    assert rings == ["tessellate", "outerBoundaryIs", "innerBoundaryIs"]


def test_positions_are_longitude_first_in_kml_and_named_in_gpx() -> None:
    (mark,) = placemarks(feature(POINT))
    assert text(mark, f"{KML}Point", f"{KML}coordinates") == "37.608,47.097"
    (waypoint,) = gpx(feature(POINT)).findall(f"{GPX}wpt")
    assert (float(waypoint.attrib["lat"]), float(waypoint.attrib["lon"])) == (47.097, 37.608)


def test_elements_come_in_the_order_of_the_schemas() -> None:
    root = gpx(feature(LINE), feature(POINT), feature(AREA), feature(POINT))
    tags = [each.tag.removeprefix(GPX) for each in root]
    assert tags == ["metadata", "wpt", "wpt", "trk", "trk"]
    assert root.attrib == {"version": "1.1", "creator": "Safe Passage"}
    assert [each.tag.removeprefix(GPX) for each in root[0]] == ["name", "desc", "time"]
    assert [each.tag.removeprefix(GPX) for each in root[1]] == [
        "time",
        "name",
        "cmt",
        "desc",
        "src",
        "type",
    ]
    assert [each.tag.removeprefix(GPX) for each in root[3]] == [
        "name",
        "cmt",
        "desc",
        "src",
        "type",
        "trkseg",
    ]
    (mark,) = placemarks(feature(LINE))
    order = ["name", "Snippet", "description", "styleUrl", "ExtendedData", "LineString"]
    assert [each.tag.removeprefix(KML) for each in mark] == order


def test_data_is_there_for_programs() -> None:
    (mark,) = placemarks(feature(do_not_move=BARRED, width_m=7.5))
    data = {
        each.get("name"): text(each, f"{KML}value")
        for each in mark.findall(f"{KML}ExtendedData/{KML}Data")
    }
    assert data["width_m"] == "7.5"
    assert '"It is closed."' in data["do_not_move"]


@given(st.text(min_size=1))
def test_any_name_makes_xml_that_says_whether_one_may_move(name: str) -> None:
    for shown, _ in both(feature(name=name, do_not_move=BARRED)):
        assert shown.startswith(FORBIDDEN)
        assert not any(each < " " or "\u007f" <= each < "\u00a0" for each in shown)
        assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_markup_in_a_name_is_text() -> None:
    name = '<b onclick="x">&amp;]]>'
    for shown, _ in both(feature(name=name, do_not_move=BARRED)):
        assert shown == FORBIDDEN + name


def test_it_says_when_it_was_read() -> None:
    assert text(gpx(), f"{GPX}metadata", f"{GPX}time") == "2022-04-30T12:00:00Z"
    root = ET.fromstring(file(Kml(about())))
    assert "read 2022-04-30 12:00 UTC" in text(root, f"{KML}Document", f"{KML}name")
    assert about().read_at == NOON


def test_tracks_that_are_long_wait_outside_of_memory() -> None:
    writer = Gpx(about())
    long = {"type": "LineString", "coordinates": [[n / 1000, 47.0] for n in range(10_000)]}
    writer.begin()
    for _ in range(10):
        assert writer.add(feature(long)) == b""
    assert not isinstance(writer._tracks._file, BytesIO)
    assert sum(len(piece) for piece in writer.end()) > 4 * 2**20
    writer.close()
