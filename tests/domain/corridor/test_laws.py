"""What holds for every corridor and its agreement: Hypothesis looks for the exception."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from app.domain.agreement.model import REFUSALS, Agreement, Position
from app.domain.agreement.party import CONSENTING
from app.domain.agreement.standing import counted_windows, stands
from app.domain.agreement.status import Status
from app.domain.corridor.bar import attention, may_leave, shown_to_others
from app.domain.corridor.cascade import automatic_suspension, stops_corridors, suspension
from app.domain.corridor.model import Corridor, CorridorChange, CorridorStop
from app.domain.corridor.moves import (
    CorridorWish,
    decide_status,
    require_may_change_status,
)
from app.domain.corridor.status import MACHINE, CorridorStatus
from app.domain.errors import RuleRefused
from app.domain.machine.timeline import in_order, status_at
from tests.domain.agreement import wishes
from tests.domain.agreement.given import MOD, NOON, OCHA, named
from tests.domain.agreement.interpreter import Record
from tests.domain.agreement.wishes import COORDINATORS, HOUR, take
from tests.domain.corridor.given import (
    CORRIDOR,
    SOURCES,
    given_agreement,
    given_corridor,
    given_declaration,
)
from tests.domain.corridor.table import LISTED

S = CorridorStatus
PASSABLE = (S.OPEN, S.RESTRICTED)


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A status of the corridor is wished for, perhaps late, ahead, or in place of others."""

    to: CorridorStatus | None
    by: UUID
    ago: timedelta | None
    corrects: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NextMoved:
    """A status that the table lists from the present one, mostly by one who may."""

    which: int
    by: UUID
    ago: timedelta


@dataclass(frozen=True, kw_only=True)
class Redrawn:
    """The route is drawn or rubbed out, an end is named or forgotten, a window named."""

    line: bool
    end: bool


@dataclass(frozen=True, kw_only=True)
class WindowNamed:
    """A window of the agreement is given to this corridor alone, or to all."""

    which: int
    own: bool


Step = wishes.Step | Moved | NextMoved | Redrawn | WindowNamed

some = st.sampled_from([OCHA, OCHA, OCHA, *COORDINATORS])
late = st.sampled_from([0, 0, 0, 0.25, 1, 2]).map(lambda n: n * HOUR)
moved = st.builds(
    Moved,
    to=st.sampled_from([*S, S.OPEN, S.OPEN, S.RESTRICTED, None]),
    by=some,
    ago=st.none() | wishes.hours,
    corrects=st.just(()) | st.lists(st.integers(0, 7), max_size=2, unique=True).map(tuple),
)
taking_out = st.builds(
    Moved,
    to=st.sampled_from([None, None, S.SUSPENDED, S.OPEN]),
    by=st.sampled_from([OCHA, OCHA, MOD]),
    ago=st.none() | wishes.hours,
    corrects=st.sampled_from([(-1,), (-2,), (-1, -2)]),
)
steps = st.one_of(
    wishes.steps,
    st.builds(wishes.AllConfirm),
    moved,
    taking_out,
    st.builds(NextMoved, which=st.integers(0, 9), by=some, ago=late),
    st.builds(NextMoved, which=st.integers(0, 9), by=some, ago=late),
    st.builds(Redrawn, line=st.sampled_from([True, True, False]), end=st.booleans()),
    st.builds(WindowNamed, which=st.integers(0, 2), own=st.booleans()),
)

MUTUAL = [
    (given_agreement(status), given_corridor(corridor))
    for status, corridor in (
        (Status.CONFIRMED, S.AGREED),
        (Status.IN_FORCE, S.AGREED),
        (Status.IN_FORCE, S.OPEN),
        (Status.IN_FORCE, S.RESTRICTED),
        (Status.IN_FORCE, S.SUSPENDED),
        (Status.SUSPENDED, S.AGREED),
    )
]
DECLARED = [
    (given_declaration(), given_corridor(corridor, laterality=given_declaration().laterality))
    for corridor in (S.DECLARED, S.OPEN)
]
BEGINNINGS: Sequence[tuple[Agreement, Corridor]] = [*MUTUAL, *DECLARED]


class Passage:
    """An agreement's record with one corridor of it, both written by the rules alone."""

    def __init__(self, agreement: Agreement, corridor: Corridor) -> None:
        self.record = Record(agreement, NOON)
        self.drawn = corridor
        self.statuses: list[CorridorChange] = list(corridor.statuses)
        self.stops: list[CorridorStop] = []

    @property
    def now(self) -> datetime:
        """The instant of recording."""
        return self.record.now

    @property
    def agreement(self) -> Agreement:
        """The agreement now."""
        return self.record.present

    @property
    def corridor(self) -> Corridor:
        """The corridor now."""
        return self.corridor_at(self.now)

    def corridor_at(self, at: datetime) -> Corridor:
        """Return the corridor at an instant, as the record stands."""
        statuses = in_order(self.statuses)
        return replace(
            self.drawn,
            status=status_at(statuses, at) or statuses[0],
            statuses=statuses,
            stops=tuple(s for s in self.stops if s.effective_at <= at),
        )

    def take(self, step: Step) -> bool:
        """Let the rules decide a step; whether it was taken."""
        match step:
            case Moved():
                return self._move(step)
            case NextMoved():
                listed = MACHINE.moves_from(self.corridor.status.to, self.agreement.laterality)
                if not listed:
                    return False
                to = listed[step.which % len(listed)].to
                return self._move(Moved(to=to, by=step.by, ago=step.ago))
            case Redrawn():
                whole = given_corridor()
                line = whole.line if step.line else None
                to_site = whole.to_site if step.end else None
                self.drawn = replace(self.drawn, line=line, to_site=to_site)
                return True
            case WindowNamed():
                return self._name_window(step)
            case _:
                return self._followed(step)

    def _name_window(self, step: WindowNamed) -> bool:
        windows = list(self.agreement.windows)
        if not windows:
            return False
        which = step.which % len(windows)
        windows[which] = replace(windows[which], corridor=CORRIDOR if step.own else None)
        before, known = self.agreement, len(self.record.facts)
        try:
            content = replace(before.content, windows=tuple(windows))
            self.record.settle(content, self.now)
        except RuleRefused:
            return False
        self._follow(before, known)
        return True

    def _followed(self, step: wishes.Step) -> bool:
        before, known = self.agreement, len(self.record.facts)
        if not take(self.record, step):
            return False
        self._follow(before, known)
        return True

    def _follow(self, before: Agreement, known: int) -> None:
        """Suspend the corridor with its agreement, as the service does in one transaction."""
        facts = self.record.facts[known:]
        said = [told for fact in facts for told in fact.told if isinstance(told, Position)]
        if not facts or stops_corridors(before, self.agreement, self.now, said) is None:
            self._require_no_refusal_is_passed_over(said)
            return
        at = suspension(self.corridor, min(fact.effective_at for fact in facts), self.now)
        if at is not None:
            self._suspend(at)
        assert not self.corridor.is_passable

    def _require_no_refusal_is_passed_over(self, said: Iterable[Position]) -> None:
        consenting = self.agreement.organisations(*CONSENTING)
        assert not any(p.stance in REFUSALS and p.organisation in consenting for p in said)

    def _suspend(self, at: datetime) -> None:
        sequence = max(c.sequence for c in self.statuses) + 1
        self.statuses.append(
            automatic_suspension(self._next_id(), at, sequence=sequence, organisation=OCHA)
        )

    def _move(self, step: Moved) -> bool:
        wish = self._wish(step)
        try:
            require_may_change_status(
                wish, now=self.now, corridor_at=self.corridor_at, agreement_at=self.record.at
            )
            decision = decide_status(
                wish, now=self.now, corridor_at=self.corridor_at, agreement_at=self.record.at
            )
        except RuleRefused:
            return False
        self.statuses = [c for c in self.statuses if c.id not in wish.corrects]
        self.stops = [s for s in self.stops if s.id not in wish.corrects]
        at = decision.effective_at
        if decision.to is not None:
            self.statuses.append(self._change(decision.to, at, wish.organisation))
        if decision.stop is not None:
            self.stops.append(
                CorridorStop(
                    id=self._next_id(),
                    to=decision.stop,
                    effective_at=at,
                    organisation=wish.organisation,
                )
            )
        if decision.suspended_at is not None:
            self._suspend(decision.suspended_at)
        return True

    def _wish(self, step: Moved) -> CorridorWish:
        entries: list[CorridorChange | CorridorStop] = [*self.corridor.statuses, *self.stops]
        return CorridorWish(
            id=self._next_id(),
            to=step.to,
            organisation=step.by,
            effective_at=None if step.ago is None else self.now - step.ago,
            corrects=tuple(entries[n % len(entries)].id for n in step.corrects),
            sources=SOURCES,
        )

    def _change(self, to: CorridorStatus, at: datetime, by: UUID) -> CorridorChange:
        return CorridorChange(
            id=self._next_id(),
            to=to,
            effective_at=at,
            sequence=max(c.sequence for c in self.statuses) + 1,
            organisation=by,
        )

    def _next_id(self) -> UUID:
        told = len(self.statuses) + len(self.stops)
        return named(f"corridor entry {self.now} {told} {len(self.record.facts)}")


@settings(max_examples=200)
@given(st.sampled_from(BEGINNINGS), st.lists(steps, min_size=1, max_size=14))
def test_no_sequence_of_wishes_leaves_a_corridor_open_under_what_does_not_stand(
    start: tuple[Agreement, Corridor], wished: list[Step]
) -> None:
    passage = Passage(*start)
    for step in wished:
        passage.record.now += HOUR / 2
        before = passage.corridor
        if passage.take(step):
            event(f"taken: {type(step).__name__}")
        else:
            assert passage.corridor == before
        check_moves_are_listed(passage)
        check_open_means_in_force(passage)
        check_a_green_light_is_one(passage)
        check_others_learn_nothing(passage)


def check_moves_are_listed(passage: Passage) -> None:
    """Each status was reached by a listed move; two reports of one stop may be neighbours."""
    listed = LISTED[passage.agreement.laterality.is_mutual]
    assert passage.corridor.statuses[0].to is S.DRAFT
    for one, two in pairwise(passage.corridor.statuses):
        is_same_stop = one.to is two.to and two.to in (S.SUSPENDED, S.BLOCKED, S.CLOSED)
        assert (one.to, two.to) in listed or is_same_stop


def check_open_means_in_force(passage: Passage) -> None:
    """Whatever was said late or corrected: under what is not in force nothing is open."""
    if passage.corridor.status.to in PASSABLE:
        event("passable")
        assert passage.agreement.status.to is Status.IN_FORCE


def check_a_green_light_is_one(passage: Passage) -> None:
    """People may leave only by an open corridor with a route, under consent, in a window."""
    corridor, agreement, now = passage.corridor, passage.agreement, passage.now
    if may_leave(corridor, agreement, now).reasons:
        return
    event("green light")
    assert agreement.status.to is Status.IN_FORCE
    assert agreement.laterality.is_mutual
    assert stands(agreement, now)
    assert corridor.status.to in PASSABLE
    assert corridor.line is not None
    assert corridor.to_site is not None
    assert attention(corridor, agreement, now) == ()
    windows = counted_windows(agreement, now)
    named_ones = [w for w in windows if w.corridor == corridor.id]
    own = named_ones or [w for w in windows if w.corridor is None]
    assert any(w.starts_at <= now < w.ends_at for w in own)


def check_others_learn_nothing(passage: Passage) -> None:
    """Who may not know the agreement is barred as well, and learns no hour and no reason of it."""
    bar = may_leave(passage.corridor, passage.agreement, passage.now)
    shown = shown_to_others(bar)
    assert bool(shown.reasons) == bool(bar.reasons)
    assert {r.code for r in shown.reasons} <= {
        "consent_not_mutual",
        "agreement_not_in_force",
        "corridor_not_open",
        "route_invalid",
        "ends_unknown",
    }
    if shown.reasons:
        assert shown.until is None


@settings(max_examples=60)
@given(
    st.sampled_from(BEGINNINGS),
    st.lists(steps, max_size=8),
    st.floats(0, 1, exclude_max=True),
)
def test_nothing_changes_before_until(
    start: tuple[Agreement, Corridor], wished: list[Step], share: float
) -> None:
    passage = Passage(*start)
    for step in wished:
        passage.record.now += HOUR / 2
        passage.take(step)
    now, corridor, agreement = passage.now, passage.corridor, passage.agreement
    bar = may_leave(corridor, agreement, now)
    end = bar.until or now + 100 * HOUR
    later = now + (end - now) * share
    assume(later < end)
    found = may_leave(corridor, agreement, later)
    assert [r.code for r in found.reasons] == [r.code for r in bar.reasons]
    assert found.until == bar.until


@settings(max_examples=60)
@given(
    st.sampled_from([pair for pair in BEGINNINGS if pair[1].is_passable]),
    st.sampled_from([S.SUSPENDED, S.BLOCKED, S.CLOSED]),
    st.sampled_from(COORDINATORS),
    st.none() | wishes.hours,
)
def test_a_stop_is_never_refused_for_its_time(
    start: tuple[Agreement, Corridor], to: CorridorStatus, by: UUID, ago: timedelta | None
) -> None:
    passage = Passage(*start)
    assert passage.take(Moved(to=to, by=by, ago=ago))
    assert to in [change.to for change in passage.corridor.statuses]
    if ago is None or ago <= 0 * HOUR:
        assert passage.corridor.status.to is to
