"""A process that appends, with a fault on purpose: `python -m tests.log.seeded FAULT …`.

The tests must report each of them, or they would report none.
"""

import sys
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import Engine, delete, event, insert, select
from sqlalchemy.orm import Session

from app.db.session import writing
from app.domain import merkle
from app.domain.fact import Event
from app.log import keeper, sequencing, tree
from app.log.tables import LogOutboxRow

_outbox = LogOutboxRow.__table__
_follow, _sequence, _add, _root_hash = (
    sequencing.follow,
    sequencing.sequence,
    tree.add,
    merkle.root_hash,
)


def skip_a_leaf() -> None:
    """Give some events no index."""

    def follow(db: Session, events: Sequence[Event]) -> None:
        _follow(db, [each for each in events if each.sequence % 7])

    def sequence(db: Session) -> int:
        first = db.execute(select(_outbox.c.event_id).limit(1)).scalar_one_or_none()
        db.execute(delete(_outbox).where(_outbox.c.event_id == first))
        return _sequence(db)

    vars(sequencing)["follow"] = follow
    vars(keeper)["sequence"] = sequence


def enter_in_a_second_transaction() -> None:
    """Commit an event, and after that what leads to its index."""

    def follow(db: Session, events: Sequence[Event]) -> None:
        engine, ids = db.get_bind().engine, [each.fact.id for each in events]
        db.execute(delete(_outbox).where(_outbox.c.event_id.in_(ids)))
        event.listen(db, "after_commit", lambda _: enter(engine, events), once=True)

    def enter(engine: Engine, events: Sequence[Event]) -> None:
        time.sleep(0.02)
        with writing(engine) as db:
            _follow(db, events)
            if engine.dialect.name != "sqlite":
                db.execute(insert(_outbox), [{"event_id": each.fact.id} for each in events])

    vars(sequencing)["follow"] = follow


def read_a_stale_head() -> None:
    """Add where the log ended when this process added for the first time, whoever adds besides."""
    held: list[int] = []

    def add(db: Session, first: int, records: Sequence[tuple[UUID, bytes]]) -> None:
        held.append(first)
        _add(db, held[0], records)

    vars(tree)["add"] = add
    vars(keeper)["try_lock"] = lambda db: True


def hash_a_node_wrongly() -> None:
    """Hash the leaves of a whole tile in the wrong order."""

    def root_hash(hashes: Sequence[bytes]) -> bytes:
        return _root_hash(hashes[::-1] if len(hashes) == tree.TILE else hashes)

    vars(merkle)["root_hash"] = root_hash


FAULTS: dict[str, Callable[[], None]] = {
    "skipped-leaf": skip_a_leaf,
    "second-transaction": enter_in_a_second_transaction,
    "stale-head": read_a_stale_head,
    "wrong-node": hash_a_node_wrongly,
}


if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    from tests.log.appending import main

    main()
