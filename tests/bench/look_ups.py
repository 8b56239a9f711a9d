"""How long one look-up takes among a million events, at the storage layer.

The events are loaded in bulk, in the bench's own database, with its guards and foreign keys off
meanwhile; the guards are put back before anything is measured. Of the values, those of the
aspects are loaded: they are what look-ups read. Records are filled with bytes of the usual size.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, text

from app.db import guards
from app.db.session import reading
from app.domain.instant import format_instant
from app.ledger import store
from app.ledger.reading import Reading
from tests.databases import Database

EVENTS_EACH = 50
_FIELDS = (
    *("title", "purpose", "kind", "laterality", "proposer", "declared_by", "sensitivity"),
    *("release_at", "sources", "parties", "status", "revision:1"),
)
_TERMS = ("term:purpose", "term:routes", "term:windows", "term:checks")
_BEGAN = datetime(2022, 2, 24, tzinfo=UTC)
_BASE = _BEGAN + timedelta(days=1)
_LASTS = timedelta(days=500)
_RECORD = b"r" * 600
_SALT = b"s" * 32
_VALUE = '{"note":"both sides spoke at 09:00","to":"in_talks"}'
_TABLES = {
    "subject": ("id", "kind", "operation_id", "version", "created_at", "recorded_at"),
    "event": (
        *("id", "subject_id", "subject_kind", "operation_id", "sequence", "kind"),
        *("effective_at", "recorded_at", "basis", "organisation_id", "record"),
    ),
    "event_aspect": (
        *("event_id", "aspect", "subject_id", "effective_at", "sequence", "recorded_at"),
    ),
    "event_value": ("event_id", "field", "salt", "value"),
    "event_replaced": ("event_id", "aspect", "by_event_id", "sequence", "recorded_at"),
}
_BATCH = 20_000

Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How long one kind of look-up took, in milliseconds."""

    what: str
    p50: float
    p99: float


def load(database: Database, admin_url: str | None, subjects: int) -> list[UUID]:
    """Fill a migrated database with `EVENTS_EACH` events for each of so many subjects.

    Args:
        admin_url: a superuser's way into the database, where it is PostgreSQL.
    """
    chance = random.Random(1)
    ids = [UUID(int=chance.getrandbits(128), version=4) for _ in range(subjects)]
    owner = database.owner_engine()
    try:
        with owner.begin() as connection:
            guards.remove(connection, *_TABLES, "log_outbox")
        if admin_url is None:
            _fill_sqlite(owner, ids)
        else:
            _fill_postgresql(admin_url, ids)
        with owner.begin() as connection:
            guards.install(connection, *_TABLES, "log_outbox")
            _require_whole(connection, subjects)
    finally:
        owner.dispose()
    return ids


def _require_whole(connection: Connection, subjects: int) -> None:
    events = connection.execute(
        text("SELECT count(*) FROM event WHERE subject_kind = 'agreement'")
    ).scalar_one()
    if events != subjects * EVENTS_EACH or guards.missing_guards(connection):
        raise RuntimeError("the bench's database is not as it should be")


def _fill_sqlite(owner: Engine, ids: list[UUID]) -> None:
    connection: Any = owner.raw_connection()
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        for rows in _batches(ids):
            for table, columns in _TABLES.items():
                marks = ", ".join("?" * len(columns))
                statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
                connection.cursor().executemany(statement, rows[table])
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _fill_postgresql(admin_url: str, ids: list[UUID]) -> None:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
        for rows in _batches(ids):
            for table, columns in _TABLES.items():
                copying = f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()
                with connection.cursor().copy(copying) as copy:
                    for row in rows[table]:
                        copy.write_row(row)
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL".encode())
        connection.execute("VACUUM ANALYZE")


def _batches(ids: list[UUID]) -> Iterator[dict[str, list[Row]]]:
    chance = random.Random(2)
    rows: dict[str, list[Row]] = {table: [] for table in _TABLES}
    for subject in ids:
        _add_history(rows, str(subject), chance)
        if len(rows["event"]) >= _BATCH:
            yield rows
            rows = {table: [] for table in _TABLES}
    yield rows


def _add_history(rows: dict[str, list[Row]], subject: str, chance: random.Random) -> None:
    """Add the history of one agreement: one report in ten is late, one event in fifty replaced."""
    operation = organisation = str(UUID(int=1))
    began = _BASE + timedelta(seconds=chance.randrange(86_400))
    step = _LASTS / EVENTS_EACH
    before = ""
    for sequence in range(1, EVENTS_EACH + 1):
        event = str(UUID(int=chance.getrandbits(128), version=4))
        recorded = began + step * (sequence - 1)
        late = step * chance.randrange(1, 5) if sequence > 5 and chance.random() < 0.1 else step * 0
        at, known = format_instant(recorded - late), format_instant(recorded)
        kind = "created" if sequence == 1 else "status_changed"
        about = (subject, "agreement", operation, sequence, kind)
        rows["event"].append((event, *about, at, known, "stated", organisation, _RECORD))
        for aspect in _aspects(event, sequence):
            rows["event_aspect"].append((event, aspect, subject, at, sequence, known))
            rows["event_value"].append((event, f"aspect/{aspect}", _SALT, _VALUE))
        if sequence > 2 and chance.random() < 0.02:
            rows["event_replaced"].append((before, "status", event, sequence, known))
        before = event
    first, last = format_instant(began), format_instant(began + step * (EVENTS_EACH - 1))
    rows["subject"].append((subject, "agreement", operation, EVENTS_EACH, first, last))


def _aspects(event: str, sequence: int) -> tuple[str, ...]:
    if sequence == 1:
        return _FIELDS
    kinds = ("status", f"position:{event}", _TERMS[sequence % len(_TERMS)])
    return (kinds[sequence % 3],)


def measure(engine: Engine, ids: list[UUID], count: int) -> list[Measured]:
    """Time look-ups of random agreements at random instants, in transactions of a hundred."""
    chance = random.Random(3)

    def instant() -> datetime:
        return _BASE + timedelta(days=2) + _LASTS * chance.random()

    def as_of() -> Reading:
        return Reading(as_of=instant())

    def on_both_axes() -> Reading:
        return Reading(as_of=instant(), known_at=instant())

    def one(reading: Callable[[], Reading]) -> Callable[[Any], object]:
        return lambda db: store.look_up(db, chance.choice(ids), "status", reading())

    def whole(reading: Callable[[], Reading]) -> Callable[[Any], object]:
        return lambda db: store.entries(db, [chance.choice(ids)], reading())

    return [
        time_each(engine, count, "status, as of", one(as_of)),
        time_each(engine, count, "status, as of and known at", one(on_both_axes)),
        time_each(engine, count // 2, "whole agreement, as of", whole(as_of)),
        time_each(engine, count // 2, "whole agreement, as of and known at", whole(on_both_axes)),
    ]


def time_each(engine: Engine, count: int, what: str, ask: Callable[[Any], object]) -> Measured:
    """Ask so many times, in transactions of a hundred, after a fifth as many to warm up."""
    took: list[float] = []
    for warming in (True, False):
        for _ in range(max(1, (count // 5 if warming else count) // 100)):
            with reading(engine) as db:
                took += _hundred(db, ask)
        if warming:
            took.clear()
    parts = statistics.quantiles(took, n=100)
    return Measured(what=what, p50=statistics.median(took), p99=parts[98])


def _hundred(db: Any, ask: Callable[[Any], object]) -> Iterator[float]:
    for _ in range(100):
        began = time.perf_counter()
        ask(db)
        yield (time.perf_counter() - began) * 1000
