"""A corridor held for a change: its agreement is locked first, then the corridor itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends
from sqlalchemy.orm import Session

from app.access.caller import Caller, require_role
from app.access.write import Write, Writing
from app.agreements import held as agreements
from app.agreements.held import Held as HeldAgreement
from app.corridors import recorded
from app.corridors.features import COLLECTION
from app.corridors.recorded import KIND, Recorded
from app.corridors.tables import CorridorRow
from app.disclosure import reading
from app.disclosure.reading import Question
from app.disclosure.versions import version_of
from app.domain.disclosure import Knowledge
from app.domain.errors import NotEligible
from app.domain.fact import Basis, Event, Fact, Replaced, Subject, Warned
from app.domain.json_value import Json
from app.http.deps import PathId
from app.http.problems import not_found
from app.ledger import store as ledger
from app.ledger.reading import NOW, SubjectState

NOT_YOURS = "You may see this corridor; only those who take part in its agreement change it."


@dataclass(kw_only=True)
class Held:
    """One corridor under its lock, with its agreement under the lock that comes before.

    Attributes:
        subject: as the ledger keeps it.
        now: the moment of recording, by the database's clock.
        is_whole: whether the caller knows the agreement whole; others change nothing here.
        is_seen: whether the caller may know of it by its audience; else only as one who knows its
            agreement whole, with the routes that are or were in its terms.
    """

    write: Write
    agreement: HeldAgreement
    subject: SubjectState
    recorded: Recorded
    now: datetime
    is_whole: bool
    is_seen: bool

    def require_whole(self) -> None:
        """Refuse one who sees the corridor and has no part in its agreement.

        Raises:
            NotEligible: only those who may know the agreement whole change its corridors.
        """
        if not self.is_whole:
            raise NotEligible(NOT_YOURS)

    @property
    def version(self) -> int:
        """What `If-Match` of this caller must name."""
        return version_of(self.write.db, self.write.caller, self.subject)

    def fact(
        self,
        kind: str,
        aspects: Mapping[str, Json],
        *,
        at: datetime,
        basis: Basis = Basis.STATED,
        reason: str | None = None,
        sources: tuple[UUID, ...] = (),
        warnings: tuple[Warned, ...] = (),
        replaces: tuple[Replaced, ...] = (),
        event: UUID | None = None,
    ) -> Fact:
        """Make a fact about this corridor."""
        return Fact(
            subject=Subject(kind=KIND, id=self.subject.id, operation=self.subject.operation),
            kind=kind,
            effective_at=at,
            actor=self.write.caller.actor,
            aspects=aspects,
            basis=basis,
            reason=reason,
            sources=sources,
            warnings=warnings,
            replaces=replaces,
            id=event or uuid4(),
        )

    def record(self, fact: Fact) -> Event:
        """Append a fact about this corridor, and know of it from then on."""
        made = ledger.append(self.write.db, fact, at=self.now)
        found = recorded.load(self.write.db, [self.subject.id], NOW)
        self.recorded = found[self.subject.id]
        self.subject = replace(self.subject, version=made.sequence)
        return made


def lock(write: Write, corridor: UUID) -> Held | None:
    """Lock agreement and corridor for a caller who may know of it; None where it may not."""
    row = write.db.get(CorridorRow, corridor)
    agreement = agreements.lock(write, row.agreement_id) if row else None
    subject = ledger.lock(write.db, corridor) if agreement else None
    if row is None or agreement is None or subject is None:
        return None
    seen = sees(write.db, write.caller, corridor, datetime.now(UTC))
    whole = agreements.knowledge_of(agreement) is Knowledge.WHOLE
    found = recorded.load(write.db, [corridor], NOW)[corridor]
    if not seen and not (whole and found.was_in_terms):
        return None
    now = max(agreement.now, subject.held_at, subject.recorded_at)
    agreement.now = now
    return Held(
        write=write,
        agreement=agreement,
        subject=subject,
        recorded=found,
        now=now,
        is_whole=whole,
        is_seen=seen,
    )


def sees(db: Session, caller: Caller, corridor: UUID, now: datetime) -> bool:
    """Tell whether a caller may know of a corridor by its audience."""
    asked = Question(collection=COLLECTION, caller=caller, now=now, place=corridor)
    return reading.seen(db, asked) is not None


def hold(corridor_id: PathId, write: Writing) -> Held:
    """Lock the corridor of the path for a caller who may know of it (404) and call this (403)."""
    held = lock(write, corridor_id)
    if held is None:
        raise not_found()
    require_role(write.caller)
    held.require_whole()
    return held


HeldCorridor = Annotated[Held, Depends(hold)]
"""The corridor of the path, locked for a change; a route's parameter is `held: HeldCorridor`."""
