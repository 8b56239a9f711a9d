"""What holds for every agreement: Hypothesis looks for the exception."""

from collections.abc import Callable, Mapping
from dataclasses import replace
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
)
from app.domain.agreement.party import PartyRole
from app.domain.agreement.readiness import readiness
from app.domain.agreement.route import Mode, Route, RouteSite, SiteRole
from app.domain.agreement.standing import counted_windows, stands
from app.domain.agreement.statement import decide_position, require_may_attest
from app.domain.agreement.status import MACHINE, Laterality, Status
from app.domain.agreement.terms import Content, Term, TermKey, TermState, terms_hash
from app.domain.errors import MoveUnknown, NotEligible, RuleRefused
from app.domain.fact import Basis
from app.domain.machine.timeline import in_order, require_fits
from app.domain.organisation import Organisation
from app.domain.window import Direction, Window, WindowOutcome, WindowStatus
from tests.domain.agreement.given import (
    FORCE_AT,
    ICRC,
    MOD,
    NOON,
    OCHA,
    PARTIES,
    UKRAINE,
    WFP,
    WINDOW,
    decided,
    given_agreement,
    given_party,
    given_person,
    given_position,
    given_terms,
    named,
)
from tests.domain.agreement.interpreter import Record, fold
from tests.domain.agreement.table import LISTED
from tests.domain.agreement.wishes import (
    BEGINNINGS,
    COORDINATORS,
    HOUR,
    IN_FORCE,
    SPEAKERS,
    Statement,
    Step,
    Wish,
    hours,
    position_of,
    records,
    steps,
    take,
    wish_of,
)

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
        require_fits(before, after, lambda one, two: MACHINE.is_listed(one, two, laterality))
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
points = st.tuples(st.sampled_from([37.608, 37.6080001]), st.sampled_from([47.097, -0.5]))
sites = st.builds(
    RouteSite,
    role=st.sampled_from(SiteRole),
    site=st.integers(0, 2).map(lambda n: named(f"site {n}")),
    position=st.none() | points,
)
routes = st.builds(
    Route,
    corridor=st.integers(0, 9).map(lambda n: named(f"corridor {n}")),
    geometry=st.none() | st.lists(points, max_size=3).map(tuple),
    width_m=st.none() | st.sampled_from([30, 30.5]),
    direction=st.none() | st.sampled_from(Direction),
    mode=st.none() | st.sampled_from(Mode),
    sites=st.lists(sites, max_size=2, unique_by=lambda s: s.role).map(tuple),
)
contents = st.builds(
    Content,
    terms=st.fixed_dictionaries(dict.fromkeys(TermKey, terms)),
    windows=st.lists(windows, max_size=3, unique_by=lambda w: w.id).map(tuple),
    parties=st.lists(parties, max_size=4, unique=True).map(tuple),
    routes=st.lists(routes, max_size=3, unique_by=lambda r: r.corridor).map(tuple),
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
        routes=tuple(chance.sample(content.routes, len(content.routes))),
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
        frozenset(replace(r, sites=tuple(sorted(r.sites, key=str))) for r in content.routes),
    )


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Content, Content]:
    """Draw two contents that differ in one part at most."""
    one, other = draw(contents), draw(contents)
    key = draw(st.sampled_from(TermKey))
    part = draw(st.sampled_from(["term", "windows", "parties", "routes"]))
    changes: Mapping[str, Content] = {
        "term": replace(one, terms={**one.terms, key: other.terms[key]}),
        "windows": replace(one, windows=other.windows),
        "parties": replace(one, parties=other.parties),
        "routes": replace(one, routes=other.routes),
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
