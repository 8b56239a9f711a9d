"""Questions asked again while nothing changed: answered without the database, and never late."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response

from app.db.state import State, States
from app.ogc import items, tiles
from tests.http.places.given import given_site
from tests.http.world import Voice, World, read

ITEMS = "/ogc/collections/sites/items"
TILE = "/ogc/collections/sites/tiles/WebMercatorQuad/8/136/198"
PLACE = {"type": "Point", "coordinates": [99.5, -12.5]}
BOX = {"bbox": "99,-13,100,-12"}


class Asked(Exception):
    """The database was asked."""


@pytest.fixture
def unasked(world: World, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Lend what `refuse` needs, where nothing changes.

    In PostgreSQL's other databases tests write meanwhile, and its state is that of all of them.
    """

    async def look(_: States) -> State:
        return State(1, ("calm",))

    if world.database.dialect == "postgresql":
        monkeypatch.setattr(States, "look", look)
    return monkeypatch


def refuse(unasked: pytest.MonkeyPatch) -> None:
    """Let nobody ask the database where the record stands; such requests fail."""

    def refused(*_: Any, **__: Any) -> None:
        raise Asked

    unasked.setattr(items, "mark", refused)
    unasked.setattr(tiles, "mark_cell", refused)


def given_asked(voice: Voice, path: str, params: dict[str, str]) -> Any:
    """Ask often enough that it is known how the answer stands."""
    return [voice.get(path, **params) for _ in range(3)][-1]


def names(answer: Response, id: str) -> list[str]:
    """Give the names under which a feature is on a page."""
    found = answer.json()["features"]
    return [each["properties"]["name"] for each in found if each["id"] == id]


@pytest.mark.parametrize(("path", "params"), [(ITEMS, BOX), (TILE, {})])
def test_what_stands_is_answered_without_a_question(
    world: World, unasked: pytest.MonkeyPatch, path: str, params: dict[str, str]
) -> None:
    given_site(world, geometry=PLACE, sensitivity="low", name="Stands")
    voice = world.by("ocha")
    first = given_asked(voice, path, params)
    refuse(unasked)
    again = voice.get(path, **params)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers == first.headers
    tag = first.headers["ETag"]
    same = voice.call("GET", path, params=params, if_none_match=tag)
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert world.by("ocha-again").get(path, **params).status_code == 500
    assert world.by("anonymous").get(path, **params).status_code == 500
    assert voice.call("GET", path, params=params, host="other").status_code == 500
    assert voice.get(path, **params, operation="mariupol-2022").status_code == 500


def test_another_form_of_the_same_is_another_question(
    world: World, unasked: pytest.MonkeyPatch
) -> None:
    given_site(world, geometry=PLACE, sensitivity="low")
    voice = world.by("ocha")
    given_asked(voice, ITEMS, BOX)
    refuse(unasked)
    assert voice.call("GET", ITEMS, params=BOX, accept="text/html").status_code == 500
    assert voice.get(ITEMS, **BOX).status_code == 200


def test_any_change_has_it_asked_anew(world: World) -> None:
    voice = world.by("ocha")
    id = given_site(world, geometry=PLACE, sensitivity="low", name="Name 0")
    given_asked(voice, ITEMS, BOX)
    for number in range(1, 6):
        tag = voice.get(f"/v1/sites/{id}").headers["ETag"]
        name = f"Name {number}"
        read(voice.call("PATCH", f"/v1/sites/{id}", {"name": name}, if_match=tag), 200)
        for _ in range(3):
            assert names(voice.get(ITEMS, **BOX), id) == [name]


def test_a_token_that_is_revoked_is_told_nothing_more(world: World) -> None:
    given_site(world, geometry=PLACE, sensitivity="low")
    id = world.token("short-lived", "UN OCHA", "coordinator", "desk", operations=["mariupol-2022"])
    voice = world.by("short-lived")
    tag = given_asked(voice, ITEMS, BOX).headers["ETag"]
    assert voice.call("GET", ITEMS, params=BOX, if_none_match=tag).status_code == 304
    assert world.by("administrator").call("DELETE", f"/v1/tokens/{id}").status_code < 300
    assert voice.call("GET", ITEMS, params=BOX, if_none_match=tag).status_code == 401
    assert voice.get(ITEMS, **BOX).status_code == 401


def test_a_boundary_that_passes_has_it_asked_anew_though_nothing_is_written(world: World) -> None:
    comes = datetime.now(UTC) + timedelta(seconds=2)
    given_site(world, geometry=PLACE, sensitivity="high", name="Soon", release_at=comes.isoformat())
    voice = world.by("nrc-map-client")
    early = given_asked(voice, ITEMS, BOX)
    if datetime.now(UTC) < comes:
        assert "Soon" not in early.text
    time.sleep(max(0.0, (comes - datetime.now(UTC)).total_seconds()) + 0.01)
    late = voice.call("GET", ITEMS, params=BOX, if_none_match=early.headers["ETag"])
    assert late.status_code == 200
    assert "Soon" in late.text


def test_a_single_place_is_kept_nowhere(world: World, unasked: pytest.MonkeyPatch) -> None:
    id = given_site(world, geometry=PLACE, sensitivity="severe")
    voice = world.by("ocha")
    tag = given_asked(voice, f"{ITEMS}/{id}", {}).headers["ETag"]
    refuse(unasked)
    assert voice.call("GET", f"{ITEMS}/{id}", if_none_match=tag).status_code == 304
    assert voice.get(f"{ITEMS}/{id}").status_code == 500


@pytest.mark.parametrize("path", [ITEMS, TILE])
def test_an_operation_that_becomes_known_is_asked_for_anew(
    world: World, unasked: pytest.MonkeyPatch, path: str
) -> None:
    """Nothing is seen of it before, so no boundary of what is seen tells when."""
    slug = world.operation("UN OCHA")
    world.token(f"desk {slug}", "UN OCHA", "coordinator", "desk", operations=[slug])
    comes = datetime.now(UTC) + timedelta(seconds=2)
    given_site(
        world,
        by=f"desk {slug}",
        operation=slug,
        geometry=PLACE,
        sensitivity="high",
        release_at=comes.isoformat(),
    )
    voice = world.by("nrc-map-client")
    early = given_asked(voice, path, {"operation": slug})
    time.sleep(max(0.0, (comes - datetime.now(UTC)).total_seconds()) + 0.01)
    had = early.headers["ETag"]
    late = voice.call("GET", path, params={"operation": slug}, if_none_match=had)
    assert (late.status_code, late.headers["ETag"] == had) == (200, False)
    assert len(late.content) > len(early.content)


def test_the_public_cannot_tell_by_the_time_that_somebody_wrote(
    world: World, unasked: pytest.MonkeyPatch
) -> None:
    voice = world.by("anonymous")
    given_asked(voice, ITEMS, BOX)
    refuse(unasked)
    assert voice.get(ITEMS, **BOX).status_code == 500
