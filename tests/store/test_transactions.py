"""A transaction is stored, or not, or its outcome is unknown; and it says which."""

import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, QueuePool, event, exc, select, text
from sqlalchemy.orm import Session

from app.db.engine import make_engine
from app.db.errors import DatabaseUnavailable, OutcomeUnknown, Unwritable
from app.db.session import reading, writing
from app.ledger.tables import SubjectRow
from app.settings import with_driver
from tests.databases import Database
from tests.servers import killable_postgres
from tests.store.ledger_given import april, given_agreement

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
REMOVE = text("DELETE FROM idempotency_key")
ASK = text("SELECT count(*) FROM event")


def kill_session(engine: Engine, connection: Connection) -> None:
    """End the server's side of a connection, as a crash would."""
    driver: Any = connection.connection.driver_connection
    with engine.connect() as other:
        other.execute(text(f"SELECT pg_terminate_backend({driver.info.backend_pid})"))


def ask_after_a_crash(engine: Engine, db: Session) -> None:
    kill_session(engine, db.connection())
    db.execute(ASK)


def test_a_reader_cannot_write(engine: Engine) -> None:
    with pytest.raises(exc.DBAPIError, match=r"(?i)read-?only"), reading(engine) as db:
        db.execute(REMOVE)


def test_a_reader_leaves_the_connection_able_to_write(engine: Engine) -> None:
    with reading(engine) as db:
        db.execute(ASK)
    given_agreement(engine)


def test_what_a_reader_found_may_be_handed_on(engine: Engine) -> None:
    """Nothing that it read stays with it when it has ended."""
    given_agreement(engine)
    with reading(engine) as db:
        row = db.scalars(select(SubjectRow).limit(1)).one()
    with writing(engine) as other:
        other.add(row)
        assert row in other


def test_a_reader_sees_one_state_throughout(engine: Engine) -> None:
    with reading(engine) as db:
        before = db.scalar(ASK)
        given_agreement(engine)
        assert db.scalar(ASK) == before == 0


@only_postgresql
def test_what_the_server_prepared_stays_after_reading(database: Database) -> None:
    engine = make_engine(database.url, pool_size=1)
    for _ in range(7):  # the driver prepares what it sends for the sixth time
        with reading(engine) as db:
            db.execute(ASK)
    with reading(engine) as db:
        prepared = set(db.execute(text("SELECT statement FROM pg_prepared_statements")).scalars())
    engine.dispose()
    assert str(ASK) in prepared


def test_a_refusal_of_the_database_stays_what_it_is(engine: Engine) -> None:
    given_agreement(engine)
    with pytest.raises(exc.IntegrityError), writing(engine) as db:
        db.execute(text("UPDATE subject SET version = version + 1"))  # found at commit


def test_a_wrong_question_is_not_taken_for_a_busy_database(engine: Engine) -> None:
    with pytest.raises(exc.DBAPIError), reading(engine) as db:
        db.execute(text("SELECT nothing FROM nowhere"))


@only_postgresql
class TestPostgresql:
    def test_a_swallowed_failure_is_not_committed_as_a_success(self, engine: Engine) -> None:
        with pytest.raises(Unwritable), writing(engine) as db, suppress(exc.ProgrammingError):
            db.execute(text("SELECT nothing FROM nowhere"))

    def test_a_connection_lost_before_the_commit_stored_nothing(self, engine: Engine) -> None:
        with pytest.raises(DatabaseUnavailable), writing(engine) as db:
            ask_after_a_crash(engine, db)

    def test_a_connection_lost_in_the_commit_leaves_the_outcome_open(self, engine: Engine) -> None:
        event.listen(engine, "commit", lambda connection: kill_session(engine, connection))
        with pytest.raises(OutcomeUnknown), writing(engine) as db:
            db.execute(ASK)

    def test_the_next_request_gets_a_fresh_connection(self, engine: Engine) -> None:
        with pytest.raises(DatabaseUnavailable), reading(engine) as db:
            ask_after_a_crash(engine, db)
        given_agreement(engine)

    def test_a_lock_that_is_not_given_is_a_busy_database(
        self, database: Database, engine: Engine
    ) -> None:
        subject = given_agreement(engine).fact.subject.id
        lock = text("SELECT 1 FROM subject WHERE id = :id FOR UPDATE")
        with writing(engine) as one:
            one.execute(lock, {"id": subject})
            hasty = make_engine(f"{with_driver(database.url)}?options=-c lock_timeout=50ms")
            with pytest.raises(DatabaseUnavailable), writing(hasty) as other:
                other.execute(lock, {"id": subject})
        hasty.dispose()

    def test_times_are_in_utc_whatever_the_server_thinks(self, engine: Engine) -> None:
        with reading(engine) as db:
            assert db.scalar(text("SHOW timezone")) == "UTC"

    def test_no_statement_is_compiled_whatever_the_server_would(self, engine: Engine) -> None:
        with reading(engine) as db:
            assert db.scalar(text("SELECT reset_val FROM pg_settings WHERE name = 'jit'")) == "off"


def test_no_server_is_an_unavailable_database() -> None:
    engine = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", pool_size=1)
    with pytest.raises(DatabaseUnavailable), reading(engine) as db:
        db.execute(ASK)


@only_sqlite
class TestSqlite:
    def test_readers_and_a_writer_do_not_wait_for_each_other(self, engine: Engine) -> None:
        with writing(engine) as writer:
            writer.execute(ASK)
            with reading(engine) as reader:
                assert reader.scalar(ASK) == 0

    def test_a_second_writer_that_waits_too_long_is_told_so(
        self, database: Database, engine: Engine
    ) -> None:
        hasty = database.engine()
        event.listen(hasty, "connect", lambda c, _: c.execute("PRAGMA busy_timeout = 50"))
        with writing(engine) as one:
            one.execute(ASK)
            with pytest.raises(DatabaseUnavailable), writing(hasty) as other:
                other.execute(ASK)
        hasty.dispose()

    def test_its_file_is_in_wal_and_every_commit_is_flushed(self, engine: Engine) -> None:
        with reading(engine) as db:
            pragmas = ("journal_mode", "synchronous", "foreign_keys")
            found = [db.scalar(text(f"PRAGMA {name}")) for name in pragmas]
        assert found == ["wal", 2, 1]

    def test_a_disk_error_in_the_commit_leaves_the_outcome_open(self, engine: Engine) -> None:
        def fail(connection: Connection) -> None:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise exc.OperationalError("COMMIT", None, error)

        event.listen(engine, "commit", fail)
        with pytest.raises(OutcomeUnknown), writing(engine) as db:
            db.execute(ASK)


def test_a_missing_file_is_an_unavailable_database(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/nowhere/passage.sqlite", pool_size=1)
    with pytest.raises(DatabaseUnavailable), reading(engine) as db:
        db.execute(ASK)


@pytest.mark.faults
def test_a_cancelled_wait_for_the_standby_leaves_the_outcome_open() -> None:
    with killable_postgres() as (cluster, database):
        engine = make_engine(with_driver(database.url), pool_size=2)
        with psycopg.connect(cluster.url, autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            admin.execute("SELECT pg_reload_conf()")
            stop = threading.Thread(target=_cancel_waiting, args=(admin,))
            stop.start()
            with pytest.raises(OutcomeUnknown):
                given_agreement(engine, april(25))
            stop.join()
        engine.dispose()


def _cancel_waiting(admin: psycopg.Connection[Any]) -> None:
    waiting = (
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
        "WHERE wait_event = 'SyncRep' AND application_name = 'passage'"
    )
    deadline = time.monotonic() + 20
    while not admin.execute(waiting).fetchall() and time.monotonic() < deadline:
        time.sleep(0.05)


@only_sqlite
def test_a_reader_keeps_less_of_the_file_than_a_writer(engine: Engine) -> None:
    """Each connection of a worker has its own part of what is not mapped, and most only read."""
    for transaction, kib in ((reading, 2_048), (writing, 8_192), (reading, 2_048)):
        with transaction(engine) as db:
            assert db.scalar(text("PRAGMA cache_size")) == -kib
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedin() == 1  # all three were of one connection
