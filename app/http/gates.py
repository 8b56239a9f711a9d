"""How many requests work at the database at once, and which of them wait for each other."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import Enum, auto

import anyio
from sqlalchemy import Engine

from app.db.errors import DatabaseUnavailable


class Pace(Enum):
    """How long a request takes.

    Attributes:
        AT_ONCE: about half a millisecond of ours, so that a thread for it takes as long again.
        BRIEF: some milliseconds, and seldom more.
        HEAVY: some tenths of a second of work in our own threads, and tens of megabytes.
    """

    AT_ONCE = auto()
    BRIEF = auto()
    USUAL = auto()
    HEAVY = auto()


_PATIENCE_S = {pace: 60.0 if pace is Pace.HEAVY else 20.0 for pace in Pace}
"""How long a request waits for its turn at the database: where each takes long, longer."""
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
    async def turn(self, *, reads: bool, pace: Pace = Pace.USUAL) -> AsyncIterator[None]:
        """Hold the place of one request, for which it waits some seconds at most.

        Raises:
            DatabaseUnavailable: it would have to wait longer.
        """
        places = self._places(reads, pace)
        if not _at_once(places):
            await _patiently(places, _PATIENCE_S[pace])
        try:
            yield
        finally:
            _leave(places)

    def _places(self, reads: bool, pace: Pace) -> Sequence[anyio.Semaphore]:
        """Give what a request holds, in the order in which it waits for it."""
        its = self._readers if reads else self._writers
        paced = self._paces.get(pace)
        return (its, self._all) if paced is None else (paced, its, self._all)


def _at_once(places: Sequence[anyio.Semaphore]) -> bool:
    """Take all places if each of them is free, else none."""
    for number, place in enumerate(places):
        try:
            place.acquire_nowait()
        except anyio.WouldBlock:
            _leave(places[:number])
            return False
    return True


async def _patiently(places: Sequence[anyio.Semaphore], patience_s: float) -> None:
    taken: list[anyio.Semaphore] = []
    try:
        with anyio.fail_after(patience_s):
            for place in places:
                await place.acquire()
                taken.append(place)
    except BaseException as error:
        _leave(taken)
        if isinstance(error, TimeoutError):
            waiting = "more requests wait for the database than it can answer soon"
            raise DatabaseUnavailable(waiting) from error
        raise


def _leave(places: Sequence[anyio.Semaphore]) -> None:
    for place in reversed(places):
        place.release()
