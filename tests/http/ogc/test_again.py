"""Questions that were asked before: their text is read once, all else each time."""

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, Header
from fastapi import routing as framework
from starlette.requests import Request
from starlette.responses import Response

from app.http.deps import Db
from app.ogc.again import _LONGEST, _MOST, Asked, AskedAgain
from tests.http.places.given import given_site
from tests.http.world import World, read

ITEMS = "/ogc/collections/sites/items"
PLACE = {"type": "Point", "coordinates": [98.5, -11.5]}
BOX = {"bbox": "98,-12,99,-11"}


class Read(Exception):
    """The framework read a question."""


@pytest.fixture
def read_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the framework read no question any more."""

    async def refuse(**_: Any) -> None:
        raise Read

    monkeypatch.setattr(framework, "solve_dependencies", refuse)


def test_a_text_is_read_once(world: World, request: pytest.FixtureRequest) -> None:
    id = given_site(world, geometry=PLACE, sensitivity="low", name="Asked again")
    voice = world.by("ocha")
    first, one = voice.get(ITEMS, **BOX), voice.get(f"{ITEMS}/{id}")
    request.getfixturevalue("read_by_nobody")
    assert voice.get(ITEMS, **BOX).content == first.content
    assert voice.get(f"{ITEMS}/{id}").content == one.content
    again = voice.call("GET", ITEMS, params=BOX, if_none_match=first.headers["ETag"])
    assert again.status_code == 304
    assert voice.get(ITEMS, limit=7, **BOX).status_code == 500
    assert voice.call("GET", ITEMS, params=BOX, accept="text/html").status_code == 500


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
    router = APIRouter(route_class=AskedAgain)

    def answer(request: Request, more: Any) -> Response:
        return Response()

    answer.__annotations__["more"] = Annotated[str, Depends(more)]
    with pytest.raises(RuntimeError, match="more depends on more than the text"):
        router.get("/more")(answer)


def test_few_and_short_texts_are_kept() -> None:
    asked = Asked()
    for number in range(_MOST + 1):
        asked.keep((str(number), b"", ""), {"number": number})
    assert asked.get(("0", b"", "")) is None
    assert asked.get(("1", b"", "")) == {"number": 1}
    asked.keep(("2", b"x" * _LONGEST, ""), {})
    assert asked.get(("2", b"x" * _LONGEST, "")) is None
