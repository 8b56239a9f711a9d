"""A table that whoever owns the database may change at will."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from app.db.session import writing
from tests.databases import Database


@pytest.fixture
def owner(database: Database) -> Iterator[Engine]:
    """Lend an engine that may make tables, with one of a number."""
    engine = database.owner_engine()
    with writing(engine) as db:
        db.execute(text("CREATE TABLE holds (number INTEGER)"))
    yield engine
    engine.dispose()
