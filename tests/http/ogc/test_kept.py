"""Answers that are kept in memory: found again at the same mark, and by those with the same rights."""

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from app.disclosure import reading
from app.ogc.kept import Kept
from app.ogc.links import link
from tests.http.places.given import given_site
from tests.http.world import World, read

ITEMS = "/ogc/collections/sites/items"
PLACE = {"type": "Point", "coordinates": [99.5, -12.5]}
BOX = {"bbox": "99,-13,100,-12"}


class Asked(Exception):
    """The database was asked for features."""


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody read features."""

    def refuse(*_: Any, **__: Any) -> None:
        raise Asked

    monkeypatch.setattr(reading, "features", refuse)


def test_what_was_asked_before_is_not_read_again(
    world: World, request: pytest.FixtureRequest
) -> None:
    given_site(world, geometry=PLACE, sensitivity="low", name="Kept")
    first = world.by("ocha").get(ITEMS, **BOX)
    assert "Kept" in first.text
    request.getfixturevalue("unread")
    again = world.by("ocha-again").get(ITEMS, **BOX)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers.items() == first.headers.items()
    assert world.by("anonymous").get(ITEMS, **BOX).status_code == 500
    assert world.by("ocha").get(ITEMS, limit=7, **BOX).status_code == 500
    assert world.by("ocha").call("GET", ITEMS, params=BOX, host="other").status_code == 500


def test_what_was_written_since_is_read(world: World) -> None:
    voice = world.by("ocha")
    id = given_site(world, geometry=PLACE, sensitivity="low", name="Before")
    assert "Before" in voice.get(ITEMS, **BOX).text
    tag = voice.get(f"/v1/sites/{id}").headers["ETag"]
    read(voice.call("PATCH", f"/v1/sites/{id}", {"name": "After"}, if_match=tag), 200)
    assert "After" in voice.get(ITEMS, **BOX).text
    assert voice.read(f"{ITEMS}/{id}")["properties"]["name"] == "After"


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    kept = Kept(most_bytes=10)
    for name in "abc":
        kept.keep((name,), Response(name * 4))
        assert kept.get(("a",)) is not None
    assert kept.get(("b",)) is None
    found = kept.get(("c",))
    assert found is not None
    assert found.body == b"cccc"
    kept.keep(("c",), Response("d" * 10))
    assert kept.get(("a",)) is None


def test_a_very_large_answer_is_not_kept() -> None:
    kept = Kept()
    answer = Response(b"x" * (2**20 + 1))
    assert kept.keep(("large",), answer) is answer
    assert kept.get(("large",)) is None


@pytest.mark.parametrize("public", ["", "https://passage.example.org", "http://10.0.0.1:8080"])
def test_links_follow_the_public_address_where_one_is_set(public: str) -> None:
    app = SimpleNamespace(state=SimpleNamespace(public_url=public))
    scope = {"type": "http", "app": app, "scheme": "http", "server": ("inner", 1), "path": "/"}
    request = Request({**scope, "headers": [(b"host", b"inner:1")]})
    made = link(request, "self", "/ogc", "text/html", "Here")
    assert made["href"] == (public or "http://inner:1") + "/ogc"
