"""What stops the corridors of an agreement, and since when they are suspended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.agreement.model import Agreement, Position, Stance
from app.domain.agreement.party import PartyRole
from app.domain.agreement.revision import decide_terms
from app.domain.agreement.status import Status
from app.domain.agreement.terms import Term
from app.domain.corridor.cascade import (
    Cause,
    automatic_suspension,
    stopped_since,
    stops_corridors,
    suspension,
)
from app.domain.corridor.status import CorridorStatus
from tests.domain.agreement.given import (
    CITY,
    CONFIRMATIONS,
    FORCE_AT,
    ICRC,
    MOD,
    NOON,
    OCHA,
    OVER_AT,
    PARTIES,
    STOPPED_AT,
    UKRAINE,
    as_of,
    given_attestation,
    given_confirmed,
    given_party,
    given_position,
    given_relayed,
    given_terms,
    named,
    saying,
)
from tests.domain.corridor.given import (
    AFTER_AT,
    LATER_AT,
    OPENED_AT,
    given_agreement,
    given_change,
    given_corridor,
    given_declaration,
)

S = CorridorStatus
MOMENT = timedelta(microseconds=1)


def cause(before: Agreement, after: Agreement, said: Sequence[Position] = ()) -> Cause | None:
    return stops_corridors(before, after, NOON, said)


def said(agreement: Agreement, position: Position) -> Cause | None:
    return cause(agreement, saying(agreement, position), [position])


# What stops them


@pytest.mark.parametrize(
    "status",
    [Status.SUSPENDED, Status.COLLAPSED, Status.COMPLETED, Status.SUPERSEDED, Status.CONFIRMED],
)
def test_corridors_stop_when_the_agreement_leaves_force(status: Status) -> None:
    assert cause(given_agreement(), given_agreement(status)) is Cause.LEFT_FORCE


def test_what_was_not_in_force_does_not_leave_it() -> None:
    assert cause(given_agreement(Status.CONFIRMED), given_agreement(Status.SUSPENDED)) is None
    assert cause(given_agreement(Status.CONFIRMED), given_agreement()) is None


def test_corridors_of_a_declaration_stop_with_it_too() -> None:
    before, after = given_declaration(), given_declaration(Status.SUSPENDED)
    assert cause(before, after) is Cause.LEFT_FORCE


@pytest.mark.parametrize("stance", [Stance.CONSIDERING, Stance.IN_PRINCIPLE, Stance.CONDITIONAL])
@pytest.mark.parametrize("who", [MOD, UKRAINE, ICRC])
def test_corridors_stop_when_a_position_that_counted_no_longer_counts(
    who: UUID, stance: Stance
) -> None:
    word = given_position(who, stance, at=OVER_AT)
    assert said(given_agreement(), word) is Cause.CONFIRMATION_LOST


def test_corridors_stop_when_the_terms_void_what_was_confirmed() -> None:
    before = given_agreement()
    content = replace(before.content, terms=given_terms(checks=Term()))
    decision = decide_terms(before, content, at=NOON)
    assert decision.revision is not None
    after = replace(before, revisions=(*before.revisions, decision.revision))
    assert cause(before, after) is Cause.CONFIRMATION_LOST


def test_corridors_stop_when_an_attestation_that_counted_is_taken_out() -> None:
    relayed = given_relayed(UKRAINE)
    positions = [given_confirmed(MOD), given_confirmed(ICRC), relayed]
    attested = [given_attestation(relayed, ICRC)]
    before = given_agreement(positions=positions, attestations=attested)
    assert cause(before, replace(before, attestations=())) is Cause.CONFIRMATION_LOST


def test_a_confirmation_said_again_stops_nothing() -> None:
    assert said(given_agreement(), given_confirmed(MOD, at=OVER_AT)) is None


@pytest.mark.parametrize("stance", [Stance.WITHDRAWN, Stance.REJECTED])
@pytest.mark.parametrize("who", [MOD, ICRC])
def test_every_refusal_of_whose_consent_is_needed_stops_corridors_attested_or_not(
    who: UUID, stance: Stance
) -> None:
    positions = [p for p in CONFIRMATIONS if p.organisation != who]
    refusal = given_relayed(who, stance, by=CITY, at=OVER_AT)
    assert said(given_agreement(positions=positions), refusal) is Cause.PARTY_REFUSED


def test_a_refusal_that_was_followed_by_a_confirmation_stops_corridors_too() -> None:
    before = saying(given_agreement(), given_confirmed(MOD, at=OVER_AT))
    late = given_position(MOD, Stance.WITHDRAWN, at=STOPPED_AT)
    assert said(before, late) is Cause.PARTY_REFUSED


@pytest.mark.parametrize("who", [OCHA, CITY])
def test_a_refusal_of_one_whose_consent_is_not_needed_stops_nothing(who: UUID) -> None:
    assert said(given_agreement(), given_position(who, Stance.WITHDRAWN, at=OVER_AT)) is None


def test_a_refusal_counts_by_the_role_before_or_after() -> None:
    refusal = given_position(CITY, Stance.REJECTED, at=OVER_AT)
    plain = given_agreement()
    needed = replace(plain, parties=(*PARTIES, given_party(CITY, PartyRole.EXECUTOR)))
    assert cause(needed, plain, [refusal]) is Cause.PARTY_REFUSED
    assert cause(plain, needed, [refusal]) is Cause.PARTY_REFUSED


def test_what_changes_nothing_of_consent_stops_nothing() -> None:
    assert cause(given_agreement(), given_agreement()) is None


# Since when


@pytest.mark.parametrize("status", [S.OPEN, S.RESTRICTED])
def test_a_corridor_is_suspended_since_the_stop_of_its_agreement(status: CorridorStatus) -> None:
    corridor = given_corridor(status)
    assert suspension(corridor, AFTER_AT, NOON) == AFTER_AT


def test_a_corridor_that_changed_since_is_suspended_now() -> None:
    assert suspension(given_corridor(S.RESTRICTED), LATER_AT - MOMENT, NOON) == NOON


def test_a_corridor_that_opened_only_then_is_suspended_now() -> None:
    assert suspension(given_corridor(), OPENED_AT - MOMENT, NOON) == NOON
    assert suspension(given_corridor(), OPENED_AT, NOON) == OPENED_AT


@pytest.mark.parametrize("status", [s for s in S if s not in (S.OPEN, S.RESTRICTED)])
def test_a_corridor_that_lets_nobody_pass_is_not_suspended(status: CorridorStatus) -> None:
    assert suspension(given_corridor(status), AFTER_AT, NOON) is None


def test_no_corridor_is_suspended_ahead() -> None:
    assert suspension(given_corridor(), NOON + MOMENT, NOON) == NOON


def test_an_automatic_suspension_says_that_it_is_one() -> None:
    event = named("event")
    entry = automatic_suspension(event, NOON, sequence=7, organisation=MOD)
    assert entry == replace(
        given_change(S.SUSPENDED, NOON, by=MOD, sequence=7, automatic=True), id=event
    )
    assert entry.automatic


# What stopped since


def test_nothing_stopped_where_nothing_changed() -> None:
    assert stopped_since(as_of(given_agreement()), FORCE_AT, NOON) is None


def test_the_first_stop_is_found() -> None:
    agreement = saying(
        given_agreement(Status.SUSPENDED), given_position(UKRAINE, Stance.WITHDRAWN, at=OVER_AT)
    )
    assert stopped_since(as_of(agreement), FORCE_AT, NOON) == STOPPED_AT
    assert stopped_since(as_of(agreement), STOPPED_AT, NOON) == OVER_AT
    assert stopped_since(as_of(agreement), OVER_AT, NOON) is None
    assert stopped_since(as_of(agreement), FORCE_AT, STOPPED_AT - MOMENT) is None
