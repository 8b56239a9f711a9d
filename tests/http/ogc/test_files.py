"""Files of features: the same as the list of pages shows, in another form and whole."""

import json
import re
from typing import Any

import pytest
import shapely

from app.domain.policy import FILES
from app.ogc import files
from app.ogc.crs import CRS84
from app.ogc.forms import CONTENT, MEDIA_TYPES, FeatureForm, FileForm
from app.ogc.kept import Kept
from tests.http.ogc.files import FORMS, Read, rows, shapes, steady
from tests.http.places.given import given_open, given_site
from tests.http.world import World, read

SITES = "/ogc/collections/sites/items"
CORRIDORS = "/ogc/collections/corridors/items"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
WEST, SOUTH = 71.0, -41.0
NEAR = {"bbox": "70.9,-41.1,72,-40"}
NUMBER = 7


@pytest.fixture
def sites(world: World) -> list[str]:
    """Lend a few sites of different classes where nobody else has any."""
    if "ogc files" not in world.kept:
        world.kept["ogc files"] = [
            given_site(
                world,
                name=f"Hall {n}",
                geometry={"type": "Point", "coordinates": [WEST + n / 10, SOUTH + n / 10]},
                sensitivity=("low", "moderate", "high", "severe")[n % 4],
            )
            for n in range(NUMBER)
        ]
    kept: list[str] = world.kept["ogc files"]
    return kept


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files be read in pages of two."""
    monkeypatch.setattr(files, "PAGE", 2)


def listed(world: World, who: str, path: str = SITES, **params: Any) -> Read:
    """Give what the pages show, by id."""
    page = world.by(who).read(path, limit=1000, **params)
    assert all(link["rel"] != "next" for link in page["links"])
    return {
        each["id"]: each["geometry"] and shapely.from_geojson(json.dumps(each["geometry"]))
        for each in page["features"]
    }


def test_forms_rules_and_media_types_speak_of_the_same() -> None:
    assert FILES.keys() == {form.value for form in FileForm} == set(FORMS)
    assert MEDIA_TYPES.keys() == set(FileForm)
    assert len(CONTENT) == len(FORMS)
    assert {form.value for form in FeatureForm} == {"json", "html", *FORMS}


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("who", ["anonymous", "ocha", "map-client", "mod", "nrc"])
def test_a_file_holds_what_the_list_shows(
    world: World, sites: list[str], form: str, who: str
) -> None:
    truth = listed(world, who, **NEAR)
    answer = world.by(who).get(SITES, f=form, **NEAR)
    if who == "anonymous" and form in ("kml", "gpx"):
        assert answer.status_code == 401
        return
    assert answer.status_code == 200, answer.text
    found = shapes(form, answer.content)
    assert found.keys() == truth.keys()
    for id, shape in truth.items():
        assert shape is not None
        other = found[id]
        assert other is not None
        assert other.equals_exact(shape, 1e-9), form
    assert len(found) == {"ocha": 7, "mod": 6, "map-client": 6}.get(who, 4)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100, 5000])
def test_a_limit_bounds_a_file(world: World, sites: list[str], limit: int) -> None:
    answer = world.by("ocha").get(SITES, f="csv", limit=limit, **NEAR)
    assert [row["id"] for row in rows(answer.content)] == sorted(sites)[:limit]


@pytest.mark.usefixtures("small_pages")
def test_a_file_answers_the_same_questions(world: World, sites: list[str]) -> None:
    for asked in (
        {"bbox": "71.05,-41,71.35,-40"},
        {"filter": "name LIKE 'Hall%' AND name > 'Hall 3'"},
        {"datetime": "2022-04-01T00:00:00Z"},
        {"datetime": "2020-01-01T00:00:00Z"},
        {"datetime": "2022-01-01T00:00:00Z/.."},
        {"operation": "mariupol-2022"},
        {"operation": "kherson-2022"},
        {"known-at": "2999-01-01T00:00:00Z"},
    ):
        params = NEAR | asked
        truth = listed(world, "ocha", **params)
        found = shapes("geojsonl", world.by("ocha").get(SITES, f="geojsonl", **params).content)
        assert found.keys() == truth.keys(), asked


@pytest.mark.parametrize("form", FORMS)
def test_one_feature_can_be_a_file(world: World, sites: list[str], form: str) -> None:
    for id in sites:
        alone = world.by("ocha").read(f"{SITES}/{id}")
        answer = world.by("ocha").get(f"{SITES}/{id}", f=form)
        (found,) = shapes(form, answer.content).items()
        truth = shapely.from_geojson(json.dumps(alone["geometry"]))
        assert found[0] == id
        assert found[1] is not None
        assert found[1].equals_exact(truth, 1e-9)


@pytest.mark.parametrize("form", FORMS)
def test_a_list_never_holds_the_exact_shape_of_a_severe_place(
    world: World, sites: list[str], form: str
) -> None:
    severe = sites[3]
    exact = shapely.Point(WEST + 0.3, SOUTH + 0.3)
    content = world.by("ocha").get(SITES, f=form, **NEAR).content
    rough = shapes(form, content)[severe]
    assert rough is not None
    assert rough.distance(exact) > 1e-4
    assert b"Hall 3" not in content
    alone = shapes(form, world.by("ocha").get(f"{SITES}/{severe}", f=form).content)[severe]
    assert alone is not None
    assert alone.equals_exact(exact, 1e-9)


@pytest.mark.parametrize("form", FORMS)
def test_what_accept_names_is_given_under_its_name(
    world: World, sites: list[str], form: str
) -> None:
    kind = MEDIA_TYPES[FileForm(form)]
    for path, name in ((SITES, "sites"), (f"{SITES}/{sites[0]}", f"sites-{sites[0]}")):
        by_accept = world.by("ocha").call(
            "GET", path, params=NEAR if path == SITES else {}, accept=kind
        )
        assert by_accept.headers["content-type"].partition(";")[0] == kind
        assert by_accept.headers["vary"] == "Accept, Authorization"
        assert by_accept.headers["content-crs"] == f"<{CRS84}>"
        assert by_accept.headers["cache-control"] == "private, no-cache"
        named = by_accept.headers["content-disposition"]
        assert re.fullmatch(rf'attachment; filename="{name}-[0-9]{{8}}T[0-9]{{6}}Z\.{form}"', named)
        by_name = world.by("ocha").get(path, f=form, **(NEAR if path == SITES else {}))
        assert steady(by_name.content) == steady(by_accept.content)


@pytest.mark.parametrize("form", FORMS)
def test_who_has_a_file_that_stands_is_told_so(world: World, sites: list[str], form: str) -> None:
    tags = []
    for path in (SITES, f"{SITES}/{sites[0]}"):
        answer = world.by("ocha").get(path, f=form)
        tag = answer.headers["ETag"]
        tags.append(tag)
        assert tag.startswith('W/"')
        again = world.by("ocha").call("GET", path, params={"f": form}, if_none_match=tag)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag
        other = world.by("ocha").call("GET", path, if_none_match=tag)
        assert other.status_code == 200
    given_site(world, geometry={"type": "Point", "coordinates": [0.0, 1.0]}, sensitivity="low")
    moved = world.by("ocha").call("GET", SITES, params={"f": form}, if_none_match=tags[0])
    assert moved.status_code == 200


@pytest.mark.parametrize(
    ("params", "pointer", "words"),
    [
        ({"f": "shp"}, "query/f", "'json', 'html', 'geojsonl', 'csv', 'gpkg', 'kml' or 'gpx'"),
        ({"f": "csv", "crs": MERCATOR}, "query/crs", "files are in CRS84"),
        ({"f": "gpx", "number-matched": "true"}, "query/number-matched", "a file has no pages"),
        ({"f": "kml", "cursor": "WyJhIiwiYiJd"}, "query/cursor", "a file has no pages"),
        ({"f": "csv", "limit": "0"}, "query/limit", "a whole number from 1 on"),
        ({"f": "csv", "filter": "nothing = 1"}, "query/filter", "cannot be asked about"),
    ],
)
def test_what_a_file_cannot_be_asked_is_refused(
    world: World, params: dict[str, str], pointer: str, words: str
) -> None:
    (fault,) = read(world.by("ocha").get(SITES, **params), 400)["errors"]
    assert fault["pointer"] == pointer
    assert words in fault["message"]


def test_only_features_come_as_files(world: World) -> None:
    for path in ("/ogc", "/ogc/collections", "/ogc/collections/sites"):
        (fault,) = read(world.by("ocha").get(path, f="csv"), 400)["errors"]
        assert fault["message"].endswith("expected 'json' or 'html'")


@pytest.mark.parametrize("form", FORMS)
def test_head_answers_as_get_without_reading_all(
    world: World, sites: list[str], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(files, "PAGE", 2)
    got = world.by("ocha").get(SITES, f=form, **NEAR)
    monkeypatch.setattr(files._Export, "_page", lambda *_: pytest.fail("another page was read"))
    head = world.by("ocha").call("HEAD", SITES, params={"f": form, **NEAR})
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "etag", "vary"):
        assert head.headers[name] == got.headers[name]


def test_no_file_is_kept_in_memory(
    world: World, sites: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Kept, "keep", lambda *_: pytest.fail("a file was kept"))
    for form in FORMS:
        for path in (SITES, f"{SITES}/{sites[3]}"):
            assert world.by("ocha").get(path, f=form).status_code == 200


def test_columns_tell_of_no_feature(world: World, sites: list[str]) -> None:
    """They follow the audience: an operation without any place has the same."""
    for who in ("anonymous", "ocha", "mod", "nrc"):
        schema = world.by(who).read("/ogc/collections/sites/schema")["properties"]
        empty = {"f": "csv", "bbox": "0,0,0,0"}
        heads = {
            world.by(who).get(SITES, **params).text.split("\r\n")[0]
            for params in (empty, {"f": "csv"}, {"f": "csv", **NEAR})
        }
        (head,) = heads
        assert set(head.split(",")) == {*schema, "lat", "lon", "mgrs"}


def test_people_read_squares_no_finer_than_what_they_see(world: World, sites: list[str]) -> None:
    exact = world.by("ocha").get(f"{SITES}/{sites[2]}", f="html").text
    rough = world.by("mod").get(f"{SITES}/{sites[2]}", f="html").text
    assert re.search(r"<dt>mgrs</dt><dd>[0-9]{2}[A-Z] [A-Z]{2} [0-9]{5} [0-9]{5}</dd>", exact)
    assert re.search(r"<dt>mgrs</dt><dd>[0-9]{2}[A-Z] [A-Z]{2} [0-9]{2} [0-9]{2}</dd>", rough)
    in_mercator = world.by("ocha").get(f"{SITES}/{sites[2]}", f="html", crs=MERCATOR).text
    assert re.findall("<dt>mgrs</dt><dd>.*?</dd>", exact) == re.findall(
        "<dt>mgrs</dt><dd>.*?</dd>", in_mercator
    )
    listed_there = world.by("ocha").get(SITES, f="html", **NEAR).text
    assert listed_there.count("<dt>mgrs</dt>") == NUMBER


def test_links_lead_to_whole_files(world: World, sites: list[str]) -> None:
    page = world.by("ocha").read(SITES, limit=2, **NEAR)
    kinds = {kind: form for form, kind in MEDIA_TYPES.items()}
    to = [link for link in page["links"] if link["rel"] == "alternate" and link["type"] in kinds]
    assert len(to) == len(FORMS)
    for link in to:
        content = world.by("ocha").get(link["href"]).content
        assert shapes(kinds[link["type"]].value, content).keys() == set(sites)


def test_a_corridor_without_a_place_is_in_every_file(world: World) -> None:
    way = given_open(world, sensitivity="low")
    for form in FORMS:
        found = shapes(form, world.by("ocha").get(CORRIDORS, f=form).content)
        assert way.id in found


def test_descriptions_name_all_media_types(world: World) -> None:
    kinds = {*MEDIA_TYPES.values(), "application/geo+json", "text/html"}
    of_ogc = world.by("anonymous").read("/ogc/api")["paths"]
    whole = world.by("anonymous").read("/openapi.json")["paths"]
    for path in ("", "/{feature_id}"):
        there = of_ogc[f"/collections/sites/items{path}"]["get"]["responses"]["200"]["content"]
        assert there.keys() == kinds
        own = whole[f"/ogc/collections/{{collection_id}}/items{path}"]["get"]["responses"]["200"]
        assert kinds <= own["content"].keys()
    versions = of_ogc["/collections/sites/items/{feature_id}/versions"]["get"]
    assert "text/csv" not in versions["responses"]["200"]["content"]
