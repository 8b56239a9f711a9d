"""Bringing the schema up to date, and leaving on record that it was."""

from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.console.database import COMMAND_LINE
from app.db.revision import current_revision
from app.domain.fact import Actor, Fact, Subject
from app.following import put_together
from app.ledger import store as ledger
from app.settings import Settings

SCHEMA = UUID("6d0b5a1e-2c74-4f39-9b8e-1a7c3e5d9f02")
"""The subject of all changes of the schema."""
_NO_ORGANISATION = UUID(int=0)
_OPERATOR = Actor(
    principal=COMMAND_LINE,
    holder="command line",
    organisation=_NO_ORGANISATION,
    role="operator",
)


def bring_up_to_date(settings: Settings) -> None:
    """Bring the database to the newest revision; all of it or nothing, and safe to run again.

    A change leaves an event, in the same transaction.

    Raises:
        MigrationRefused: PostGIS or the application's role is missing and cannot be made here.
    """
    # Loaded where the schema is changed: it takes a sixth of the time that the service takes to start.
    from app.db.migrate import upgrade  # noqa: PLC0415

    put_together()
    upgrade(settings.migration_database_url, settings.database_url, then=_record)


def _record(connection: Connection, before: str | None) -> None:
    after = current_revision(connection)
    if after == before:
        return
    with Session(bind=connection) as db:
        held = ledger.lock(db, SCHEMA)
        at = ledger.moment(db) if held is None else max(held.held_at, held.recorded_at)
        fact = Fact(
            subject=Subject(kind="schema", id=SCHEMA, operation=None),
            kind="migrated",
            effective_at=at,
            actor=_OPERATOR,
            aspects={"revision": {"from": before, "to": after}},
        )
        ledger.append(db, fact, at=at, new=held is None)
        db.commit()  # with the migration itself: the transaction is not this session's own
