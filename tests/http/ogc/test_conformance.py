"""A test for each abstract test of the conformance classes that are declared.

Names of tests are those of OGC 17-069r4 (Features, Part 1) and 18-058r1 (Part 2), where they have
one.
"""

import re
from typing import Any

import pytest
from httpx2 import Response
from openapi_spec_validator import OpenAPIV30SpecValidator, validate
from shapely import Point

from app.domain.geometry.mercator import to_mercator
from app.domain.tiles.address import Tile
from app.http.deps import MAX_PAGE
from app.ogc.collections import CONFORMS_TO
from app.ogc.crs import CRS84, SUPPORTED, WEB_MERCATOR
from app.ogc.links import TILE
from tests.http.places.given import given_site
from tests.http.world import World, read
from tests.tiles import decoded

ITEMS = "/ogc/collections/sites/items"
GEOJSON = "application/geo+json"
OCHA = "ocha"


@pytest.fixture
def sites(world: World) -> list[str]:
    """Lend a few sites in a part of the world where nobody else has any."""
    if "ogc sites" not in world.kept:
        world.kept["ogc sites"] = [
            given_site(
                world, name=f"Site {n}", geometry={"type": "Point", "coordinates": [n, -50.0]}
            )
            for n in range(5)
        ]
    kept: list[str] = world.kept["ogc sites"]
    return kept


NEAR = {"bbox": "-0.5,-50.5,4.5,-49.5"}


def ask(world: World, path: str, accept: str = GEOJSON, **params: Any) -> Response:
    """Ask as a coordinator does."""
    named = {name.replace("_", "-"): value for name, value in params.items()}
    return world.by(OCHA).call("GET", path, params=named, accept=accept)


def links(document: Any, rel: str) -> list[dict[str, Any]]:
    """Give the links of a kind."""
    return [each for each in document["links"] if each["rel"] == rel]


class TestCommon:
    def test_root_success(self, world: World) -> None:
        root = world.by("anonymous").read("/ogc")
        for rel in ("self", "service-desc", "service-doc", "conformance", "data"):
            (link, *_) = links(root, rel)
            assert world.by("anonymous").get(link["href"]).status_code == 200, rel

    def test_conformance_success(self, world: World) -> None:
        assert world.by("anonymous").read("/ogc/conformance")["conformsTo"] == [*CONFORMS_TO]

    def test_api_definition_success(self, world: World) -> None:
        answer = world.by("anonymous").get("/ogc/api")
        assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
        assert answer.json()["openapi"].startswith("3.0.")

    def test_an_unknown_address_is_not_found(self, world: World) -> None:
        for path in ("/ogc/nothing", "/ogc/collections/nothing", "/ogc/collections/nothing/items"):
            assert world.by(OCHA).get(path).status_code == 404

    def test_param_unknown(self, world: World) -> None:
        for path in ("/ogc", "/ogc/collections", ITEMS):
            problem = read(ask(world, path, whatever=1), 400)
            assert problem["type"] == "/problems/unreadable-request"

    def test_param_invalid(self, world: World) -> None:
        assert ask(world, "/ogc", f="xml").status_code == 400

    def test_head_answers_as_get(self, world: World, sites: list[str]) -> None:
        asked = (ITEMS, f"{ITEMS}/{sites[0]}", "/ogc", "/ogc/collections")
        for path in asked:
            got, head = (world.by(OCHA).call(method, path) for method in ("GET", "HEAD"))
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-type"] == got.headers["content-type"]


FOR_EVERYBODY = {"application/geo+json-seq", "text/csv", "application/geopackage+sqlite3"}
"""Files that every reader may have."""
FOR_DEVICES = {"application/vnd.google-earth.kml+xml", "application/gpx+xml"}
"""Files for drivers, which a coordinator may have."""


class TestCollections:
    def test_fc_md_success(self, world: World) -> None:
        listed = world.by("anonymous").read("/ogc/collections")
        assert [each["id"] for each in listed["collections"]] == ["corridors", "sites"]
        assert listed["crs"] == [*SUPPORTED]

    def test_fc_md_items(self, world: World) -> None:
        for each in world.by("anonymous").read("/ogc/collections")["collections"]:
            kinds = {link["type"] for link in links(each, "items")}
            assert kinds == {GEOJSON, "text/html", *FOR_EVERYBODY}
            assert all(link["title"] and link["rel"] for link in each["links"])

    def test_sfc_md_success(self, world: World) -> None:
        listed = world.by("anonymous").read("/ogc/collections")["collections"]
        for each in listed:
            single = world.by("anonymous").read(f"/ogc/collections/{each['id']}")
            for name in ("id", "title", "description", "itemType", "crs", "storageCrs"):
                assert single[name] == each[name]
            assert single["storageCrs"] == CRS84


class TestItems:
    def test_fc_response(self, world: World, sites: list[str]) -> None:
        answer = ask(world, ITEMS, **NEAR)
        assert answer.headers["content-type"] == GEOJSON
        document = read(answer, 200)
        assert {each["id"] for each in document["features"]} == {*sites}
        assert document["numberReturned"] == len(document["features"]) == 5
        assert "timeStamp" not in document  # it would tell two equal answers apart

    def test_fc_links(self, world: World, sites: list[str]) -> None:
        document = read(ask(world, ITEMS, **NEAR, limit=2), 200)
        (own,) = links(document, "self")
        others = links(document, "alternate")
        (following,) = links(document, "next")
        assert read(ask(world, own["href"]), 200) == document
        assert {each["type"] for each in others} == {"text/html", *FOR_EVERYBODY, *FOR_DEVICES}
        for other in others:
            there = ask(world, other["href"], "*/*")
            assert there.status_code == 200
            assert there.headers["content-type"].partition(";")[0] == other["type"]
        assert following["href"].startswith("http://testserver/ogc/")
        assert len(sites) == 5

    def test_fc_limit_definition_and_following_next(self, world: World, sites: list[str]) -> None:
        found: list[str] = []
        answer = ask(world, ITEMS, **NEAR, limit=2)
        while True:
            document = read(answer, 200)
            found += [each["id"] for each in document["features"]]
            if not links(document, "next"):
                break
            (following,) = links(document, "next")
            assert answer.headers["link"] == f'<{following["href"]}>; rel="next"'
            answer = ask(world, following["href"])
        assert found == sorted(sites)

    @pytest.mark.parametrize("limit", ["0", "-1", "abc", "1.5", "", "٣", "9" * 13])
    def test_a_limit_that_is_none_is_refused(self, world: World, limit: str) -> None:
        problem = read(ask(world, ITEMS, limit=limit), 400)
        assert problem["errors"][0]["pointer"] == "query/limit"

    def test_fc_limit_response_is_capped(self, world: World, sites: list[str]) -> None:
        found = read(ask(world, ITEMS, **NEAR, limit=MAX_PAGE * 10), 200)
        assert len(found["features"]) == len(sites)

    def test_fc_bbox_definition(self, world: World, sites: list[str]) -> None:
        flat = read(ask(world, ITEMS, bbox="0.5,-51,2.5,-49"), 200)
        high = read(ask(world, ITEMS, bbox="0.5,-51,-100,2.5,-49,9000"), 200)
        assert {each["id"] for each in flat["features"]} == {sites[1], sites[2]}
        assert high["features"] == flat["features"]

    @pytest.mark.parametrize(
        "bbox", ["1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,1,1", "0,5,1,4", "0,0,181,1", "1,1,1,inf"]
    )
    def test_a_box_that_is_none_is_refused(self, world: World, bbox: str) -> None:
        problem = read(ask(world, ITEMS, bbox=bbox), 400)
        assert problem["errors"][0]["pointer"] == "query/bbox"

    @pytest.mark.parametrize(
        "when", ["bogus", "2022-04-30", "2022-05-01T00:00:00Z/2022-04-01T00:00:00Z", "../..", "/"]
    )
    def test_fc_time_definition_refuses_what_is_no_time(self, world: World, when: str) -> None:
        problem = read(ask(world, ITEMS, datetime=when), 400)
        assert problem["errors"][0]["pointer"] == "query/datetime"

    def test_f_success(self, world: World, sites: list[str]) -> None:
        answer = ask(world, f"{ITEMS}/{sites[0]}")
        assert answer.headers["content-type"] == GEOJSON
        feature = read(answer, 200)
        assert (feature["type"], feature["id"]) == ("Feature", sites[0])
        for rel, number in (("self", 1), ("alternate", 6), ("collection", 1)):
            assert len(links(feature, rel)) == number
            for link in links(feature, rel):
                there = ask(world, link["href"], "*/*")
                assert there.status_code == 200
                assert there.headers["content-type"].partition(";")[0] == link["type"]

    def test_a_feature_says_the_same_alone_and_in_its_collection(
        self, world: World, sites: list[str]
    ) -> None:
        listed = read(ask(world, ITEMS, **NEAR), 200)["features"]
        (there,) = (each for each in listed if each["id"] == sites[0])
        alone = read(ask(world, f"{ITEMS}/{sites[0]}"), 200)
        assert {name: alone[name] for name in there} == there


class TestHtml:
    @pytest.mark.parametrize("path", ["/ogc", "/ogc/conformance", "/ogc/collections", ITEMS])
    def test_html_content(self, world: World, sites: list[str], path: str) -> None:
        by_accept, by_name = ask(world, path, "text/html"), ask(world, path, f="html")
        for answer in (by_accept, by_name):
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert sites

    def test_links_of_a_page_lead_on(self, world: World, sites: list[str]) -> None:
        page = ask(world, f"{ITEMS}/{sites[0]}", "text/html").text
        assert "Site 0" in page
        for href in re.findall('href="([^"]*)"', page):
            assert ask(world, href.replace("&amp;", "&"), "*/*").status_code == 200

    def test_what_somebody_wrote_is_text(self, world: World) -> None:
        name = '<script>alert("1")</script>'
        id = given_site(world, name=name)
        page = ask(world, f"{ITEMS}/{id}", "text/html").text
        assert "&lt;script&gt;" in page
        assert "<script" not in page


class TestTiles:
    """OGC 20-057: core, tileset, tilesets-list, geodata-tilesets and mvt."""

    TILES = "/ogc/collections/sites/tiles"
    OGC = "http://www.opengis.net/def/rel/ogc/1.0"

    def tile(self, world: World, sites: list[str]) -> Response:
        """Ask for a tile with the sites, by the template that the tileset gives."""
        assert sites
        (item,) = links(self.tileset(world), "item")
        names = {"{tileMatrix}": "5", "{tileRow}": "21", "{tileCol}": "16"}
        address = item["href"]
        for name, value in names.items():
            assert name in address
            address = address.replace(name, value)
        return world.by(OCHA).get(address)

    def tileset(self, world: World) -> Any:
        """Go to the tileset from the collection by its links."""
        collection = world.by(OCHA).read("/ogc/collections/sites")
        (listed,) = links(collection, f"{self.OGC}/tilesets-vector")
        (one,) = world.by(OCHA).read(listed["href"])["tilesets"]
        (own,) = links(one, "self")
        return world.by(OCHA).read(own["href"])

    def test_core_tc_success(self, world: World, sites: list[str]) -> None:
        answer = self.tile(world, sites)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == TILE
        assert {*decoded(answer.content, "sites")} >= {*sites}

    def test_core_tc_tilematrix_tilerow_tilecol_definition(self, world: World) -> None:
        path = self.TILES + "/WebMercatorQuad/{z}/{y}/{x}"
        described = world.by(OCHA).read("/openapi.json")["paths"][
            path.replace("sites", "{collection_id}")
        ]["get"]["parameters"]
        assert {each["name"] for each in described if each["in"] == "path"} >= {"z", "y", "x"}

    @pytest.mark.parametrize("below", ["23/0/0", "2/4/0", "2/0/4", "x/0/0"])
    def test_core_tc_error(self, world: World, below: str) -> None:
        answer = world.by(OCHA).get(f"{self.TILES}/WebMercatorQuad/{below}")
        assert answer.status_code in {400, 404}
        empty = world.by(OCHA).get(f"{self.TILES}/WebMercatorQuad/12/0/0")
        assert (empty.status_code, empty.content) == (200, b"")

    def test_tileset_description(self, world: World) -> None:
        tileset = self.tileset(world)
        uri = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
        assert (tileset["dataType"], tileset["crs"]) == ("vector", WEB_MERCATOR)
        assert tileset["tileMatrixSetURI"] == uri
        (scheme,) = links(tileset, f"{self.OGC}/tiling-scheme")
        matrices = world.by(OCHA).read(scheme["href"])
        assert (matrices["uri"], matrices["crs"]) == (uri, WEB_MERCATOR)
        (item,) = links(tileset, "item")
        assert item["templated"] is True
        assert item["type"] == TILE

    def test_tilesets_list_tileset_links(self, world: World) -> None:
        listed = world.by(OCHA).read(self.TILES)
        (one,) = listed["tilesets"]
        assert {"dataType", "crs", "tileMatrixSetURI", "title"} <= one.keys()
        (own,) = links(one, "self")
        assert own["href"].endswith(f"{self.TILES}/WebMercatorQuad")
        assert len(links(one, f"{self.OGC}/tiling-scheme")) == 1

    def test_geodata_tilesets_desc_links_and_operation(self, world: World) -> None:
        for each in world.by(OCHA).read("/ogc/collections")["collections"]:
            (link,) = links(each, f"{self.OGC}/tilesets-vector")
            assert link["href"].endswith(f"/ogc/collections/{each['id']}/tiles")
            assert world.by(OCHA).get(link["href"]).status_code == 200

    def test_mvt_content(self, world: World, sites: list[str]) -> None:
        """Units run linearly from the north-western corner of the tile."""
        told = decoded(self.tile(world, sites).content, "sites")
        west, _, _, north = Tile(5, 21, 16).sides
        for number, id in enumerate(sites):
            x, y = to_mercator((float(number), -50.0))
            unit = Tile(5, 21, 16).unit_m
            exact = Point((x - west) / unit, (north - y) / unit)
            assert told[id].geometry.distance(exact) <= 0.72

    def test_the_matrices_are_those_of_the_registry(self, world: World) -> None:
        root = world.by(OCHA).read("/ogc")
        (schemes,) = links(root, f"{self.OGC}/tiling-schemes")
        (listed,) = world.by(OCHA).read(schemes["href"])["tileMatrixSets"]
        (own,) = links(listed, "self")
        matrices = world.by(OCHA).read(own["href"])["tileMatrices"]
        assert [each["id"] for each in matrices] == [str(zoom) for zoom in range(23)]
        first, last = matrices[0], matrices[22]
        assert first["scaleDenominator"] == pytest.approx(559082264.028717)
        assert first["cellSize"] == pytest.approx(156543.033928041)
        assert first["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])
        assert last["cellSize"] == pytest.approx(0.0373227677173, abs=1e-9)
        assert (last["matrixWidth"], last["matrixHeight"]) == (2**22, 2**22)

    def test_tilejson_names_what_its_reader_may_be_shown(self, world: World) -> None:
        path = self.TILES + "/WebMercatorQuad"
        told = {
            who: world.by(who).get(path, f="tilejson", datetime="2022-04-30T00:00:00Z")
            for who in ("anonymous", OCHA)
        }
        for who, answer in told.items():
            document = answer.json()
            assert answer.headers["content-type"] == "application/vnd.mapbox.tile+json"
            assert document["tilejson"] == "3.0.0"
            (template,) = document["tiles"]
            assert "{z}/{y}/{x}?datetime=2022-04-30T00" in template
            (layer,) = document["vector_layers"]
            assert layer["id"] == "sites"
            assert ("contact_channel" in layer["fields"]) == (who == OCHA)
            assert layer["fields"]["capacity"] == "Number"

    def test_pages_for_people(self, world: World) -> None:
        for path in (self.TILES, f"{self.TILES}/WebMercatorQuad", "/ogc/tileMatrixSets"):
            for params, accept in (({"f": "html"}, "*/*"), ({}, "text/html")):
                answer = world.by(OCHA).call("GET", path, params=params, accept=accept)
                assert answer.headers["content-type"].startswith("text/html")


class TestCrs:
    def test_without_crs_it_is_crs84_and_says_so(self, world: World, sites: list[str]) -> None:
        for path in (ITEMS, f"{ITEMS}/{sites[0]}"):
            for asked in ({}, {"crs": CRS84}):
                assert ask(world, path, **asked).headers["content-crs"] == f"<{CRS84}>"

    def test_web_mercator_is_in_metres(self, world: World, sites: list[str]) -> None:
        answer = ask(world, f"{ITEMS}/{sites[1]}", crs=WEB_MERCATOR)
        assert answer.headers["content-crs"] == f"<{WEB_MERCATOR}>"
        assert answer.json()["geometry"]["coordinates"] == [111319.491, -6446275.841]
        in_list = read(ask(world, ITEMS, **NEAR, crs=WEB_MERCATOR), 200)["features"]
        assert answer.json()["geometry"] in [each["geometry"] for each in in_list]

    def test_a_box_may_be_in_metres(self, world: World, sites: list[str]) -> None:
        box = "55660,-6600000,278299,-6300000"
        found = read(ask(world, ITEMS, bbox=box, bbox_crs=WEB_MERCATOR), 200)
        assert {each["id"] for each in found["features"]} == {sites[1], sites[2]}

    @pytest.mark.parametrize("name", ["crs", "bbox-crs"])
    def test_an_unsupported_one_is_refused(self, world: World, name: str) -> None:
        params = {name: "http://www.opengis.net/def/crs/EPSG/0/4326", "bbox": "0,0,1,1"}
        problem = read(ask(world, ITEMS, **params), 400)
        assert problem["errors"][0]["pointer"] == f"query/{name}"

    @pytest.mark.parametrize("box", ["0,0,20037509,1", "0,5,1,4", "0,0,1,1e99", "1,2,3", "0,0,x,1"])
    def test_a_box_in_metres_that_is_none_is_refused(self, world: World, box: str) -> None:
        assert ask(world, ITEMS, bbox=box, bbox_crs=WEB_MERCATOR).status_code == 400


def test_the_description_says_what_tiles_are(world: World) -> None:
    paths = world.by("anonymous").read("/ogc/api")["paths"]
    tileset = "/collections/sites/tiles/WebMercatorQuad"
    kinds = {
        path: set(paths[path]["get"]["responses"]["200"]["content"])
        for path in (tileset, f"{tileset}/{{z}}/{{y}}/{{x}}")
    }
    for path, found in kinds.items():
        address = f"/ogc{path}".format(z=0, y=0, x=0)
        answer = world.by("anonymous").get(address)
        assert answer.headers["Content-Type"].partition(";")[0] in found
    assert kinds[f"{tileset}/{{z}}/{{y}}/{{x}}"] == {"application/vnd.mapbox-vector-tile"}
    tilejson = world.by("anonymous").get(f"/ogc{tileset}", f="tilejson")
    assert tilejson.headers["Content-Type"].partition(";")[0] in kinds[tileset]


def test_the_description_is_one_of_openapi_3_0(world: World) -> None:
    document = world.by("anonymous").read("/ogc/api")
    (server,) = document["servers"]
    assert {"/", "/collections", "/collections/sites/items/{feature_id}"} <= document[
        "paths"
    ].keys()
    assert not any("collection_id" in path for path in document["paths"])
    text = str(document)
    for of_3_1 in ("'anyOf': [{'type': 'string'}, {'type': 'null'}", "'type': 'null'", "'const'"):
        assert of_3_1 not in text
    asked = document["paths"][ITEMS.removeprefix(server["url"])]["get"]["parameters"]
    names = {each["name"]: each for each in asked}
    assert {"bbox", "bbox-crs", "crs", "datetime", "known-at", "limit", "f"} <= names.keys()
    box, limit, time = (names[name] for name in ("bbox", "limit", "datetime"))
    assert all((each["style"], each["explode"]) == ("form", False) for each in (box, limit, time))
    assert (box["schema"]["minItems"], box["schema"]["maxItems"]) == (4, 6)
    assert [each["schema"]["type"] for each in (box, limit, time)] == ["array", "integer", "string"]
    validate(document, cls=OpenAPIV30SpecValidator)
