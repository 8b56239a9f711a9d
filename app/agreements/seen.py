"""An agreement as a reader sees it: found at the times asked for, and known as far as it may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy.orm import Session

from app.access.caller import Caller, CurrentCaller, require_role
from app.access.write import Write, Writing
from app.agreements import store
from app.agreements.held import NOT_YOURS
from app.agreements.recorded import Recorded
from app.agreements.tables import AgreementRow
from app.domain.agreement.model import Agreement
from app.domain.disclosure import Knowledge, is_released, knowledge_of_agreement
from app.domain.errors import NotEligible
from app.http.deps import AskedTimes, Db, Now, PathId, Times
from app.http.problems import not_found
from app.http.versions import etag_then
from app.ledger import store as ledger
from app.ledger.reading import Reading


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One agreement in a reading.

    Attributes:
        at: the instant at which it is judged; `now` is when it is asked.
        version: the last sequence known in the reading.
    """

    db: Session
    caller: Caller
    times: AskedTimes
    recorded: Recorded
    version: int
    at: datetime
    now: datetime
    knowledge: Knowledge

    @property
    def reading(self) -> Reading:
        """Which part of the record is read."""
        return reading_of(self.times)

    @property
    def agreement(self) -> Agreement:
        """The agreement at the instant at which it is judged."""
        return self.recorded.at(self.at)

    def tag(self, response: Response) -> None:
        """Set the ETag: a version that `If-Match` takes only where the present was read."""
        response.headers["ETag"] = etag_then(
            self.version, as_of=self.times.as_of, known_at=self.times.known_at
        )


def reading_of(times: AskedTimes) -> Reading:
    """Return the reading of the times that are asked for."""
    return Reading(as_of=times.as_of, known_at=times.known_at)


def judged_at(times: AskedTimes, now: datetime, recorded: Recorded) -> tuple[datetime, datetime]:
    """Return the instant of judgement, that asked for or now, and what now is.

    Now is never before what the record already tells: the database's clock may be ahead.
    """
    now = max(now, *(entry.effective_at for entry in recorded.entries))
    return times.as_of or now, now


def knowledge_of(
    db: Session, caller: Caller, rows: Sequence[AgreementRow], now: datetime
) -> dict[UUID, Knowledge]:
    """Tell what the caller may know of agreements now, whatever time is asked about."""
    parties = store.parties_now(db, [row.id for row in rows])
    return {
        row.id: knowledge_of_agreement(
            role=caller.role,
            audience=caller.operations.get(row.operation_id),
            organisation=caller.organisation,
            parties=parties[row.id],
            released=is_released(row.sensitivity, row.release_at, now),
        )
        for row in rows
    }


def _find(
    db: Session, caller: Caller, agreement: UUID, now: datetime
) -> tuple[AgreementRow | None, Knowledge]:
    row = store.find(db, agreement)
    if row is None:
        return None, Knowledge.NOTHING
    return row, knowledge_of(db, caller, [row], now)[row.id]


def knows(db: Session, caller: Caller, agreement: UUID, now: datetime) -> bool:
    """Tell whether the caller may know of an agreement that another one names."""
    return _find(db, caller, agreement, now)[1] is not Knowledge.NOTHING


def knows_whole(db: Session, caller: Caller, agreement: UUID, now: datetime) -> bool:
    """Tell whether the caller may know an agreement whole."""
    return _find(db, caller, agreement, now)[1] is Knowledge.WHOLE


def _see(agreement_id: PathId, db: Db, caller: CurrentCaller, times: Times, now: Now) -> Seen:
    """Find the agreement of the path for a caller who may know of it, at least in outline."""
    row, knowledge = _find(db, caller, agreement_id, now)
    if row is None or knowledge is Knowledge.NOTHING:
        raise not_found()
    require_role(caller)
    reading = reading_of(times)
    found = store.load(db, [(row.id, row.operation_id)], reading).get(row.id)
    if found is None:
        raise not_found()
    at, now = judged_at(times, now, found)
    return Seen(
        db=db,
        caller=caller,
        times=times,
        recorded=found,
        version=_version(db, row.id, reading),
        at=at,
        now=now,
        knowledge=knowledge,
    )


def _version(db: Session, agreement: UUID, reading: Reading) -> int:
    return ledger.versions(db, [agreement], reading)[agreement]


def _see_whole(seen: Annotated[Seen, Depends(_see)]) -> Seen:
    """Find it for a caller who may know it whole; to all others its parts do not exist."""
    if seen.knowledge is not Knowledge.WHOLE:
        raise not_found()
    return seen


SeenAgreement = Annotated[Seen, Depends(_see)]
"""The agreement of the path, known at least in outline."""
WholeAgreement = Annotated[Seen, Depends(_see_whole)]
"""The agreement of the path, known whole."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """An agreement about which something else is to be written; it is not locked itself."""

    write: Write
    id: UUID
    operation: UUID


def _know(agreement_id: PathId, write: Writing, now: Now) -> Known:
    """Find the agreement of the path for a caller who may know of it (404) and call this (403)."""
    row, knowledge = _find(write.db, write.caller, agreement_id, now)
    if row is None or knowledge is Knowledge.NOTHING:
        raise not_found()
    require_role(write.caller)
    if knowledge is not Knowledge.WHOLE:
        raise NotEligible(NOT_YOURS)
    return Known(write=write, id=row.id, operation=row.operation_id)


KnownAgreement = Annotated[Known, Depends(_know)]
"""The agreement of the path, for a caller who writes about it."""
