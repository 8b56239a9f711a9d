"""Bringing the schema up to date, with Alembic as a library."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, exc, make_url, text

from app.db.engine import make_engine
from app.db.errors import MigrationRefused
from app.db.grants import grant
from app.db.revision import current_revision

MIGRATIONS = Path(__file__).parents[2] / "migrations"
_ONE_AT_A_TIME = 0x5AFE_9A55
Then: TypeAlias = Callable[[Connection, str | None], None]


def upgrade(
    migration_url: str,
    application_url: str | None = None,
    revision: str = "head",
    *,
    then: Then | None = None,
) -> None:
    """Bring the schema to `revision`, and give the application's role what it needs.

    Either all of it happens or nothing. Several at once wait for each other.

    Args:
        then: is called in the same transaction, with the revision that it had before.

    Raises:
        MigrationRefused: PostGIS or the application's role is missing and cannot be made here.
    """
    with _owner(migration_url) as connection:
        if connection.dialect.name == "postgresql":
            _ensure_postgis(connection)
        before = current_revision(connection)
        command.upgrade(_config(connection), revision)
        if then is not None:
            then(connection, before)
        if role := _other_role(connection, application_url):
            _grant(connection, role)


def downgrade(migration_url: str, revision: str) -> None:
    """Take the schema back to `revision`; `base` takes all of it away, with what it holds."""
    with _owner(migration_url) as connection:
        command.downgrade(_config(connection), revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _owner(url: str) -> Iterator[Connection]:
    """Connect as the owner of the tables, in one transaction, alone."""
    database = make_url(url).database
    if url.startswith("sqlite") and database:
        Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = make_engine(url, pool_size=1)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_foreign_keys)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
                connection.execute(text("SET LOCAL statement_timeout = 0"))
            yield connection
            if engine.dialect.name == "sqlite":
                _check_foreign_keys(connection)
    finally:
        engine.dispose()


def _without_foreign_keys(connection: Any, _: object) -> None:
    """Let tables that name each other be dropped; all keys are checked before the commit."""
    connection.execute("PRAGMA foreign_keys = OFF")


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise MigrationRefused(f"table {broken[0]} holds rows that name what does not exist")


def _ensure_postgis(connection: Connection) -> None:
    if connection.scalar(text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")):
        return
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION postgis"))
    except exc.DBAPIError as error:
        database = connection.engine.url.database
        raise MigrationRefused(
            f"database {database} has no PostGIS and this role may not create it. Install PostGIS "
            f"on the server, then have a superuser run CREATE EXTENSION postgis in {database}."
        ) from error


def _other_role(connection: Connection, application_url: str | None) -> str | None:
    if application_url is None or connection.dialect.name != "postgresql":
        return None
    role = make_url(application_url).username
    return None if role == connection.scalar(text("SELECT current_user")) else role


def _grant(connection: Connection, role: str) -> None:
    known = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    if not known:
        raise MigrationRefused(
            f"the application's role {role} does not exist. Have an administrator of the server "
            f"run CREATE ROLE {role} LOGIN, then migrate again."
        )
    grant(connection, role)
