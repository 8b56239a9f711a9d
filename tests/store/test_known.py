"""What is known of a state is recalled in that state alone, by whatever connection and whoever writes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from app.db import known as module
from app.db.known import known
from app.db.session import reading, writing
from tests.databases import Database

_TRIES = 500
_ADD = text("INSERT INTO holds (number) VALUES (1)")
_COUNT = text("SELECT count(*) FROM holds")


@pytest.fixture
def other(database: Database) -> Iterator[Engine]:
    """Lend an engine of other connections."""
    engine = database.owner_engine()
    yield engine
    engine.dispose()


def add(engine: Engine) -> None:
    with writing(engine) as db:
        db.execute(_ADD)


def note(engine: Engine) -> None:
    with reading(engine) as db:
        known(db)["noted"] = True


def recalls(engine: Engine) -> bool:
    with reading(engine) as db:
        return "noted" in known(db)


def test_it_is_recalled_while_nobody_writes(owner: Engine) -> None:
    """PostgreSQL's state is that of all its databases, in which other tests write: once is enough."""
    for _ in range(_TRIES):
        note(owner)
        if recalls(owner) and recalls(owner):
            return
    pytest.fail("it was never recalled")


def test_a_commit_of_another_connection_ends_it(owner: Engine, other: Engine) -> None:
    for _ in range(20):
        note(owner)
        add(other)
        assert not recalls(owner)


def test_a_commit_of_the_same_connection_ends_it(owner: Engine) -> None:
    """SQLite's own count passes over these."""
    for _ in range(20):
        note(owner)
        add(owner)
        assert not recalls(owner)


def test_what_is_recalled_is_of_the_snapshot_that_is_read(owner: Engine, other: Engine) -> None:
    with reading(owner) as db:
        there = known(db)
        add(other)
        assert db.execute(_COUNT).scalar_one() == 0
        there["noted"] = True
        assert known(db) is there
    assert not recalls(owner)


def test_the_next_transaction_of_a_session_looks_anew(owner: Engine, other: Engine) -> None:
    with reading(owner) as db:
        known(db)["noted"] = True
        db.commit()
        add(other)
        assert "noted" not in known(db)


def test_who_may_write_recalls_nothing(owner: Engine) -> None:
    note(owner)
    with writing(owner) as db:
        known(db)["noted"] = True
        assert "noted" not in known(db)


def test_where_no_state_is_told_nothing_is_recalled(
    owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_state", lambda _: None)
    note(owner)
    assert not recalls(owner)


def test_it_stays_small(owner: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_state", lambda _: ("calm",))
    with reading(owner) as db:
        there = known(db)
        there.update(dict.fromkeys(range(module._MOST + 1), True))
    with reading(owner) as db:
        assert not known(db)
