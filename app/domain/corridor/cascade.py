"""What a change of the agreement stops: its open and restricted corridors, in the same transaction.

The agreement's own status waits for a coordinator; people on the road do not.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.agreement.model import REFUSALS, Agreement, Position
from app.domain.agreement.moves import StateAt as AgreementAt
from app.domain.agreement.party import CONSENTING
from app.domain.agreement.standing import confirmations_counted
from app.domain.agreement.status import Status
from app.domain.corridor.model import Corridor, CorridorChange
from app.domain.corridor.status import CorridorStatus
from app.domain.machine.timeline import status_at


class Cause(StrEnum):
    """Why corridors stop with their agreement; the value is the `reason` of their suspension."""

    LEFT_FORCE = "agreement_left_force"
    CONFIRMATION_LOST = "confirmation_lost"
    PARTY_REFUSED = "party_refused"


def stops_corridors(
    before: Agreement, after: Agreement, now: datetime, said: Iterable[Position] = ()
) -> Cause | None:
    """Tell why a change of the agreement stops its corridors; None where it does not.

    Args:
        before: as it is at `now` without the change.
        after: as it is at `now` with it.
        said: the positions that the change states, attested or not.
    """
    if before.status.to is Status.IN_FORCE and after.status.to is not Status.IN_FORCE:
        return Cause.LEFT_FORCE
    if confirmations_counted(before, now).keys() - confirmations_counted(after, now).keys():
        return Cause.CONFIRMATION_LOST
    consenting = {*before.organisations(*CONSENTING), *after.organisations(*CONSENTING)}
    if any(p.stance in REFUSALS and p.organisation in consenting for p in said):
        return Cause.PARTY_REFUSED
    return None


def suspension(corridor: Corridor, effective_at: datetime, now: datetime) -> datetime | None:
    """Return since when a stop of the agreement suspends the corridor; None where it does not.

    That is the stop's own instant, or now where the corridor changed since then or
    was neither open nor restricted at it. What is not passable now has stopped already.

    Args:
        corridor: as it is now.
        effective_at: since when the agreement's stop holds.
    """
    if not corridor.is_passable:
        return None
    held = status_at(corridor.statuses, effective_at)
    unchanged = held is not None and held.id == corridor.status.id
    return min(effective_at, now) if unchanged else now


def automatic_suspension(
    id: UUID, at: datetime, *, sequence: int, organisation: UUID
) -> CorridorChange:
    """Build the entry of a suspension that follows the agreement.

    Args:
        id: of the event that records it.
        organisation: whose change of the agreement it follows.
    """
    return CorridorChange(
        id=id,
        to=CorridorStatus.SUSPENDED,
        effective_at=at,
        sequence=sequence,
        organisation=organisation,
        automatic=True,
    )


def stopped_since(agreement_at: AgreementAt, since: datetime, until: datetime) -> datetime | None:
    """Return when the agreement first stopped its corridors after `since`, by `until` at most.

    A corridor that is reported open late would have stopped then with all others.
    """
    before = agreement_at(since)
    for at in sorted(_instants(agreement_at(until), since, until)):
        after = agreement_at(at)
        said = [p for p in after.positions if p.stated_at == at]
        if stops_corridors(before, after, at, said) is not None:
            return at
        before = after
    return None


def _instants(agreement: Agreement, since: datetime, until: datetime) -> set[datetime]:
    """Return when the agreement's status, terms or positions changed after `since`."""
    found = {change.effective_at for change in agreement.statuses}
    found |= {revision.took_effect_at for revision in agreement.revisions}
    found |= {position.stated_at for position in agreement.positions}
    return {at for at in found if since < at <= until}
