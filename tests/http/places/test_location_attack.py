"""Location attack: some bisect with yes/no questions by bbox; they learn no more than the cell."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from shapely.geometry import shape as made
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.db.session import reading
from app.disclosure import reading as disclosed
from app.disclosure import tiles
from app.disclosure.reading import Question
from app.domain.cql2.expression import Expression, Kind
from app.domain.cql2.reading import Reader
from app.domain.geometry.box import Box
from app.domain.geometry.grid import Size
from app.domain.geometry.mgrs import grid_reference
from app.domain.geometry.shape import as_geojson, from_recorded
from app.domain.tiles.address import Tile
from app.ledger import store as ledger
from app.ledger.reading import NOW
from app.ogc.collections import COLLECTIONS as OF_OGC
from tests.http.agreements.case import from_now, given_proposed
from tests.http.ogc.files import FOR_DEVICES, FORMS, shapes
from tests.http.places.attack import (
    LEAST,
    READERS,
    Attacker,
    Draw,
    Heard,
    Oracle,
    attackers,
    caller_of,
    given_places,
    search_by_the_true_geometry,
)
from tests.http.places.given import given_site, given_way
from tests.http.world import World, read
from tests.http.worlds import Worlds
from tests.tiles import Told, decoded

_PLACES = 50
"""Of each kind, for each reader."""
_FEW = 5
_STEPS = 14
"""Enough to be left with a thousandth of the cell, were the answers about the place."""


@pytest.fixture(params=("sqlite", "postgresql"))
def hunted(request: pytest.FixtureRequest, worlds: Worlds) -> World:
    """Lend a world in which places are looked for."""
    return worlds.lend(request.param, "location attack")


@pytest.mark.parametrize(("reader", "sensitivity", "size"), READERS)
@pytest.mark.parametrize("kind", ["sites", "corridors"])
def test_bisection_leaves_the_published_cell_whole(
    hunted: World, kind: str, reader: str, sensitivity: str, size: Size
) -> None:
    ids = given_places(hunted, kind, sensitivity, size, count=_PLACES)
    for attacker in _attack(hunted, kind, reader, ids, size):
        assert attacker.remaining >= LEAST, attacker


@pytest.mark.parametrize(("reader", "sensitivity", "size"), READERS)
@pytest.mark.parametrize("kind", ["sites", "corridors"])
def test_a_filter_on_the_true_geometry_is_found_out(
    hunted: World,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    reader: str,
    sensitivity: str,
    size: Size,
) -> None:
    search_by_the_true_geometry(monkeypatch)
    ids = given_places(hunted, kind, sensitivity, size, count=_FEW)
    found = list(_attack(hunted, kind, reader, ids, size))
    assert max(attacker.remaining for attacker in found) < 0.001


@pytest.mark.parametrize(("reader", "sensitivity", "size"), READERS)
@pytest.mark.parametrize("kind", ["sites", "corridors"])
def test_tiles_show_no_more_than_the_published_cell(
    hunted: World, kind: str, reader: str, sensitivity: str, size: Size
) -> None:
    ids = given_places(hunted, kind, sensitivity, size, count=_FEW)
    assert not any(
        attacker.betrayed for attacker in _attack_by_tiles(hunted, kind, reader, ids, size)
    )


@pytest.mark.parametrize(("reader", "sensitivity", "size"), READERS)
@pytest.mark.parametrize("kind", ["sites", "corridors"])
def test_tiles_of_the_true_geometry_are_found_out(
    hunted: World,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    reader: str,
    sensitivity: str,
    size: Size,
) -> None:
    search_by_the_true_geometry(monkeypatch)
    ids = given_places(hunted, kind, sensitivity, size, count=_FEW)
    assert all(attacker.betrayed for attacker in _attack_by_tiles(hunted, kind, reader, ids, size))


@pytest.mark.parametrize(("reader", "sensitivity", "size"), READERS)
@pytest.mark.parametrize("form", FORMS)
def test_files_show_no_more_than_cells(
    hunted: World, form: str, reader: str, sensitivity: str, size: Size
) -> None:
    true = (37.6080813, 47.0970317 if size is Size.FINE else 46.9970317)
    point = {"type": "Point", "coordinates": list(true)}
    line = {"type": "LineString", "coordinates": [list(true), [37.7, 47.2]]}
    area = {"type": "Polygon", "coordinates": [[[37, 47], [38, 47], [38, 48], [37, 47]]]}
    way = given_way(given_proposed(hunted), geometry=line, sensitivity=sensitivity)
    hidden: dict[str, Any] = {
        "geometry": point,
        "area": area,
        "sensitivity": sensitivity,
        "name": f"A {size.name} hall",
    }
    for kind, id in {"sites": given_site(hunted, **hidden), "corridors": way.id}.items():
        path = f"/ogc/collections/{kind}/items"
        published = made(hunted.by(reader).read(f"{path}/{id}")["geometry"])
        for asked in (path, f"{path}/{id}"):
            answer = hunted.by(reader).get(asked, f=form)
            if reader == "anonymous" and form in FOR_DEVICES:
                assert answer.status_code in (401, 403, 404)
                continue
            found = shapes(form, answer.content)[id]
            assert found is not None
            assert found.equals_exact(published, 1e-9)
            assert hidden["name"].encode() not in answer.content
            assert grid_reference(true, size.metres / 10).encode() not in answer.content


@pytest.mark.parametrize(("reader", "sensitivity", "size"), READERS)
def test_versions_show_no_more_than_cells_also_of_when_the_class_was_low(
    hunted: World, reader: str, sensitivity: str, size: Size
) -> None:
    way = given_way(given_proposed(hunted), sensitivity="low")
    ids = {"sites": given_site(hunted, sensitivity="low"), "corridors": way.id}
    for kind, id in ids.items():
        voice, path = hunted.by("ocha"), f"/v1/{kind}/{id}"
        for change in ({"name": "Hall 7"}, {"sensitivity": sensitivity}):
            tag = voice.get(path).headers["ETag"]
            read(voice.call("PATCH", path, change, if_match=tag), 200)
        published = hunted.by(reader).read(path)["geometry"]
        ever = {"known-at": "2020-01-01T00:00:00Z/.."}
        versions = f"/ogc/collections/{kind}/items/{id}/versions"
        for version in hunted.by(reader).read(versions, **ever)["features"]:
            assert version["geometry"] == published
            assert version["properties"]["precision_m"] == size.metres
            assert "name" not in version["properties"]


@pytest.mark.parametrize("change", [{"sensitivity": "low"}, {"release_at": from_now(hours=-1)}])
def test_whoever_sees_a_cell_cannot_have_it_shown_exactly(
    hunted: World, change: dict[str, Any]
) -> None:
    way = given_way(given_proposed(hunted))
    for path in (f"/v1/sites/{given_site(hunted)}", way.path):
        voice = hunted.by("mod")
        tag = voice.get(path).headers["ETag"]
        assert voice.call("PATCH", path, change, if_match=tag).status_code == 403
        assert voice.read(path)["precision_m"] == 1000
        assert read(voice.call("PATCH", path, {"sensitivity": "severe"}, if_match=tag), 200)


def _attack(
    world: World, kind: str, reader: str, ids: Sequence[str], size: Size
) -> Iterator[Attacker]:
    """Bisect the first cell of each place."""
    with reading(world.engine) as db:
        caller = caller_of(world, db, reader)
        oracle = _in_storage(db, kind, caller)
        for id in ids:
            attacker = next(attackers(id, _published(db, kind, caller, id), size))
            attacker.bisect(oracle, _STEPS)
            yield attacker


def _attack_by_tiles(
    world: World, kind: str, reader: str, ids: Sequence[str], size: Size
) -> Iterator[Attacker]:
    with reading(world.engine) as db:
        caller = caller_of(world, db, reader)
        for id in ids:
            attacker = next(attackers(id, _published(db, kind, caller, id), size))
            said = ledger.entries(db, [UUID(id)], NOW)[UUID(id)]
            (true,) = (
                made(as_geojson(from_recorded(e.value))) for e in said if e.aspect == "geometry"
            )
            attacker.look_at_tiles(_drawn(db, kind, caller), true)
            yield attacker


def _published(db: Session, kind: str, caller: Caller, id: str) -> dict[str, Any]:
    seen = disclosed.seen(db, _question(kind, caller, place=UUID(id)))
    assert seen is not None
    document: dict[str, Any] = json.loads(seen.geojson)
    return document


def _drawn(db: Session, kind: str, caller: Caller) -> Draw:
    def draw(tile: Tile) -> dict[str, Told]:
        content = tiles.draw(db, _question(kind, caller), tile, OF_OGC[kind].nested).content
        return decoded(content, kind)

    return draw


def _in_storage(db: Session, kind: str, caller: Caller) -> Oracle:
    def ask(place: str, box: Box, turn: int) -> list[Heard]:
        question = _question(kind, caller, box=box)
        if turn % 4 < 2:
            asked = (question, replace(_question(kind, caller), filter=_meets(box)))
            pages = (disclosed.features(db, each, limit=1000).features for each in asked)
            return [("intersects", place in page) for page in pages]
        found = disclosed.find(db, question, limit=1000)
        return [("intersects", UUID(place) in {one.id for one in found})]

    return ask


def _meets(box: Box) -> Expression:
    """Ask by a filter what a box asks."""
    sides = [box.west, box.south, box.east, box.north]
    document = {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": sides}]}
    return Reader({"geometry": Kind.PLACE}).read(document)


def _question(
    kind: str, caller: Caller, *, place: UUID | None = None, box: Box | None = None
) -> Question:
    now = datetime.now(UTC)
    return Question(collection=kind, caller=caller, now=now, place=place, box=box)
