"""Whatever shape is sent, the answer says what is wrong and where; what is taken is taken whole."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response

from tests.http.agreements.case import Case, given_proposed, proposal
from tests.http.places.given import (
    AZOVSTAL,
    GEOJSON,
    ROUTE,
    Way,
    corridor,
    given_open,
    given_way,
    site,
)
from tests.http.test_bad_input import problem_of
from tests.http.world import BEGAN, ICRC, MOD, OCHA, UKRAINE, Voice, World, read

OUTLINE = [[34.9, 46.5], [38.1, 46.5], [38.1, 48.0], [34.9, 48.0], [34.9, 46.5]]
WORKS = [[37.58, 47.08], [37.63, 47.08], [37.63, 47.11], [37.58, 47.11], [37.58, 47.08]]
BOW_TIE = [[37.58, 47.08], [37.63, 47.11], [37.63, 47.08], [37.58, 47.11], [37.58, 47.08]]


def point(*numbers: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(numbers)}


def line(*positions: Any) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(positions)}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def collection(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = AZOVSTAL
    for _ in range(depth):
        inner = {"type": "GeometryCollection", "geometries": [inner]}
    return inner


def winding(count: int) -> list[list[float]]:
    """Give so many positions on the way from Mariupol, no two of them alike."""
    return [[round(37.5 - at * 0.0002, 4), round(47 + at % 7 * 0.001, 4)] for at in range(count)]


def jagged(count: int) -> list[list[float]]:
    """Give a ring of so many positions whose edges all lie beside each other, both ways."""
    teeth = [[37 + at % 2 + at / 10**5, 47 + at % 2] for at in range(count - 2)]
    return [*teeth, [39, 46.9], teeth[0]]


# What is sent, and words of what is answered.
OF_ALL: dict[str, tuple[Any, str]] = {
    "text": ("POINT (37.608 47.097)", "expected a GeoJSON"),
    "an array": ([37.608, 47.097], "found an array of 2, expected a GeoJSON"),
    "true": (True, "found true, expected a GeoJSON"),
    "nothing": ({}, "type: found type null, expected"),
    "a feature": ({"type": "Feature", "geometry": AZOVSTAL}, 'found type "Feature", expected'),
    "another type": ({"type": "MultiPoint", "coordinates": []}, 'found type "MultiPoint"'),
    "a type that is a number": ({"type": 5, "coordinates": []}, "found type 5, expected"),
    "a collection": (collection(1), 'found type "GeometryCollection", expected'),
    "nested collections": (collection(9), 'found type "GeometryCollection", expected'),
}
POINTS: dict[str, tuple[Any, str]] = {
    "a longitude out of range": (point(180.5, 47.1), "found 180.5, 47.1; expected a longitude"),
    "a latitude out of range": (point(37.6, -90.5), "then a latitude within ±90"),
    "swapped, where one is out of range": (point(47.1, 137.6), "longitude comes first"),
    "no coordinates": (point(), "found an array of 0, expected [longitude, latitude]"),
    "one number": (point(37.6), "found an array of 1"),
    "four numbers": (point(37.6, 47.1, 5, 0), "found an array of 4"),
    "texts": (point("37.6", "47.1"), "expected two numbers"),
    "truth": (point(True, False), "found true and false"),
    "null": (point(None, 47.1), "found null and 47.1"),
    "a position in an array": (point([37.6, 47.1]), "found an array of 1"),
    "a height that is no number": (point(37.6, 47.1, "5"), "expected two numbers"),
    "coordinates that are null": ({"type": "Point", "coordinates": None}, "found null"),
    "no member coordinates": ({"type": "Point"}, "found null"),
    "a reference system": (AZOVSTAL | {"crs": "EPSG:4326"}, "found other members"),
    "a line": (ROUTE, 'found type "LineString", expected Point'),
}
LINES: dict[str, tuple[Any, str]] = {
    "no positions": (line(), "found an array of 0, expected an array of two positions or more"),
    "one position": (line([37.5, 47.1]), "found an array of 1"),
    "one place twice": (line([37.5, 47.1], [37.5, 47.1]), "all positions of the line are one"),
    "one place at both ends of the world": (line([180, 1], [-180, 1]), "are one place"),
    "the pole twice": (line([10, 90], [50, 90]), "are one place"),
    "a latitude out of range": (
        line([37.5, 47.1], [37.5, 90.1]),
        "coordinates/1: found 37.5, 90.1",
    ),
    "swapped, where one is out of range": (line([37, 47], [47, 137]), "longitude comes first"),
    "four numbers": (line([37, 47, 0, 0], [38, 47, 0, 0]), "coordinates/0: found an array of 4"),
    "an empty position": (line([37, 47], []), "coordinates/1: found an array of 0"),
    "around the world": (line([0, 0], [90, 0], [180, 0]), "expected 10,000 km at most"),
    "10,001 positions": (line(*winding(10_001)), "found 10001 positions, expected 10000 at most"),
    "a point": (AZOVSTAL, 'found type "Point", expected LineString'),
    "several lines": ({"type": "MultiLineString", "coordinates": [OUTLINE]}, "expected LineString"),
}
AREAS: dict[str, tuple[Any, str]] = {
    "no rings": (polygon(), "found an array of 0, expected an array of 1 to 1000 rings"),
    "an empty ring": (polygon([]), "ring 0 has 0 positions, expected four or more"),
    "three positions": (polygon(WORKS[:3]), "ring 0 has 3 positions"),
    "a ring that is not closed": (polygon(WORKS[:-1]), "ring 0 is not closed"),
    "a hole that is not closed": (polygon(OUTLINE, WORKS[:-1]), "ring 1 is not closed"),
    "one that crosses itself": (polygon(BOW_TIE), "the outline crosses itself near longitude"),
    "a hole outside": (polygon(WORKS, OUTLINE), "a hole lies outside the outline"),
    "a ring twice": (polygon(WORKS, WORKS), "expected a polygon that does not"),
    "a line there and back": (polygon([[1, 1], [2, 2], [3, 3], [1, 1]]), "expected a polygon that"),
    "one place": (polygon([[1, 1]] * 5), "ring 0 encloses no area"),
    "a latitude out of range": (
        polygon([*WORKS[:3], [37, 91], WORKS[0]]),
        "coordinates/0/3: found",
    ),
    "10,001 positions": (polygon(winding(10_001)), "found 10001 positions, expected 10000 at most"),
    "1,001 rings": (polygon(*[WORKS] * 1_001), "found an array of 1001"),
    "a comb": (polygon(jagged(10_000)), "too intricate to be checked"),
    "parts over each other": (
        {"type": "MultiPolygon", "coordinates": [[WORKS], [OUTLINE]]},
        "an outline lies inside another",
    ),
    "no parts": ({"type": "MultiPolygon", "coordinates": []}, "expected an array of 1 to 1000"),
    "a point": (AZOVSTAL, 'found type "Point", expected Polygon or MultiPolygon'),
}

UNREADABLE: dict[str, str] = {
    "NaN": '{"type":"Point","coordinates":[NaN,47.1]}',
    "Infinity": '{"type":"Point","coordinates":[37.6,Infinity]}',
    "-Infinity": '{"type":"Point","coordinates":[-Infinity,47.1]}',
    "a number beyond all": '{"type":"Point","coordinates":[1e999,47.1]}',
    "0.6 MB of brackets": '{"type":"Point","coordinates":' + "[" * 600_000,
    "0.6 MB of closed brackets": '{"type":"Point","coordinates":'
    + "[" * 300_000
    + "]" * 300_000
    + "}",
    "30,000 nested collections": '{"type":"GeometryCollection","geometries":[' * 30_000
    + "]}" * 30_000,
    "300,000 positions": '{"type":"LineString","coordinates":[' + "[1,1]," * 300_000 + "[1,2]]}",
    "a type that is there twice": '{"type":"Point","type":"Point","coordinates":[37.6,47.1]}',
}
BOXES = (
    "", "37", "37,47,38", "37,47,38,48,9", "37,47,38,48,1,2,3", "37,47,38,", "37;47;38;48",
    "37, 47, 38, 48", "west,47,38,48", "NaN,47,38,48", "37,47,inf,48", "1e99,47,38,48",
    "37,48,38,47", "181,47,182,48", "-180.1,47,38,48", "37,-91,38,48", "37,47,38,90.5",
    "0x25,47,38,48", "٣٧,47,38,48", "37,47,38,48" + "0" * 300, "null", "[37,47,38,48]",
)  # fmt: skip


def given_events(world: World) -> int:
    """Count what is on record, after the service was seen to answer."""
    assert world.by("anonymous").get("/readyz").status_code == 200
    return world.events()


def given_site_and_way(world: World) -> tuple[str, Way]:
    """Draw a corridor, once for each world, and give it with the address of one of its sites."""
    if "bad geometry" not in world.kept:
        way = given_way(given_proposed(world))
        world.kept["bad geometry"] = f"/v1/sites/{way.read()['from_site']}", way
    path, way = world.kept["bad geometry"]
    return path, way


def send(voice: Voice, method: str, path: str, content: str, **headers: str) -> Response:
    """Send text as the body."""
    sent = {"Authorization": f"Bearer {voice.token}", "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return voice.client.request(method, path, content=content, headers=sent)


def wrong(answer: Response, pointer: str) -> str:
    """Give what is said about the member at `pointer`, the only one that is refused."""
    problem = problem_of(answer)
    assert problem["status"] == 422
    (error,) = problem["errors"]
    assert error["pointer"] == pointer
    return str(error["message"])


def refusals(world: World, member: str, shape: Any) -> Iterator[str]:
    """Try to put a shape into a new thing, and into one that is there; give what is said."""
    voice = world.by("ocha")
    path, way = given_site_and_way(world)
    place, field = member.split(".")
    body, address = {
        "site": (site(), path),
        "corridor": (corridor(way.case), way.path),
        "agreement": (proposal(), way.case.path),
    }[place]
    tag = voice.get(address).headers["ETag"]
    pointer = f"/{field}"
    yield wrong(voice.post(f"/v1/{place}s", body | {field: shape}), pointer)
    yield wrong(voice.call("PATCH", address, {field: shape}, if_match=tag), pointer)
    assert voice.get(address).headers["ETag"] == tag


@pytest.mark.parametrize(
    ("member", "name"),
    [
        *(("site.geometry", name) for name in OF_ALL | POINTS),
        *(("corridor.geometry", name) for name in OF_ALL | LINES),
        *(("site.area", name) for name in OF_ALL | AREAS),
        *(("agreement.area", name) for name in OF_ALL | AREAS),
    ],
)
def test_a_bad_shape_is_refused_with_its_place_and_nothing_is_stored(
    world: World, member: str, name: str
) -> None:
    points_or_lines = {"site.geometry": POINTS, "corridor.geometry": LINES}
    table = points_or_lines.get(member, AREAS)
    shape, said = (OF_ALL | table)[name]
    given_site_and_way(world)
    before = given_events(world)
    for message in refusals(world, member, shape):
        assert said in message
        assert len(message) < 300
    assert given_events(world) == before


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_strict_json_is_refused_and_nothing_is_stored(world: World, name: str) -> None:
    voice = world.by("ocha")
    path, way = given_site_and_way(world)
    before = given_events(world)
    for address, body in (("/v1/sites", site()), ("/v1/corridors", corridor(way.case))):
        whole = json.dumps(body | {"geometry": "HERE"}).replace('"HERE"', UNREADABLE[name])
        problem = problem_of(send(voice, "POST", address, whole))
        assert (problem["status"], problem["type"]) == (400, "/problems/unreadable-json")
        assert problem["errors"][0]["message"]
    for address in (path, way.path):
        tag = voice.get(address).headers["ETag"]
        patch = f'{{"geometry": {UNREADABLE[name]}}}'
        assert problem_of(send(voice, "PATCH", address, patch, If_Match=tag))["status"] == 400
    assert given_events(world) == before


def test_a_million_positions_are_too_large(world: World) -> None:
    _, way = given_site_and_way(world)
    before = given_events(world)
    text = json.dumps(corridor(way.case) | {"geometry": "HERE"})
    shape = '{"type":"LineString","coordinates":[' + "[37.5,47.1]," * 1_000_000 + "[37,47]]}"
    answer = send(world.by("ocha"), "POST", "/v1/corridors", text.replace('"HERE"', shape))
    assert problem_of(answer)["status"] == 413
    assert given_events(world) == before


class TestTaken:
    """What is taken although it is not as it should be, and said."""

    def test_repeated_positions_are_merged(self, world: World) -> None:
        way = given_site_and_way(world)[1]
        twice = line(*(position for at in ROUTE["coordinates"] for position in (at, at)))
        made = read(world.by("ocha").post("/v1/corridors", corridor(way.case, geometry=twice)), 201)
        assert made["geometry"] == ROUTE
        assert [w["code"] for w in made["warnings"]] == ["repeated_points_merged"]

    def test_heights_are_dropped(self, world: World) -> None:
        high = line(*([*position, 120.5] for position in ROUTE["coordinates"]))
        body = site(geometry=point(37.608, 47.097, 60), area=polygon([[*at, 9] for at in WORKS]))
        made = read(world.by("ocha").post("/v1/sites", body), 201)
        assert (made["geometry"], made["area"]) == (AZOVSTAL, polygon(WORKS))
        assert [w["code"] for w in made["warnings"]] == ["z_dropped"]
        case = given_site_and_way(world)[1].case
        drawn = read(world.by("ocha").post("/v1/corridors", corridor(case, geometry=high)), 201)
        assert drawn["geometry"] == ROUTE
        assert [w["code"] for w in drawn["warnings"]] == ["z_dropped"]

    def test_rings_are_turned(self, world: World) -> None:
        made = read(world.by("ocha").post("/v1/sites", site(area=polygon(WORKS[::-1]))), 201)
        assert made["area"] == polygon(WORKS)
        assert [w["code"] for w in made["warnings"]] == ["rings_turned"]

    def test_a_route_may_cross_itself(self, world: World) -> None:
        case = given_site_and_way(world)[1].case
        crossing = line(*BOW_TIE)
        body = corridor(case, geometry=crossing)
        assert read(world.by("ocha").post("/v1/corridors", body), 201)["geometry"] == crossing

    def test_a_line_over_the_antimeridian_takes_the_short_way(self, world: World) -> None:
        case = given_site_and_way(world)[1].case
        over = line([179.9, -17.0], [-179.9, -17.2])
        body = corridor(case, geometry=over, sensitivity="low")
        made = read(world.by("ocha").post("/v1/corridors", body), 201)
        assert [w["code"] for w in made["warnings"]] == ["antimeridian_short_way"]
        assert 21_000 < made["length_m"] < 33_000
        assert made["geometry"] == {
            "type": "MultiLineString",
            "coordinates": [[[179.9, -17.0], [180.0, -17.1]], [[-180.0, -17.1], [-179.9, -17.2]]],
        }
        boxes = {
            "179.95,-18,-179.95,-16": True,
            "-180,-18,-179.95,-16": True,
            "179,-18,180,-16": True,
            "-179,-18,179,-16": False,
            "-180,-17.05,-179.9,-16": False,
        }
        for box, found in boxes.items():
            ids = _ids(world.by("anonymous"), bbox=box)
            assert (made["id"] in ids) is found, box

    @pytest.mark.parametrize("latitude", [90, -90])
    def test_a_line_may_lead_to_a_pole(self, world: World, latitude: float) -> None:
        case = given_site_and_way(world)[1].case
        near = latitude - 1 if latitude > 0 else latitude + 1
        body = corridor(case, geometry=line([10, near], [-60, latitude]), sensitivity="moderate")
        made = read(world.by("ocha").post("/v1/corridors", body), 201)
        assert 111_000 < made["length_m"] < 112_000
        shown = world.by("anonymous").read(f"/v1/corridors/{made['id']}")
        assert all(-90 <= y <= 90 for _, y in _positions(shown["geometry"]))
        assert made["id"] in _ids(
            world.by("ocha"), bbox=f"-180,{min(near, latitude)},180,{max(near, latitude)}"
        )

    @pytest.mark.parametrize("at", [(180, 90), (-180, -90), (180, 0), (-0.0, 0.0)])
    def test_a_place_may_lie_on_the_edge_of_the_world(
        self, world: World, at: tuple[float, float]
    ) -> None:
        body = site(geometry=point(*at), sensitivity="low")
        made = read(world.by("ocha").post("/v1/sites", body), 201)
        assert made["geometry"]["coordinates"] == [at[0] + 0.0, at[1] + 0.0]
        box = f"{at[0] + 0.0},{at[1] + 0.0},{at[0] + 0.0},{at[1] + 0.0}"
        items = world.by("anonymous").read("/v1/sites", bbox=box, limit=1000)["items"]
        assert made["id"] in {item["id"] for item in items}


class TestLongRoute:
    """A route of 10,000 positions, the most that is taken."""

    def test_it_is_drawn_planned_changed_and_read(self, world: World) -> None:
        way = given_way(given_proposed(world), geometry=line(*winding(10_000)))
        read(way.to("planned"), 201)
        longer = line(*([x, round(y + 0.01, 4)] for x, y in winding(10_000)))
        read(way.edit(geometry=longer), 200)
        assert way.read()["geometry"] == longer
        routes = way.case.read("/routes", who="mod")["items"]
        assert routes[0]["geometry"] == longer
        assert way.read(who="mod")["geometry"]["type"] == "LineString"
        found = way.by("ocha").call("GET", way.path, accept=GEOJSON).json()
        assert found["geometry"] == longer

    def test_it_voids_what_was_confirmed_of_another(self, world: World) -> None:
        way = given_open(world)
        changed = read(way.edit(geometry=line(*winding(10_000))), 200)
        assert "confirmations_voided" in [w["code"] for w in changed["warnings"]]
        assert way.read()["status"] == "suspended"


def given_bounded(world: World) -> tuple[Voice, str]:
    """Give a coordinator of an operation with an area, once for each world, and its slug."""
    if "bounded" not in world.kept:
        body = {
            "slug": "bounded",
            "name": "Bounded",
            "countries": ["UKR"],
            "tz": "Europe/Kyiv",
            "members": [OCHA, ICRC, MOD, UKRAINE],
            "area": polygon(OUTLINE),
            "effective_at": BEGAN,
        }
        read(world.by("administrator").post("/v1/operations", body), 201)
        world.token("bounded", OCHA, "coordinator", "bounded-desk", operations=["bounded"])
        world.kept["bounded"] = "bounded"
    return world.by("bounded"), "bounded"


class TestAreaOfAnAgreement:
    """Where an agreement applies: described, and no part of what is confirmed."""

    def test_it_is_shown_to_those_who_know_it_whole(self, world: World) -> None:
        body = proposal(area=polygon(WORKS[::-1]), sensitivity="low")
        made = read(world.by("ocha").post("/v1/agreements", body), 201)
        assert made["area"] == polygon(WORKS)
        assert [w["code"] for w in made["warnings"]] == ["rings_turned"]
        path = f"/v1/agreements/{made['id']}"
        assert world.by("mod").read(path)["area"] == polygon(WORKS)
        assert "area" not in world.by("anonymous").read(path)

    def test_it_changes_and_goes_and_is_told_as_of_then(self, world: World) -> None:
        made = read(world.by("ocha").post("/v1/agreements", proposal(area=polygon(WORKS))), 201)
        case = Case(world=world, id=made["id"])
        wider = polygon(OUTLINE)
        edited = read(case.change("PATCH", "", {"area": wider}), 200)
        assert (edited["area"], edited["terms_hash"]) == (wider, made["terms_hash"])
        assert read(case.change("PATCH", "", {"area": None}), 200)["area"] is None
        assert case.read()["area"] is None
        assert case.read(known_at=edited["recorded_at"])["area"] == wider
        assert case.read(as_of="2022-04-26T00:00:00Z")["area"] == polygon(WORKS)

    def test_outside_the_operations_it_needs_a_reason(self, world: World) -> None:
        voice, operation = given_bounded(world)
        abroad = polygon([[2, 48], [3, 48], [3, 49], [2, 48]])
        before = given_events(world)
        body = proposal(operation=operation, area=abroad)
        assert "outside the operation's area" in wrong(voice.post("/v1/agreements", body), "/area")
        assert given_events(world) == before
        why = {"override": {"reason": "They are received abroad."}}
        made = read(voice.post("/v1/agreements", body | why), 201)
        assert [w["code"] for w in made["warnings"]] == ["outside_area"]
        path = f"/v1/agreements/{made['id']}"
        tag = voice.get(path).headers["ETag"]
        both = {"area": abroad, "parties": proposal()["parties"][:3]} | why
        said = wrong(voice.call("PATCH", path, both, if_match=tag), "/override")
        assert "request of its own" in said
        assert voice.get(path).headers["ETag"] == tag
        read(voice.call("PATCH", path, {"area": abroad} | why, if_match=tag), 200)


class TestArea:
    """Places in an operation that has an area."""

    SWAPPED = point(47.097, 37.608)
    ABROAD = point(2.35, 48.85)

    def test_swapped_coordinates_are_named(self, world: World) -> None:
        voice, operation = given_bounded(world)
        before = given_events(world)
        answer = voice.post("/v1/sites", site(operation=operation, geometry=self.SWAPPED))
        said = wrong(answer, "/geometry")
        assert "swapped it would lie inside: expected longitude first" in said
        assert given_events(world) == before

    def test_a_place_or_an_area_outside_is_refused(self, world: World) -> None:
        voice, operation = given_bounded(world)
        before = given_events(world)
        for member, shape in (
            ("geometry", self.ABROAD),
            ("area", polygon([[2, 48], [3, 48], [3, 49], [2, 48]])),
        ):
            answer = voice.post("/v1/sites", site(operation=operation) | {member: shape})
            said = wrong(answer, f"/{member}")
            assert "lies outside the operation's area" in said
            assert "swapped" not in said
        assert given_events(world) == before

    def test_a_route_outside_is_refused_with_its_first_position(self, world: World) -> None:
        voice, _ = given_bounded(world)
        case = _case(world)
        before = given_events(world)
        out = line([37.5, 47.0], [37.4, 47.0], [30.5, 50.4], [30.6, 50.5])
        said = wrong(voice.post("/v1/corridors", corridor(case, geometry=out)), "/geometry")
        assert said.startswith("longitude 30.5, latitude 50.4 lies outside")
        assert given_events(world) == before

    def test_a_place_on_the_edge_belongs_to_it(self, world: World) -> None:
        voice, operation = given_bounded(world)
        read(voice.post("/v1/sites", site(operation=operation, geometry=point(34.9, 47))), 201)

    def test_whoever_says_why_is_taken_with_a_warning(self, world: World) -> None:
        voice, operation = given_bounded(world)
        why = {"override": {"reason": "The hospital that took them in lies in Paris."}}
        body = site(operation=operation, geometry=self.ABROAD) | why
        made = read(voice.post("/v1/sites", body), 201)
        assert [w["code"] for w in made["warnings"]] == ["outside_area"]
        path = f"/v1/sites/{made['id']}"
        assert "override" not in voice.read(path)
        elsewhere = {"geometry": point(2.36, 48.86)}
        tag = voice.get(path).headers["ETag"]
        assert "outside" in wrong(voice.call("PATCH", path, elsewhere, if_match=tag), "/geometry")
        read(voice.call("PATCH", path, elsewhere | why, if_match=tag), 200)
        assert voice.read(path)["geometry"] == elsewhere["geometry"]

    @pytest.mark.parametrize(
        ("override", "pointer"),
        [
            (None, "/geometry"),
            ({}, "/override/reason"),
            ({"reason": None}, "/override/reason"),
            ({"reason": ""}, "/override/reason"),
            ({"reason": "   "}, "/override/reason"),
            ({"reason": 5}, "/override/reason"),
            ({"reason": "x", "force": True}, "/override/force"),
            ("yes", "/override"),
            (True, "/override"),
        ],
    )
    def test_an_override_without_a_reason_is_none(
        self, world: World, override: Any, pointer: str
    ) -> None:
        voice, operation = given_bounded(world)
        case = _case(world)
        before = given_events(world)
        body = site(operation=operation, geometry=self.ABROAD, override=override)
        wrong(voice.post("/v1/sites", body), pointer)
        drawn = corridor(case, geometry=line([2, 48], [3, 48]), override=override)
        wrong(voice.post("/v1/corridors", drawn), pointer)
        assert given_events(world) == before

    def test_a_route_of_10_000_positions_is_looked_at_whole(self, world: World) -> None:
        voice, _ = given_bounded(world)
        positions = [*winding(9_999), [30.5, 50.4]]
        drawn = corridor(_case(world), geometry=line(*positions))
        assert "longitude 30.5" in wrong(voice.post("/v1/corridors", drawn), "/geometry")
        read(voice.post("/v1/corridors", drawn | {"geometry": line(*positions[:-1])}), 201)


@pytest.mark.parametrize("collection", ["sites", "corridors"])
def test_a_box_that_is_none_is_refused(world: World, collection: str) -> None:
    for box in BOXES:
        for who in ("ocha", "anonymous"):
            for accept in (GEOJSON, "application/json"):
                answer = world.by(who).call(
                    "GET", f"/v1/{collection}", params={"bbox": box}, accept=accept
                )
                problem = problem_of(answer)
                assert problem["status"] == 400, box
                assert [error["pointer"] for error in problem["errors"]] == ["query/bbox"], box
    twice = f"/v1/{collection}?bbox=37,47,38,48&bbox=37,47,38,48"
    assert problem_of(world.by("ocha").get(twice))["status"] == 400


def _case(world: World) -> Case:
    """Give an agreement in the operation that has an area."""
    if "bounded case" not in world.kept:
        voice, operation = given_bounded(world)
        made = read(voice.post("/v1/agreements", proposal(operation=operation)), 201)
        world.kept["bounded case"] = Case(world=world, id=made["id"])
    case: Case = world.kept["bounded case"]
    return case


def _ids(voice: Voice, **params: str) -> set[str]:
    items = voice.read("/v1/corridors", limit=1000, **params)["items"]
    return {item["id"] for item in items}


def _positions(geometry: Any) -> list[list[float]]:
    several = geometry["coordinates"]
    return several if isinstance(several[0], list) else [several]
