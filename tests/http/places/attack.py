"""Whoever looks for places by yes/no questions, and what it is left with after each answer.

It knows what is published and how the service should answer. While every answer is the one that
follows from what is published, any place in the cell could have given it. Once one is not, the
answers are about the place itself, and they are used.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, TypeAlias
from uuid import UUID

import pytest
import shapely
from shapely.geometry import shape as made
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.access.caller import Caller, find_caller
from app.access.write import Write
from app.corridors.schemas.corridor import NewCorridor
from app.corridors.services import drawing
from app.db.session import writing
from app.disclosure import places
from app.disclosure.outline import Outline, outline
from app.domain.disclosure import Precision
from app.domain.geometry.box import Box
from app.domain.geometry.cell import Cell, Size, cell_of
from app.domain.geometry.shape import from_recorded
from app.domain.tiles.address import Tile
from app.ledger.reading import Entry
from app.sites import service as sites
from app.sites.schemas import NewSite
from tests.http.agreements.case import given_proposed
from tests.http.places.given import corridor, site
from tests.http.world import World
from tests.tiles import Told, in_units, tile_at

READERS = (("anonymous", "moderate", Size.COARSE), ("mod", "high", Size.FINE))
LEAST = 0.9
"""How much of the published cell must remain possible."""
_ZOOMS = (9, 11, 13, 15, 17, 19, 22)

Heard: TypeAlias = tuple[str, bool]
"""An answer: the relation to a box that was asked about, by its name in shapely, and whether so."""
Oracle: TypeAlias = Callable[[str, Box, int], Sequence[Heard]]
"""Tells how a place lies to a box, in one way or several; a number chooses among them."""
Draw: TypeAlias = Callable[[Tile], dict[str, Told]]
"""Gives what a tile shows, by the ids of the places."""


@dataclass
class Attacker:
    """Looks for a place in one of the cells by which it is published."""

    place: str
    published: BaseGeometry
    cell: Cell
    betrayed: bool = False
    left: Box = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.cell.bounds

    @property
    def remaining(self) -> float:
        """How much of the cell is consistent with all answers."""
        return _area(self.left) / _area(self.cell.bounds) if self.betrayed else 1.0

    def bisect(self, oracle: Oracle, steps: int) -> None:
        """Ask for a part of what is left, and for a box around that and the published centre."""
        for step in range(steps):
            part, rest = _split(self.left, east_west=step % 2 == 0)
            inside = self._ask(oracle, part, step)
            wide = self._ask(oracle, self._with_centre(part), step + 2)
            self.left = part if inside and wide else rest

    def _ask(self, oracle: Oracle, box: Box, turn: int) -> bool:
        drawn = shapely.box(box.west, box.south, box.east, box.north)
        meets = False
        for relation, answer in oracle(self.place, box, turn):
            self.betrayed |= answer != bool(getattr(shapely, relation)(self.published, drawn))
            meets |= relation == "intersects" and answer
        return meets

    def _with_centre(self, box: Box) -> Box:
        x, y = self.cell.centre
        return Box(min(box.west, x), min(box.south, y), max(box.east, x), max(box.north, y))

    def look_at_tiles(self, draw: Draw, true: BaseGeometry) -> None:
        """Follow the place inward, where it is and where it is shown, each position of both."""
        places = [*shapely.get_coordinates(true), *shapely.get_coordinates(self.published)]
        for tile in dict.fromkeys(tile_at(x, y, zoom) for x, y in places for zoom in _ZOOMS):
            self._look_at(draw(tile), tile)

    def _look_at(self, told: dict[str, Told], tile: Tile) -> None:
        """See whether a tile shows the place where it is published, and nowhere else."""
        box = shapely.box(tile.box.west, tile.box.south, tile.box.east, tile.box.north)
        shows = self.place in told
        self.betrayed |= shows != bool(self.published.intersects(box))
        if shows:
            seen = in_units(shapely.segmentize(self.published, 0.001), tile)
            self.betrayed |= told[self.place].geometry.distance(seen) > 1.5


def attackers(place: str, geometry: dict[str, Any], size: Size) -> Iterator[Attacker]:
    """Give one for each cell by which a place is published, in order."""
    published = made(geometry)
    for x, y in shapely.get_coordinates(published):
        yield Attacker(place=place, published=published, cell=cell_of((x, y), size))


def _split(box: Box, *, east_west: bool) -> tuple[Box, Box]:
    """Cut a box near its middle, but not there: the centre of a cell would lie on both sides."""
    if east_west:
        at = box.west + 0.45 * (box.east - box.west)
        return replace(box, east=at), replace(box, west=at)
    at = box.south + 0.45 * (box.north - box.south)
    return replace(box, north=at), replace(box, south=at)


def _area(box: Box) -> float:
    return (box.east - box.west) * (box.north - box.south)


def given_places(world: World, kind: str, sensitivity: str, size: Size, *, count: int) -> list[str]:
    """Put places of a class on record anywhere in the world, lines over a few cells."""
    chance = Random(f"{kind} {sensitivity}")
    case = given_proposed(world) if kind == "corridors" else None
    with writing(world.engine) as db:
        write = Write(db=db, caller=caller_of(world, db, "ocha"))
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


def caller_of(world: World, db: Session, name: str) -> Caller:
    """Give whoever has the token of this name; the public is `anonymous`."""
    found = None if name == "anonymous" else find_caller(db, world.tokens[name])
    return found or Caller()


def search_by_the_true_geometry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lists, filters and tiles look at where places are, and not at where they are shown."""
    monkeypatch.setattr(places.Recorded, "_outline", _searched_by_the_true_geometry)


def _searched_by_the_true_geometry(
    self: places.Recorded, entry: Entry | None, precision: Precision
) -> Outline:
    assert entry is not None
    true = from_recorded(entry.value)
    searched = outline(self.id, true)
    shown = outline(self.id, places.seen(true, precision))
    return replace(shown, geometry=searched.geometry, bounds=searched.bounds)
