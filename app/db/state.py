"""Which state a database is in, so that what was found in one state need not be found again in it."""

from typing import Any, NamedTuple

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Engine, exc

_LOOK = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT pg_current_snapshot()::text, pg_postmaster_start_time()::text "
    "WHERE NOT pg_is_in_recovery()",
}
"""What another commit changes for certain: of SQLite a count that it keeps for each connection, of
PostgreSQL which transactions have ended. A standby's snapshot does not tell all of them."""


class State(NamedTuple):
    """A state of the data. Two that are equal show the same, and none comes back once it is left.

    Attributes:
        connection: through which it was seen; what two of them tell is not compared.
        told: by the database.
    """

    connection: int
    told: tuple[Any, ...]


class States:
    """Looks at the state, for all that ask at the same time at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None
        self._connections = 0
        self._turn = anyio.Lock()
        self._looks = 0
        self._found: State | None = None

    async def look(self) -> State | None:
        """Give a state that was there after this was called; None where it cannot be told.

        Whatever was committed before is in it.
        """
        came = self._looks
        async with self._turn:
            if self._looks == came:  # else somebody has begun to look since then, and has ended
                self._looks += 1
                self._found = None
                self._found = await run_sync(self._look)
            return self._found

    def close(self) -> None:
        """Let the connection go."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _look(self) -> State | None:
        try:
            connection = self._connection or self._connect()
            found = connection.execute(_LOOK[self._engine.dialect.name]).fetchone()
        except (self._engine.dialect.loaded_dbapi.Error, exc.SQLAlchemyError):
            self.close()
            return None
        return None if found is None else State(self._connections, tuple(found))

    def _connect(self) -> Any:
        """Connect anew, beside the pool: a connection that lives on keeps nobody from reading."""
        lent = self._engine.raw_connection()
        lent.detach()
        self._connection, self._connections = lent.dbapi_connection, self._connections + 1
        if self._engine.dialect.name == "postgresql":
            self._connection.autocommit = True
        return self._connection
