"""What holds for every agreement: Hypothesis looks for the exception."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.agreement.bar import do_not_move
from app.domain.agreement.model import (
    Agreement,
    Form,
    Position,
    Stance,
    StatusChange,
    StopStatement,
)
from app.domain.agreement.moves import StatusWish
from app.domain.agreement.party import CONSENTING, PartyRole
from app.domain.agreement.readiness import readiness
from app.domain.agreement.standing import counted_windows, stands
from app.domain.agreement.statement import decide_position, require_may_attest
from app.domain.agreement.status import Laterality, Status, moves_from
from app.domain.agreement.terms import Content, Term, TermKey, TermState, terms_hash
from app.domain.agreement.timeline import in_order, require_fits
from app.domain.errors import MoveUnknown, NotEligible, RuleRefused
from app.domain.fact import Basis
from app.domain.organisation import Organisation
from app.domain.window import Direction, Window, WindowOutcome, WindowStatus
from tests.domain.agreement.given import (
    CITY,
    FORCE_AT,
    GROUNDS,
    ICRC,
    MOD,
    NOON,
    OCHA,
    ORGANISATIONS,
    PARTIES,
    UKRAINE,
    WFP,
    WINDOW,
    decided,
    given_agreement,
    given_attestation,
    given_declaration,
    given_party,
    given_person,
    given_position,
    given_terms,
    named,
)
from tests.domain.agreement.interpreter import Record, fold
from tests.domain.agreement.table import LISTED

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


# Wishes


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


# Any sequence of wishes


@settings(max_examples=150)
@given(st.sampled_from(BEGINNINGS), st.lists(steps, min_size=1, max_size=14))
def test_no_sequence_of_wishes_gets_round_the_rules(start: Agreement, wished: list[Step]) -> None:
    record = Record(start, NOON)
    for step in wished:
        record.now += HOUR / 2
        before = record.kept.agreement()
        if not take(record, step):
            assert record.kept.agreement() == before
        check_state_is_refolded(record)
        check_moves_are_listed(record.present)
        check_ready_means_consent(record.present, record.now)
        check_a_green_light_is_one(record.present, record.now)


def check_state_is_refolded(record: Record) -> None:
    """Replaying the facts, in whatever order, gives the present state."""
    assert record.kept.agreement() == record.present
    assert fold(record.blank, reversed(record.facts), record.now) == record.present
    assert record.present.revision.terms_hash == terms_hash(record.present.content)


def check_moves_are_listed(agreement: Agreement) -> None:
    """Each status was reached by a listed move; two reports of one stop may be neighbours."""
    listed = LISTED[agreement.laterality.is_mutual]
    assert agreement.statuses[0].to is Status.PROPOSED
    for one, two in pairwise(agreement.statuses):
        is_same_stop = one.to is two.to and two.to is Status.SUSPENDED
        assert (one.to, two.to) in listed or is_same_stop


def check_ready_means_consent(agreement: Agreement, at: datetime) -> None:
    """Ready only where each required party and executor has itself consented."""
    if readiness(agreement, at).unmet:
        return
    assert agreement.laterality.is_mutual
    assert all(has_consented(agreement, organisation, at) for organisation in SPEAKERS)


def has_consented(agreement: Agreement, organisation: UUID, at: datetime) -> bool:
    """Judge consent a second way: one binding statement, and nothing against it since."""
    said = [p for p in agreement.positions if p.organisation == organisation and p.stated_at <= at]
    against = [n for n, p in enumerate(said) if p.stance is not Stance.CONFIRMED]
    since = said[against[-1] + 1 :] if against else said
    return any(is_binding(agreement, position, at) for position in since)


def is_binding(agreement: Agreement, position: Position, at: datetime) -> bool:
    """Judge one confirmation a second way."""
    present = agreement.revisions_in_chain()
    speaks = any(
        (r.number, r.terms_hash) == (position.revision, position.terms_hash)
        and r.took_effect_at <= position.stated_at
        for r in agreement.revisions
        if r.number in present
    )
    is_own = position.recorded_by.organisation == position.organisation
    is_attested = any(a.position == position.id for a in agreement.attestations)
    return (
        speaks
        and position.form is not Form.PUBLIC_STATEMENT
        and (position.valid_until is None or at < position.valid_until)
        and ((is_own and position.basis is Basis.STATED) or is_attested)
    )


def check_a_green_light_is_one(agreement: Agreement, at: datetime) -> None:
    """People may move only in force, with all consent, inside an agreed window."""
    if do_not_move(agreement, at).reasons:
        return
    assert agreement.status.to is Status.IN_FORCE
    assert stands(agreement, at)
    assert any(w.starts_at <= at < w.ends_at for w in counted_windows(agreement, at))


@settings(max_examples=60)
@given(records(), st.floats(0, 1, exclude_max=True))
def test_nothing_changes_before_until(record: Record, share: float) -> None:
    bar = do_not_move(record.present, record.now)
    end = bar.until or record.now + 100 * HOUR
    later = record.now + (end - record.now) * share
    assume(later < end)
    found = do_not_move(record.present, later)
    assert [r.code for r in found.reasons] == [r.code for r in bar.reasons]
    assert found.until == bar.until


# Stops


@settings(max_examples=60)
@given(records(IN_FORCE), st.sampled_from(COORDINATORS), st.none() | hours)
def test_a_suspension_is_never_refused_for_its_time(
    record: Record, by: UUID, ago: timedelta | None
) -> None:
    if record.present.status.to is not Status.IN_FORCE:
        return
    record.move(wish_of(Wish(to=Status.SUSPENDED, by=by, ago=ago), record))
    statuses = [change.to for change in record.present.statuses]
    assert Status.SUSPENDED in statuses
    if ago is None or ago <= 0 * HOUR:
        assert statuses[-1] is Status.SUSPENDED


@settings(max_examples=60)
@given(records(), st.sampled_from([OCHA, MOD]), st.none() | hours)
def test_a_collapse_is_never_refused_for_its_time(
    record: Record, by: UUID, ago: timedelta | None
) -> None:
    wish = Wish(to=Status.COLLAPSED, by=by, ago=None)
    try:
        decided(record.present, Status.COLLAPSED, by=by, now=record.now)
    except RuleRefused:
        return
    record.move(wish_of(replace(wish, ago=ago), record))


@settings(max_examples=60)
@given(
    records(),
    st.sampled_from([Stance.REJECTED, Stance.WITHDRAWN]),
    st.sampled_from(SPEAKERS),
    hours,
    st.sampled_from([None, -HOUR, HOUR]),
)
def test_a_refusal_is_never_refused(
    record: Record, stance: Stance, who: UUID, ago: timedelta, holds_for: timedelta | None
) -> None:
    if not record.present.roles_of(who):
        return
    said = Statement(
        organisation=who,
        stance=stance,
        ago=ago,
        by=OCHA,
        is_stale=True,
        form=Form.VERBAL,
        holds_for=holds_for,
    )
    position = replace(position_of(said, record), sources=())
    assert decide_position(record.present, position, now=record.now).position.stance is stance
    record.state(position)
    if ago <= 0 * HOUR:
        assert not has_consented(record.present, who, record.now)
        assert readiness(record.present, record.now).unmet


# Less never opens more


def without_a_confirmation(agreement: Agreement, which: int, at: datetime) -> Agreement:
    """Take out a confirmation; one whose validity is over still bounds what was said before."""
    found = [p for p in agreement.positions if p.stance is Stance.CONFIRMED and not p.is_lapsed(at)]
    if not found:
        return agreement
    gone = found[which % len(found)]
    return replace(agreement, positions=tuple(p for p in agreement.positions if p is not gone))


def without_a_term(agreement: Agreement, which: int, at: datetime) -> Agreement:
    key = list(TermKey)[which % len(TermKey)]
    return replace(agreement, terms={**agreement.terms, key: Term()})


def without_a_window(agreement: Agreement, which: int, at: datetime) -> Agreement:
    gone = which % max(len(agreement.windows), 1)
    kept = tuple(w for n, w in enumerate(agreement.windows) if n != gone)
    return replace(agreement, windows=kept)


@settings(max_examples=100)
@given(
    records(),
    st.sampled_from([without_a_confirmation, without_a_term, without_a_window]),
    st.integers(0, 20),
)
def test_taking_something_away_never_gives_the_green_light(
    record: Record, take_away: Callable[[Agreement, int, datetime], Agreement], which: int
) -> None:
    present, now = record.present, record.now
    if do_not_move(present, now).reasons:
        assert do_not_move(take_away(present, which, now), now).reasons


# Late changes


@st.composite
def timelines(draw: st.DrawFn) -> tuple[StatusChange, ...]:
    """Draw any line of statuses, listed or not."""
    drawn = draw(st.lists(st.tuples(st.sampled_from(Status), st.integers(0, 6)), max_size=6))
    return in_order(
        StatusChange(
            id=named(f"entry {n}"),
            to=to,
            effective_at=FORCE_AT + at * HOUR,
            sequence=n,
            organisation=OCHA,
        )
        for n, (to, at) in enumerate(drawn)
    )


@given(
    timelines(), st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)), st.sampled_from(Laterality)
)
def test_a_timeline_fits_where_every_new_neighbour_is_a_listed_move(
    line: tuple[StatusChange, ...], old: set[int], new: set[int], laterality: Laterality
) -> None:
    before = tuple(c for n, c in enumerate(line) if n in old)
    after = tuple(c for n, c in enumerate(line) if n in new)
    known = set(pairwise(before))
    fits = all(
        (one, two) in known
        or (one.to, two.to) in LISTED[laterality.is_mutual]
        or (one.to is two.to and two.to in (Status.SUSPENDED, Status.COLLAPSED))
        for one, two in pairwise(after)
    )
    try:
        require_fits(before, after, laterality)
    except MoveUnknown:
        assert not fits
    else:
        assert fits


# The hash


json_leaves = st.none() | st.booleans() | st.integers(-9, 9) | st.text("abcі", max_size=3)
details = st.dictionaries(st.text("abc", max_size=2), json_leaves, max_size=3)
terms = st.builds(
    Term,
    state=st.sampled_from(TermState),
    text=st.none() | st.text("abc", max_size=3),
    details=details,
)
instants = st.integers(0, 9).map(lambda n: NOON + n * HOUR)
windows = st.builds(
    Window,
    id=st.integers(0, 9).map(lambda n: named(f"window {n}")),
    starts_at=instants,
    ends_at=instants,
    tz=st.sampled_from(["Europe/Kyiv", "Europe/Moscow"]),
    as_announced=st.none() | st.just("10:00 Moscow"),
    direction=st.none() | st.sampled_from(Direction),
    corridor=st.none() | st.just(named("corridor")),
)
parties = st.builds(
    given_party,
    st.sampled_from([MOD, UKRAINE, OCHA, WFP, ICRC]),
    st.sampled_from(PartyRole),
)
contents = st.builds(
    Content,
    terms=st.fixed_dictionaries(dict.fromkeys(TermKey, terms)),
    windows=st.lists(windows, max_size=3, unique_by=lambda w: w.id).map(tuple),
    parties=st.lists(parties, max_size=4, unique=True).map(tuple),
)


@settings(max_examples=50)
@given(contents, st.randoms(use_true_random=False))
def test_the_hash_ignores_order_outcome_and_what_parties_are_called(
    content: Content, chance: Random
) -> None:
    told = [
        replace(w, status=WindowStatus.CLOSED_EARLY, outcome=WindowOutcome.PARTLY, since_revision=7)
        for w in content.windows
    ]
    named_anew = [replace(p, name="renamed") for p in content.parties]
    turned = {
        key: replace(term, details=dict(reversed(list(term.details.items()))))
        for key, term in reversed(list(content.terms.items()))
    }
    same = Content(
        terms=turned,
        windows=tuple(chance.sample(told, len(told))),
        parties=tuple(chance.sample(named_anew, len(named_anew))),
    )
    assert terms_hash(same) == terms_hash(content)


def covered(content: Content) -> tuple[object, ...]:
    """Tell apart what the hash must tell apart: true is not 1, and order is nothing."""
    spans = (
        (w.id, w.starts_at, w.ends_at, w.tz, w.as_announced, w.direction, w.corridor)
        for w in content.windows
    )
    return (
        tuple(
            (t.state, t.text, frozenset((k, type(v), v) for k, v in t.details.items()))
            for t in (content.terms[key] for key in TermKey)
        ),
        frozenset(spans),
        frozenset((p.organisation, p.role) for p in content.parties),
    )


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Content, Content]:
    """Draw two contents that differ in one part at most."""
    one, other = draw(contents), draw(contents)
    key = draw(st.sampled_from(TermKey))
    part = draw(st.sampled_from(["term", "windows", "parties"]))
    changes: Mapping[str, Content] = {
        "term": replace(one, terms={**one.terms, key: other.terms[key]}),
        "windows": replace(one, windows=other.windows),
        "parties": replace(one, parties=other.parties),
    }
    return one, changes[part]


@settings(max_examples=80)
@given(neighbours())
def test_the_hash_changes_with_everything_that_it_covers(pair: tuple[Content, Content]) -> None:
    one, two = pair
    assert (terms_hash(one) == terms_hash(two)) == (covered(one) == covered(two))


def test_the_hash_is_a_lower_case_sha_256() -> None:
    content = Content(terms=given_terms(), windows=(WINDOW,), parties=PARTIES)
    found = terms_hash(content)
    assert len(found) == 64
    assert set(found) <= set("0123456789abcdef")


# Who may attest


@st.composite
def forests(draw: st.DrawFn) -> tuple[list[UUID], dict[UUID, Organisation], dict[UUID, UUID]]:
    """Draw organisations in trees: each below an earlier one, or a root."""
    ids = [named(f"organisation {n}") for n in range(draw(st.integers(1, 7)))]
    above: dict[UUID, UUID] = {}
    for n, organisation in enumerate(ids[1:], start=1):
        parent = draw(st.none() | st.integers(0, n - 1))
        if parent is not None:
            above[organisation] = ids[parent]
    built = {
        o: Organisation(
            id=o,
            short_name=f"organisation {n}",
            is_belligerent=draw(st.booleans()),
            lineage=frozenset(lineage(o, above)),
        )
        for n, o in enumerate(ids)
    }
    return ids, built, above


def lineage(organisation: UUID, above: dict[UUID, UUID]) -> list[UUID]:
    found = [organisation]
    while found[-1] in above:
        found.append(above[found[-1]])
    return found


@settings(max_examples=200)
@given(forests(), st.data())
def test_an_attestation_is_a_second_and_independent_voice(
    forest: tuple[list[UUID], dict[UUID, Organisation], dict[UUID, UUID]], data: st.DataObject
) -> None:
    ids, organisations, above = forest
    about, recorder, attester = (data.draw(st.sampled_from(ids)) for _ in range(3))
    holders = [data.draw(st.sampled_from(["crane", "heron"])) for _ in range(2)]
    roles = {o: data.draw(st.sampled_from(PartyRole)) for o in ids}
    agreement = given_agreement(
        parties=[replace(PARTIES[0], organisation=o, role=role) for o, role in roles.items()]
    )
    position = given_position(
        about,
        Stance.CONFIRMED,
        by=replace(given_person(OCHA, holders[0]), organisation=recorder),
    )
    by = replace(given_person(OCHA, holders[1]), organisation=attester)

    independent = not set(lineage(recorder, above)) & set(lineage(attester, above))
    helps = {PartyRole.FACILITATOR, PartyRole.GUARANTOR, PartyRole.EXECUTOR}
    carried = attester == about or bool({roles[recorder], roles[attester]} & helps)
    fights = {o for o in (recorder, attester) if organisations[o].is_belligerent}
    neutral = not organisations[about].is_belligerent or fights <= {about}
    may = holders[0] != holders[1] and independent and carried and neutral

    try:
        require_may_attest(agreement, position, by, organisations)
    except NotEligible:
        assert not may
    else:
        assert may
