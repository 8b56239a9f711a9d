"""The databases that tests get are as in production: durable, and entered by two roles."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, exc, inspect, text

from tests.databases import Database
from tests.servers import killable_postgres, running_service

only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def test_a_test_gets_the_tables_of_this_release(engine: Engine) -> None:
    assert "event" in inspect(engine).get_table_names()


@pytest.mark.parametrize("attempt", [1, 2])
def test_what_one_test_leaves_behind_no_other_finds(database: Database, attempt: int) -> None:
    owner = database.owner_engine()
    with owner.begin() as db:
        db.execute(text("CREATE TABLE left_behind (id INTEGER PRIMARY KEY)"))
    owner.dispose()


def test_a_test_of_migrations_gets_no_tables(empty_database: Database) -> None:
    engine = empty_database.engine()
    tables = inspect(engine).get_table_names()
    engine.dispose()
    assert set(tables) <= {"spatial_ref_sys"}  # which is PostGIS's own


@only_postgresql
def test_the_application_may_not_change_the_schema(engine: Engine) -> None:
    with pytest.raises(exc.ProgrammingError, match="permission denied"), engine.begin() as db:
        db.execute(text("CREATE TABLE of_the_application (id INTEGER)"))


@only_postgresql
@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_postgresql_is_as_durable_as_in_production(engine: Engine, setting: str) -> None:
    with engine.connect() as db:
        assert db.scalar(text(f"SHOW {setting}")) == "on"


@pytest.mark.faults
def test_a_killed_cluster_comes_back_with_what_it_acknowledged() -> None:
    with killable_postgres() as (cluster, database):
        owner = database.owner_engine()
        with owner.begin() as db:
            db.execute(text("CREATE TABLE kept (id INTEGER)"))
        cluster.kill()
        assert cluster.main_process() is None
        cluster.start()
        assert "kept" in inspect(owner).get_table_names()
        owner.dispose()


@pytest.mark.faults
def test_a_killed_service_comes_back(database: Database, tmp_path: Path) -> None:
    with running_service(database, tmp_path) as service:
        first = service.process_id
        service.kill()
        service.start()
        assert service.process_id != first
