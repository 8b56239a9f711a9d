"""Giving each event its index in the log.

In SQLite that happens in the transaction of the event, by a follower of the ledger. In PostgreSQL a
trigger puts it into the outbox, and whoever gets the lock empties the outbox.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from app.db.any_of import any_of
from app.domain.fact import Event
from app.ledger.tables import EventRow
from app.log import tree
from app.log.tables import LogEntryRow, LogOutboxRow

BATCH = 1000
_LOCK = 0x5AFE_10C0
_event = EventRow.__table__
_outbox = LogOutboxRow.__table__
_entry = LogEntryRow.__table__

_WAITING = (
    select(_event.c.id, _event.c.record, tree.SIZE.label("first"))
    .join(_outbox, _outbox.c.event_id == _event.c.id)
    # One subject's events in their order; between subjects any order would do.
    .order_by(_event.c.recorded_at, _event.c.sequence, _event.c.id)
    .limit(BATCH)
)
_RECORDS = select(_event.c.id, _event.c.record, tree.SIZE.label("first")).where(
    any_of(_event.c.id, "events")
)


def follow(db: Session, events: Sequence[Event]) -> None:
    """Give events their indexes at once, where whoever writes is alone (SQLite)."""
    if not events or db.get_bind().dialect.name != "sqlite":
        return
    ids = [event.fact.id for event in events]
    rows = {row.id: row for row in db.execute(_RECORDS, {"events": ids})}
    tree.add(db, rows[ids[0]].first, [(id, rows[id].record) for id in ids])


def try_lock(db: Session) -> bool:
    """Become the only one who adds to the log and signs it, until the transaction ends."""
    if db.get_bind().dialect.name == "sqlite":
        return True
    got: bool = db.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one()
    return got


def sequence(db: Session) -> int:
    """Give indexes to what waits in the outbox; say how many got one. Needs the lock."""
    waiting = db.execute(_WAITING).all()
    if waiting:
        tree.add(db, waiting[0].first, [(row.id, row.record) for row in waiting])
        taken = delete(_outbox).where(_outbox.c.event_id.in_([row.id for row in waiting]))
        db.execute(taken)
    return len(waiting)


def stray(db: Session) -> UUID | None:
    """Give an event that has no index and does not wait for one; None where there is none.

    The service leaves none: something else wrote it, or took its index away.
    """
    question = (
        select(_event.c.id)
        .where(
            ~exists().where(_entry.c.event_id == _event.c.id),
            ~exists().where(_outbox.c.event_id == _event.c.id),
        )
        .limit(1)
    )
    return db.execute(question).scalar_one_or_none()
