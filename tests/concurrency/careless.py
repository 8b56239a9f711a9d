"""The service with careless locks: `python -m tests.concurrency.careless FAULT serve --port PORT`."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID


def lock_nothing() -> None:
    """Read what should be locked, and be slow about it."""
    from sqlalchemy import select  # noqa: PLC0415
    from sqlalchemy.orm import Session  # noqa: PLC0415

    from app.ledger import store  # noqa: PLC0415

    def only_read(db: Session, subject: UUID) -> Any:
        row = db.execute(select(store._subject).where(store._subject.c.id == subject)).one_or_none()
        if row is None:
            return None
        time.sleep(0.02)
        return store.SubjectState(
            id=row.id,
            kind=row.kind,
            operation=row.operation_id,
            version=row.version,
            recorded_at=row.recorded_at,
            held_at=datetime.now(UTC),
        )

    vars(store)["lock"] = only_read


def lock_corridors_first() -> None:
    """Lock a corridor before its agreement, and be slow about it."""
    from app.corridors import held  # noqa: PLC0415 - before those who take `lock` from it
    from app.ledger import store  # noqa: PLC0415

    usual = held.lock

    def other_way_round(write: Any, corridor: UUID) -> Any:
        store.lock(write.db, corridor)
        time.sleep(0.5)
        return usual(write, corridor)

    vars(held)["lock"] = other_way_round


def look_seldom() -> None:
    """Take the state of the database for what it was at the last look, for a while."""
    from app.db.state import State, States  # noqa: PLC0415

    usual = States.look
    seen: dict[str, Any] = {"until": 0.0}

    async def look(self: States) -> State | None:
        if time.monotonic() >= seen["until"]:
            seen.update(found=await usual(self), until=time.monotonic() + 0.05)
        found: State | None = seen["found"]
        return found

    States.look = look  # type: ignore[method-assign]


FAULTS: dict[str, Callable[[], None]] = {
    "lock-nothing": lock_nothing,
    "lock-corridors-first": lock_corridors_first,
    "look-seldom": look_seldom,
}


def program(fault: str) -> tuple[str, ...]:
    """How Python runs the service with that fault."""
    return ("-m", "tests.concurrency.careless", fault)


if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    from app.console import main

    main()
