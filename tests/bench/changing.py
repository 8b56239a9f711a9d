"""A process that changes statuses at the storage layer: reads a job, waits for a line, tells how long.

Three ways: `ledger` is ours; `orm` an UPDATE and one INSERT of history by the ORM; `continuum` the
same table versioned by SQLAlchemy-Continuum.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, insert, update
from sqlalchemy.orm import Session

from app.agreements.tables import AgreementRow, StatusChangeRow
from app.db.engine import make_engine
from app.db.session import writing
from app.domain.agreement.status import Status
from app.domain.fact import Actor, Fact, Subject
from app.following import put_together
from app.ledger import store as ledger
from app.memory import spare_the_collector
from tests.bench import plain

_TO, _NOTE = "in_talks", "both sides spoke at 09:00"


@dataclass(frozen=True, kw_only=True)
class Job:
    """Which agreements to move, each once, and in whose name."""

    how: str
    url: str
    ids: list[str]
    principal: str
    organisation: str
    operation: str


def change_ledger(engine: Engine, job: Job, id: UUID) -> UUID:
    """Change a status as the service stores it; give the event."""
    actor = Actor(
        principal=UUID(job.principal),
        holder="ocha-desk",
        organisation=UUID(job.organisation),
        role="coordinator",
    )
    with writing(engine) as db:
        state = ledger.lock(db, id)
        assert state is not None
        at = max(state.held_at, state.recorded_at)
        fact = Fact(
            subject=Subject(kind="agreement", id=id, operation=UUID(job.operation)),
            kind="status_changed",
            effective_at=at,
            actor=actor,
            aspects={"status": {"to": _TO, "note": _NOTE}},
            reason="talks_held",
        )
        made = ledger.append(db, fact, at=at)
        row = {"id": fact.id, "agreement_id": id, "status": Status.IN_TALKS}
        db.execute(insert(StatusChangeRow.__table__), {**row, "effective_at": made.recorded_at})
        present = update(AgreementRow.__table__).where(AgreementRow.__table__.c.id == id)
        db.execute(present.values(status=Status.IN_TALKS))
    return fact.id


def change_orm(engine: Engine, job: Job, id: UUID) -> UUID:
    """Change a status by the ORM, with a row of history."""
    with Session(engine, expire_on_commit=False) as db, db.begin():
        agreement = db.get(plain.Agreement, id, with_for_update=True)
        assert agreement is not None
        now = datetime.now(UTC)
        change = plain.StatusChange(
            id=uuid4(),
            agreement_id=agreement.id,
            version=agreement.version + 1,
            from_status=agreement.status,
            to_status=_TO,
            reason="talks_held",
            note=_NOTE,
            changed_at=now,
            principal_id=UUID(job.principal),
        )
        db.add(change)
        agreement.status, agreement.version = _TO, change.version
        agreement.changed_at = now
    return change.id


def change_continuum(engine: Engine, _: Job, id: UUID) -> UUID:
    """Change a status of a table that Continuum versions."""
    from tests.bench import continuum  # noqa: PLC0415 - it listens to every session from now on

    with Session(engine, expire_on_commit=False) as db, db.begin():
        agreement = db.get(continuum.Agreement, id, with_for_update=True)
        assert agreement is not None
        agreement.status, agreement.reason = _TO, "talks_held"
        agreement.note, agreement.changed_at = _NOTE, datetime.now(UTC)
    return id


WAYS: dict[str, Callable[[Engine, Job, UUID], UUID]] = {
    "ledger": change_ledger,
    "orm": change_orm,
    "continuum": change_continuum,
}


def work(job: Job) -> dict[str, Any]:
    """Make all changes; give the milliseconds of each, and when which event was committed."""
    put_together()
    engine = make_engine(job.url, pool_size=1)
    change = partial(WAYS[job.how], engine, job)
    first, *rest = map(UUID, job.ids)
    change(first)  # warms up
    spare_the_collector()
    print("ready", flush=True)
    sys.stdin.readline()
    took, committed = [], {}
    for id in rest:
        began = time.perf_counter()
        event = change(id)
        took.append((time.perf_counter() - began) * 1000)
        committed[str(event)] = time.time()
    engine.dispose()
    return {"milliseconds": took, "committed": committed}


if __name__ == "__main__":
    print(json.dumps(work(Job(**json.loads(sys.stdin.readline())))), flush=True)
