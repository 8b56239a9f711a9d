"""Two worlds that were one: a base with places of every class, copied, and each served by itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any

from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.databases import Database, Stock
from tests.http.agreements.case import from_now, given_proposed
from tests.http.places import passage
from tests.http.places.given import given_open, given_site, given_way
from tests.http.places.passage import PARTIES, Passage
from tests.http.world import World, given_world

CLASSES = ("low", "moderate", "high", "severe")
DRAWN_AT = "2022-04-26T00:00:00Z"
_POINTS = {
    "low": [37.6081234, 47.0971234],
    "moderate": [37.3934321, 46.9565321],
    "high": [37.3119777, 47.0563777],
    "severe": [36.7882555, 46.7558555],
    "released": [35.1171333, 47.8517333],
    "passed": [35.2821444, 47.4422444],
}


@dataclass(kw_only=True, repr=False)
class Base:
    """What both worlds begin with.

    Attributes:
        world: who may call, and the organisations; its client is closed.
        sites: their ids by class; `released` is of class high and was released when it was put on
            record, `passed` of class severe, and its release came later without a write.
        corridors: their ids by class, and the same two, both of class high; all are drafts but
            `open`, of class low, under `standing`, `shared`, of class high, under the agreement of
            that name, and the two of class severe under `hidden`.
        agreements: all but `outline`, which everybody knows, are not known outside the operational
            audience and their parties, to whom the ministry belongs in `outline` and `shared`.
        built_at: when all of it was on record.
    """

    world: World
    folder: Path
    sites: Mapping[str, str]
    corridors: Mapping[str, str]
    agreements: Mapping[str, str]
    built_at: str


@dataclass(kw_only=True, repr=False)
class Twin:
    """One of the two worlds, with the ids of what was written in it since."""

    base: Base
    world: World
    touched: list[str] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)


@contextmanager
def given_base(stock: Stock, dialect: str, folder: Path) -> Iterator[Base]:
    """Build the base; nobody is connected to its database afterwards."""
    with stock.database(dialect, folder) as database:
        with given_world(database, folder) as world:
            base = _build(world, folder)
        yield base


@contextmanager
def given_twin(stock: Stock, base: Base) -> Iterator[Twin]:
    """Serve a copy of the base."""
    with stock.copy(base.world.database, base.folder) as database, _served(base, database) as world:
        yield Twin(base=base, world=world)


@contextmanager
def _served(base: Base, database: Database) -> Iterator[World]:
    settings = Settings(
        data_dir=base.folder,
        database_url=database.url,
        migration_database_url=database.migration_url,
        pool_size=4,
        log_signs=False,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield replace(base.world, client=client, database=database)


def _build(world: World, folder: Path) -> Base:
    sites = {name: _site(world, name) for name in CLASSES}
    sites["released"] = _site(world, "released", sensitivity="high", release_at=from_now(hours=-1))
    talks = given_proposed(world, parties=PARTIES)
    outline = given_proposed(world, sensitivity="low")
    ends: dict[str, Any] = {
        "from_site": sites["low"],
        "to_site": sites["high"],
        "waypoints": [sites["severe"]],
    }
    corridors = {
        name: given_way(
            talks, geometry=line(name), sensitivity=name, effective_at=DRAWN_AT, **ends
        ).id
        for name in CLASSES
    }
    standing = _opened(world, _shown(sites))
    hidden = _opened(world, *(_hidden(sites, at) for at in ("severe", "high")))
    shared = given_open(world, geometry=line("high"), sensitivity="high")
    corridors |= {"open": standing.ways[0].id, "shared": shared.id}
    corridors |= dict(zip(("hidden", "hidden back"), (w.id for w in hidden.ways), strict=True))
    soon = from_now(seconds=1)
    sites["passed"] = _site(world, "passed", sensitivity="severe", release_at=soon)
    for name, release_at in (("passed", soon), ("released", from_now(hours=-1))):
        way = given_way(outline, geometry=line("high"), release_at=release_at, **ends)
        corridors[name] = way.id
    _wait_until(soon)
    return Base(
        world=world,
        folder=folder,
        sites=sites,
        corridors=corridors,
        agreements={
            "standing": standing.case.id,
            "hidden": hidden.case.id,
            "shared": shared.case.id,
            "talks": talks.id,
            "outline": outline.id,
        },
        built_at=datetime.now(UTC).isoformat(),
    )


def _site(world: World, name: str, **changes: Any) -> str:
    point = {"type": "Point", "coordinates": _POINTS[name]}
    return given_site(world, **({"geometry": point, "name": name, "sensitivity": name} | changes))


def _wait_until(at: str) -> None:
    """Let a release come: nothing is written at that instant."""
    while from_now() <= at:
        sleep(0.05)


def line(name: str) -> dict[str, Any]:
    """Draw a line that begins at one of the sites."""
    longitude, latitude = _POINTS[name]
    steps = ((0.0, 0.0), (0.0023, 0.0031), (0.21, 0.08), (0.2123, 0.0765))
    return {
        "type": "LineString",
        "coordinates": [[round(longitude + x, 7), round(latitude + y, 7)] for x, y in steps],
    }


def _shown(sites: Mapping[str, str]) -> dict[str, Any]:
    ends = {"from_site": sites["low"], "to_site": sites["released"]}
    return {"geometry": line("low"), "sensitivity": "low", **ends}


def _hidden(sites: Mapping[str, str], at: str) -> dict[str, Any]:
    ends = {"from_site": sites["severe"], "to_site": sites["high"]}
    return {"geometry": line(at), "sensitivity": "severe", **ends}


def _opened(world: World, *lines: Mapping[str, Any]) -> Passage:
    """Take an agreement into force and open its corridors."""
    made = passage.draw(world, lines, sources=[world.source()])
    for step in passage.STEPS:
        step(made)
    return made
