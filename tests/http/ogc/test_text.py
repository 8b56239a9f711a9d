"""Questions whose text is read here: what was not sent means what it always does, all else anew."""

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, Header
from fastapi import routing as framework
from sqlalchemy.util.concurrency import in_greenlet
from starlette.requests import Request
from starlette.responses import Response

from app.disclosure import reading, single
from app.http.deps import Db
from app.http.gates import Gates, Pace
from app.ogc.text import TextRoute
from tests.http.places.given import given_site
from tests.http.world import World, read

ITEMS = "/ogc/collections/sites/items"
PLACE = {"type": "Point", "coordinates": [98.5, -11.5]}
BOX = {"bbox": "98,-12,99,-11"}
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"


class Read(Exception):
    """The framework read a question."""


@pytest.fixture
def read_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the framework read no question any more."""

    async def refuse(**_: Any) -> None:
        raise Read

    monkeypatch.setattr(framework, "solve_dependencies", refuse)


def test_the_framework_reads_no_question_that_can_be_read(
    world: World, request: pytest.FixtureRequest
) -> None:
    voice = world.by("ocha")
    request.getfixturevalue("read_by_nobody")
    for asked in (
        {},
        {"limit": "7", **BOX, "datetime": "2022-04-26T12:00:00Z", "f": "html"},
        {"filter": "status = 'open'", "operation": "mariupol-2022", "number-matched": "true"},
        {"f": "csv", "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
    ):
        assert voice.get(ITEMS, **asked).status_code == 200, asked
    first = voice.get(ITEMS, **BOX)
    again = voice.call("GET", ITEMS, params=BOX, if_none_match=first.headers["ETag"])
    assert again.status_code == 304
    assert voice.get("/ogc/collections/sites/tiles/WebMercatorQuad/0/0/0").status_code == 200


def test_how_long_a_question_takes_is_known_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may look at all places there are is not brief, and a tile that may show all is heavy."""
    voice = world.by("ocha")
    paces: list[Pace] = []
    id = given_site(world, geometry=PLACE, sensitivity="low")
    usual = Gates.turn

    def turn(gates: Gates, *, reads: bool, pace: Pace = Pace.USUAL) -> Any:
        paces.append(pace)
        return usual(gates, reads=reads, pace=pace)

    monkeypatch.setattr(Gates, "turn", turn)
    tile = "/ogc/collections/sites/tiles/WebMercatorQuad"
    for path, asked, pace in (
        (ITEMS, {}, Pace.BRIEF),
        (ITEMS, {**BOX, "limit": "100", "f": "html"}, Pace.BRIEF),
        (ITEMS, {"limit": "101"}, Pace.USUAL),
        (ITEMS, {"filter": "status = 'open'"}, Pace.USUAL),
        (ITEMS, {"number-matched": "true"}, Pace.USUAL),
        (ITEMS, {"datetime": "2022-04-26T12:00:00Z"}, Pace.USUAL),
        (ITEMS, {"known-at": "2022-04-26T12:00:00Z"}, Pace.USUAL),
        (ITEMS, {"datetime": "2022-04-26T12:00:00Z/.."}, Pace.USUAL),
        (ITEMS, {"f": "csv"}, Pace.USUAL),
        (f"{ITEMS}/{id}", {}, Pace.AT_ONCE),
        (f"{ITEMS}/{id}", {"f": "html"}, Pace.BRIEF),
        (f"{ITEMS}/{id}", {"crs": MERCATOR}, Pace.BRIEF),
        (f"{ITEMS}/{id}", {"f": "gpkg"}, Pace.USUAL),
        (f"{ITEMS}/{id}/versions", {}, Pace.USUAL),
        (f"{tile}/8/0/0", {}, Pace.HEAVY),
        (f"{tile}/9/0/0", {}, Pace.USUAL),
    ):
        paces.clear()
        assert voice.get(path, **asked).status_code == 200
        assert paces[0] is pace, (path, asked)


def test_a_feature_is_found_by_the_loop_and_an_exact_shape_made_aside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a severe place, which only its own address shows exactly, and of no other."""
    voice = world.by("ocha")
    asked = {
        each: given_site(world, geometry=PLACE, sensitivity=each) for each in ("low", "severe")
    }
    where: list[tuple[str, bool]] = []
    seen, exactly = reading.seen, single._exactly

    def find(*given: Any) -> Any:
        where.append(("found", in_greenlet()))
        return seen(*given)

    def make(*given: Any) -> Any:
        where.append(("made", in_greenlet()))
        return exactly(*given)

    monkeypatch.setattr(reading, "seen", find)
    monkeypatch.setattr(single, "_exactly", make)
    voice.get(ITEMS)  # leaves a connection in the pool
    for each, expected in (
        ("low", [("found", True)]),
        ("severe", [("found", True), ("made", False)]),
    ):
        where.clear()
        feature = read(voice.get(f"{ITEMS}/{asked[each]}"), 200)
        assert feature["geometry"] == PLACE
        assert where == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": "none"},
        {"bbox": "1,2,3"},
        {"datetime": "yesterday"},
        {"crs": "EPSG:4326", "number-matched": "perhaps"},
        {"cursor": "?"},
        {"f": "pdf"},
    ],
)
def test_what_is_refused_the_framework_refuses(
    world: World, request: pytest.FixtureRequest, asked: dict[str, str]
) -> None:
    assert world.by("ocha").get(ITEMS, **asked).status_code == 400
    world.tokens["wrong"] = "sp_" + "x" * 43
    assert world.by("wrong").get(ITEMS, **asked).status_code == 401
    request.getfixturevalue("read_by_nobody")
    assert world.by("ocha").get(ITEMS, **asked).status_code == 500


def test_what_was_written_since_is_shown(world: World, request: pytest.FixtureRequest) -> None:
    id = given_site(world, geometry=PLACE, sensitivity="low", name="Before")
    voice = world.by("ocha")
    assert "Before" in voice.get(f"{ITEMS}/{id}").text
    tag = voice.get(f"/v1/sites/{id}").headers["ETag"]
    read(voice.call("PATCH", f"/v1/sites/{id}", {"name": "After"}, if_match=tag), 200)
    request.getfixturevalue("read_by_nobody")
    assert "After" in voice.get(f"{ITEMS}/{id}").text


def test_each_reader_is_told_apart(world: World, request: pytest.FixtureRequest) -> None:
    id = given_site(world, geometry=PLACE, sensitivity="high", name="Not for all")
    voice, path = world.by("ocha"), f"{ITEMS}/{id}"
    assert voice.get(path).status_code == 200
    request.getfixturevalue("read_by_nobody")
    assert world.by("anonymous").get(path).status_code == 404
    assert world.by("nrc").get(path).status_code == 404
    world.tokens["wrong"] = "sp_" + "x" * 43
    assert world.by("wrong").get(path).status_code == 401


def test_a_token_that_was_revoked_reads_no_more(
    world: World, request: pytest.FixtureRequest
) -> None:
    token = world.token(
        "short-lived", "UNHCR", "coordinator", "night-desk", operations=["mariupol-2022"]
    )
    assert world.by("short-lived").get(ITEMS, **BOX).status_code == 200
    revoked = world.by("administrator").call("DELETE", f"/v1/tokens/{token}")
    assert revoked.status_code == 204
    request.getfixturevalue("read_by_nobody")
    assert world.by("short-lived").get(ITEMS, **BOX).status_code == 401


def test_what_one_may_ask_another_may_not(world: World, request: pytest.FixtureRequest) -> None:
    asked = {"filter": "sensitivity = 'low'", **BOX}
    assert world.by("anonymous").get(ITEMS, **asked).status_code == 400
    assert world.by("ocha").get(ITEMS, **asked).status_code == 200
    request.getfixturevalue("read_by_nobody")
    assert world.by("ocha").get(ITEMS, **asked).status_code == 200
    assert world.by("anonymous").get(ITEMS, **asked).status_code == 400


async def _of_a_header(x_more: Annotated[str, Header()] = "") -> str:
    return x_more


async def _of_the_session(db: Db) -> str:
    return str(db)


@pytest.mark.parametrize("more", [_of_a_header, _of_the_session])
def test_a_route_that_asks_for_more_than_the_text_is_refused(more: Any) -> None:
    router = APIRouter(route_class=TextRoute)

    def answer(request: Request, more: Any) -> Response:
        return Response()

    answer.__annotations__["more"] = Annotated[str, Depends(more)]
    with pytest.raises(RuntimeError, match="more depends on more than the text"):
        router.get("/more")(answer)
