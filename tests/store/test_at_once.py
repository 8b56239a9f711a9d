"""Brief work takes no thread; while it waits for the server others go on, and it is ended whole."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from threading import get_ident
from typing import Any

import anyio
import pytest
from anyio.to_thread import run_sync
from sqlalchemy import Engine, QueuePool, Text, cast, exc, func, select, text

from app.db import exchanges
from app.db.at_once import Waiting, aside, at_once
from app.db.session import reading, writing
from app.disclosure.asking import ask
from tests.databases import Database
from tests.store.test_exchanges import end_backends

COUNT = text("SELECT count(*) FROM event")
SHARED = text("SELECT pg_advisory_xact_lock_shared(17)")
ALONE = text("SELECT pg_advisory_xact_lock(17)")
IN_DRIVER = select(cast(func.pg_advisory_xact_lock_shared(17), Text).label("taken"))
PID = text("SELECT pg_backend_pid()")
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
pytestmark = pytest.mark.anyio
Ask = Callable[[], Any]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def asks(engine: Engine, statement: Any = COUNT) -> Ask:
    """Give work of one transaction that only reads."""

    def ask() -> Any:
        with reading(engine) as db:
            return db.scalar(statement)

    return ask


def connect(engine: Engine, count: int = 1) -> list[int]:
    """Leave connections in the pool that nobody uses, and tell which."""
    with ExitStack() as many:
        opened = [many.enter_context(reading(engine)) for _ in range(count)]
        return [db.scalar(PID) or 0 for db in opened]


async def test_it_is_done_by_the_loop_but_where_it_would_connect_first(engine: Engine) -> None:
    def ask() -> int:
        assert asks(engine)() == 0
        return get_ident()

    assert await at_once(engine, ask) != get_ident()  # nobody has connected yet
    assert await at_once(engine, ask) == get_ident()
    with reading(engine) as db:
        await run_sync(db.scalar, COUNT)
        assert await at_once(engine, ask) != get_ident()  # the one connection is taken


async def test_what_is_not_brief_is_done_aside(engine: Engine) -> None:
    await run_sync(asks(engine))
    with reading(engine) as db:

        def count() -> tuple[Any, int]:
            return db.scalar(COUNT), get_ident()

        def ask() -> tuple[Any, int]:
            assert db.scalar(COUNT) == 0
            return aside(count)

        await run_sync(db.scalar, COUNT)
        await run_sync(asks(engine))  # leaves a connection in the pool
        found, there = await at_once(engine, ask)
    assert (found, there != get_ident()) == (0, True)
    assert aside(get_ident) == get_ident()


async def test_what_it_raises_is_raised(engine: Engine) -> None:
    await run_sync(asks(engine))
    with pytest.raises(exc.DBAPIError):
        await at_once(engine, asks(engine, text("SELECT nothing FROM nowhere")))
    assert await at_once(engine, asks(engine)) == 0


@on_postgresql
async def test_while_it_waits_for_the_server_others_go_on(engine: Engine) -> None:
    """What it waits for is done by another piece of such work, which would never have its turn."""
    await run_sync(connect, engine, 3)
    told: list[str] = []

    async def wait() -> None:
        await at_once(engine, asks(engine, SHARED))
        told.append("waited")

    with writing(engine) as db:
        await run_sync(db.execute, ALONE)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.sleep(0.05)
            for _ in range(3):
                assert await at_once(engine, asks(engine)) == 0
            told.append("asked")
            await run_sync(db.rollback)
    assert told == ["asked", "waited"]


@on_postgresql
async def test_who_is_cancelled_waits_for_its_end(engine: Engine) -> None:
    pids = await run_sync(connect, engine, 2)
    ended: list[Any] = []

    def wait() -> None:
        ended.append(asks(engine, SHARED)())

    with writing(engine) as db:
        await run_sync(db.execute, ALONE)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(at_once, engine, wait)
            await anyio.sleep(0.05)
            tasks.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await run_sync(db.rollback)
    assert ended == [""]
    assert await at_once(engine, asks(engine, PID)) in pids


@on_postgresql
@pytest.mark.parametrize("point", ["begin", "statement", "ask", "end"])
async def test_what_is_ended_in_the_middle_leaves_no_connection_to_anybody(
    engine: Engine, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a loop ends its tasks when the service is stopped, wherever they are."""
    pids = await run_sync(connect, engine, 2)
    work = asks(engine, SHARED)
    if point == "ask":
        work = partial(in_driver, engine)
    elif point != "statement":
        name, words = f"_{point.upper()}", getattr(exchanges, f"_{point.upper()}")
        monkeypatch.setattr(exchanges, name, b"SELECT pg_sleep(20); " + words)
        work = asks(engine)
    with engine.connect() as other:
        await run_sync(other.execute, ALONE)
        used = {pid for pid in pids if pid != other.scalar(PID)}
        left = asyncio.ensure_future(at_once(engine, work))
        await anyio.sleep(0.1)
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
        await run_sync(other.rollback)
    monkeypatch.undo()
    assert pool_of(engine).checkedout() == 0
    found = {await at_once(engine, asks(engine, PID)) for _ in range(3)}
    found |= set(await run_sync(connect, engine, 2))
    assert found.isdisjoint(used)


def in_driver(engine: Engine) -> None:
    """Ask as features are asked for, past SQLAlchemy."""
    with reading(engine) as db:
        ask(db, IN_DRIVER, {})


def pool_of(engine: Engine) -> QueuePool:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool


@on_postgresql
async def test_waiting_takes_no_work(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver looks ten times a second whether it is interrupted, and not without end."""
    await run_sync(asks(engine))
    loop = asyncio.get_running_loop()
    add, added = loop.add_reader, []

    def count(*given: Any) -> None:
        added.append(given)
        add(*given)

    monkeypatch.setattr(loop, "add_reader", count)
    await at_once(engine, asks(engine, text("SELECT pg_sleep(0.5)::text")))
    assert 0 < len(added) < 50


@on_postgresql
async def test_it_gives_way_where_it_begins_too(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run_sync(connect, engine, 2)
    told: list[str] = []

    async def begin() -> None:
        await at_once(engine, asks(engine))
        told.append("begun")

    lock = b"; SELECT pg_advisory_xact_lock_shared(17); SELECT"
    begun = exchanges._BEGIN.replace(b"; SELECT", lock, 1)
    with engine.connect() as other:
        await run_sync(other.execute, ALONE)
        async with anyio.create_task_group() as tasks:
            with monkeypatch.context() as planted:
                planted.setattr(exchanges, "_BEGIN", begun)
                tasks.start_soon(begin)
                await anyio.sleep(0.05)
            told.append("went on")
            await run_sync(other.rollback)
    assert told == ["went on", "begun"]


@on_postgresql
async def test_connections_that_were_lost_unused_are_replaced(
    engine: Engine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many; a thread connects anew."""
    usual, threads = Waiting.connect, []

    def note(*given: Any, **more: Any) -> Any:
        threads.append(get_ident())
        return usual(*given, **more)

    monkeypatch.setattr(Waiting, "connect", note)
    for _ in range(2):
        pids = await run_sync(connect, engine, 4)
        await run_sync(end_backends, database, pids)
        threads.clear()
        for _ in range(6):
            assert await at_once(engine, asks(engine)) == 0
        assert threads
        assert get_ident() not in threads


@on_postgresql
async def test_what_the_server_refuses_at_the_beginning_is_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run_sync(asks(engine))
    with monkeypatch.context() as planted:
        planted.setattr(exchanges, "_BEGIN", b"BEGIN; SELECT 1 / 0")
        with pytest.raises(exc.DataError):
            await at_once(engine, asks(engine))
    assert await at_once(engine, asks(engine)) == 0
