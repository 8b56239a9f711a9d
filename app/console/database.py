"""The database as commands open it, and the actor that they are on record as."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session
from typing_extensions import override

from app.access.caller import Caller
from app.access.write import Write
from app.console.saying import Refused
from app.db.engine import make_engine
from app.db.session import reading, writing
from app.domain.fact import Actor
from app.domain.policy import Role
from app.following import put_together
from app.http.health import what_is_missing
from app.settings import Settings

COMMAND_LINE = UUID("3f0d7c1e-5b86-4e0a-9c43-8a1f6d2b7e90")
"""The principal of the command line: no token, but whoever may reach the database."""


@dataclass(frozen=True, kw_only=True)
class Operator(Caller):
    """Whoever runs a command, for the organisation that the command names."""

    @property
    @override
    def actor(self) -> Actor:
        """The command line as the record names it."""
        assert self.organisation is not None
        return Actor(
            principal=COMMAND_LINE,
            holder="command line",
            organisation=self.organisation,
            role="operator",
        )


def write_for(db: Session, organisation: UUID) -> Write:
    """Give the write of a command on behalf of an organisation."""
    operator = Operator(
        principal=COMMAND_LINE,
        holder="command line",
        organisation=organisation,
        role=Role.ADMINISTRATOR,
    )
    return Write(db=db, caller=operator)


def sqlite_file(settings: Settings) -> Path | None:
    """Give the file of the embedded database; None where the database is a server."""
    url = make_url(settings.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """Open the database of this release.

    Raises:
        Refused: there is none, or it is not ready.
    """
    put_together()
    file = sqlite_file(settings)
    if file is not None and not file.exists():
        raise Refused(f"there is no database at {file}; run: passage migrate")
    engine = make_engine(settings.database_url, pool_size=2)
    try:
        if missing := what_is_missing(engine):
            raise Refused("; ".join(missing))
        yield engine
    finally:
        engine.dispose()


@contextmanager
def changing() -> Iterator[Session]:
    """Open a transaction that writes; it is committed at the end."""
    with opened(Settings()) as engine, writing(engine) as db:
        yield db


@contextmanager
def looking() -> Iterator[Session]:
    """Open a transaction that only reads."""
    with opened(Settings()) as engine, reading(engine) as db:
        yield db
