"""Connections: SQLite made durable and strict, PostgreSQL made patient but not endless."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry

from app.db import exchanges
from app.db.at_once import Waiting
from app.db.driver import as_usual
from app.db.state import LOOK
from app.domain.cql2.expression import Relation
from app.domain.cql2.likeness import is_like
from app.domain.geometry.meeting import meets_box
from app.domain.geometry.relating import relation

READ_ONLY = "passage_read_only"
"""Execution option: the transaction only reads."""
NOTICES = "passage_notices"
"""Key of a PostgreSQL connection's `info`: the warnings that the server sent last."""
STATE = "passage_state"
"""Key of a connection's `info`: the state that its transaction sees which only reads."""
KNOWN = "passage_known"
"""Key of a connection's `info`, and of a session's: what is known in a state, see `app.db.known`."""

MEETS_BOX = "geometry_meets_box"
"""A function of SQL that SQLite gets from us: see `app.domain.geometry.meeting`."""

RELATES = {each.value: f"geometry_{each.value}" for each in Relation}
"""Such functions by the relations that they test: see `app.domain.geometry.relating`."""
LIKE_EXACTLY = "text_is_like"
"""Another one: see `app.domain.cql2.likeness`."""

_UNASKED = ContextVar("unasked", default=False)
_BUSY_S = 5.0
_READERS_KIB, _WRITERS_KIB = 2 * 1024, 8 * 1024
"""A connection keeps so much of what lies beyond the part of the file that is mapped. Of writers
there is one at a time, while each reader's connection has its own."""
_MAPPED = 2**31 - 2**16
"""Of the file, so many bytes are read from the system's own cache without a copy: as many as SQLite can."""
_MOST_PREPARED = 500
"""More than the statements that the service has: each is planned once for a connection."""
_POSTGRESQL_OPTIONS = (
    "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=30s "
    "-c idle_in_transaction_session_timeout=30s -c jit=off -c max_parallel_workers_per_gather=0"
)
"""Compiling a statement, which PostgreSQL does where it expects much, outlasts all that we ask."""


def make_engine(url: str, *, pool_size: int = 16) -> Engine:
    """Open `url`; a transaction writes unless its session says that it only reads."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, pool_size)
    return _postgresql(parsed, pool_size)


def _sqlite(url: URL, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_BUSY_S,
        connect_args={"timeout": _BUSY_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # BEGIN is ours, see below
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
    connection.create_function(MEETS_BOX, 5, meets_box, deterministic=True)
    connection.create_function(LIKE_EXACTLY, 2, is_like, deterministic=True)
    for name, function in RELATES.items():
        related = relation(name.removeprefix("s_"))
        connection.create_function(function, 2, related, deterministic=True)


def _begin_sqlite(connection: Connection) -> None:
    """Begin in our own words: the driver's own handling leaks, and readers must not lock."""
    reads = bool(connection.get_execution_options().get(READ_ONLY, False))
    if connection.info.get(READ_ONLY) is not reads:
        cache = _READERS_KIB if reads else _WRITERS_KIB
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
        connection.exec_driver_sql(f"PRAGMA cache_size = {-cache}")
        connection.info[READ_ONLY] = reads
    if reads:
        connection.info[STATE] = _begin_to_read(connection)
    else:
        connection.info.pop(KNOWN, None)  # what a connection writes by itself it does not count
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_to_read(connection: Connection) -> Any:
    cursor = connection.connection.cursor()
    try:
        cursor.execute("BEGIN")  # waits for nobody and cannot fail
        return cursor.execute(LOOK["sqlite"]).fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        raise as_usual(error, connection) from error


def _postgresql(url: URL, pool_size: int) -> Engine:
    given = url.query.get("options", "")
    options = f"{_POSTGRESQL_OPTIONS} {given if isinstance(given, str) else ' '.join(given)}"
    engine = create_engine(
        url.difference_update_query(["options"]),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_BUSY_S,
        connect_args={
            "options": options.strip(),
            "connect_timeout": 5,
            "tcp_user_timeout": 10_000,
            "application_name": "passage",
        },
    )
    event.listen(engine, "do_connect", lambda _, __, given, more: Waiting.made(*given, **more))
    event.listen(engine, "connect", _keep_notices)
    event.listen(engine, "checkout", partial(_ask, engine.dialect))
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "commit", _end_postgresql)
    return engine


def _keep_notices(connection: Any, entry: ConnectionPoolEntry) -> None:
    notices: deque[str] = deque(maxlen=16)
    entry.info[NOTICES] = notices
    connection.add_notice_handler(lambda notice: notices.append(notice.severity_nonlocalized))
    connection.prepared_max = _MOST_PREPARED


@contextmanager
def unasked() -> Iterator[None]:
    """Let connections be taken that may be lost; who takes one begins by finding out."""
    before = _UNASKED.set(True)
    try:
        yield
    finally:
        _UNASKED.reset(before)


def _ask(dialect: Dialect, connection: Any, entry: ConnectionPoolEntry, _: Any) -> None:
    """Have the pool connect anew where a connection was lost while nobody used it."""
    if _UNASKED.get():
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        if not dialect.is_disconnect(error, connection, None):
            raise
        raise exc.InvalidatePoolError from error


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.info[STATE] = exchanges.begin(connection)


def _end_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(READ_ONLY, False):
        exchanges.end(connection)
