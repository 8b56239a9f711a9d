"""Two equal states of a database show the same data, whoever changes it and whenever one looks."""

from collections.abc import Iterator
from threading import Event
from typing import Any

import anyio
import pytest
from anyio.to_thread import run_sync
from sqlalchemy import Engine, text

from app.db import state
from app.db.session import reading, writing
from app.db.state import State, States

_TRIES = 500
_ADD = text("INSERT INTO holds (number) VALUES (:number)")
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


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

    def slow(*link: Any) -> Any:
        found = look(*link)
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
    states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await states.look()
    assert states._link is not None
    states._link.connection.close()
    assert await states.look() is None
    assert await states.look() is None  # for a while it is not tried
    monkeypatch.setattr(states, "_not_before", 0.0)
    after = await states.look()
    assert before is not None
    assert after is not None
    assert after.connection != before.connection


async def test_nobody_waits_for_a_look_that_hangs(
    states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, go_on = states._look, Event()

    def hanging(*link: Any) -> Any:
        go_on.wait(30)
        return look(*link)

    monkeypatch.setattr(states, "_look", hanging)
    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(states.look)
        assert await states.look() is None
    go_on.set()
    monkeypatch.setattr(states, "_look", look)
    monkeypatch.setattr(states, "_not_before", 0.0)
    assert await states.look() is not None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_standby_tells_nothing(states: States, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its snapshot leaves out who is still at work."""
    assert await states.look() is not None
    assert states._link is not None
    told = "CREATE FUNCTION pg_temp.recovers() RETURNS boolean LANGUAGE sql AS 'SELECT true'"
    states._link.connection.execute(told)
    asked = state.LOOK["postgresql"].replace("pg_is_in_recovery()", "pg_temp.recovers()")
    monkeypatch.setitem(state.LOOK, "postgresql", asked)
    assert await states.look() is None
