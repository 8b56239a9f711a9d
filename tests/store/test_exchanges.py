"""A transaction of PostgreSQL that only reads: few exchanges, and a lost connection is found out."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, exc, text
from sqlalchemy.orm import Session

from app.db import engine as engines
from app.db import exchanges
from app.db.engine import STATE
from app.db.errors import DatabaseUnavailable
from app.db.session import reading
from tests.databases import Database

ASK = text("SELECT count(*) FROM event")
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def driver_of(db: Session) -> Any:
    return db.connection().connection.driver_connection


def end_unused(engine: Engine, database: Database) -> None:
    """Have the server end the connection that an engine keeps, while nobody uses it."""
    with reading(engine) as db:
        pid = driver_of(db).info.backend_pid
    other = database.engine()
    with other.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend({pid}, 10000)"))
    other.dispose()


def count_exchanges(engine: Engine, file: Path) -> int:
    """Count how often the server says that it is ready, in a transaction of one statement."""
    with reading(engine) as db:
        driver = driver_of(db)
    with file.open("w") as out:
        driver.pgconn.trace(out.fileno())
        with reading(engine) as db:
            assert driver_of(db) is driver
            db.execute(ASK)
        driver.pgconn.untrace()
    return file.read_text().count("ReadyForQuery")


def test_it_begins_and_ends_in_one_exchange_each(engine: Engine, tmp_path: Path) -> None:
    assert count_exchanges(engine, tmp_path / "trace") == 3


def test_an_idle_connection_is_asked_whether_it_is_there(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_IDLE_S", 0.0)
    assert count_exchanges(engine, tmp_path / "trace") == 4


def test_one_that_was_lost_while_idle_is_replaced(
    engine: Engine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_IDLE_S", 0.0)
    end_unused(engine, database)
    with reading(engine) as db:
        assert db.scalar(ASK) == 0


def test_one_that_was_lost_just_now_is_told_and_used_no_more(
    engine: Engine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_IDLE_S", 60.0)
    end_unused(engine, database)
    with pytest.raises(DatabaseUnavailable), reading(engine) as db:
        db.execute(ASK)
    with reading(engine) as db:
        assert db.scalar(ASK) == 0


def test_where_the_server_tells_no_state_there_is_none(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchanges, "_BEGIN", exchanges._BEGIN + b" AND false")
    with reading(engine) as db:
        assert db.connection().info[STATE] is None
        assert db.scalar(ASK) == 0


def test_what_the_server_refuses_is_told_and_leaves_nothing_open(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as planted:
        planted.setattr(exchanges, "_BEGIN", b"BEGIN; SELECT 1 / 0")
        with pytest.raises(exc.DataError), reading(engine) as db:
            db.execute(ASK)
    with reading(engine) as db:
        assert db.scalar(ASK) == 0
