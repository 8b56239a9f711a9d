"""Which organisation's coordinators may do what."""

from uuid import UUID

import pytest

from app.domain.agreement.authority import (
    is_among,
    require_may_move,
    require_may_settle,
    who_may,
)
from app.domain.agreement.moves import require_may_change_status
from app.domain.agreement.party import Party, PartyRole
from app.domain.agreement.proposal import require_proposable, require_same_kind
from app.domain.agreement.status import MACHINE, Laterality, Status, Who
from app.domain.errors import NotEligible, Unacceptable
from tests.domain.agreement.given import (
    CITY,
    DECLARING_PARTIES,
    ICRC,
    MOD,
    NOON,
    OCHA,
    PARTIES,
    UKRAINE,
    WFP,
    as_of,
    given_agreement,
    given_declaration,
    given_party,
    given_wish,
)

EVERYONE = {MOD, UKRAINE, OCHA, ICRC, CITY, WFP}
FACILITATING = {OCHA, ICRC}
AGREEMENT = given_agreement(proposer=CITY)

MAY = {
    Status.IN_TALKS: FACILITATING,
    Status.AGREED_IN_PRINCIPLE: FACILITATING,
    Status.CONFIRMED: FACILITATING,
    Status.IN_FORCE: FACILITATING,
    Status.SUSPENDED: {MOD, UKRAINE, OCHA, ICRC, CITY},
    Status.COLLAPSED: {MOD, UKRAINE, OCHA, ICRC, CITY},
    Status.COMPLETED: FACILITATING,
    Status.EXPIRED: FACILITATING,
    Status.REJECTED: {*FACILITATING, MOD, UKRAINE},
    Status.WITHDRAWN: {*FACILITATING, CITY},
    Status.SUPERSEDED: FACILITATING,
}
"""Who may set which status of a mutual agreement that Mariupol City Council proposed."""


def may_move(organisation: UUID, to: Status) -> bool:
    wish = given_wish(to, by=organisation)
    try:
        require_may_change_status(wish, now=NOON, state_at=as_of(AGREEMENT))
    except NotEligible:
        return False
    return True


@pytest.mark.parametrize("to", MAY)
def test_only_these_may_set_a_status_of_a_mutual_agreement(to: Status) -> None:
    assert {organisation for organisation in EVERYONE if may_move(organisation, to)} == MAY[to]


def test_authority_does_not_tell_whether_the_move_exists() -> None:
    for status in Status:
        with pytest.raises(NotEligible, match="confirmed may be set by coordinators of a fac"):
            require_may_move(given_agreement(status), MOD, Status.CONFIRMED)


@pytest.mark.parametrize(
    "to",
    [
        Status.DECLARED,
        Status.IN_FORCE,
        Status.SUSPENDED,
        Status.COMPLETED,
        Status.EXPIRED,
        Status.COLLAPSED,
    ],
)
def test_any_coordinator_of_the_operation_records_what_one_side_declared(to: Status) -> None:
    for organisation in EVERYONE:
        require_may_move(given_declaration(), organisation, to)
    assert who_may(MACHINE, given_declaration(), to) is Who.OPERATION


def test_no_move_has_nobody_who_may_make_it() -> None:
    assert who_may(MACHINE, AGREEMENT, Status.DECLARED) is None
    assert who_may(MACHINE, given_declaration(), Status.CONFIRMED) is None
    assert who_may(MACHINE, AGREEMENT, Status.PROPOSED) is None


@pytest.mark.parametrize("role", PartyRole)
def test_each_role_gives_its_own_authority(role: PartyRole) -> None:
    agreement = given_agreement(parties=(given_party(WFP, role),))
    found = {who for who in Who if is_among(agreement, WFP, who)}
    helps = role in ("facilitator", "guarantor", "executor")
    consents = role in ("required_party", "executor")
    assert found == {
        Who.OPERATION,
        Who.ANY_PARTY,
        *([Who.FACILITATING, Who.FACILITATING_OR_PROPOSER] if helps else []),
        *([Who.FACILITATING_OR_REJECTING_PARTY] if helps or consents else []),
    }


def test_a_stranger_has_no_authority_but_to_record_declarations() -> None:
    assert {who for who in Who if is_among(AGREEMENT, WFP, who)} == {Who.OPERATION}


@pytest.mark.parametrize("role", PartyRole)
def test_terms_and_windows_are_settled_by_those_who_carry_them(role: PartyRole) -> None:
    agreement = given_agreement(parties=(given_party(WFP, role),))
    if role in ("facilitator", "guarantor", "executor", "required_party"):
        require_may_settle(agreement, WFP)
        return
    with pytest.raises(NotEligible):
        require_may_settle(agreement, WFP)


def test_a_stranger_settles_nothing() -> None:
    with pytest.raises(NotEligible):
        require_may_settle(given_agreement(), WFP)


# Proposing


@pytest.mark.parametrize("laterality", [Laterality.BILATERAL, Laterality.MULTILATERAL])
def test_a_mutual_agreement_needs_two_required_parties(laterality: Laterality) -> None:
    require_proposable(laterality, PARTIES)
    with pytest.raises(Unacceptable, match="at least 2"):
        require_proposable(laterality, DECLARING_PARTIES)


@pytest.mark.parametrize("laterality", [Laterality.UNILATERAL, Laterality.IMPOSED])
def test_a_declaration_needs_one_required_party(laterality: Laterality) -> None:
    require_proposable(laterality, DECLARING_PARTIES)
    with pytest.raises(Unacceptable, match="at least 1") as refused:
        require_proposable(laterality, DECLARING_PARTIES[1:])
    assert refused.value.pointer == "/parties"


def test_nobody_stands_twice_in_one_role() -> None:
    twice: list[Party] = [*PARTIES, PARTIES[0]]
    with pytest.raises(Unacceptable) as refused:
        require_proposable(Laterality.BILATERAL, twice)
    assert refused.value.pointer == "/parties/0"


def test_one_organisation_may_have_several_roles() -> None:
    require_proposable(Laterality.BILATERAL, [*PARTIES, given_party(OCHA, PartyRole.MONITOR)])


def test_one_required_party_in_two_entries_is_one() -> None:
    alone = [given_party(MOD, PartyRole.REQUIRED_PARTY), given_party(MOD, PartyRole.EXECUTOR)]
    with pytest.raises(Unacceptable, match="Found 1"):
        require_proposable(Laterality.BILATERAL, alone)


def test_a_declaration_never_becomes_mutual_nor_the_reverse() -> None:
    require_same_kind(given_agreement(), Laterality.MULTILATERAL)
    require_same_kind(given_declaration(), Laterality.IMPOSED)
    with pytest.raises(Unacceptable, match="Propose a new agreement"):
        require_same_kind(given_declaration(), Laterality.BILATERAL)
    with pytest.raises(Unacceptable):
        require_same_kind(given_agreement(), Laterality.IMPOSED)
