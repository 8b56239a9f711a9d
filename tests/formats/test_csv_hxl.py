"""CSV with hashtags: columns that tell nothing, and cells that no spreadsheet runs."""

import csv
import json
import re
from io import StringIO
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.corridors.fields import FIELDS as CORRIDORS
from app.formats.csv_hxl import HxlCsv
from app.formats.hxl import TAGS
from app.sites.fields import FIELDS as SITES
from tests.formats.given import BARRED, LINE, POINT, SHAPES, about, feature, file

_HXL = {
    "access",
    "activity",
    "adm1",
    "affected",
    "beneficiary",
    "capacity",
    "cause",
    "channel",
    "contact",
    "country",
    "crisis",
    "currency",
    "date",
    "delivery",
    "description",
    "event",
    "frequency",
    "geo",
    "group",
    "impact",
    "indicator",
    "inneed",
    "item",
    "loc",
    "meta",
    "modality",
    "need",
    "operations",
    "org",
    "output",
    "population",
    "reached",
    "region",
    "respondee",
    "sector",
    "service",
    "severity",
    "status",
    "subsector",
    "targeted",
    "value",
}
"""The hashtags of HXL 1.1."""


def rows(*features: dict[str, Any]) -> list[dict[str, str]]:
    """Read a file as a spreadsheet does; the first row is that of hashtags."""
    text = file(HxlCsv(about()), *features).decode()
    return list(csv.DictReader(StringIO(text, newline="")))


def test_the_second_row_has_a_hashtag_for_each_column() -> None:
    (tags,) = rows()
    assert tags["lat"] == "#geo+lat"
    assert tags["lon"] == "#geo+lon"
    assert tags["name"] == "#loc+name"
    assert tags["valid_from"] == "#date+start"
    assert all(tags.values())


def test_every_property_has_a_hashtag_of_the_standard() -> None:
    names = {each.name for each in (*CORRIDORS, *SITES)} | {"lat", "lon", "mgrs"}
    assert names == TAGS.keys()
    assert {tag.split("+")[0].removeprefix("#") for tag in TAGS.values()} <= _HXL
    assert len(set(TAGS.values())) == len(TAGS)


def test_columns_are_there_whatever_a_feature_has() -> None:
    tags, first, second = rows(feature(), feature(name=..., do_not_move=..., valid_from=...))
    assert first.keys() == second.keys() == tags.keys()
    assert second["name"] == ""


def test_nested_values_are_json() -> None:
    _, row = rows(feature(do_not_move=BARRED, waypoints=["a", "b"]))
    assert json.loads(row["do_not_move"]) == BARRED
    assert json.loads(row["waypoints"]) == ["a", "b"]


@pytest.mark.parametrize("geometry", SHAPES)
def test_shapes_are_well_known_text(geometry: Any) -> None:
    _, row = rows(feature(geometry))
    if geometry is None:
        assert (row["geometry"], row["lat"], row["lon"], row["mgrs"]) == ("", "", "", "")
    else:
        read = shapely.from_wkt(row["geometry"])
        assert read == shapely.from_geojson(json.dumps(geometry))


def test_numbers_read_back_as_they_were() -> None:
    tiny = {"type": "Point", "coordinates": [1e-7, -0.1 - 0.2]}
    _, row = rows(feature(tiny))
    assert shapely.from_wkt(row["geometry"]).coords[0] == (1e-7, -0.1 - 0.2)
    assert (float(row["lon"]), float(row["lat"])) == (1e-7, -0.1 - 0.2)


def test_latitude_is_given_only_where_it_is_that_of_the_place() -> None:
    _, exact, cell = rows(feature(POINT), feature(POINT, name=..., precision_m=1000))
    assert (exact["lat"], exact["lon"], exact["mgrs"]) == ("47.097", "37.608", "37T CN 94364 16883")
    assert (cell["lat"], cell["lon"], cell["mgrs"]) == ("", "", "37T CN 94 16")


FORMULAS = ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1", "=cmd|'/c calc'!A1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_would_be_a_formula_is_text(text: str) -> None:
    _, row = rows(feature(name=text))
    assert row["name"] == f"'{text}"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_begins_like_a_formula_and_none_is_lost(text: str) -> None:
    _, row = rows(feature(name=text))
    assert row["name"][:1] not in tuple("=+-@\t\r\n") or row["name"] == ""
    assert row["name"].replace("'", "") == text.replace("'", "")
    if ";" not in text:
        assert row["name"].removeprefix("'") == text.removeprefix("'")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("East;=1+1", "East;'=1+1"),
        ("East; =1+1;-2", "East; '=1+1;'-2"),
        ('East;"@A1', "East;\"'@A1"),
        ("East; north - 2 = 3", "East; north - 2 = 3"),
    ],
)
def test_no_cell_begins_like_a_formula_where_lines_are_split_at_semicolons(
    text: str, shown: str
) -> None:
    """Commas separate the cells; where commas are decimal marks, spreadsheets split at these."""
    _, row = rows(feature(name=text))
    assert row["name"] == shown
    _, nested = rows(feature(waypoints=[text, -1]))
    assert json.loads(nested["waypoints"])[1] == -1
    cells = nested["waypoints"].split(";")
    assert not any(re.match(r'[\s"]*[=+@-]', cell) for cell in cells[1:])


@given(st.text(st.sampled_from("a =;\t\"+-@'")))
def test_no_cell_of_a_split_text_begins_like_a_formula(text: str) -> None:
    _, row = rows(feature(name=text))
    cells = row["name"].split(";")
    assert not any(re.match(r'[\s"]*[=+@-]', cell) for cell in cells[1:])


def test_negative_numbers_stay_numbers() -> None:
    west = {"type": "Point", "coordinates": [-77.04, -12.05]}
    _, row = rows(feature(west, width_m=-1.5))
    assert (row["lat"], row["lon"], row["width_m"]) == ("-12.05", "-77.04", "-1.5")


def test_a_way_is_named_by_where_it_begins() -> None:
    _, row = rows(feature(LINE))
    assert (row["lat"], row["lon"]) == ("47.0951", "37.5413")
