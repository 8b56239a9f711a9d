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
from tests.http.agreements.case import Case, from_now, given_proposed
from tests.http.places.given import Way, given_site, given_way
from tests.http.world import ICRC, MARIUPOL, OCHA, UKRAINE, World, given_world, read

CLASSES = ("low", "moderate", "high", "severe")
DRAWN_AT = "2022-04-26T00:00:00Z"
_PARTIES = [
    {"organisation": UKRAINE, "role": "required_party"},
    {"organisation": MARIUPOL, "role": "required_party"},
    {"organisation": OCHA, "role": "facilitator"},
    {"organisation": ICRC, "role": "executor"},
]
"""The ministry is none of them: it may not know of such an agreement."""
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
            `open`, of class low, under `standing`.
        agreements: `standing` and `talks` are not known outside the operational audience and
            their parties, `outline` is known to everybody.
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
    talks, outline = _without_the_ministry(world), given_proposed(world, sensitivity="low")
    ends: dict[str, Any] = {
        "from_site": sites["low"],
        "to_site": sites["high"],
        "waypoints": [sites["severe"]],
    }
    corridors = {
        name: given_way(
            talks, geometry=_line(name), sensitivity=name, effective_at=DRAWN_AT, **ends
        ).id
        for name in CLASSES
    }
    standing = _opened(world, from_site=sites["low"], to_site=sites["released"])
    corridors["open"] = standing.id
    soon = from_now(seconds=1)
    sites["passed"] = _site(world, "passed", sensitivity="severe", release_at=soon)
    for name, release_at in (("passed", soon), ("released", from_now(hours=-1))):
        way = given_way(outline, geometry=_line("high"), release_at=release_at, **ends)
        corridors[name] = way.id
    _wait_until(soon)
    return Base(
        world=world,
        folder=folder,
        sites=sites,
        corridors=corridors,
        agreements={"standing": standing.case.id, "talks": talks.id, "outline": outline.id},
        built_at=datetime.now(UTC).isoformat(),
    )


def _site(world: World, name: str, **changes: Any) -> str:
    point = {"type": "Point", "coordinates": _POINTS[name]}
    return given_site(world, **({"geometry": point, "name": name, "sensitivity": name} | changes))


def _wait_until(at: str) -> None:
    """Let a release come: nothing is written at that instant."""
    while from_now() <= at:
        sleep(0.05)


def _line(name: str) -> dict[str, Any]:
    longitude, latitude = _POINTS[name]
    steps = ((0.0, 0.0), (0.0023, 0.0031), (0.21, 0.08), (0.2123, 0.0765))
    return {
        "type": "LineString",
        "coordinates": [[round(longitude + x, 7), round(latitude + y, 7)] for x, y in steps],
    }


def _without_the_ministry(world: World) -> Case:
    return given_proposed(world, parties=_PARTIES)


def _opened(world: World, **ends: Any) -> Way:
    """Take an agreement into force whose one corridor is of class low and open."""
    case = _without_the_ministry(world)
    for who in ("ukraine", "mariupol"):
        read(case.state(who, "in_principle", sources=[world.source()]), 201)
    read(case.to("agreed_in_principle"), 201)
    case.settle(at=None)
    case.window(at=None, starts_at=from_now(hours=-1), ends_at=from_now(hours=6))
    way = given_way(case, geometry=_line("low"), sensitivity="low", **ends)
    read(way.to("planned"), 201)
    for who in ("ukraine", "mariupol", "icrc"):
        read(case.confirm(who), 201)
    read(case.to("confirmed"), 201)
    read(way.to("agreed"), 201)
    report: dict[str, Any] = {
        "ceasefire_effective_at": from_now(hours=-1),
        "sources": [world.source()],
    }
    read(case.to("in_force", **report), 201)
    read(way.to("open"), 201)
    return way
