"""The service with its agreements never locked: `python -m tests.concurrency.careless serve`."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID


def lock_nothing() -> None:
    """Read an agreement where it should be locked, and be slow about it."""
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


if __name__ == "__main__":
    lock_nothing()
    from app.console import main

    main()
