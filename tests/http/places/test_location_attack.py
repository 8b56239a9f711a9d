"""Location attack: some bisect with yes/no questions by bbox; they learn no more than the cell."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest
import shapely
from shapely.geometry import shape as made
from sqlalchemy.orm import Session

from app.access.caller import Caller, find_caller
from app.access.write import Write
from app.corridors.schemas.corridor import NewCorridor
from app.corridors.services import drawing
from app.db.session import reading, writing
from app.disclosure import places, tiles
from app.disclosure import reading as disclosed
from app.disclosure.outline import Outline, outline
from app.disclosure.reading import Question
from app.domain.cql2.expression import Expression, Kind
from app.domain.cql2.reading import Reader
from app.domain.disclosure import Precision
from app.domain.geometry.box import Box
from app.domain.geometry.grid import Size, cell_of
from app.domain.geometry.mgrs import grid_reference
from app.domain.geometry.shape import as_geojson, from_recorded
from app.domain.tiles.address import Tile
from app.ledger import store as ledger
from app.ledger.reading import NOW, Entry
from app.ogc.collections import COLLECTIONS as OF_OGC
from app.sites import service as sites
from app.sites.schemas import NewSite
from tests.http.agreements.case import from_now, given_proposed
from tests.http.ogc.files import FOR_DEVICES, FORMS, shapes
from tests.http.places.given import GEOJSON, corridor, given_site, given_way, site
from tests.http.world import World, read
from tests.http.worlds import Worlds
from tests.tiles import decoded, in_units, tile_at

_PLACES = 50
"""Of each kind, for each reader."""
_FEW = 5
_ZOOMS = (9, 11, 13, 15, 17, 19, 22)
_STEPS = 14
"""Enough to be left with a thousandth of the cell, were the answers about the place."""
_LEAST = 0.9
"""How much of the published cell must remain possible."""

READERS = (("anonymous", "moderate", Size.COARSE), ("mod", "high", Size.FINE))
Oracle = Callable[[str, Box, bool], bool]
"""Tells whether a place is on the list of what meets a box, as JSON or as GeoJSON."""


@pytest.fixture(params=("sqlite", "postgresql"))
def hunted(request: pytest.FixtureRequest, worlds: Worlds) -> World:
    """Lend a world in which places are looked for."""
    return worlds.lend(request.param, "location attack")


@dataclass
class Attacker:
    """Bisects one cell; it knows what is published and how the service should answer.

    While every answer is the one that follows from what is published, any place in the cell could
    have given it. Once one is not, the answers are about the place itself, and they are used.
    """

    place: str
    published: Any
    cell: Box
    betrayed: bool = False
    left: Box = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.cell

    @property
    def remaining(self) -> float:
        """How much of the cell is consistent with all answers."""
        return _area(self.left) / _area(self.cell) if self.betrayed else 1.0

    def bisect(self, oracle: Oracle, steps: int = _STEPS) -> None:
        """Ask for a part of what is left, and for a box around that and the published centre."""
        for step in range(steps):
            part, rest = _split(self.left, east_west=step % 2 == 0)
            inside = self._ask(oracle, part, geojson=step % 4 < 2)
            wide = self._ask(oracle, self._with_centre(part), geojson=step % 4 >= 2)
            self.left = part if inside and wide else rest

    def _ask(self, oracle: Oracle, box: Box, *, geojson: bool) -> bool:
        answer = oracle(self.place, box, geojson)
        drawn = shapely.LineString([(box.west, box.south), (box.east, box.north)]).envelope
        self.betrayed |= answer != bool(self.published.intersects(drawn))
        return answer

    def _with_centre(self, box: Box) -> Box:
        x, y = shapely.get_coordinates(self.published)[0]
        return Box(min(box.west, x), min(box.south, y), max(box.east, x), max(box.north, y))


def _split(box: Box, *, east_west: bool) -> tuple[Box, Box]:
    """Cut a box near its middle, but not there: the centre of a cell would lie on both sides."""
    if east_west:
        at = box.west + 0.45 * (box.east - box.west)
        return replace(box, east=at), replace(box, west=at)
    at = box.south + 0.45 * (box.north - box.south)
    return replace(box, north=at), replace(box, south=at)


def _area(box: Box) -> float:
    return (box.east - box.west) * (box.north - box.south)


@pytest.mark.parametrize(("reader", "sensitivity", "size"), READERS)
@pytest.mark.parametrize("kind", ["sites", "corridors"])
def test_bisection_leaves_the_published_cell_whole(
    hunted: World, kind: str, reader: str, sensitivity: str, size: Size
) -> None:
    ids = _given(hunted, kind, sensitivity, size)
    for attacker in _attack(hunted, kind, reader, ids, size):
        assert attacker.remaining >= _LEAST, attacker


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
    monkeypatch.setattr(places.Recorded, "_outline", _searched_by_the_true_geometry)
    ids = _given(hunted, kind, sensitivity, size, count=5)
    found = list(_attack(hunted, kind, reader, ids, size))
    assert max(attacker.remaining for attacker in found) < 0.001


@pytest.mark.parametrize(("reader", "sensitivity", "size"), READERS)
@pytest.mark.parametrize("kind", ["sites", "corridors"])
def test_tiles_show_no_more_than_the_published_cell(
    hunted: World, kind: str, reader: str, sensitivity: str, size: Size
) -> None:
    ids = _given(hunted, kind, sensitivity, size, count=_FEW)
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
    monkeypatch.setattr(places.Recorded, "_outline", _searched_by_the_true_geometry)
    ids = _given(hunted, kind, sensitivity, size, count=_FEW)
    assert all(attacker.betrayed for attacker in _attack_by_tiles(hunted, kind, reader, ids, size))


@pytest.mark.parametrize(("reader", "sensitivity", "size"), READERS)
def test_it_is_the_same_over_http(hunted: World, reader: str, sensitivity: str, size: Size) -> None:
    point = {"type": "Point", "coordinates": [37.6080813, 47.0970317]}
    line = {"type": "LineString", "coordinates": [[37.6080813, 47.0970317], [37.7, 47.2]]}
    way = given_way(given_proposed(hunted), geometry=line, sensitivity=sensitivity)
    ids = {"sites": given_site(hunted, geometry=point, sensitivity=sensitivity)}
    for kind, id in (ids | {"corridors": way.id}).items():
        published = hunted.by(reader).read(f"/v1/{kind}/{id}")["geometry"]
        attacker = _attacker(id, published, size)
        attacker.bisect(_over_http(hunted, kind, reader), steps=8)
        assert attacker.remaining >= _LEAST


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


def _given(
    world: World, kind: str, sensitivity: str, size: Size, count: int = _PLACES
) -> list[str]:
    """Put places of a class on record anywhere in the world, lines over a few cells."""
    chance = Random(f"{kind} {sensitivity}")
    case = given_proposed(world) if kind == "corridors" else None
    with writing(world.engine) as db:
        write = Write(db=db, caller=_caller(world, db, "ocha"))
        found: list[UUID] = []
        for _ in range(count):
            at = (chance.uniform(-179, 179), chance.uniform(-75, 75))
            if case is None:
                point = {"type": "Point", "coordinates": list(at)}
                body = site(geometry=point, sensitivity=sensitivity)
                found.append(sites.create(write, NewSite.model_validate(body)).id)
            else:
                line = {"type": "LineString", "coordinates": _steps(chance, at, size)}
                body = corridor(case, geometry=line, sensitivity=sensitivity)
                found.append(drawing.create(write, NewCorridor.model_validate(body)).id)
    return [str(id) for id in found]


def _steps(chance: Random, start: tuple[float, float], size: Size) -> list[list[float]]:
    reach = 2.5 / size.rows_per_degree
    positions = [list(start)]
    for _ in range(chance.randint(1, 4)):
        x, y = positions[-1]
        positions.append([x + chance.uniform(-reach, reach), y + chance.uniform(-reach, reach)])
    return positions


def _attack(
    world: World, kind: str, reader: str, ids: Sequence[str], size: Size
) -> Iterator[Attacker]:
    with reading(world.engine) as db:
        caller = _caller(world, db, reader)
        oracle = _in_storage(db, kind, caller)
        for id in ids:
            seen = disclosed.seen(db, _question(kind, caller, place=UUID(id)))
            assert seen is not None
            attacker = _attacker(id, json.loads(seen.geojson), size)
            attacker.bisect(oracle)
            yield attacker


def _attack_by_tiles(
    world: World, kind: str, reader: str, ids: Sequence[str], size: Size
) -> Iterator[Attacker]:
    """Follow each place inward, where it is and where it is shown; compare with what is shown."""
    with reading(world.engine) as db:
        caller = _caller(world, db, reader)
        for id in ids:
            asked = _question(kind, caller, place=UUID(id))
            seen = disclosed.seen(db, asked)
            assert seen is not None
            attacker = _attacker(id, json.loads(seen.geojson), size)
            said = ledger.entries(db, [UUID(id)], NOW)[UUID(id)]
            (true,) = (
                made(as_geojson(from_recorded(e.value))) for e in said if e.aspect == "geometry"
            )
            for shape in (true, attacker.published):
                x, y = shapely.get_coordinates(shape)[0]
                for tile in (tile_at(x, y, zoom) for zoom in _ZOOMS):
                    _look_at(db, _question(kind, caller), attacker, tile)
            yield attacker


def _look_at(db: Session, question: Question, attacker: Attacker, tile: Tile) -> None:
    """See whether a tile shows the place where it is published, and nowhere else."""
    nested = OF_OGC[question.collection].nested
    told = decoded(tiles.draw(db, question, tile, nested).content, question.collection)
    box = shapely.box(tile.box.west, tile.box.south, tile.box.east, tile.box.north)
    shows = attacker.place in told
    attacker.betrayed |= shows != bool(attacker.published.intersects(box))
    if shows:
        seen = in_units(shapely.segmentize(attacker.published, 0.001), tile)
        attacker.betrayed |= told[attacker.place].geometry.distance(seen) > 1.5


def _attacker(id: str, geometry: dict[str, Any], size: Size) -> Attacker:
    published = made(geometry)
    x, y = shapely.get_coordinates(published)[0]
    return Attacker(place=id, published=published, cell=cell_of((x, y), size).bounds)


def _in_storage(db: Session, kind: str, caller: Caller) -> Oracle:
    def ask(place: str, box: Box, geojson: bool) -> bool:
        question = _question(kind, caller, box=box)
        if geojson:
            found = place in disclosed.features(db, question, limit=1000).features
            asked = replace(_question(kind, caller), filter=_meets(box))
            assert found == (place in disclosed.features(db, asked, limit=1000).features)
            return found
        return UUID(place) in {one.id for one in disclosed.find(db, question, limit=1000)}

    return ask


def _meets(box: Box) -> Expression:
    """Ask by a filter what a box asks."""
    sides = [box.west, box.south, box.east, box.north]
    document = {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": sides}]}
    return Reader({"geometry": Kind.PLACE}).read(document)


def _over_http(world: World, kind: str, reader: str) -> Oracle:
    def ask(place: str, box: Box, geojson: bool) -> bool:
        asked = ",".join(f"{side:.12f}" for side in (box.west, box.south, box.east, box.north))
        params = {"bbox": asked, "limit": 1000}
        accept = {"accept": GEOJSON} if geojson else {}
        answer = world.by(reader).call("GET", f"/v1/{kind}", params=params, **accept)
        assert answer.status_code == 200, answer.text
        if geojson:
            same = world.by(reader).call("GET", f"/ogc/collections/{kind}/items", params=params)
            assert (place in same.text) == (place in answer.text)
            wanted = {"filter": f"S_INTERSECTS(geometry,BBOX({asked}))", "limit": 1000}
            same = world.by(reader).call("GET", f"/ogc/collections/{kind}/items", params=wanted)
            assert (place in same.text) == (place in answer.text)
            file = {"bbox": asked, "f": "csv"}
            same = world.by(reader).call("GET", f"/ogc/collections/{kind}/items", params=file)
            assert (place in same.text) == (place in answer.text)
        return place in answer.text

    return ask


def _question(
    kind: str, caller: Caller, *, place: UUID | None = None, box: Box | None = None
) -> Question:
    now = datetime.now(UTC)
    return Question(collection=kind, caller=caller, now=now, place=place, box=box)


def _caller(world: World, db: Session, name: str) -> Caller:
    found = None if name == "anonymous" else find_caller(db, world.tokens[name])
    return found or Caller()


def _searched_by_the_true_geometry(
    self: places.Recorded, entry: Entry | None, precision: Precision
) -> Outline:
    assert entry is not None
    true = from_recorded(entry.value)
    searched = outline(self.id, true)
    shown = outline(self.id, places.seen(true, precision))
    return replace(shown, geometry=searched.geometry, bounds=searched.bounds)
