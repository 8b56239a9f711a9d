"""A record in memory: facts in a list, and the agreement folded from them.

It follows the rules of history: the present is the fold of all facts by
(effect, sequence) with the replaced ones left out. `Kept` holds the same
state step by step, as the tables of the service do, so that a test can tell
whether both agree.
"""

from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from app.domain.agreement.model import (
    Agreement,
    Attestation,
    Position,
    Revision,
    StatusChange,
    StopStatement,
)
from app.domain.agreement.moves import (
    StatusWish,
    decide_status,
    require_may_change_status,
)
from app.domain.agreement.revision import TermsDecision, decide_terms
from app.domain.agreement.statement import decide_position, require_may_attest
from app.domain.agreement.status import Status
from app.domain.agreement.terms import Content
from app.domain.agreement.timeline import in_order, status_at
from app.domain.organisation import Organisation
from app.domain.window import WindowStatus
from tests.domain.agreement.given import named


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What the parties are asked to consent to, as one fact set it."""

    content: Content


@dataclass(frozen=True, kw_only=True)
class Became:
    """What became of the windows, as one fact told it."""

    statuses: Mapping[UUID, WindowStatus]


Told = Position | Attestation | StatusChange | StopStatement | Settled | Became | Revision


def _with_outcomes(content: Content, became: Mapping[UUID, WindowStatus]) -> Content:
    """Return the content with what became of each window."""
    windows = tuple(replace(w, status=became.get(w.id, w.status)) for w in content.windows)
    return replace(content, windows=windows)


@dataclass(frozen=True, kw_only=True)
class Noted:
    """One fact: all that it says takes effect together."""

    effective_at: datetime
    sequence: int
    told: tuple[Told, ...]
    replaces: frozenset[UUID] = frozenset()

    @property
    def key(self) -> tuple[datetime, int]:
        """Where it stands in the order of effect."""
        return self.effective_at, self.sequence


def fold(blank: Agreement, facts: Iterable[Noted], at: datetime) -> Agreement:
    """Return the agreement at an instant, as all these facts tell it."""
    known = sorted(facts, key=lambda fact: fact.key)
    replaced = {entry for fact in known for entry in fact.replaces}
    rest = [t for f in known for t in f.told if getattr(t, "id", None) not in replaced]
    timeline = in_order(t for t in rest if isinstance(t, StatusChange))
    by_then = [
        t
        for fact in known
        if fact.effective_at <= at
        for t in fact.told
        if getattr(t, "id", None) not in replaced
    ]
    settled = [t.content for t in by_then if isinstance(t, Settled)]
    became = {k: v for t in by_then if isinstance(t, Became) for k, v in t.statuses.items()}
    content = _with_outcomes(settled[-1] if settled else blank.content, became)
    revisions = {t.number: t for t in by_then if isinstance(t, Revision)}
    return replace(
        blank,
        status=status_at(timeline, at) or timeline[0],
        statuses=timeline,
        terms=content.terms,
        windows=content.windows,
        parties=content.parties,
        revisions=tuple(revisions[number] for number in sorted(revisions)) or blank.revisions,
        positions=tuple(t for t in by_then if isinstance(t, Position)),
        attestations=tuple(t for t in by_then if isinstance(t, Attestation)),
        stops=tuple(t for t in by_then if isinstance(t, StopStatement)),
    )


Entry = TypeVar("Entry", Position, Attestation, StatusChange, StopStatement)


class Line(Generic[Entry]):
    """Entries of one kind in the order of effect."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, Entry]] = []

    def put(self, fact: Noted, entry: Entry) -> None:
        """Put an entry in its place."""
        insort(self._entries, (*fact.key, entry), key=lambda e: e[:2])

    def drop(self, replaced: frozenset[UUID]) -> None:
        """Take entries out."""
        self._entries = [e for e in self._entries if e[2].id not in replaced]

    def values(self) -> tuple[Entry, ...]:
        """Return the entries in order."""
        return tuple(e[2] for e in self._entries)


class Kept:
    """The present state, kept up with each fact instead of folded anew."""

    def __init__(self, blank: Agreement) -> None:
        self.blank = blank
        self.statuses = Line[StatusChange]()
        self.positions = Line[Position]()
        self.attestations = Line[Attestation]()
        self.stops = Line[StopStatement]()
        self.settled: tuple[tuple[datetime, int], Content] | None = None
        self.became: dict[UUID, tuple[tuple[datetime, int], WindowStatus]] = {}
        self.revisions: dict[int, tuple[tuple[datetime, int], Revision]] = {}

    def take(self, fact: Noted) -> None:
        """Follow one fact: overwrite only where nothing takes effect later."""
        self.statuses.drop(fact.replaces)
        self.stops.drop(fact.replaces)
        for told in fact.told:
            self._take(told, fact)

    def _take(self, told: Told, fact: Noted) -> None:
        match told:
            case StatusChange():
                self.statuses.put(fact, told)
            case Position():
                self.positions.put(fact, told)
            case Attestation():
                self.attestations.put(fact, told)
            case StopStatement():
                self.stops.put(fact, told)
            case Settled() | Became() | Revision():
                self._overwrite(told, fact)

    def _overwrite(self, told: Settled | Became | Revision, fact: Noted) -> None:
        match told:
            case Settled():
                if self.settled is None or self.settled[0] <= fact.key:
                    self.settled = fact.key, told.content
            case Became():
                for window, status in told.statuses.items():
                    if window not in self.became or self.became[window][0] <= fact.key:
                        self.became[window] = fact.key, status
            case Revision():
                held = self.revisions.get(told.number)
                if held is None or held[0] <= fact.key:
                    self.revisions[told.number] = fact.key, told

    def agreement(self) -> Agreement:
        """Return the present state."""
        became = {window: status for window, (_, status) in self.became.items()}
        settled = self.settled[1] if self.settled else self.blank.content
        content = _with_outcomes(settled, became)
        statuses = self.statuses.values()
        return replace(
            self.blank,
            status=statuses[-1],
            statuses=statuses,
            terms=content.terms,
            windows=content.windows,
            parties=content.parties,
            revisions=tuple(self.revisions[n][1] for n in sorted(self.revisions)),
            positions=self.positions.values(),
            attestations=self.attestations.values(),
            stops=self.stops.values(),
        )


class Record:
    """An agreement's facts, written by the rules alone; the clock is told, never read."""

    def __init__(self, start: Agreement, now: datetime) -> None:
        """Begin with everything that `start` holds as facts."""
        self.blank = start
        self.now = now
        self.facts: list[Noted] = []
        self.kept = Kept(start)
        first = start.statuses[0].effective_at
        self._note(first, Settled(content=start.content), *start.revisions)
        for change in start.statuses:
            self._note(change.effective_at, change)
        for position in start.positions:
            self._note(position.stated_at, position)

    def at(self, at: datetime) -> Agreement:
        """Return the agreement at an instant, as the record stands."""
        return fold(self.blank, self.facts, at)

    @property
    def present(self) -> Agreement:
        """The agreement now."""
        return self.at(self.now)

    def state(self, position: Position) -> None:
        """Record a position.

        Raises:
            RuleRefused: it is not acceptable.
        """
        stated = decide_position(self.present, position, now=self.now).position
        self._note(stated.stated_at, stated)

    def attest(self, attestation: Attestation, organisations: Mapping[UUID, Organisation]) -> None:
        """Record an attestation with the effect of what it attests.

        Raises:
            RuleRefused: its author is not eligible.
        """
        position = next(p for p in self.present.positions if p.id == attestation.position)
        require_may_attest(self.present, position, attestation.by, organisations)
        self._note(position.stated_at, attestation)

    def settle(self, content: Content, at: datetime) -> TermsDecision:
        """Change the content.

        Raises:
            RuleRefused: it cannot be changed then.
        """
        present = self.present
        decision = decide_terms(present, content, at=at)
        known = {w.id: w.status for w in present.windows}
        became = {w.id: w.status for w in content.windows if known.get(w.id) is not w.status}
        told: list[Told] = [Became(statuses=became)]
        if decision.revision:
            told.append(Settled(content=replace(content, windows=decision.windows)))
            told.append(decision.revision)
        if decision.falls_to:
            told.append(self._change(decision.falls_to, at, present.proposer, automatic=True))
        self._note(at, *told)
        return decision

    def move(self, wish: StatusWish) -> None:
        """Change the status.

        Raises:
            RuleRefused: it may not.
        """
        require_may_change_status(wish, now=self.now, state_at=self.at)
        decision = decide_status(wish, now=self.now, state_at=self.at)
        at, told = decision.effective_at, list[Told]()
        if decision.to:
            told.append(self._change(decision.to, at, wish.organisation))
        if decision.stop:
            told.append(
                StopStatement(
                    id=self._next_id(),
                    to=decision.stop,
                    effective_at=at,
                    organisation=wish.organisation,
                )
            )
        if decision.revision:
            told.append(decision.revision)
        self._note(at, *told, replaces=frozenset(wish.corrects))

    def _change(
        self, to: Status, at: datetime, by: UUID, *, automatic: bool = False
    ) -> StatusChange:
        return StatusChange(
            id=self._next_id(),
            to=to,
            effective_at=at,
            sequence=len(self.facts) + 1,
            organisation=by,
            automatic=automatic,
        )

    def _next_id(self) -> UUID:
        return named(f"fact {len(self.facts) + 1}")

    def _note(self, at: datetime, *told: Told, replaces: frozenset[UUID] = frozenset()) -> None:
        sequence = len(self.facts) + 1
        ordered = tuple(
            replace(t, sequence=sequence) if isinstance(t, StatusChange) else t for t in told
        )
        fact = Noted(effective_at=at, sequence=sequence, told=ordered, replaces=replaces)
        self.facts.append(fact)
        self.kept.take(fact)
