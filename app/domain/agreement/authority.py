"""Which organisation's coordinators may do what in an agreement."""

from uuid import UUID

from app.domain.agreement.model import Agreement
from app.domain.agreement.party import CONSENTING, FACILITATING, SETTLING
from app.domain.agreement.status import MACHINE, Status
from app.domain.errors import NotEligible
from app.domain.machine.authority import require_may_correct as require_may_correct
from app.domain.machine.table import G, Machine, S, Who


def require_may_move(agreement: Agreement, organisation: UUID, to: Status) -> None:
    """Refuse a status that this organisation's coordinators may never set here.

    Raises:
        NotEligible: names who may.
    """
    require_may_set(MACHINE, agreement, organisation, to)


def require_may_set(
    machine: Machine[S, G], agreement: Agreement, organisation: UUID, to: S
) -> None:
    """Refuse a status of this or of a corridor that these coordinators may never set under it.

    Authority depends on the status that is asked for, not on the present one: so
    the answer to one who may not is the same whether or not the move exists.

    Raises:
        NotEligible: names who may.
    """
    who = who_may(machine, agreement, to)
    if who is not None and not is_among(agreement, organisation, who):
        raise NotEligible(
            f"{to.value} may be set by coordinators of {who.value}; "
            f"{agreement.name(organisation)} is none of these in this agreement."
        )


def who_may(machine: Machine[S, G], agreement: Agreement, to: S) -> Who | None:
    """Return who may set the status under an agreement of this laterality; None: no such move."""
    move = machine.strictest_move_to(to, agreement.laterality)
    return move.who if move else None


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
