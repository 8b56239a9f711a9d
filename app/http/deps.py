"""What routes ask for by type: the session, times, pages, ids of the path."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends, Path, Query
from pydantic import BeforeValidator
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.requests import Request

from app.db.errors import DatabaseUnavailable
from app.db.session import reading, writing
from app.http.found import found, refused
from app.http.paging import PageWish, read_cursor
from app.http.schema import IdIn, InstantIn
from app.http.transaction import Transaction, keep

AS_OF = "the state that held at this time, RFC 3339 with a zone; default now"
KNOWN_AT = "as the record stood at this time, RFC 3339 with a zone; default now"
USUAL_PAGE = 100
MAX_PAGE = 1000
_PATIENCE_S = 20.0
"""How long a request waits for its turn at the database."""


class Pace(Enum):
    """How long a request takes.

    Attributes:
        BRIEF: some milliseconds, and seldom more.
        HEAVY: some tenths of a second of work in our own threads, and tens of megabytes.
    """

    BRIEF = auto()
    USUAL = auto()
    HEAVY = auto()


_MOST_AT_ONCE = {Pace.BRIEF: 3, Pace.HEAVY: 1}
"""Of SQLite; more of them are not answered sooner."""


class Gates:
    """How many requests may hold a session at once; those that wait hold no thread.

    Without them every worker thread could hold a request that waits for a connection, and none
    would be left to end the requests that have one. Slow readers leave a quarter of them to
    writers, so that no stop waits for a list; one connection is left to the look at readiness.

    SQLite works in our own threads, and where many of them read at once they take longer to make way
    for each other than to read. So what is brief waits for its turn there, and what is heavy, which
    takes much memory too; nothing else waits with either.
    """

    def __init__(self, engine: Engine, pool_size: int) -> None:
        most = max(1, pool_size - 1)
        readers = max(1, most - (most + 3) // 4)
        embedded = engine.dialect.name == "sqlite"
        self._all = anyio.Semaphore(most, fast_acquire=True)
        self._readers = anyio.Semaphore(readers, fast_acquire=True)
        self._writers = anyio.Semaphore(1 if embedded else most, fast_acquire=True)
        self._paces = {
            pace: anyio.Semaphore(min(most, readers) if embedded else readers, fast_acquire=True)
            for pace, most in _MOST_AT_ONCE.items()
        }

    @asynccontextmanager
    async def through(self, *, reads: bool, pace: Pace = Pace.USUAL) -> AsyncIterator[None]:
        """Hold the place of one request."""
        its = self._readers if reads else self._writers
        async with self._paces.get(pace, nullcontext()), its, self._all:
            yield

    @asynccontextmanager
    async def turn(self, *, reads: bool, pace: Pace = Pace.USUAL) -> AsyncIterator[None]:
        """Hold the place of one request, for which it waits some seconds at most.

        Raises:
            DatabaseUnavailable: it would have to wait longer.
        """
        gate = self.through(reads=reads, pace=pace)
        with anyio.move_on_after(_PATIENCE_S) as waiting:
            await gate.__aenter__()
        if waiting.cancelled_caught:
            raise DatabaseUnavailable("too many requests are waiting for the database")
        try:
            yield
        finally:
            await gate.__aexit__(None, None, None)


@asynccontextmanager
async def in_transaction(request: Request, *, pace: Pace = Pace.USUAL) -> AsyncIterator[Session]:
    """Open the transaction of this request, and commit it before the answer is sent."""
    state = request.app.state
    reads = request.method in {"GET", "HEAD"}
    async with state.gates.turn(reads=reads, pace=pace):
        transaction = Transaction((reading if reads else writing)(state.engine))
        keep(request, transaction)
        try:
            yield transaction.session
        except BaseException as error:
            await _end(transaction, error)
            raise
        await _end(transaction)


async def db(request: Request) -> AsyncIterator[Session]:
    async with in_transaction(request) as session:
        yield session


async def _end(transaction: Transaction, error: BaseException | None = None) -> None:
    """End it, where the endpoint has not, whatever becomes of the connection to the client."""
    if transaction.is_open:
        with anyio.CancelScope(shield=True):
            await run_sync(transaction.end, error)


Db = Annotated[Session, Depends(db, scope="function")]
"""The session of this request; services never commit it."""

PathId = Annotated[IdIn, Path()]
"""An id of the path; what is no UUID is not found."""


@dataclass(frozen=True, kw_only=True)
class AskedTimes:
    """When it was so, and by when it was known; None means now."""

    as_of: datetime | None = None
    known_at: datetime | None = None


async def _times(
    as_of: Annotated[InstantIn | None, Query(description=AS_OF)] = None,
    known_at: Annotated[InstantIn | None, Query(description=KNOWN_AT)] = None,
) -> AskedTimes:
    return AskedTimes(as_of=as_of, known_at=known_at)


Times = Annotated[AskedTimes, Depends(_times)]
"""The two clocks of a question, `?as_of=` and `?known_at=`."""


def _read_limit(value: Any) -> int:
    if isinstance(value, int):
        return value
    if not re.fullmatch("[0-9]{1,4}", str(value)) or not 1 <= int(value) <= MAX_PAGE:
        raise refused(f"found {found(value)}, expected a whole number from 1 to {MAX_PAGE}")
    return int(value)


async def _page(
    limit: Annotated[
        int,
        BeforeValidator(_read_limit),
        Query(
            description="items on a page",
            json_schema_extra={"minimum": 1, "maximum": MAX_PAGE},
        ),
    ] = USUAL_PAGE,
    cursor: Annotated[str | None, Query(description="from `next` of the page before")] = None,
) -> PageWish:
    return PageWish(limit=limit, after=read_cursor(cursor) if cursor else None)


Page = Annotated[PageWish, Depends(_page)]
"""Which page of a list, `?limit=` and `?cursor=`."""


async def present() -> datetime:
    """Tell what time it is."""
    return datetime.now(UTC)


Now = Annotated[datetime, Depends(present)]
"""The present instant, for readings; what is recorded takes the database's clock."""
