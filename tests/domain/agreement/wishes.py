"""Wishes of every sort about an agreement, for Hypothesis: in turn, late, relayed or mistaken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st

from app.domain.agreement.model import (
    Agreement,
    Form,
    Position,
    Stance,
    StatusChange,
    StopStatement,
)
from app.domain.agreement.moves import StatusWish
from app.domain.agreement.party import CONSENTING
from app.domain.agreement.status import Status, moves_from
from app.domain.agreement.terms import TermKey, TermState
from app.domain.errors import RuleRefused
from app.domain.fact import Basis
from app.domain.window import Window, WindowStatus
from tests.domain.agreement.given import (
    CITY,
    GROUNDS,
    ICRC,
    MOD,
    NOON,
    OCHA,
    ORGANISATIONS,
    UKRAINE,
    WINDOW,
    given_agreement,
    given_attestation,
    given_declaration,
    given_person,
    given_position,
    named,
)
from tests.domain.agreement.interpreter import Record

HOUR = timedelta(hours=1)
SPEAKERS = (MOD, UKRAINE, ICRC)
COORDINATORS = (MOD, UKRAINE, OCHA, ICRC, CITY)
BEGINNINGS = [
    given_agreement(Status.PROPOSED, positions=()),
    given_agreement(Status.AGREED_IN_PRINCIPLE),
    given_agreement(Status.CONFIRMED),
    given_agreement(Status.IN_FORCE),
    given_agreement(Status.SUSPENDED),
    given_declaration(Status.PROPOSED),
    given_declaration(Status.IN_FORCE),
]
IN_FORCE = [given_agreement(Status.IN_FORCE)]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Somebody says something, perhaps late, relayed, limited or about old terms."""

    organisation: UUID
    stance: Stance
    ago: timedelta
    by: UUID
    is_stale: bool
    form: Form
    holds_for: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Support:
    """Somebody attests one of the statements."""

    which: int
    by: UUID


@dataclass(frozen=True, kw_only=True)
class NewTerm:
    """A term is settled or opened again."""

    key: TermKey
    state: TermState
    ago: timedelta


@dataclass(frozen=True, kw_only=True)
class NewWindow:
    """A window is added, or what became of one is told."""

    begins_in: timedelta
    status: WindowStatus
    name: str


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A status is wished for, perhaps late, ahead, or in place of others."""

    to: Status | None
    by: UUID
    ago: timedelta | None
    corrects: tuple[int, ...] = ()
    override: bool = False


@dataclass(frozen=True, kw_only=True)
class NextMove:
    """A status that the table lists from the present one, mostly by one who may."""

    which: int
    by: UUID
    ago: timedelta


@dataclass(frozen=True, kw_only=True)
class AllConfirm:
    """Everyone whose consent is needed confirms the terms as they are."""


Step = Statement | Support | NewTerm | NewWindow | Wish | NextMove | AllConfirm

hours = st.sampled_from([-2, 0, 0, 0, 1, 2, 4, 8, 40]).map(lambda n: n * HOUR)
statements = st.builds(
    Statement,
    organisation=st.sampled_from([*SPEAKERS, CITY]),
    stance=st.sampled_from(Stance),
    ago=hours,
    by=st.sampled_from(COORDINATORS),
    is_stale=st.booleans(),
    form=st.sampled_from(Form),
    holds_for=st.sampled_from([None, None, HOUR, 3 * HOUR]),
)
wishes = st.builds(
    Wish,
    to=st.sampled_from([*Status, Status.IN_FORCE, Status.SUSPENDED, Status.CONFIRMED, None]),
    by=st.sampled_from([OCHA, OCHA, *COORDINATORS]),
    ago=st.none() | hours,
    corrects=st.just(()) | st.lists(st.integers(0, 7), max_size=2, unique=True).map(tuple),
    override=st.sampled_from([False, False, True]),
)
taking_out = st.builds(
    Wish,
    to=st.sampled_from([None, None, Status.SUSPENDED, Status.COMPLETED]),
    by=st.sampled_from([OCHA, OCHA, MOD]),
    ago=st.none() | hours,
    corrects=st.sampled_from([(-1,), (-2,), (-1, -2)]),
)
steps = st.one_of(
    taking_out,
    statements,
    st.builds(AllConfirm),
    wishes,
    st.builds(
        NextMove,
        which=st.integers(0, 9),
        by=st.sampled_from([OCHA, OCHA, OCHA, *COORDINATORS]),
        ago=st.sampled_from([0, 0, 0, 0.25, 2]).map(lambda n: n * HOUR),
    ),
    st.builds(Support, which=st.integers(0, 9), by=st.sampled_from(COORDINATORS)),
    st.builds(
        NewTerm,
        key=st.sampled_from(TermKey),
        state=st.sampled_from([*TermState, TermState.AGREED, TermState.AGREED]),
        ago=hours,
    ),
    st.builds(
        NewWindow,
        begins_in=st.sampled_from([-HOUR, 3 * HOUR, 12 * HOUR]),
        status=st.sampled_from(WindowStatus),
        name=st.sampled_from(["30 April", "1 May", "2 May"]),
    ),
)


def take(record: Record, step: Step) -> bool:
    """Let the rules decide a step; whether it was taken."""
    try:
        _take(record, step)
    except RuleRefused:
        return False
    return True


def _take(record: Record, step: Step) -> None:
    match step:
        case Statement() | Support() | AllConfirm():
            _speak(record, step)
        case NewTerm() | NewWindow():
            _settle(record, step)
        case Wish():
            record.move(wish_of(step, record))
        case NextMove():
            listed = moves_from(record.present.status.to, record.present.laterality)
            if listed:
                to = listed[step.which % len(listed)].to
                record.move(wish_of(Wish(to=to, by=step.by, ago=step.ago), record))


def _speak(record: Record, step: Statement | Support | AllConfirm) -> None:
    present = record.present
    match step:
        case Statement():
            record.state(position_of(step, record))
        case Support():
            if present.positions:
                position = present.positions[step.which % len(present.positions)]
                record.attest(given_attestation(position, step.by), ORGANISATIONS)
        case AllConfirm():
            for organisation in present.organisations(*CONSENTING):
                record.state(position_of(confirmation_by(organisation), record))


def _settle(record: Record, step: NewTerm | NewWindow) -> None:
    present = record.present
    if isinstance(step, NewWindow):
        windows = windows_with(step, record)
        record.settle(replace(present.content, windows=windows), record.now)
        return
    term = replace(present.terms[step.key], state=step.state)
    content = replace(present.content, terms={**present.terms, step.key: term})
    record.settle(content, record.now - max(step.ago, 0 * HOUR))


def confirmation_by(organisation: UUID) -> Statement:
    return Statement(
        organisation=organisation,
        stance=Stance.CONFIRMED,
        ago=0 * HOUR,
        by=organisation,
        is_stale=False,
        form=Form.SIGNED,
        holds_for=None,
    )


def position_of(step: Statement, record: Record) -> Position:
    at = record.now - step.ago
    present = record.present.revision
    return replace(
        given_position(step.organisation, step.stance, at=at, by=given_person(step.by)),
        id=named(f"position {len(record.facts)}"),
        revision=max(1, present.number - step.is_stale),
        terms_hash="ab" * 32 if step.is_stale and present.number == 1 else present.terms_hash,
        form=step.form,
        basis=Basis.INFERRED if step.form is Form.NOT_KNOWN else Basis.STATED,
        relayed_by=step.by if step.by != step.organisation else None,
        conditions="after the mines are cleared",
        valid_until=None if step.holds_for is None else at + step.holds_for,
    )


def windows_with(step: NewWindow, record: Record) -> tuple[Window, ...]:
    windows = record.present.windows
    wanted = named(f"window {step.name}")
    if any(w.id == wanted for w in windows):
        return tuple(replace(w, status=step.status) if w.id == wanted else w for w in windows)
    starts_at = record.now + step.begins_in
    new = replace(WINDOW, id=wanted, starts_at=starts_at, ends_at=starts_at + 4 * HOUR)
    return (*windows, new)


def wish_of(step: Wish, record: Record) -> StatusWish:
    present = record.present
    entries: list[StatusChange | StopStatement] = [*present.statuses, *present.stops]
    override = "both commands confirmed by telephone" if step.override else None
    return StatusWish(
        id=named(f"wish {len(record.facts)}"),
        to=step.to,
        organisation=step.by,
        effective_at=None if step.ago is None else record.now - step.ago,
        corrects=tuple(entries[n % len(entries)].id for n in step.corrects),
        grounds=replace(GROUNDS, override=override),
    )


@st.composite
def records(draw: st.DrawFn, beginnings: Sequence[Agreement] = BEGINNINGS) -> Record:
    """Build a record by any sequence of wishes, one every half hour."""
    record = Record(draw(st.sampled_from(beginnings)), NOON)
    for step in draw(st.lists(steps, max_size=10)):
        record.now += HOUR / 2
        take(record, step)
    return record
