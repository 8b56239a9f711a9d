"""Databases for tests: migrated once a session, then copied for each test."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine

from app.db.engine import make_engine
from app.db.migrate import upgrade
from app.settings import with_driver
from tests.postgres import Cluster, NoPostgres, make_cluster, with_database, with_role

FOLDER = "PASSAGE_TEST_FOLDER"
"""The setting that names the folder which the processes of a session share."""


def untested(error: NoPostgres) -> NoReturn:
    """Skip a test that needs PostgreSQL and say why; where CI is true it fails instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must test PostgreSQL too: {error}", pytrace=False)
    pytest.skip(f"PostgreSQL was not tested: {error}")


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database and its two doors: `url` for the application, `migration_url` for the owner."""

    dialect: str
    url: str
    migration_url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a console command needs in its environment to work on this database."""
        return {
            "PASSAGE_DATABASE_URL": self.url,
            "PASSAGE_MIGRATION_DATABASE_URL": self.migration_url,
        }

    def engine(self) -> Engine:
        """Open it as the application does."""
        return make_engine(with_driver(self.url), pool_size=16)

    def owner_engine(self) -> Engine:
        """Open it as the owner of the tables does."""
        return make_engine(with_driver(self.migration_url), pool_size=4)

    def migrate(self) -> None:
        """Bring its schema up to date, as the owner."""
        upgrade(with_driver(self.migration_url), with_driver(self.url))


@dataclass(frozen=True, kw_only=True)
class Server:
    """A PostgreSQL server with a role that owns, a role that serves, and databases to copy.

    Its names are its own, so that several test sessions may share one server.
    """

    admin_url: str
    name: str
    password: str

    @property
    def owner(self) -> str:
        """The role that owns the tables."""
        return f"{self.name}_owner"

    @property
    def application(self) -> str:
        """The role of the service."""
        return f"{self.name}_app"

    def prepare(self) -> None:
        """Make the roles, a database with PostGIS and nothing else, and a migrated one.

        Raises:
            NoPostgres: the server has no PostGIS to offer.
        """
        for role in (self.owner, self.application):
            self._run(
                "CREATE ROLE {} LOGIN NOSUPERUSER PASSWORD {}",
                sql.Identifier(role),
                sql.Literal(self.password),
            )
        self._copy("template1", f"{self.name}_empty")
        try:
            self._run("CREATE EXTENSION postgis", database=f"{self.name}_empty")
        except psycopg.errors.FeatureNotSupported as error:
            raise NoPostgres("PostgreSQL was found, but without PostGIS") from error
        self._copy(f"{self.name}_empty", f"{self.name}_migrated")
        self.migrated.migrate()

    @property
    def migrated(self) -> Database:
        """The migrated database that others are copied from."""
        return self._at(f"{self.name}_migrated")

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[Database]:
        """Lend a database of one's own, with the schema of this release or with none."""
        with self._copied(f"{self.name}_{'migrated' if migrated else 'empty'}") as database:
            yield database

    @contextmanager
    def copy(self, database: Database) -> Iterator[Database]:
        """Lend a copy of a database that nobody is connected to."""
        with self._copied(urlsplit(database.url).path.lstrip("/")) as copied:
            yield copied

    @contextmanager
    def _copied(self, template: str) -> Iterator[Database]:
        name = f"{self.name}_{secrets.token_hex(4)}"
        self._copy(template, name)
        try:
            yield self._at(name)
        finally:
            self._drop(name)

    def take_down(self) -> None:
        """Leave the server as it was found."""
        for kind in ("migrated", "empty"):
            self._drop(f"{self.name}_{kind}")
        for role in (self.application, self.owner):
            self._run("DROP ROLE IF EXISTS {}", sql.Identifier(role))

    def _at(self, database: str) -> Database:
        place = with_database(self.admin_url, database)
        return Database(
            dialect="postgresql",
            url=with_role(place, self.application, self.password),
            migration_url=with_role(place, self.owner, self.password),
        )

    def _copy(self, template: str, name: str) -> None:
        self._run(
            "CREATE DATABASE {} OWNER {} TEMPLATE {}",
            sql.Identifier(name),
            sql.Identifier(self.owner),
            sql.Identifier(template),
        )

    def _drop(self, name: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", sql.Identifier(name))

    def _run(self, statement: str, *parts: sql.Composable, database: str | None = None) -> None:
        url = with_database(self.admin_url, database) if database else self.admin_url
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*parts))


def make_server(admin_url: str) -> Server:
    """Make roles and databases to copy on the server whose superuser signs in at `admin_url`."""
    server = Server(
        admin_url=admin_url,
        name=f"passage_{secrets.token_hex(3)}",
        password=secrets.token_urlsafe(24),
    )
    server.prepare()
    return server


class Stock:
    """What the processes of one test session share, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which must exist."""
        self.folder = folder

    @contextmanager
    def database(self, dialect: str, folder: Path, *, migrated: bool = True) -> Iterator[Database]:
        """Lend a database of one's own; SQLite keeps it in `folder`.

        Raises:
            NoPostgres: there is no server with PostGIS here.
        """
        if dialect == "postgresql":
            with self._server().database(migrated=migrated) as database:
                yield database
        else:
            yield self._sqlite(folder / "passage.sqlite", migrated=migrated)

    @contextmanager
    def copy(self, database: Database, folder: Path) -> Iterator[Database]:
        """Lend a copy of a database that nobody is connected to; SQLite keeps it in `folder`."""
        if database.dialect == "postgresql":
            with self._server().copy(database) as copied:
                yield copied
        else:
            path = folder / f"{secrets.token_hex(4)}.sqlite"
            shutil.copyfile(urlsplit(database.url).path.removeprefix("/"), path)
            yield _at_path(path)

    @property
    def missing(self) -> str | None:
        """Why the tests on PostgreSQL did not run, if one of them asked for it in vain."""
        note = self.folder / "no-postgres"
        return note.read_text() if note.exists() else None

    def close(self) -> None:
        """End what the session started."""
        for kept in self.folder.glob("server.json"):
            server = Server(**json.loads(kept.read_text()))
            server.take_down()
        for kept in self.folder.glob("cluster.json"):
            Cluster(**json.loads(kept.read_text())).stop()
        shutil.rmtree(self.folder)

    def _sqlite(self, path: Path, *, migrated: bool) -> Database:
        if migrated:
            template = self.folder / "template.sqlite"
            with self._alone():
                if not template.exists():
                    draft = self.folder / "draft.sqlite"
                    _at_path(draft).migrate()
                    draft.rename(template)
            shutil.copyfile(template, path)
        return _at_path(path)

    def _server(self) -> Server:
        with self._alone():
            if self.missing:
                raise NoPostgres(self.missing)
            try:
                found = self._kept("server", lambda: asdict(make_server(self.admin_url())))
            except NoPostgres as error:
                (self.folder / "no-postgres").write_text(str(error))
                raise
        return Server(**found)

    def admin_url(self) -> str:
        """Give a superuser's way into the server."""
        if given := os.environ.get("PASSAGE_TEST_POSTGRES_URL"):
            return given
        own = self._kept("cluster", lambda: asdict(make_cluster(self.folder / "cluster")))
        return Cluster(**own).url

    def _kept(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Give what an earlier process of this session made, or make it and leave it for others."""
        path = self.folder / f"{name}.json"
        if not path.exists():
            made = make()
            path.touch(mode=0o600)
            path.write_text(json.dumps(made))
        found: dict[str, Any] = json.loads(path.read_text())
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def stock() -> Stock:
    """Give what the processes of this session share."""
    return Stock(Path(os.environ[FOLDER]))


@contextmanager
def lend(dialect: str, folder: Path, *, migrated: bool = True) -> Iterator[Database]:
    """Lend a database of one's own to a test, which is skipped where there is no PostgreSQL."""
    with ExitStack() as stack:
        try:
            database = stack.enter_context(stock().database(dialect, folder, migrated=migrated))
        except NoPostgres as error:
            untested(error)
        yield database


def _at_path(path: Path) -> Database:
    url = f"sqlite:///{path}"
    return Database(dialect="sqlite", url=url, migration_url=url)
