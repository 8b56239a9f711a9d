"""The service with all its features, for tests of these."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.ogc.kept import Kept
from tests.databases import Database
from tests.http.mariupol import Service, given_service
from tests.http.worlds import world as world
from tests.http.worlds import worlds as worlds


@pytest.fixture
def service(database: Database, engine: Engine, tmp_path: Path) -> Iterator[Service]:
    """Run the whole service with the organisations and callers of the Mariupol case."""
    with given_service(database, engine, tmp_path) as running:
        yield running


@pytest.fixture
def made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each answer of `/ogc` be made anew, and none be kept: it would hide what a test changes."""
    monkeypatch.setattr(Kept, "get", lambda *_: None)
    monkeypatch.setattr(Kept, "keep", lambda _, __, answer: answer)
