"""The Azovstal agreement as builders: a test states only what it is about.

Unless told otherwise an agreement is ready for everything: the ten terms are
agreed, every required party and the executor have confirmed them by
themselves, and its window of 30 April is open at `NOON`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from app.domain.agreement.guards import Grounds
from app.domain.agreement.model import (
    Agreement,
    Attestation,
    Form,
    Person,
    Position,
    Revision,
    Stance,
    StatusChange,
    StopStatement,
)
from app.domain.agreement.moves import StateAt, StatusDecision, StatusWish, decide_status
from app.domain.agreement.party import Party, PartyRole
from app.domain.agreement.route import Route
from app.domain.agreement.status import Laterality, Status
from app.domain.agreement.terms import Content, Term, TermKey, Terms, TermState, terms_hash
from app.domain.agreement.timeline import in_order, status_at
from app.domain.fact import Basis
from app.domain.instant import parse_instant
from app.domain.organisation import Organisation
from app.domain.window import Window, WindowStatus

_SPACE = UUID("5afe0000-0000-4000-8000-000000002022")


def named(name: str) -> UUID:
    """Return the one id of a name."""
    return uuid5(_SPACE, name)


UN = named("UN")
OCHA = named("UN OCHA")
WFP = named("WFP")
ICRC = named("ICRC")
MOD = named("Ministry of Defence of the Russian Federation")
GENERAL_STAFF = named("General Staff")
UKRAINE = named("Government of Ukraine")
CITY = named("Mariupol City Council")

NAMES = {
    OCHA: "UN OCHA",
    WFP: "WFP",
    ICRC: "ICRC",
    MOD: "Russian MoD",
    GENERAL_STAFF: "General Staff",
    UKRAINE: "Ukraine",
    CITY: "Mariupol City Council",
}

READOUT = named("UN readout of 26 April")
CONVOY_REPORT = named("field report of 30 April")


def april(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return an instant of April 2022, UTC."""
    return parse_instant(f"2022-04-{day:02}T{hour:02}:{minute:02}:00Z")


PROPOSED_AT = april(25, 12)
TALKS_AT = april(26, 9)
IN_PRINCIPLE_AT = april(26, 18)
SETTLED_AT = april(28, 12)
"""Since when the terms read as they do."""
SAID_AT = april(29, 6)
"""When the parties confirmed."""
CONFIRMED_AT = april(29, 9)
STARTS_AT = april(30, 3)
"""06:00 in Mariupol, when the ceasefire was due."""
FORCE_AT = april(30, 8)
"""11:00 in Mariupol, when it began."""
STOPPED_AT = april(30, 9)
AGAIN_AT = april(30, 10)
"""When the party that suspended confirmed again."""
OVER_AT = april(30, 11)
NOON = april(30, 12)
"""The present of these tests."""
ENDS_AT = april(30, 17)


def given_organisation(
    id: UUID, *, under: Sequence[UUID] = (), is_belligerent: bool = False
) -> Organisation:
    """Build an organisation; `under` names all above it."""
    return Organisation(
        id=id,
        short_name=NAMES.get(id, "UN"),
        is_belligerent=is_belligerent,
        lineage=frozenset({id, *under}),
    )


ORGANISATIONS: Mapping[UUID, Organisation] = {
    OCHA: given_organisation(OCHA, under=(UN,)),
    WFP: given_organisation(WFP, under=(UN,)),
    ICRC: given_organisation(ICRC),
    MOD: given_organisation(MOD, is_belligerent=True),
    GENERAL_STAFF: given_organisation(GENERAL_STAFF, under=(MOD,), is_belligerent=True),
    UKRAINE: given_organisation(UKRAINE, is_belligerent=True),
    CITY: given_organisation(CITY, under=(UKRAINE,)),
}


def given_party(organisation: UUID, role: PartyRole) -> Party:
    """Build a party under its short name."""
    return Party(organisation=organisation, name=NAMES[organisation], role=role)


PARTIES = (
    given_party(MOD, PartyRole.REQUIRED_PARTY),
    given_party(UKRAINE, PartyRole.REQUIRED_PARTY),
    given_party(OCHA, PartyRole.FACILITATOR),
    given_party(ICRC, PartyRole.EXECUTOR),
    given_party(CITY, PartyRole.OBSERVER),
)

DECLARING_PARTIES = (
    given_party(MOD, PartyRole.REQUIRED_PARTY),
    given_party(OCHA, PartyRole.FACILITATOR),
    given_party(CITY, PartyRole.OBSERVER),
)


def given_person(organisation: UUID, holder: str | None = None) -> Person:
    """Build a coordinator; without a holder, the organisation's own first one."""
    holder = holder or f"duty desk of {NAMES[organisation]}"
    return Person(
        holder=holder, organisation=organisation, principal=named(f"{holder}/{organisation}")
    )


def given_terms(**terms: Term) -> Terms:
    """Build ten agreed and voluntary terms, but for those given by key."""
    agreed = {key: Term(state=TermState.AGREED, text=f"agreed: {key}") for key in TermKey}
    free = TermKey.DESTINATIONS_AND_FREE_CHOICE
    agreed[free] = replace(agreed[free], details={"voluntary": True})
    return agreed | {TermKey(key): term for key, term in terms.items()}


def given_window(
    name: str = "30 April",
    *,
    starts_at: datetime = STARTS_AT,
    ends_at: datetime = ENDS_AT,
    status: WindowStatus = WindowStatus.SCHEDULED,
    since_revision: int = 1,
    corridor: UUID | None = None,
) -> Window:
    """Build a window announced in Mariupol; one name is one window."""
    return Window(
        id=named(f"window {name}"),
        starts_at=starts_at,
        ends_at=ends_at,
        tz="Europe/Kyiv",
        status=status,
        since_revision=since_revision,
        corridor=corridor,
    )


WINDOW = given_window()
YESTERDAY = given_window("29 April", starts_at=april(29, 3), ends_at=april(29, 17))
LATER_TODAY = given_window("30 April", starts_at=april(30, 13))
MAY_DAY = given_window(
    "1 May", starts_at=april(30, 17), ends_at=parse_instant("2022-05-01T17:00:00Z")
)


def given_position(
    organisation: UUID,
    stance: Stance,
    *,
    at: datetime = SAID_AT,
    by: Person | None = None,
    name: str = "",
    revision: int | None = None,
    terms_hash: str | None = None,
    form: Form | None = Form.LETTER,
    valid_until: datetime | None = None,
    relayed_by: UUID | None = None,
    conditions: str | None = None,
    sources: tuple[UUID, ...] = (READOUT,),
    basis: Basis = Basis.STATED,
) -> Position:
    """Build a position, by default by the party's own principal and with a source.

    A `confirmed` that names no revision speaks of the present one of the
    agreement that it is given to.
    """
    return Position(
        id=named(f"position {organisation} {stance} {at} {name}"),
        organisation=organisation,
        stance=stance,
        stated_at=at,
        recorded_by=by or given_person(organisation),
        revision=revision,
        terms_hash=terms_hash,
        form=form,
        valid_until=valid_until,
        relayed_by=relayed_by,
        conditions=conditions,
        sources=sources,
        basis=basis,
    )


def given_confirmed(organisation: UUID, *, at: datetime = SAID_AT) -> Position:
    """Build a party's own confirmation of the present terms."""
    return given_position(organisation, Stance.CONFIRMED, at=at)


def given_relayed(
    organisation: UUID,
    stance: Stance = Stance.CONFIRMED,
    *,
    by: UUID = OCHA,
    at: datetime = SAID_AT,
) -> Position:
    """Build a position that another organisation's coordinator recorded."""
    return given_position(organisation, stance, at=at, by=given_person(by), relayed_by=by)


def given_attestation(position: Position, by: UUID | Person) -> Attestation:
    """Build a second person's word for a position."""
    person = by if isinstance(by, Person) else given_person(by)
    return Attestation(
        id=named(f"attestation {position.id} {person.holder}"), position=position.id, by=person
    )


CONFIRMATIONS = tuple(given_confirmed(o) for o in (MOD, UKRAINE, ICRC))


def given_revision(
    number: int = 1,
    *,
    terms_hash: str = "",
    at: datetime = SETTLED_AT,
    extends: int | None = None,
) -> Revision:
    """Build a revision; without a hash, of the terms of the agreement it is given to."""
    return Revision(number=number, terms_hash=terms_hash, took_effect_at=at, extends=extends)


def given_change(
    to: Status, at: datetime, *, by: UUID = OCHA, sequence: int = 0, automatic: bool = False
) -> StatusChange:
    """Build one entry of the status history."""
    return StatusChange(
        id=named(f"status {to} {at}"),
        to=to,
        effective_at=at,
        sequence=sequence,
        organisation=by,
        automatic=automatic,
    )


def given_stop(to: Status, at: datetime, *, by: UUID) -> StopStatement:
    """Build a stop that was stated while all had stopped."""
    return StopStatement(id=named(f"stop {to} {at} {by}"), to=to, effective_at=at, organisation=by)


_COMMON = {
    Status.PROPOSED: given_change(Status.PROPOSED, PROPOSED_AT),
    Status.IN_TALKS: given_change(Status.IN_TALKS, TALKS_AT),
    Status.AGREED_IN_PRINCIPLE: given_change(Status.AGREED_IN_PRINCIPLE, IN_PRINCIPLE_AT),
    Status.CONFIRMED: given_change(Status.CONFIRMED, CONFIRMED_AT),
    Status.DECLARED: given_change(Status.DECLARED, CONFIRMED_AT),
    Status.IN_FORCE: given_change(Status.IN_FORCE, FORCE_AT),
    Status.SUSPENDED: given_change(Status.SUSPENDED, STOPPED_AT, by=MOD),
}
_MUTUAL_PATH = tuple(status for status in _COMMON if status is not Status.DECLARED)
_DECLARED_PATH = (Status.PROPOSED, Status.DECLARED, Status.IN_FORCE, Status.SUSPENDED)
_BEFORE_THE_END = {
    Status.REJECTED: Status.IN_TALKS,
    Status.WITHDRAWN: Status.IN_TALKS,
    Status.EXPIRED: Status.CONFIRMED,
    Status.COMPLETED: Status.IN_FORCE,
    Status.COLLAPSED: Status.SUSPENDED,
    Status.SUPERSEDED: Status.IN_TALKS,
}


def given_history(
    to: Status, laterality: Laterality = Laterality.BILATERAL
) -> tuple[StatusChange, ...]:
    """Build the usual way to a status, from the proposal on."""
    path = _MUTUAL_PATH if laterality.is_mutual else _DECLARED_PATH
    last = _BEFORE_THE_END.get(to, to)
    reached = path[: path.index(last) + 1] if last in path else path[:1]
    changes = tuple(_COMMON[status] for status in reached)
    return changes if to in reached else (*changes, given_change(to, OVER_AT))


def given_agreement(
    status: Status = Status.IN_FORCE,
    *,
    laterality: Laterality = Laterality.BILATERAL,
    proposer: UUID = OCHA,
    declared_by: UUID | None = MOD,
    parties: Sequence[Party] | None = None,
    terms: Terms | None = None,
    windows: Sequence[Window] = (WINDOW,),
    routes: Sequence[Route] = (),
    positions: Iterable[Position] = CONFIRMATIONS,
    attestations: Sequence[Attestation] = (),
    revisions: Sequence[Revision] = (given_revision(),),
    statuses: Iterable[StatusChange] | None = None,
    stops: Sequence[StopStatement] = (),
) -> Agreement:
    """Build the agreement as it is at `NOON`."""
    if parties is None:
        parties = PARTIES if laterality.is_mutual else DECLARING_PARTIES
    content = Content(
        terms=given_terms() if terms is None else terms,
        windows=tuple(windows),
        parties=tuple(parties),
        routes=tuple(routes),
    )
    hashed = _hash_of(content)
    revisions = tuple(r if r.terms_hash else replace(r, terms_hash=hashed) for r in revisions)
    timeline = in_order(given_history(status, laterality) if statuses is None else statuses)
    return Agreement(
        id=named("agreement"),
        operation=named("Mariupol 2022"),
        laterality=laterality,
        proposer=proposer,
        declared_by=None if laterality.is_mutual else declared_by,
        status=timeline[-1],
        statuses=timeline,
        stops=tuple(stops),
        revisions=revisions,
        parties=content.parties,
        terms=content.terms,
        windows=content.windows,
        routes=content.routes,
        positions=_in_order(_speaking_of(revisions[-1], p) for p in positions),
        attestations=tuple(attestations),
        names=NAMES,
    )


_HASHES: dict[str, str] = {}


def _hash_of(content: Content) -> str:
    """Compute the hash once for all tests that give the same content."""
    key = repr(content)
    if key not in _HASHES:
        _HASHES[key] = terms_hash(content)
    return _HASHES[key]


def _in_order(positions: Iterable[Position]) -> tuple[Position, ...]:
    return tuple(sorted(positions, key=lambda p: p.stated_at))


def _speaking_of(present: Revision, position: Position) -> Position:
    if position.stance is not Stance.CONFIRMED:
        return position
    return replace(
        position,
        revision=position.revision or present.number,
        terms_hash=position.terms_hash or present.terms_hash,
    )


def given_declaration(
    status: Status = Status.IN_FORCE,
    *,
    declared_by: UUID | None = MOD,
    windows: Sequence[Window] = (WINDOW,),
    positions: Iterable[Position] = (),
) -> Agreement:
    """Build what the Ministry of Defence announced by itself."""
    return given_agreement(
        status,
        laterality=Laterality.UNILATERAL,
        declared_by=declared_by,
        windows=windows,
        positions=positions,
    )


def saying(agreement: Agreement, *positions: Position) -> Agreement:
    """Add statements to an agreement."""
    spoken = (_speaking_of(agreement.revision, p) for p in positions)
    return replace(agreement, positions=_in_order([*agreement.positions, *spoken]))


def as_of(agreement: Agreement) -> StateAt:
    """Return what the agreement was at an instant, from what it is at `NOON`."""

    def state_at(at: datetime) -> Agreement:
        return replace(
            agreement,
            status=status_at(agreement.statuses, at) or agreement.statuses[0],
            positions=tuple(p for p in agreement.positions if p.stated_at <= at),
            stops=tuple(s for s in agreement.stops if s.effective_at <= at),
        )

    return state_at


GROUNDS = Grounds(
    sources=(CONVOY_REPORT,),
    ceasefire_effective_at=FORCE_AT,
    movements_statement="one convoy left on 30 April",
    counts_statement="unknown",
    purpose_met=True,
    successor=named("the agreement of 4 May"),
)
"""Everything that any move may ask for, but an override."""


def given_wish(
    to: Status | None,
    *,
    by: UUID = OCHA,
    at: datetime | None = None,
    corrects: Iterable[StatusChange | StopStatement] = (),
    grounds: Grounds = GROUNDS,
) -> StatusWish:
    """Build a wish for a status, by default by the facilitator and for now."""
    return StatusWish(
        id=named(f"wish {to} {at}"),
        to=to,
        organisation=by,
        effective_at=at,
        corrects=tuple(change.id for change in corrects),
        grounds=grounds,
    )


def decided(
    agreement: Agreement,
    to: Status | None,
    *,
    by: UUID = OCHA,
    at: datetime | None = None,
    corrects: Iterable[StatusChange | StopStatement] = (),
    grounds: Grounds = GROUNDS,
    now: datetime = NOON,
) -> StatusDecision:
    """Decide a wish at `NOON`."""
    wish = given_wish(to, by=by, at=at, corrects=corrects, grounds=grounds)
    return decide_status(wish, now=now, state_at=as_of(agreement))
