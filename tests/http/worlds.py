"""The worlds of this process: one a database, since every test makes what it needs in it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.databases import Stock, untested
from tests.http.world import World, given_world
from tests.postgres import NoPostgres


class Worlds:
    """Worlds by database and name, each made when it is first needed."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        """Keep the databases of SQLite in `folders`."""
        self._folders = folders
        self._made: dict[tuple[str, str], World] = {}
        self._stack = ExitStack()

    def get(self, dialect: str, name: str, *, empty: bool = False, signs: bool = False) -> World:
        """Give the world of this name on this kind of database."""
        key = (dialect, name)
        if key not in self._made:
            folder = self._folders.mktemp(f"{dialect}-{name}")
            stock = Stock(Path(os.environ["PASSAGE_TEST_FOLDER"]))
            database = self._stack.enter_context(stock.database(dialect, folder))
            self._made[key] = self._stack.enter_context(
                given_world(database, folder, empty=empty, signs=signs)
            )
        return self._made[key]

    def lend_empty(self, dialect: str, name: str) -> World:
        """Give one without organisations, operations and tokens to a test."""
        return self.lend(dialect, name, empty=True)

    def lend(
        self, dialect: str, name: str = "common", *, empty: bool = False, signs: bool = False
    ) -> World:
        """Give it to a test, which is skipped where there is no PostgreSQL."""
        try:
            return self.get(dialect, name, empty=empty, signs=signs)
        except NoPostgres as error:
            untested(error)

    def close(self) -> None:
        """End them all."""
        self._stack.close()


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Keep the worlds of this process."""
    made = Worlds(tmp_path_factory)
    yield made
    made.close()


@pytest.fixture(params=("sqlite", "postgresql"))
def world(request: pytest.FixtureRequest, worlds: Worlds) -> World:
    """Lend the world that tests share, each making what it needs, or one that signs the log."""
    if request.node.get_closest_marker("signs"):
        return worlds.lend(request.param, "signing", signs=True)
    return worlds.lend(request.param)
