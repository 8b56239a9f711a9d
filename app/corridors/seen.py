"""A corridor as a reader sees it, and as those see it who know its agreement whole."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import resource
from app.access.caller import Caller, CurrentCaller, require_role
from app.agreements import store as agreements
from app.agreements.recorded import Recorded as RecordedAgreement
from app.agreements.seen import judged_at, knows_whole
from app.corridors import features, recorded
from app.corridors.features import COLLECTION
from app.corridors.held import sees
from app.corridors.recorded import Recorded
from app.corridors.tables import CorridorRow
from app.disclosure import reading
from app.disclosure.reading import Found, Question
from app.disclosure.single import find_one
from app.disclosure.versions import heads
from app.domain.agreement.model import Agreement
from app.domain.corridor.bar import attention
from app.domain.corridor.model import Corridor
from app.domain.corridor.status import MACHINE, CorridorStatus
from app.domain.fact import Warned
from app.http.deps import AskedTimes, Db, Now, PathId, Times
from app.http.problems import not_found
from app.http.versions import etag_then
from app.ledger.reading import NOW, Reading

_corridor = CorridorRow.__table__


def find(db: Session, question: Question) -> Found | None:
    """Give the one corridor that is asked for, as its reader may see it."""
    return find_one(db, question, partial(features.told, db))


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A corridor with its agreement, for a reader who knows that whole.

    Attributes:
        at: the instant at which it is judged; `now` is when it is asked.
    """

    db: Session
    caller: Caller
    times: AskedTimes
    recorded: Recorded
    of: RecordedAgreement
    version: int
    at: datetime
    now: datetime

    @property
    def reading(self) -> Reading:
        """Which part of the record is read."""
        return resource.reading_of(self.times)

    @property
    def corridor(self) -> Corridor:
        """The corridor at the instant at which it is judged."""
        return self.recorded.at(self.at)

    @property
    def agreement(self) -> Agreement:
        """Its agreement at that instant."""
        return self.of.at(self.at)

    def tag(self, response: Response) -> None:
        """Set the ETag of the corridor."""
        response.headers["ETag"] = etag_then(
            self.version, as_of=self.times.as_of, known_at=self.times.known_at
        )

    def attention(self) -> tuple[Warned, ...]:
        """List what a coordinator must decide about it."""
        return attention(self.corridor, self.agreement, self.at, self._reciprocal())

    def _reciprocal(self) -> CorridorStatus | None:
        """Give the status of the corridor that leads the other way, the worst of several.

        One that the reader may not see tells nothing.
        """
        named = self.recorded.values(self.at)["reciprocal_of"]
        ids = set(_naming(self.db, self.recorded.id))
        ids |= {UUID(named)} if isinstance(named, str) else set()
        found = recorded.load(self.db, sorted(filter(self._sees, ids)), self.reading).values()
        statuses = [one.at(self.at).status.to for one in found if one.began <= self.at]
        return min(statuses, key=lambda status: MACHINE.openness[status], default=None)

    def _sees(self, corridor: UUID) -> bool:
        return sees(self.db, self.caller, corridor, self.now)


def _naming(db: Session, corridor: UUID) -> list[UUID]:
    question = select(_corridor.c.id).where(_corridor.c.reciprocal_of == corridor)
    return list(db.execute(question).scalars())


def _version(db: Session, caller: Caller, corridor: UUID, times: AskedTimes, now: datetime) -> int:
    """Give the version that this reader sees; the first where it knows of it by the terms only."""
    question = asked(caller, now, times, corridor)
    found = reading.seen(db, question)
    return heads(db, [found], question.reading)[corridor].version if found else 1


def _was_in_terms(db: Session, corridor: UUID) -> bool:
    return recorded.load(db, [corridor], NOW)[corridor].was_in_terms


def look(
    db: Session, caller: Caller, corridor: UUID, times: AskedTimes, now: datetime
) -> Seen | None:
    """Give a corridor with its agreement; None to whoever does not know that whole.

    Nor to one who neither sees the corridor nor could read of it in the terms.
    """
    row = db.get(CorridorRow, corridor)
    if row is None or not knows_whole(db, caller, row.agreement_id, now):
        return None
    if not (sees(db, caller, corridor, now) or _was_in_terms(db, corridor)):
        return None
    wanted = resource.reading_of(times)
    found = recorded.load(db, [corridor], wanted).get(corridor)
    of = agreements.load(db, [(row.agreement_id, row.operation_id)], wanted)
    if found is None or row.agreement_id not in of:
        return None
    agreement = of[row.agreement_id]
    at, now = judged_at(times, now, agreement)
    if times.as_of is None:
        at = now = max(now, *(entry.effective_at for entry in found.entries))
    if found.began > at:
        return None
    return Seen(
        db=db,
        caller=caller,
        times=times,
        recorded=found,
        of=agreement,
        version=_version(db, caller, corridor, times, now),
        at=at,
        now=now,
    )


def _see(corridor_id: PathId, db: Db, caller: CurrentCaller, times: Times, now: Now) -> Seen:
    """Find the corridor of the path for a caller who knows its agreement whole (404)."""
    seen = look(db, caller, corridor_id, times, now)
    if seen is None:
        raise not_found()
    require_role(caller)
    return seen


WholeCorridor = Annotated[Seen, Depends(_see)]
"""The corridor of the path, for a reader who knows its agreement whole."""


def asked(
    caller: Caller, now: datetime, times: AskedTimes, corridor: UUID | None = None
) -> Question:
    """Make the question for one corridor or for the list."""
    return Question(
        collection=COLLECTION,
        caller=caller,
        now=now,
        reading=resource.reading_of(times),
        place=corridor,
    )
