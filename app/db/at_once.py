"""Brief work done where the loop runs, without a thread: while the server works, others go on.

Threads of Python make way for each other far more slowly than a single feature is found. So what is
brief is done by the thread of the loop itself, in a greenlet: wherever it would wait for PostgreSQL
it gives way, and goes on with the answer. SQLite answers in our own thread anyway, and waits for
nothing but the disk.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import anyio
import psycopg
from anyio.to_thread import run_sync
from psycopg import generators, waiting
from psycopg.abc import PQGen
from psycopg.pq.abc import PGresult
from sqlalchemy import Engine, QueuePool
from sqlalchemy.util.concurrency import await_, greenlet_spawn, in_greenlet
from typing_extensions import override

Done = TypeVar("Done")
_CHECKED_EVERY_S = 0.1


async def at_once(engine: Engine, work: Callable[..., Done], *given: Any) -> Done:
    """Do brief work, in a thread only where it would have to wait for a connection first.

    Whoever is cancelled meanwhile waits for its end, as for that of a thread.
    """
    pool = engine.pool
    if not isinstance(pool, QueuePool) or not pool.checkedin():
        return await run_sync(work, *given)
    with anyio.CancelScope(shield=True):
        done: Done = await greenlet_spawn(work, *given)
    return done


def aside(work: Callable[[], Done]) -> Done:
    """Do a part of brief work that is not brief in a thread, while the loop goes on."""
    return await_(run_sync(work)) if in_greenlet() else work()


class Waiting(psycopg.Connection[Any]):
    """A connection that lets the loop go on while brief work waits for the server."""

    @classmethod
    def made(cls, *given: Any, **more: Any) -> "Waiting":
        """Connect; for that a thread waits."""
        return aside(partial(cls.connect, *given, **more))

    @override
    def wait(
        self, gen: PQGen[Done], interval: float = _CHECKED_EVERY_S, timeout: float | None = None
    ) -> Done:
        if not in_greenlet():
            return super().wait(gen, interval, timeout)
        return await_(waiting.wait_async(gen, self.pgconn.socket, interval, timeout))

    def exchange(self, words: bytes) -> PGresult:
        """Send words past all that the driver keeps account of; give what the last of them brought."""
        if not in_greenlet():
            return self.pgconn.exec_(words)
        self.pgconn.send_query(words)
        brought: list[PGresult] = self.wait(generators.execute(self.pgconn))
        return brought[-1]
