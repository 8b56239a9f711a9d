"""Is the database such that this release may serve from it?"""

from time import monotonic

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from app.db.engine import READ_ONLY
from app.db.guards import missing_guards, unsafe_settings
from app.db.revision import HEAD, current_revision

_FRESH_S = 1.0


class Readiness:
    """What keeps the service from serving, looked up once a second at most, by one at a time.

    Anybody may ask: however many do, they hold one connection and one thread.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(**{READ_ONLY: True})
        self._turn = anyio.Lock()
        self._missing: list[str] = []
        self._until = 0.0

    async def missing(self) -> list[str]:
        """List it in sentences, as it was a second ago or later; empty where all is well."""
        async with self._turn:
            if monotonic() >= self._until:
                self._missing = await run_sync(self._look)
                self._until = monotonic() + _FRESH_S
            return self._missing

    def _look(self) -> list[str]:
        try:
            return what_is_missing(self._engine)
        except SQLAlchemyError:
            return ["the database does not answer"]


def what_is_missing(engine: Engine) -> list[str]:
    """List, in sentences, what keeps the service from serving; empty where all is well."""
    with engine.connect() as connection:
        wrong = _schema(connection) or [
            f"the guard {name} is missing or altered; run passage migrate"
            for name in missing_guards(connection)
        ]
        connection.rollback()
    return wrong + what_is_unsafe(engine)


def what_is_unsafe(engine: Engine) -> list[str]:
    """List the settings under which an acknowledged change may be lost."""
    with engine.connect() as connection:
        found = unsafe_settings(connection)
        connection.rollback()
    return [f"the database setting {name} is unsafe; turn it on" for name in found]


def _schema(connection: Connection) -> list[str]:
    current = current_revision(connection)
    if current == HEAD:
        return []
    return [f"the schema is at revision {current}, expected {HEAD}; run passage migrate"]


def one_role(database_url: str, migration_database_url: str) -> bool:
    """Tell whether the service serves as the role that owns the tables (PostgreSQL)."""
    app, owner = make_url(database_url), make_url(migration_database_url)
    return app.get_backend_name() == "postgresql" and app.username == owner.username
