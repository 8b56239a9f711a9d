"""Which agreements another one takes the place of: told by their own statuses.

An agreement that is superseded names its successor. The successor shows those that name it, as
the record of each tells at the times asked for, and as far as the reader may know of them. The
table `succession` only helps to find them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.agreements import aspects, store
from app.agreements.rows import SUCCESSION
from app.agreements.seen import judged_at, knowledge_of, reading_of
from app.agreements.tables import AgreementRow
from app.domain.agreement.status import Status
from app.domain.disclosure import Knowledge
from app.http.deps import AskedTimes
from app.ledger.reading import Entry

Superseded = Mapping[UUID, Sequence[UUID]]
"""By successor, what it supersedes, in the order of their recording."""
NONE: Superseded = MappingProxyType({})


def superseded_by(
    db: Session, caller: Caller, successors: Sequence[UUID], times: AskedTimes, now: datetime
) -> Superseded:
    """Return what each of `successors` takes the place of; those of nothing are left out."""
    rows = _followed(db, successors)
    if not rows:
        return NONE
    known = knowledge_of(db, caller, rows, now)
    found: dict[UUID, list[UUID]] = {}
    for agreement, status in _statuses(db, rows, times, now):
        value = aspects.members(status)
        if value.get("to") == Status.SUPERSEDED and known[agreement] is not Knowledge.NOTHING:
            found.setdefault(UUID(value["successor"]), []).append(agreement)
    return {successor: found[successor] for successor in successors if successor in found}


def _followed(db: Session, successors: Sequence[UUID]) -> Sequence[AgreementRow]:
    named = select(SUCCESSION.c.agreement_id).where(SUCCESSION.c.successor_id.in_(successors))
    question = select(AgreementRow).where(AgreementRow.id.in_(named))
    return db.scalars(question.order_by(AgreementRow.created_at, AgreementRow.id)).all()


def _statuses(
    db: Session, rows: Sequence[AgreementRow], times: AskedTimes, now: datetime
) -> Iterator[tuple[UUID, Entry]]:
    """Give the entry of the status that each was in."""
    recorded = store.load(db, [(row.id, row.operation_id) for row in rows], reading_of(times))
    for agreement, one in recorded.items():
        at, _ = judged_at(times, now, one)
        yield agreement, one.held(at)["status"]
