"""The schema goes up and down on both databases, and is what the models say."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import shapely
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, Engine, Text, inspect, text

import app
from app.db.base import Base
from app.db.errors import MigrationRefused
from app.db.guards import missing_guards, unsafe_settings
from app.db.migrate import MIGRATIONS, downgrade, upgrade
from app.db.revision import HEAD, current_revision
from app.domain.policy import Audience
from app.domain.tiles.sketch import sketches
from app.domain.tiles.thinning import RUN
from app.settings import with_driver
from tests.databases import Database
from tests.store.ledger_given import april, given_agreement

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
NOT_OURS = {"spatial_ref_sys", "alembic_version"}
R_TREE = {"disclosed_index", *(f"disclosed_index_{part}" for part in ("node", "parent", "rowid"))}
"""SQLite's index of space and time, which no model knows."""
GIST = {f"disclosed_feature_{audience}" for audience in Audience}
"""The same in PostgreSQL."""


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """Enter as the owner of the tables."""
    engine = database.owner_engine()
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def import_every_table() -> None:
    """Import the tables of all features, so that `Base` knows them."""
    root = Path(app.__path__[0])
    for path in sorted(root.rglob("tables.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        import_module(".".join(parts))


def ours(_: Any, name: str | None, kind: str, *__: Any) -> bool:
    if kind == "index":
        return name not in GIST
    return kind != "table" or name not in NOT_OURS | R_TREE


def tables(database: Database) -> set[str]:
    engine = database.owner_engine()
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found - NOT_OURS


def test_the_models_are_what_the_migrations_make(connection: Connection) -> None:
    import_every_table()
    options = {"compare_type": True, "include_object": ours}
    context = MigrationContext.configure(connection, opts=options)
    assert compare_metadata(context, Base.metadata) == []


@only_postgresql
def test_checks_have_the_names_that_the_models_give(connection: Connection) -> None:
    import_every_table()
    found = {
        check["name"]
        for table in Base.metadata.tables
        for check in inspect(connection).get_check_constraints(table)
    }
    wanted = {
        check.name
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert found == wanted


def test_up_and_down_and_up_again(empty_database: Database) -> None:
    empty_database.migrate()
    first = tables(empty_database)
    downgrade(with_driver(empty_database.migration_url), "base")
    assert tables(empty_database) == set()
    empty_database.migrate()
    assert tables(empty_database) == first >= {"event", "subject"}


def test_each_step_goes_down_and_up(database: Database) -> None:
    url = with_driver(database.migration_url)
    engine = database.owner_engine()
    with engine.connect() as opened:
        assert current_revision(opened) == HEAD
    for step in range(int(HEAD), 0, -1):
        downgrade(url, f"{step - 1:04}" if step > 1 else "base")
        upgrade(url, with_driver(database.url), f"{step:04}")
        downgrade(url, f"{step - 1:04}" if step > 1 else "base")
    database.migrate()
    with engine.connect() as opened:
        assert missing_guards(opened) == []
    engine.dispose()


def test_sketches_are_made_anew(database: Database, engine: Engine) -> None:
    given_agreement(engine)
    downgrade(with_driver(database.migration_url), "0009")
    lines = {count: line_of(count) for count in (RUN, 3 * RUN)}
    owner = database.owner_engine()
    with owner.begin() as opened:
        place = opened.scalar(text("SELECT id FROM subject LIMIT 1"))
        for id, geometry in lines.items():
            shape = {"id": id, "place": place, "geometry": geometry}
            opened.execute(_SHAPE, shape)
            opened.execute(_SKETCH, shape | {"geometry": b"as it was"})
    database.migrate()
    with owner.connect() as opened:
        stored = opened.execute(text("SELECT shape_id, band, geometry FROM disclosed_sketch"))
        found = {(id, band): bytes(geometry) for id, band, geometry in stored}
    owner.dispose()
    assert found == {
        (id, band): sketch
        for id, geometry in lines.items()
        for band, sketch in sketches(geometry).items()
    }


def line_of(count: int) -> bytes:
    line = shapely.LineString([(10 + x / 1e4, 50 + x % 2 / 1e6) for x in range(count)])
    return bytes(shapely.to_wkb(line))


_SHAPE = text(
    "INSERT INTO disclosed_shape (id, place_id, geojson, geometry, west, south, east, north) "
    "VALUES (:id, :place, '{}', :geometry, 10, 50, 11, 51)"
)
_SKETCH = text(
    "INSERT INTO disclosed_sketch (shape_id, band, place_id, geometry) "
    "VALUES (:id, 12, :place, :geometry)"
)


def test_migrating_again_changes_nothing(database: Database, engine: Engine) -> None:
    given_agreement(engine)
    database.migrate()
    with engine.connect() as opened:
        assert opened.scalar(text("SELECT count(*) FROM event")) == 1
        assert missing_guards(opened) == []


def test_an_empty_database_has_no_revision(empty_database: Database) -> None:
    engine = empty_database.engine()
    with engine.connect() as opened:
        assert current_revision(opened) is None
    engine.dispose()


def test_the_release_needs_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


@only_sqlite
def test_every_table_is_strict_in_sqlite(connection: Connection) -> None:
    rows = connection.exec_driver_sql("PRAGMA table_list").mappings()
    loose = {row["name"] for row in rows if row["type"] == "table" and not row["strict"]}
    assert loose <= NOT_OURS | R_TREE | {"sqlite_schema", "sqlite_temp_schema"}


def test_space_and_time_are_indexed_together(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        assert set(inspect(connection).get_table_names()) >= R_TREE
        return
    found = {row["name"] for row in inspect(connection).get_indexes("disclosed_feature")}
    assert found >= GIST


@only_postgresql
def test_every_text_sorts_by_code_point_in_postgresql(connection: Connection) -> None:
    for table in set(inspect(connection).get_table_names()) - NOT_OURS:
        for column in inspect(connection).get_columns(table):
            if isinstance(column["type"], Text):
                assert column["type"].collation == "C", f"{table}.{column['name']}"


@only_sqlite
def test_a_failing_migration_leaves_the_schema_as_it_was(
    database: Database, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_agreement(engine, april(25))

    def fail(connection: Connection) -> None:
        raise MigrationRefused("at the last moment")

    monkeypatch.setattr("app.db.migrate._check_foreign_keys", fail)
    with pytest.raises(MigrationRefused):
        downgrade(with_driver(database.migration_url), "base")
    with engine.connect() as opened:
        assert opened.scalar(text("SELECT count(*) FROM event")) == 1


@only_postgresql
def test_an_unknown_role_of_the_application_is_named(database: Database) -> None:
    url = with_driver(database.migration_url)
    with pytest.raises(MigrationRefused, match="role nobody_here does not exist"):
        upgrade(url, "postgresql+psycopg://nobody_here@localhost/passage")


def test_the_connection_of_the_service_is_durable(engine: Engine) -> None:
    with engine.connect() as opened:
        assert unsafe_settings(opened) == []


def test_an_unsafe_setting_is_named(database: Database, engine: Engine) -> None:
    sqlite = database.dialect == "sqlite"
    name = "synchronous" if sqlite else "synchronous_commit"
    with engine.connect() as opened:
        if sqlite:
            connection = opened.connection.driver_connection
            assert connection is not None
            opened.rollback()
            connection.execute("PRAGMA synchronous = NORMAL")
        else:
            opened.execute(text(f"SET LOCAL {name} = off"))
        assert unsafe_settings(opened) == [name]
        opened.invalidate()
