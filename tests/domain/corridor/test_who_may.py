"""Which organisation's coordinators may move a corridor."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.domain.agreement.model import Agreement
from app.domain.corridor.model import CorridorChange
from app.domain.corridor.moves import require_may_change_status
from app.domain.corridor.status import CorridorStatus
from app.domain.errors import NotEligible
from app.domain.laterality import Laterality
from tests.domain.agreement.given import (
    CITY,
    ICRC,
    MOD,
    NOON,
    OCHA,
    UKRAINE,
    WFP,
)
from tests.domain.agreement.given import as_of as agreement_as_of
from tests.domain.corridor.given import (
    LATER_AT,
    as_of,
    given_agreement,
    given_change,
    given_corridor,
    given_declaration,
    given_history,
    given_stop,
    given_wish,
)

S = CorridorStatus
EVERYONE = {MOD, UKRAINE, OCHA, ICRC, CITY, WFP}
PARTIES = {MOD, UKRAINE, OCHA, ICRC, CITY}
FACILITATING = {OCHA, ICRC}

MAY = {
    S.PLANNED: FACILITATING,
    S.AGREED: FACILITATING,
    S.OPEN: FACILITATING,
    S.RESTRICTED: FACILITATING,
    S.CANCELLED: FACILITATING,
    S.SUSPENDED: PARTIES,
    S.BLOCKED: PARTIES,
    S.CLOSED: PARTIES,
}
"""Who may set which status of a corridor of both sides."""


def may(
    to: CorridorStatus | None,
    organisation: UUID,
    *,
    agreement: Agreement | None = None,
    statuses: tuple[CorridorChange, ...] | None = None,
    corrects: tuple[CorridorChange, ...] = (),
) -> bool:
    try:
        require_may_change_status(
            given_wish(to, by=organisation, corrects=corrects),
            now=NOON,
            corridor_at=as_of(given_corridor(statuses=statuses)),
            agreement_at=agreement_as_of(agreement or given_agreement()),
        )
    except NotEligible:
        return False
    return True


@pytest.mark.parametrize("to", MAY)
def test_only_these_may_set_a_status_of_a_corridor_of_both_sides(to: CorridorStatus) -> None:
    assert {organisation for organisation in EVERYONE if may(to, organisation)} == MAY[to]


@pytest.mark.parametrize("laterality", [Laterality.UNILATERAL, Laterality.IMPOSED])
@pytest.mark.parametrize("to", [*MAY, S.DECLARED])
def test_any_coordinator_of_the_operation_records_what_one_side_said(
    to: CorridorStatus, laterality: Laterality
) -> None:
    agreement = replace(given_declaration(), laterality=laterality)
    assert all(may(to, organisation, agreement=agreement) for organisation in EVERYONE)


def test_authority_does_not_tell_whether_the_move_exists() -> None:
    for status in S:
        assert not may(S.OPEN, MOD, statuses=given_history(status))


def test_the_refusal_names_who_may() -> None:
    with pytest.raises(NotEligible, match="open may be set by coordinators of a facilitator"):
        require_may_change_status(
            given_wish(S.OPEN, by=MOD),
            now=NOON,
            corridor_at=as_of(given_corridor()),
            agreement_at=agreement_as_of(given_agreement()),
        )


# Corrections


def stopped_by(organisation: UUID) -> tuple[CorridorChange, ...]:
    return (*given_history(S.OPEN), given_change(S.SUSPENDED, LATER_AT, by=organisation))


def test_only_who_recorded_an_entry_corrects_it() -> None:
    statuses = stopped_by(OCHA)
    assert may(S.CLOSED, OCHA, statuses=statuses, corrects=statuses[-1:])
    assert not may(S.CLOSED, ICRC, statuses=statuses, corrects=statuses[-1:])


def test_who_suspended_does_not_reopen_by_taking_it_out() -> None:
    statuses = stopped_by(MOD)
    assert not may(None, MOD, statuses=statuses, corrects=statuses[-1:])


def test_a_facilitator_takes_its_own_suspension_out() -> None:
    statuses = stopped_by(OCHA)
    assert may(None, OCHA, statuses=statuses, corrects=statuses[-1:])


def test_a_party_corrects_its_own_stop_to_another_one() -> None:
    statuses = stopped_by(MOD)
    assert may(S.BLOCKED, MOD, statuses=statuses, corrects=statuses[-1:])


def test_only_who_stated_a_stop_takes_it_out() -> None:
    stop = given_stop(S.SUSPENDED, LATER_AT, by=UKRAINE)
    corridor = given_corridor(S.SUSPENDED, stops=(stop,))
    for organisation, may_it in ((UKRAINE, True), (OCHA, False)):
        wish = given_wish(None, by=organisation, corrects=[stop])
        try:
            require_may_change_status(
                wish,
                now=NOON,
                corridor_at=as_of(corridor),
                agreement_at=agreement_as_of(given_agreement()),
            )
        except NotEligible:
            assert not may_it
        else:
            assert may_it
