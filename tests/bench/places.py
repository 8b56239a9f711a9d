"""What places cost among 100,000 corridors: a page of a map, one more corridor, an agreement stopped.

The corridors are like one that was drawn and opened through the service, with lines, names and
classes of their own; their disclosed rows are made and written by the service's own
code. Nine of ten are copies of the tenth under ids of their own. Histories are left out: no question
that is measured here reads them.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from math import cos, radians, sin
from typing import Any
from uuid import UUID, uuid4

import psycopg
from shapely import LineString, to_wkb
from sqlalchemy import Engine, Table, select, text
from sqlalchemy.orm import Session

from app.access import resource
from app.access.caller import Caller, find_caller
from app.access.write import Write
from app.agreements.held import hold
from app.agreements.schemas.status import StatusChangeIn
from app.agreements.services import moving
from app.corridors import features, recorded
from app.corridors.features import COLLECTION
from app.corridors.schemas.corridor import NewCorridor
from app.corridors.services import drawing
from app.db.rows import insert_rows
from app.db.session import reading, writing
from app.disclosure import index, store
from app.disclosure import reading as disclosed
from app.disclosure.places import classed
from app.disclosure.reading import Question
from app.disclosure.store import Place
from app.disclosure.tables import (
    FOREVER,
    DisclosedBarRow,
    DisclosedFeatureRow,
    DisclosedShapeRow,
    DisclosedSketchRow,
)
from app.domain.corridor.status import CorridorStatus
from app.domain.decimal_text import decimal_text
from app.domain.geometry.box import Box
from app.domain.geometry.shape import Line, as_recorded
from app.domain.json_value import Json
from app.http.schema import Change
from app.ledger import store as ledger
from app.ledger.reading import NOW, Entry
from app.ledger.tables import EventRow, SubjectRow
from tests.bench.look_ups import Measured, time_each
from tests.databases import Database
from tests.faults.passage import OCHA_DESK, Passage, given_passage
from tests.faults.world import World, given_world

READERS = {"public": None, "partner": "map-client", "operational": OCHA_DESK}
BOXES = {"small": (0.5, 0.3), "medium": (4.0, 2.5), "world": None}
"""Degrees of longitude and latitude; None for all of them."""
PAGE = 100
WEST, SOUTH, EAST, NORTH = 22.0, 44.5, 40.0, 52.0
_CLASSES = ("low", "moderate", "high")
_STATES = ("draft", "open")
_BATCH = 200
COPIES = 10
_CACHE_KIB = 1_000_000
"""While loading; what is measured has the cache that the service gives itself."""
_bar = DisclosedBarRow.__table__
_feature = DisclosedFeatureRow.__table__
_shape = DisclosedShapeRow.__table__
_sketch = DisclosedSketchRow.__table__


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A database with many corridors, and the world in it."""

    engine: Engine
    owner: Engine
    world: World
    passage: Passage
    operation: UUID

    @property
    def dialect(self) -> str:
        """Which kind of database it is."""
        return self.engine.dialect.name

    def close(self) -> None:
        """Let the database go."""
        self.engine.dispose()
        self.owner.dispose()


@dataclass(frozen=True, kw_only=True)
class Compared:
    """How long it took in turn to write a corridor, in milliseconds.

    Attributes:
        ours: with event, commitments, present state and all disclosed rows.
        plain: one row with the same line.
        service: as `ours`, with all that the service reads and judges before, its length included.
    """

    ours: Measured
    plain: Measured
    service: Measured

    @property
    def ratio(self) -> float:
        """How many are written in the time of a plain one."""
        return self.plain.p50 / self.ours.p50


def load(database: Database, admin_url: str | None, count: int) -> Loaded:
    """Fill a migrated database with so many corridors, all open under one agreement.

    Args:
        admin_url: a superuser's way into the database, where it is PostgreSQL.
    """
    engine = database.engine()
    world = given_world(engine)
    passage = given_passage(engine, world, corridors=1)
    chance = random.Random(1)
    with reading(engine) as db:
        (said,) = ledger.entries(db, passage.corridors, NOW).values()
    model = [e for e in said if e.aspect != "status" or recorded.members(e)["to"] in _STATES]
    operation = UUID(str(next(e.value for e in model if e.aspect == "operation")))
    distinct = count // COPIES
    for first in range(0, distinct, _BATCH):
        made = [_like(model, chance) for _ in range(min(_BATCH, distinct - first))]
        with writing(engine) as db:
            if admin_url is None:
                db.execute(text(f"PRAGMA cache_size = {-_CACHE_KIB}"))
            _disclose(db, operation, made, like=passage.corridors[0])
    engine.dispose()
    _tidy(engine, admin_url)
    loaded = Loaded(
        engine=engine,
        owner=database.owner_engine(),
        world=world,
        passage=passage,
        operation=operation,
    )
    _make_plain(loaded)
    return loaded


def _like(model: Sequence[Entry], chance: random.Random) -> list[Entry]:
    id = UUID(int=chance.getrandbits(128), version=4)
    given: dict[str, Json] = {
        "geometry": as_recorded(Line(tuple(way(chance)))),
        "length_m": decimal_text(round(chance.uniform(5_000, 300_000), 3)),
        "name": f"Corridor {chance.randrange(10**6)}",
        "sensitivity": chance.choice(_CLASSES),
    }
    return [replace(e, subject=id, value=given.get(e.aspect, e.value)) for e in model]


def way(chance: random.Random) -> Iterator[tuple[float, float]]:
    """Give a way of 20 to 200 positions, some hundred metres from each to the next."""
    x, y = chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH)
    bearing = chance.uniform(0, 360)
    for _ in range(chance.randint(20, 200)):
        yield round(x, 6), round(y, 6)
        bearing += chance.gauss(0, 15)
        x += cos(radians(bearing)) * 0.004
        y += sin(radians(bearing)) * 0.003


def _disclose(db: Session, operation: UUID, made: Sequence[Sequence[Entry]], *, like: UUID) -> None:
    at = datetime.now(UTC)
    entries = {each[0].subject: each for each in made}
    _begin(db, operation, list(entries), at)
    told = features.told(db, entries, {id: classed(each) for id, each in entries.items()})
    places = [Place(id=id, collection=COLLECTION, operation=operation, new=True) for id in told]
    store.publish(db, [(place, told[place.id].panes(at)) for place in places], at=at)
    bars = [bar for bar in _rows_of(db, _bar, [like]) if bar["recorded_until"] == FOREVER]
    insert_rows(
        db, _bar, [bar | {"id": _number(), "place_id": id} for id in entries for bar in bars], {}
    )
    originals = {
        table: _rows_of(db, table, list(entries)) for table in (_shape, _sketch, _feature, _bar)
    }
    for _ in range(COPIES - 1):
        ids = {id: uuid4() for id in entries}
        _begin(db, operation, list(ids.values()), at)
        numbers = {
            row["id"]: _number() for rows in originals.values() for row in rows if "id" in row
        }
        for table, rows in originals.items():
            copies = [_copied(row, ids, numbers) for row in rows]
            insert_rows(db, table, copies, {})
            if table is _feature:
                index.add(db, copies)


def _rows_of(db: Session, table: Table, places: Sequence[UUID]) -> list[dict[str, Any]]:
    found = db.execute(select(table).where(table.c.place_id.in_(places)))
    return [row._asdict() for row in found]


def _copied(
    row: dict[str, Any], ids: Mapping[UUID, UUID], numbers: Mapping[int, int]
) -> dict[str, Any]:
    new: dict[str, Any] = {"place_id": ids[row["place_id"]]}
    if "id" in row:
        new["id"] = numbers[row["id"]]
    if "shape_id" in row:
        new["shape_id"] = numbers[row["shape_id"]]
    return row | new


def _number() -> int:
    return uuid4().int >> 66


def _begin(db: Session, operation: UUID, ids: Sequence[UUID], at: datetime) -> None:
    began = {"operation_id": operation, "recorded_at": at}
    subject = {"kind": "corridor", "version": 1, "created_at": at}
    insert_rows(db, SubjectRow.__table__, [{"id": id} for id in ids], {**began, **subject})
    event = {
        "subject_kind": "corridor",
        "sequence": 1,
        "kind": "created",
        "effective_at": at,
        "basis": "stated",
        "organisation_id": UUID(int=1),
        "record": b"r" * 600,
    }
    rows = [{"id": uuid4(), "subject_id": id} for id in ids]
    insert_rows(db, EventRow.__table__, rows, {**began, **event})


def _tidy(engine: Engine, admin_url: str | None) -> None:
    if admin_url is None:
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        return
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def pages(loaded: Loaded, times: int) -> Iterator[Measured]:
    """Time the first page of a map, as each reader, in boxes of each size at random places."""
    with reading(loaded.engine) as db:
        callers = {name: caller_of(db, loaded.world, who) for name, who in READERS.items()}
    for reader, caller in callers.items():
        for size, box in BOXES.items():
            yield time_each(loaded.engine, times, f"{size} box, {reader}", _asking(caller, box))


def caller_of(db: Session, world: World, who: str | None) -> Caller:
    """Give the caller of a token by its name; None has no token."""
    found = Caller() if who is None else find_caller(db, world.tokens[who])
    assert found is not None
    return found


def _asking(caller: Caller, size: tuple[float, float] | None) -> Callable[[Any], object]:
    chance = random.Random(3)

    def ask(db: Session) -> object:
        question = Question(
            collection=COLLECTION, caller=caller, now=datetime.now(UTC), box=box_at(chance, size)
        )
        return disclosed.features(db, question, limit=PAGE)

    return ask


def box_at(chance: random.Random, size: tuple[float, float] | None) -> Box:
    if size is None:
        return Box(-180, -90, 180, 90)
    west, south = chance.uniform(WEST, EAST - size[0]), chance.uniform(SOUTH, NORTH - size[1])
    return Box(west, south, west + size[0], south + size[1])


def drawn(loaded: Loaded, times: int) -> Compared:
    """Write corridors, each after or before a plain insert of the same line."""
    chance = random.Random(4)
    kept = partial(_keep, model=_model(loaded))
    took: dict[str, list[float]] = {"ours": [], "plain": [], "service": []}
    for number in range(times + times // 5):
        line = [list(position) for position in way(chance)]
        turns: list[tuple[str, Callable[..., None]]] = [
            ("ours", kept), ("plain", _insert), ("service", _draw),
        ]  # fmt: skip
        for name, write in turns if number % 2 else reversed(turns):
            milliseconds = _timed(partial(write, loaded, line))
            if number >= times // 5:
                took[name].append(milliseconds)
    return Compared(
        ours=_measured("a corridor written", took["ours"]),
        plain=_measured("a plain insert", took["plain"]),
        service=_measured("a corridor drawn through the service", took["service"]),
    )


def _model(loaded: Loaded) -> dict[str, Json]:
    """Give the values of a corridor as they were recorded when it was drawn."""
    with reading(loaded.engine) as db:
        (said,) = ledger.entries(db, loaded.passage.corridors, NOW).values()
    return {entry.aspect: entry.value for entry in said if entry.sequence == 1}


def _keep(loaded: Loaded, line: list[list[float]], *, model: dict[str, Json]) -> None:
    """Write a corridor whose values are judged."""
    shape = as_recorded(Line(tuple((x, y) for x, y in line)))
    with writing(loaded.engine) as db:
        resource.begin(
            Write(db=db, caller=caller_of(db, loaded.world, OCHA_DESK)),
            drawing.KIND,
            Change(),
            {**model, "geometry": shape},
            id=uuid4(),
            operation=loaded.operation,
            columns={"status": CorridorStatus.DRAFT},
        )


def _draw(loaded: Loaded, line: list[list[float]]) -> None:
    body = NewCorridor.model_validate(
        {
            "agreement": str(loaded.passage.agreement),
            "name": "Mariupol to Zaporizhzhia",
            "geometry": {"type": "LineString", "coordinates": line},
        }
    )
    with writing(loaded.engine) as db:
        caller = caller_of(db, loaded.world, OCHA_DESK)
        drawing.create(Write(db=db, caller=caller), body)


_PRESENT = (
    "FROM disclosed_feature f JOIN disclosed_shape s ON s.id = f.shape_id "
    "WHERE f.collection = 'corridors' AND f.audience = 'operational' "
    "AND f.valid_until > '9999' AND f.recorded_until > '9999'"
)
_PLAIN = {
    "postgresql": (
        "CREATE TABLE plain_corridor (id uuid PRIMARY KEY, name text NOT NULL, "
        "geometry geometry(LineString, 4326) NOT NULL)",
        "CREATE INDEX ON plain_corridor USING gist (geometry)",
        "INSERT INTO plain_corridor SELECT f.place_id, 'Corridor', st_geomfromwkb(s.geometry, 4326) "
        + _PRESENT.replace("'9999'", "'9999-01-01'"),
    ),
    "sqlite": (
        "CREATE TABLE plain_corridor (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, "
        "name TEXT NOT NULL, geometry BLOB NOT NULL) STRICT",
        "CREATE VIRTUAL TABLE plain_index USING rtree(number, west, east, south, north)",
        f"INSERT INTO plain_corridor SELECT f.id, f.place_id, 'Corridor', s.geometry {_PRESENT}",
        f"INSERT INTO plain_index SELECT f.id, f.west, f.east, f.south, f.north {_PRESENT}",
    ),
}


def _make_plain(loaded: Loaded) -> None:
    """Make the yardstick: one table with an index of space, and the same lines in it."""
    with writing(loaded.owner) as db:
        for statement in _PLAIN[loaded.dialect]:
            db.execute(text(statement))


_INSERT = text("INSERT INTO plain_corridor VALUES (:id, :name, st_geomfromwkb(:geometry, 4326))")
_INSERT_SQLITE = text("INSERT INTO plain_corridor VALUES (:number, :id, :name, :geometry)")
_INSERT_INDEX = text("INSERT INTO plain_index VALUES (:number, :west, :east, :south, :north)")


def _insert(loaded: Loaded, line: list[list[float]]) -> None:
    made = LineString(line)
    row: dict[str, Any] = {"id": uuid4(), "name": "Mariupol to Zaporizhzhia"}
    row["geometry"] = to_wkb(made)
    with writing(loaded.owner) as db:
        if loaded.dialect == "postgresql":
            db.execute(_INSERT, row)
            return
        west, south, east, north = made.bounds
        row |= {"id": str(row["id"]), "number": _number()}
        db.execute(_INSERT_SQLITE, row)
        sides = {"west": west, "east": east, "south": south, "north": north}
        db.execute(_INSERT_INDEX, {"number": row["number"], **sides})


def stopped(loaded: Loaded, *, corridors: int, times: int) -> Measured:
    """Suspend agreements that have so many open corridors, each through the service."""
    chance = random.Random(5)
    took = []
    for _ in range(times):
        line = {"type": "LineString", "coordinates": [list(at) for at in way(chance)]}
        passage = given_passage(loaded.engine, loaded.world, corridors=corridors, geometry=line)
        took.append(_timed(partial(_stop, loaded, passage.agreement)))
    return _measured(f"an agreement with {corridors} open corridors suspended", took)


def _stop(loaded: Loaded, agreement: UUID) -> None:
    body = StatusChangeIn.model_validate({"to": "suspended", "reason": "shelling_reported"})
    with writing(loaded.engine) as db:
        write = Write(db=db, caller=caller_of(db, loaded.world, OCHA_DESK))
        moving.change_status(hold(agreement, write), body)


def _timed(something: Callable[[], None]) -> float:
    began = time.perf_counter()
    something()
    return (time.perf_counter() - began) * 1000


def _measured(what: str, took: Sequence[float]) -> Measured:
    ordered = sorted(took)
    return Measured(
        what=what, p50=statistics.median(ordered), p99=ordered[len(ordered) * 99 // 100]
    )
