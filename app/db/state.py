"""Which state a database is in, so that what was found in one state need not be found again in it."""

from functools import partial
from itertools import count
from threading import Event
from time import monotonic
from typing import Any, NamedTuple

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Engine, exc

LOOK = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT pg_current_snapshot()::text, pg_postmaster_start_time()::text "
    "WHERE NOT pg_is_in_recovery()",
}
"""What another commit changes for certain: of SQLite a count that it keeps for each connection, of
PostgreSQL which transactions have ended. A standby's snapshot does not tell all of them."""

Told = tuple[Any, ...]
"""What a database tells of its state."""

_PATIENCE_S = 1.0
"""So long a look may take; and so long after one that failed, or hangs, none is taken."""


class State(NamedTuple):
    """A state of the data. Two that are equal show the same, and none comes back once it is left.

    Attributes:
        connection: through which it was seen; what two of them tell is not compared.
        told: by the database.
    """

    connection: int
    told: Told


class _Link(NamedTuple):
    """A connection that looks go by, and its number."""

    connection: Any
    number: int


class States:
    """Looks at the state, for all that ask at the same time at once."""

    def __init__(self, engine: Engine) -> None:
        """Make it.

        Args:
            engine: of its own; whoever waits for a connection to read by keeps no look waiting.
        """
        self._engine = engine
        self._link: _Link | None = None
        self._numbers = count(1)
        self._turn = anyio.Lock()
        self._looks = 0
        self._found: State | None = None
        self._not_before = 0.0

    async def look(self) -> State | None:
        """Give a state that was there after this was called; None where it cannot be told soon.

        Whatever was committed before is in it.
        """
        came = self._looks
        with anyio.move_on_after(_PATIENCE_S):
            async with self._turn:
                if self._looks == came:  # else a look began since then, and has ended
                    self._looks += 1
                    await self._look_anew()
                return self._found
        return None

    async def _look_anew(self) -> None:
        self._found = None
        if monotonic() < self._not_before:
            return
        link, self._link = self._link, None  # of one that hangs nobody waits for the end
        self._not_before = monotonic() + _PATIENCE_S
        hangs = Event()
        try:
            look = partial(self._look, link, hangs)
            self._link, self._found = await run_sync(look, abandon_on_cancel=True)
        except anyio.get_cancelled_exc_class():
            hangs.set()
            raise
        if self._link is not None:
            self._not_before = 0.0

    def close(self) -> None:
        """Let the connection go."""
        if self._link is not None:
            self._link.connection.close()
        self._engine.dispose()

    def _look(self, link: _Link | None, hangs: Event) -> tuple[_Link | None, State | None]:
        try:
            link = link or self._connect()
            found = link.connection.execute(LOOK[self._engine.dialect.name]).fetchone()
        except (self._engine.dialect.loaded_dbapi.Error, exc.SQLAlchemyError):
            if link is not None:
                link.connection.close()
            return None, None
        if hangs.is_set():
            link.connection.close()
        return link, None if found is None else State(link.number, tuple(found))

    def _connect(self) -> _Link:
        lent = self._engine.raw_connection()
        lent.detach()
        connection: Any = lent.dbapi_connection
        if self._engine.dialect.name == "postgresql":
            connection.autocommit = True
        return _Link(connection, next(self._numbers))
