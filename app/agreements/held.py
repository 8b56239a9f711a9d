"""An agreement held for a change: locked, known to the caller, and what becomes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends

from app.access.caller import require_role
from app.access.write import Write, Writing
from app.agreements import store
from app.agreements.recorded import Recorded
from app.domain.agreement.model import Agreement, Person
from app.domain.disclosure import Knowledge, Sensitivity, is_released, knowledge_of_agreement
from app.domain.errors import NotEligible
from app.domain.fact import Basis, Event, Fact, Replaced, Subject, Warned
from app.domain.instant import parse_instant
from app.domain.json_value import Json
from app.http.deps import PathId
from app.http.problems import not_found
from app.ledger import store as ledger
from app.ledger.reading import NOW, Reading

KIND = "agreement"
NOT_YOURS = "You may read this agreement in outline; only those who take part change it."


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a change made: its event, and the agreement as it was right after it.

    The answer is built from this, the same way for the first request and for its repetition.
    """

    event: Event
    recorded: Recorded

    @property
    def agreement(self) -> Agreement:
        """The agreement right after the event, judged at its recording."""
        return self.recorded.at(self.event.recorded_at)


@dataclass(kw_only=True)
class Held:
    """One agreement under its lock, as it is now.

    Attributes:
        now: the moment of recording, by the database's clock.
        version: what `If-Match` must name.
    """

    write: Write
    recorded: Recorded
    version: int
    now: datetime
    _done: Done | None = field(default=None, init=False)

    @property
    def present(self) -> Agreement:
        """The agreement as it is now."""
        return self.recorded.at(self.now)

    @property
    def organisation(self) -> UUID:
        """The caller's organisation."""
        return self.write.caller.actor.organisation

    @property
    def person(self) -> Person:
        """The caller as a person of the record."""
        actor = self.write.caller.actor
        return Person(
            holder=actor.holder, organisation=actor.organisation, principal=actor.principal
        )

    def once(
        self,
        *,
        authority: Callable[[], None],
        needs_version: bool,
        change: Callable[[], Event],
    ) -> Done:
        """Make the change once, and return what it made; a repetition returns the same."""
        version = self.version if needs_version else None
        event = self.write.once(authority=authority, version=version, change=change)
        if self._done is not None and self._done.event.fact.id == event:
            return self._done
        return done(self.write, self.recorded.operation, event)

    def record(
        self,
        kind: str,
        aspects: Mapping[str, Json],
        *,
        at: datetime,
        basis: Basis = Basis.STATED,
        reason: str | None = None,
        sources: Sequence[UUID] = (),
        warnings: Sequence[Warned] = (),
        replaces: Sequence[Replaced] = (),
        event: UUID | None = None,
    ) -> Event:
        """Append one fact about this agreement and keep its present row."""
        fact = Fact(
            subject=Subject(kind=KIND, id=self.recorded.id, operation=self.recorded.operation),
            kind=kind,
            effective_at=at,
            actor=self.write.caller.actor,
            aspects=aspects,
            basis=basis,
            reason=reason,
            sources=tuple(sources),
            warnings=tuple(warnings),
            replaces=tuple(replaces),
            id=event or uuid4(),
        )
        before = (self.present, self.recorded.fields(self.now))
        made = ledger.append(self.write.db, fact, at=self.now)
        after = self._with(made)
        agreement = after.at(self.now)
        store.save(self.write.db, made, before, agreement, after.fields(self.now))
        self._done = Done(event=made, recorded=after)
        self.recorded = after
        return made

    def _with(self, event: Event) -> Recorded:
        """Return what the record tells once `event` is in it."""
        gone = {(r.event, aspect) for r in event.fact.replaces for aspect in r.aspects}
        kept = [e for e in self.recorded.entries if (e.event, e.aspect) not in gone]
        added = store.entries_of(event)
        entries = sorted([*kept, *added], key=lambda e: (e.effective_at, e.sequence))
        return replace(
            self.recorded,
            entries=entries,
            names=store.names_in(self.write.db, added, known=self.recorded.names),
        )


def done(write: Write, operation: UUID, event: UUID) -> Done:
    """Read again what an earlier request did."""
    made = ledger.event(write.db, event)
    if made is None:
        raise LookupError("an idempotency key names an event that does not exist")
    agreement = made.fact.subject.id
    reading = Reading(upto=made.sequence)
    found = store.load(write.db, [(agreement, operation)], reading)
    return Done(event=made, recorded=found[agreement])


def hold(agreement_id: PathId, write: Writing) -> Held:
    """Lock the agreement of the path for a caller who may know of it (404) and call this (403)."""
    held = lock(write, agreement_id)
    knowledge = Knowledge.NOTHING if held is None else knowledge_of(held)
    if held is None or knowledge is Knowledge.NOTHING:
        raise not_found()
    require_role(write.caller)
    if knowledge is not Knowledge.WHOLE:
        raise NotEligible(NOT_YOURS)
    return held


def lock(write: Write, agreement: UUID) -> Held | None:
    """Lock an agreement, whoever asks; None where there is none."""
    state = ledger.lock(write.db, agreement)
    if state is None or state.kind != KIND or state.operation is None:
        return None
    now = max(state.held_at, state.recorded_at)
    found = store.load(write.db, [(state.id, state.operation)], NOW)
    return Held(write=write, recorded=found[state.id], version=state.version, now=now)


def knowledge_of(held: Held) -> Knowledge:
    """Tell what the caller may know of a held agreement now."""
    caller, fields = held.write.caller, held.recorded.fields(held.now)
    release_at = fields.get("release_at")
    return knowledge_of_agreement(
        role=caller.role,
        audience=caller.operations.get(held.recorded.operation),
        organisation=caller.organisation,
        parties={p.organisation for p in held.present.parties},
        released=is_released(
            Sensitivity(fields["sensitivity"]),
            parse_instant(release_at) if release_at else None,
            held.now,
        ),
    )


HeldAgreement = Annotated[Held, Depends(hold)]
"""The agreement of the path, locked for a change; a route's parameter is `held: HeldAgreement`."""
