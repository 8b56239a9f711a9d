"""Location attack over HTTP: lists, items, filters and tiles tell no more than the cells."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from shapely.geometry import shape as made

from app.domain.geometry.box import Box
from app.domain.geometry.grid import Size
from app.domain.tiles.address import Tile
from tests.http.places.attack import (
    LEAST,
    READERS,
    Attacker,
    Draw,
    Heard,
    Oracle,
    attackers,
    given_places,
    search_by_the_true_geometry,
)
from tests.http.places.given import GEOJSON
from tests.http.world import Voice, World
from tests.http.worlds import Worlds
from tests.tiles import Told, decoded

_SEVERAL = {"sites": 20, "corridors": 5}
"""Places of each kind, for each reader; of a corridor, each cell is looked at."""
_STEPS = 6
"""Enough to be left with a thirtieth of the cell, were the answers about the place."""
_RELATIONS = {
    "intersects": "S_INTERSECTS(geometry,{box})",
    "disjoint": "S_DISJOINT(geometry,{box})",
    "within": "S_WITHIN(geometry,{box})",
    "crosses": "S_CROSSES(geometry,{box})",
    "touches": "S_TOUCHES(geometry,{box})",
    "overlaps": "S_OVERLAPS(geometry,{box})",
    "contains": "S_CONTAINS(geometry,{box})",
    "equals": "S_EQUALS(geometry,{box})",
}
"""By the name of a relation in shapely: how it is asked for."""


@pytest.fixture(params=("sqlite", "postgresql"))
def hunted(request: pytest.FixtureRequest, worlds: Worlds) -> World:
    """Lend a world in which places are looked for."""
    return worlds.lend(request.param, "location attack by HTTP")


@pytest.mark.parametrize(("reader", "sensitivity", "size"), READERS)
@pytest.mark.parametrize("kind", ["sites", "corridors"])
class TestAttack:
    """A reader who sees cells, and asks about places one by one."""

    def test_bisection_leaves_each_published_cell_whole(
        self, hunted: World, kind: str, reader: str, sensitivity: str, size: Size
    ) -> None:
        ids = given_places(hunted, kind, sensitivity, size, count=_SEVERAL[kind])
        found = list(_attack(hunted.by(reader), kind, ids, size))
        assert len(found) >= 20
        for attacker in found:
            assert attacker.remaining >= LEAST, attacker
            assert not attacker.betrayed, attacker

    def test_answers_about_the_true_geometry_are_found_out(
        self,
        hunted: World,
        monkeypatch: pytest.MonkeyPatch,
        kind: str,
        reader: str,
        sensitivity: str,
        size: Size,
    ) -> None:
        search_by_the_true_geometry(monkeypatch)
        ids = given_places(hunted, kind, sensitivity, size, count=2)
        found = list(_attack(hunted.by(reader), kind, ids, size))
        for id in ids:
            assert min(one.remaining for one in found if one.place == id) < 0.1

    def test_tiles_show_no_more_than_the_published_cells(
        self, hunted: World, kind: str, reader: str, sensitivity: str, size: Size
    ) -> None:
        ids = given_places(hunted, kind, sensitivity, size, count=_SEVERAL[kind])
        for attacker in _attack_by_tiles(hunted, kind, reader, ids, size):
            assert not attacker.betrayed, attacker

    def test_tiles_of_the_true_geometry_are_found_out(
        self,
        hunted: World,
        monkeypatch: pytest.MonkeyPatch,
        kind: str,
        reader: str,
        sensitivity: str,
        size: Size,
    ) -> None:
        search_by_the_true_geometry(monkeypatch)
        ids = given_places(hunted, kind, sensitivity, size, count=2)
        assert all(one.betrayed for one in _attack_by_tiles(hunted, kind, reader, ids, size))


def _attack(voice: Voice, kind: str, ids: Sequence[str], size: Size) -> Iterator[Attacker]:
    """Bisect each cell of each place."""
    oracle = _asking(voice, kind)
    for id in ids:
        for attacker in attackers(id, voice.read(f"/v1/{kind}/{id}")["geometry"], size):
            attacker.bisect(oracle, _STEPS)
            yield attacker


def _attack_by_tiles(
    world: World, kind: str, reader: str, ids: Sequence[str], size: Size
) -> Iterator[Attacker]:
    voice = world.by(reader)
    for id in ids:
        path = f"/v1/{kind}/{id}"
        attacker = next(attackers(id, voice.read(path)["geometry"], size))
        attacker.look_at_tiles(_drawn(voice, kind), made(world.by("ocha").read(path)["geometry"]))
        yield attacker


def _asking(voice: Voice, kind: str) -> Oracle:
    """Ask lists of both interfaces for a box, in one form after another, and one relation each."""
    items, relations = f"/ogc/collections/{kind}/items", list(_RELATIONS)

    def ask(place: str, box: Box, turn: int) -> list[Heard]:
        sides = ",".join(f"{side:.12f}" for side in (box.west, box.south, box.east, box.north))
        params: dict[str, Any] = {"bbox": sides, "limit": 1000}
        accept = {"accept": GEOJSON} if turn % 2 else {}
        told = voice.call("GET", f"/v1/{kind}", params=params, **accept)
        form = {"f": "csv"} if turn % 3 == 2 else {"limit": 1000}
        same = voice.get(items, bbox=sides, **form)
        relation = relations[turn % len(relations)]
        wanted = _RELATIONS[relation].format(box=f"BBOX({sides})")
        related = voice.get(items, filter=f"id = '{place}' AND {wanted}")
        assert {told.status_code, same.status_code, related.status_code} == {200}, related.text
        related_ids = {feature["id"] for feature in related.json()["features"]}
        return [
            ("intersects", place in told.text),
            ("intersects", place in same.text),
            (relation, place in related_ids),
        ]

    return ask


def _drawn(voice: Voice, kind: str) -> Draw:
    def draw(tile: Tile) -> dict[str, Told]:
        path = f"/ogc/collections/{kind}/tiles/WebMercatorQuad/{tile.zoom}/{tile.row}/{tile.column}"
        answer = voice.get(path)
        assert answer.status_code == 200, answer.text
        return decoded(answer.content, kind)

    return draw
