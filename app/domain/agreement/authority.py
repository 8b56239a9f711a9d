"""Which organisation's coordinators may do what in an agreement."""

from uuid import UUID

from app.domain.agreement.model import Agreement
from app.domain.agreement.party import CONSENTING, FACILITATING, SETTLING
from app.domain.agreement.status import MOVES, STOPS, Status, Who
from app.domain.errors import NotEligible


def require_may_move(agreement: Agreement, organisation: UUID, to: Status) -> None:
    """Refuse a status that this organisation's coordinators may never set here.

    Authority depends on the status that is asked for, not on the present one: so
    the answer to one who may not is the same whether or not the move exists.

    Raises:
        NotEligible: names who may.
    """
    who = who_may(agreement, to)
    if who is not None and not is_among(agreement, organisation, who):
        raise NotEligible(
            f"{to.value} may be set by coordinators of {who.value}; "
            f"{agreement.name(organisation)} is none of these in this agreement."
        )


def who_may(agreement: Agreement, to: Status) -> Who | None:
    """Return who may set the status in an agreement of this laterality; None: no such move."""
    if to in STOPS and agreement.laterality.is_mutual:
        return Who.ANY_PARTY
    kinds = (m for m in MOVES if m.to is to and m.kinds.include(agreement.laterality))
    return next((m.who for m in kinds), None)


def is_among(agreement: Agreement, organisation: UUID, who: Who) -> bool:
    """Whether the organisation is one of those in this agreement."""
    roles = agreement.roles_of(organisation)
    match who:
        case Who.OPERATION:
            return True
        case Who.ANY_PARTY:
            return bool(roles)
        case Who.FACILITATING:
            return bool(roles & FACILITATING)
        case Who.FACILITATING_OR_PROPOSER:
            return bool(roles & FACILITATING) or organisation == agreement.proposer
        case Who.FACILITATING_OR_REJECTING_PARTY:
            return bool(roles & (FACILITATING | CONSENTING))


def require_may_settle(agreement: Agreement, organisation: UUID) -> None:
    """Refuse a change of terms, windows or parties by one who is not there to settle them."""
    if not agreement.roles_of(organisation) & SETTLING:
        raise NotEligible(
            "Terms, windows and parties may be changed by coordinators of facilitators, "
            "guarantors, executors and required parties of this agreement."
        )


def require_may_correct(recorded_by: UUID, organisation: UUID, about: UUID | None = None) -> None:
    """Refuse a correction by another organisation than the one that recorded it.

    Args:
        about: of a position, the organisation whose position it is; it may correct too.
    """
    if organisation not in (recorded_by, about):
        raise NotEligible(
            "Only the organisation that recorded an entry may correct it (of a position, "
            "also the organisation whose position it is). Record a new statement instead."
        )
