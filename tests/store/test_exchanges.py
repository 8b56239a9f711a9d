"""A transaction of PostgreSQL that only reads: few exchanges, and a lost connection is found out."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, QueuePool, exc, text
from sqlalchemy.orm import Session

from app.db import exchanges
from app.db.engine import STATE
from app.db.session import reading, writing
from tests.databases import Database

ASK = text("SELECT count(*) FROM event")
KINDS = ("isolation", "read_only")
Transaction = AbstractContextManager[Session]
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def driver_of(db: Session) -> Any:
    return db.connection().connection.driver_connection


def end_backends(database: Database, pids: list[int]) -> None:
    """Have the server end connections."""
    other = database.engine()
    with other.connect() as connection:
        for pid in pids:
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


def test_who_may_write_is_given_no_connection_that_is_not_asked(
    engine: Engine, tmp_path: Path
) -> None:
    with writing(engine) as db:
        driver = driver_of(db)
    with (tmp_path / "trace").open("w") as out:
        driver.pgconn.trace(out.fileno())
        with writing(engine) as db:
            assert driver_of(db) is driver
            driver.pgconn.untrace()
    assert (tmp_path / "trace").read_text().count("ReadyForQuery") == 1


@pytest.mark.parametrize("transaction", [reading, writing])
def test_connections_that_were_lost_unused_are_replaced(
    engine: Engine, database: Database, transaction: Callable[[Engine], Transaction]
) -> None:
    """However many: nobody is told of them."""
    for _ in range(2):
        with ExitStack() as many:
            opened = [many.enter_context(reading(engine)) for _ in range(5)]
            pids = [driver_of(db).info.backend_pid for db in opened]
        end_backends(database, pids)
        for _ in range(10):
            with transaction(engine) as db:
                assert db.scalar(ASK) == 0


def test_the_next_transaction_of_a_session_only_reads_too(engine: Engine) -> None:
    """By whatever it is begun, and wherever the one before was ended."""
    with reading(engine) as db:
        for end in (db.commit, partial(db.execute, text("COMMIT"))):
            end()
            kinds = [db.scalar(text(f"SHOW transaction_{kind}")) for kind in KINDS]
            assert kinds == ["repeatable read", "on"]


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
    with reading(engine) as db, monkeypatch.context() as planted:
        db.execute(ASK)
        db.commit()
        planted.setattr(exchanges, "_BEGIN", b"BEGIN; SELECT 1 / 0")
        with pytest.raises(exc.DataError):
            db.execute(ASK)
        planted.undo()
        assert db.scalar(ASK) == 0
    with reading(engine) as db:
        assert db.scalar(ASK) == 0


def test_where_it_cannot_be_ended_the_connection_is_used_no_more(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be in the middle of anything, and the pool must not wait for it."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    monkeypatch.setattr(exchanges, "_END", b"SELECT 1 / 0")
    with pytest.raises(exc.DataError), reading(engine) as db:
        db.execute(ASK)
    assert pool.checkedout() == 0
    monkeypatch.undo()
    with reading(engine) as db:
        assert db.scalar(ASK) == 0


def test_a_lost_connection_hides_nothing_of_what_was_raised(
    engine: Engine, database: Database
) -> None:
    with pytest.raises(LookupError):
        refuse_on_a_lost_connection(engine, database)
    with reading(engine) as db:
        assert db.scalar(ASK) == 0


def refuse_on_a_lost_connection(engine: Engine, database: Database) -> None:
    with reading(engine) as db:
        end_backends(database, [driver_of(db).info.backend_pid])
        raise LookupError
