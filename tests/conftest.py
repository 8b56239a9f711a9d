"""Fixtures that all tests share, first of all `engine`: each test of storage runs on both."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine

from app.memory import spare_the_collector
from tests.databases import FOLDER, Database, lend, stock

_DIALECTS = ("sqlite", "postgresql")

hypothesis.settings.register_profile("passage", deadline=None, print_blob=True)
hypothesis.settings.load_profile("passage")


def pytest_configure(config: pytest.Config) -> None:
    """Let the first process of the session make the folder that all of them share."""
    if not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="passage-tests-"))
        folder.chmod(0o711)  # PostgreSQL runs in it under another account
        os.environ[FOLDER] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the session started."""
    if not hasattr(config, "workerinput"):
        stock().close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that kill servers in one process, one after another."""
    for item in items:
        if item.get_closest_marker("faults"):
            item.add_marker(pytest.mark.xdist_group("faults"))


def pytest_collection_finish() -> None:
    """Collect garbage as the service does, and never walk through thousands of tests for it."""
    spare_the_collector()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one loud line that half of the tests did not run."""
    if reason := stock().missing:
        terminalreporter.write_line(
            f"!!! POSTGRESQL WAS NOT TESTED: {reason}. Install postgresql-15-postgis-3 or set "
            "PASSAGE_TEST_POSTGRES_URL to the address of a superuser.",
            red=True,
            bold=True,
        )


@pytest.fixture(params=_DIALECTS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Lend a migrated database; `parametrize("database", ["sqlite"], indirect=True)` picks one."""
    with lend(request.param, tmp_path) as lent:
        yield lent


@pytest.fixture(params=_DIALECTS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Lend a database with no table; PostGIS is there already."""
    with lend(request.param, tmp_path, migrated=False) as lent:
        yield lent


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    """Open `database` as the application does."""
    opened = database.engine()
    yield opened
    opened.dispose()
