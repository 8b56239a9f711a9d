"""History is only added to: both databases refuse the rest, whoever asks."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, exc, text

from app.agreements.rows import IN_ORDER
from app.db.engine import make_engine
from app.db.guards import GUARDS, install, missing_guards, remove
from app.settings import with_driver
from tests.databases import Database
from tests.postgres import with_database
from tests.store.ledger_given import april, given_agreement, given_redaction, taking_out

EVENT_TABLES = ("event", "event_aspect", "event_value", "event_replaced", "event_redacted")
ERASED = {"event_value", *(table.name for table in IN_ORDER)}
"""From which a redaction takes rows, and nothing else does."""
SOME_COLUMN = {
    "event": "kind",
    "event_aspect": "aspect",
    "event_value": "value",
    "event_replaced": "aspect",
    "event_redacted": "field",
    "subject": "kind",
}
only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
each_event_table = pytest.mark.parametrize("table", EVENT_TABLES)
REFUSED = "history is only added to"


@pytest.fixture
def owner(database: Database) -> Iterator[Engine]:
    """Enter as the owner of the tables, with a history of an agreement."""
    application = database.engine()
    first = given_agreement(application, note="x")
    replaced = taking_out(first, "note")
    given_redaction(application, first, april(26), "reason", replaces=replaced, title="y")
    application.dispose()
    engine = database.owner_engine()
    yield engine
    engine.dispose()


@contextmanager
def superuser(database: Database) -> Iterator[Connection]:
    """Enter `database` as whoever may do anything on the server."""
    folder = Path(os.environ["PASSAGE_TEST_FOLDER"])
    admin = json.loads((folder / "server.json").read_text())["admin_url"]
    name = database.url.rpartition("/")[2]
    engine = make_engine(with_driver(with_database(admin, name)), pool_size=1)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def refuses(engine: Engine, *statements: str, match: str = REFUSED) -> None:
    """Expect that the last of `statements` is refused, or else their commit."""
    with engine.connect() as db:
        for statement in statements[:-1]:
            db.execute(text(statement))
        with pytest.raises(exc.IntegrityError, match=match):
            _finish(db, statements[-1])


def _finish(db: Connection, statement: str) -> None:
    db.execute(text(statement))
    db.commit()


def count(engine: Engine, table: str) -> int:
    with engine.begin() as db:
        return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


class TestOwner:
    @each_event_table
    def test_may_not_change_history(self, owner: Engine, table: str) -> None:
        column = SOME_COLUMN[table]
        refuses(owner, f"UPDATE {table} SET {column} = {column}")

    @each_event_table
    def test_may_not_remove_history(self, owner: Engine, table: str) -> None:
        before = count(owner, table)
        refuses(owner, f"DELETE FROM {table}")
        assert count(owner, table) == before > 0

    @only_postgresql
    @pytest.mark.parametrize("table", [*EVENT_TABLES, "subject"])
    def test_may_not_truncate_history(self, owner: Engine, table: str) -> None:
        refuses(owner, f"TRUNCATE {table} CASCADE")

    @only_sqlite
    @each_event_table
    @pytest.mark.parametrize("way", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"])
    def test_may_not_overwrite_history(self, owner: Engine, table: str, way: str) -> None:
        by = {"event": "id", "event_replaced": "by_event_id", "event_redacted": "by_event_id"}
        key = by.get(table, "event_id")
        newest = f"{key} IN (SELECT id FROM event WHERE sequence = 2)"
        refuses(owner, f"{way} INTO {table} SELECT * FROM {table} WHERE {newest}")

    @only_sqlite
    def test_may_not_overwrite_an_event_by_its_place_in_the_file(self, owner: Engine) -> None:
        refuses(
            owner,
            "UPDATE subject SET version = 3",
            "INSERT OR REPLACE INTO event (rowid, id, subject_id, subject_kind, operation_id, "
            "sequence, kind, effective_at, recorded_at, basis, organisation_id, record) "
            "SELECT e.rowid, 'other', e.subject_id, subject_kind, e.operation_id, 3, e.kind, "
            "effective_at, s.recorded_at, basis, organisation_id, record "
            "FROM event e JOIN subject s ON s.id = e.subject_id WHERE sequence = 1",
        )

    @only_postgresql
    @each_event_table
    def test_may_not_overwrite_on_conflict(self, owner: Engine, table: str) -> None:
        column = SOME_COLUMN[table]
        change = f"ON CONFLICT ON CONSTRAINT pk_{table} DO UPDATE SET {column} = 'x'"
        refuses(owner, f"INSERT INTO {table} SELECT * FROM {table} {change}", match="refuse|newest")

    def test_may_not_remove_a_subject(self, owner: Engine) -> None:
        refuses(owner, "DELETE FROM subject", match="stays")

    @pytest.mark.parametrize(
        "change",
        [
            "kind = 'source'",
            "version = version",
            "version = version + 2",
            "version = version - 1",
            "version = version + 1, operation_id = NULL",
            "version = version + 1, recorded_at = '2000-01-01T00:00:00.000000Z'",
        ],
    )
    def test_may_not_change_a_subject_but_forward(self, owner: Engine, change: str) -> None:
        refuses(owner, f"UPDATE subject SET {change}", match="goes forward")

    def test_may_not_raise_a_version_without_an_event(self, owner: Engine) -> None:
        refuses(owner, "UPDATE subject SET version = version + 1", match="(?i)foreign key")

    def test_may_not_add_to_an_event_that_is_not_the_newest(self, owner: Engine) -> None:
        refuses(
            owner,
            "INSERT INTO event_aspect (event_id, aspect, subject_id, effective_at, sequence, "
            "recorded_at) SELECT id, 'added', subject_id, effective_at, sequence, recorded_at "
            "FROM event WHERE sequence = 1",
            match="newest version",
        )
        refuses(
            owner,
            "INSERT INTO event_value (event_id, field, salt, value) "
            "SELECT event_id, 'added', salt, value FROM event_value "
            "WHERE field = 'actor' AND event_id IN (SELECT id FROM event WHERE sequence = 1)",
            match="newest version",
        )

    def test_may_not_take_out_without_a_new_event(self, owner: Engine) -> None:
        refuses(
            owner,
            "INSERT INTO event_replaced (event_id, aspect, by_event_id, sequence, recorded_at) "
            "SELECT id, 'status', id, sequence, recorded_at FROM event WHERE sequence = 1",
            match="earlier event",
        )

    def test_may_not_skip_a_sequence(self, owner: Engine) -> None:
        new_id = "'11111111-1111-4111-8111-111111111111'"
        refuses(
            owner,
            "INSERT INTO event (id, subject_id, subject_kind, operation_id, sequence, kind, "
            f"effective_at, recorded_at, basis, organisation_id, record) SELECT {new_id}, "
            "subject_id, subject_kind, operation_id, 9, kind, effective_at, recorded_at, basis, "
            "organisation_id, record FROM event WHERE sequence = 2",
            match="newest version",
        )


class TestSuperuser:
    @only_postgresql
    @each_event_table
    @pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
    def test_may_not_pass_by_as_a_replica(
        self, database: Database, owner: Engine, table: str, statement: str
    ) -> None:
        with superuser(database) as db:
            db.execute(text("SET session_replication_role = replica"))
            with pytest.raises(exc.IntegrityError, match=REFUSED), db.begin_nested():
                db.execute(text(statement.format(table, SOME_COLUMN[table])))
            db.execute(text("SET session_replication_role = origin"))


class TestApplication:
    @only_postgresql
    @each_event_table
    @pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"])
    def test_has_no_right_to_change_history(self, engine: Engine, table: str, right: str) -> None:
        erases = (table, right) == ("event_value", "DELETE")
        with engine.begin() as db:
            asked = text("SELECT has_table_privilege(:table, :right)")
            assert db.scalar(asked, {"table": table, "right": right}) is erases

    @only_postgresql
    def test_deletes_nothing_but_what_can_be_made_again_or_is_erased(self, engine: Engine) -> None:
        with engine.begin() as db:
            asked = text(
                "SELECT relname FROM pg_class WHERE relkind = 'r' "
                "AND relnamespace = current_schema()::regnamespace "
                "AND has_table_privilege(oid, 'DELETE')"
            )
            rows = ("bar", "boundary", "feature", "shape")
            derived = {"corridor_site", *(f"disclosed_{each}" for each in rows)}
            assert set(db.scalars(asked)) - {"log_outbox"} == derived | ERASED

    @only_postgresql
    def test_owns_nothing(self, engine: Engine) -> None:
        with engine.begin() as db:
            owned = text("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
            assert db.scalar(owned) == 0


class TestMissingGuards:
    def test_none_is_missing_after_a_migration(self, engine: Engine) -> None:
        with engine.begin() as db:
            assert missing_guards(db) == []

    @only_sqlite
    @pytest.mark.parametrize("name", [name for guard in GUARDS for name in guard.sqlite])
    def test_a_dropped_one_is_named_in_sqlite(self, owner: Engine, name: str) -> None:
        with owner.begin() as db:
            db.execute(text(f"DROP TRIGGER {name}"))
            assert missing_guards(db) == [name]

    @only_postgresql
    @pytest.mark.parametrize(
        "damage",
        [
            "DROP TRIGGER {name} ON {table}",
            "ALTER TABLE {table} DISABLE TRIGGER {name}",
            "ALTER TABLE {table} ENABLE TRIGGER {name}",
            "ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}",
            "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN RETURN NEW; END'",
        ],
    )
    def test_a_damaged_one_is_named_in_postgresql(self, owner: Engine, damage: str) -> None:
        for guard in GUARDS:
            with owner.connect() as db:
                db.execute(text(damage.format(name=guard.name, table=guard.watched)))
                assert missing_guards(db) == [guard.name]

    def test_what_was_removed_can_be_installed_again(self, owner: Engine) -> None:
        with owner.begin() as db:
            remove(db, "event")
            assert missing_guards(db) != []
            install(db, "event")
            assert missing_guards(db) == []

    def test_a_table_without_guards_is_no_mistake_to_pass_over(self, owner: Engine) -> None:
        with owner.begin() as db, pytest.raises(ValueError, match="no guards are known"):
            install(db, "evnet")
