"""Two equal states of a database show the same data, whoever changes it and whenever one looks."""

from collections.abc import Iterator
from threading import Event
from typing import Any

import anyio
import pytest
from anyio.to_thread import run_sync
from sqlalchemy import Engine, text

from app.db.session import reading, writing
from app.db.state import State, States
from tests.databases import Database

_TRIES = 500
_ADD = text("INSERT INTO holds (number) VALUES (:number)")
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def owner(database: Database) -> Iterator[Engine]:
    """Lend an engine that may make tables, with one of a number."""
    engine = database.owner_engine()
    with writing(engine) as db:
        db.execute(text("CREATE TABLE holds (number INTEGER)"))
    yield engine
    engine.dispose()


@pytest.fixture
def states(owner: Engine) -> Iterator[States]:
    found = States(owner)
    yield found
    found.close()


def add(owner: Engine, number: int = 1) -> None:
    with writing(owner) as db:
        db.execute(_ADD, {"number": number})


async def test_a_state_lasts_while_nobody_writes(owner: Engine, states: States) -> None:
    """PostgreSQL's is that of all its databases, in which other tests write: a moment is enough."""
    with reading(owner) as db:
        for _ in range(_TRIES):
            first = await states.look()
            db.execute(text("SELECT * FROM holds"))
            if first is not None and [await states.look() for _ in range(3)] == [first] * 3:
                return
    pytest.fail("the state never lasted")


async def test_each_commit_ends_it_and_none_comes_back(owner: Engine, states: States) -> None:
    seen: list[State | None] = []
    for number in range(20):
        await run_sync(add, owner, number)
        seen.append(await states.look())
    assert None not in seen
    assert len(set(seen)) == len(seen)


async def test_an_open_change_ends_it_with_its_commit(owner: Engine, states: States) -> None:
    with writing(owner) as db:
        db.execute(_ADD, {"number": 1})
        before = await states.look()
    assert await states.look() != before


async def test_a_look_is_shared_only_by_those_who_came_before_it(
    owner: Engine, states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Any] = []
    looking, go_on = Event(), Event()
    look = states._look

    def slow() -> State | None:
        found = look()
        looks.append(found)
        looking.set()
        go_on.wait(10)
        return found

    monkeypatch.setattr(states, "_look", slow)
    found: dict[str, State | None] = {}

    async def ask(name: str) -> None:
        found[name] = await states.look()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask, "first")
        await run_sync(looking.wait, 10)
        await run_sync(add, owner)
        for name in ("second", "third", "fourth"):
            tasks.start_soon(ask, name)
        await anyio.sleep(0.05)
        go_on.set()
    assert found["first"] != found["second"]
    assert found["second"] == found["third"] == found["fourth"]
    assert len(looks) == 2


async def test_a_connection_that_was_lost_tells_nothing_and_another_is_made(
    states: States,
) -> None:
    before = await states.look()
    states._connection.close()
    assert await states.look() is None
    after = await states.look()
    assert before is not None
    assert after is not None
    assert after.connection != before.connection


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_standby_tells_nothing(states: States, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its snapshot leaves out who is still at work."""
    shadow = "CREATE FUNCTION pg_temp.recovers() RETURNS boolean LANGUAGE sql AS 'SELECT true'"
    assert await states.look() is not None
    states._connection.execute(shadow)
    asked = states._connection.execute

    def of_a_standby(statement: str) -> Any:
        return asked(statement.replace("pg_is_in_recovery()", "pg_temp.recovers()"))

    monkeypatch.setattr(
        states, "_connection", type("Standby", (), {"execute": staticmethod(of_a_standby)})
    )
    assert await states.look() is None
