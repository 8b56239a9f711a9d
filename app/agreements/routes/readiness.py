"""Readiness and transitions: what is still missing, and what to do next."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.agreements.schemas.common import person_out, unmet_out, warnings_out
from app.agreements.schemas.readiness import (
    MoveOut,
    OverdueOut,
    ReadinessOut,
    TermStateOut,
    TransitionsOut,
    WordOut,
)
from app.agreements.seen import Seen, WholeAgreement
from app.agreements.showing import why_not_more, windows_out
from app.contacts import service as contacts
from app.domain.agreement.bar import attention
from app.domain.agreement.counting import Word, attesters
from app.domain.agreement.model import Agreement
from app.domain.agreement.party import PartyRole
from app.domain.agreement.readiness import readiness, transitions
from app.http.route import StrictRoute

router = APIRouter(
    prefix="/v1/agreements/{agreement_id}", tags=["readiness"], route_class=StrictRoute
)


@router.get("/readiness")
def read_readiness(seen: WholeAgreement, response: Response) -> ReadinessOut:
    """Say what is settled, who has confirmed what, and everything that is still missing.

    `ready` means that the agreement stands. Whether anybody may move is `do_not_move`.
    """
    agreement, at = seen.agreement, seen.at
    found = readiness(agreement, at)
    seen.tag(response)
    return ReadinessOut(
        status=agreement.status.to,
        revision=agreement.revision.number,
        terms_hash=agreement.revision.terms_hash,
        ready=not found.unmet,
        terms=[TermStateOut(key=key, state=state) for key, state in found.terms],
        terms_agreed=found.terms_agreed,
        positions=[_word(agreement, role, word, seen) for role, word in found.words],
        windows=windows_out(agreement, at),
        unmet=unmet_out(found.unmet),
        attention=warnings_out(attention(agreement, at)),
        overdue=_overdue(seen),
        judged_at=at,
    )


def _word(agreement: Agreement, role: PartyRole, word: Word, seen: Seen) -> WordOut:
    position = word.position
    return WordOut(
        organisation=word.organisation,
        short_name=word.name,
        role=role,
        position=position.stance if position else None,
        position_id=position.id if position else None,
        stated_at=position.stated_at if position else None,
        valid_until=position.valid_until if position else None,
        counts=word.counts,
        counts_as=word.counts_as,
        why_not_more=why_not_more(agreement, position, seen.at),
        by=person_out(position.recorded_by) if position else None,
        attested_by=[person_out(p) for p in attesters(agreement, position)] if position else [],
        basis=position.basis if position else None,
    )


def _overdue(seen: Seen) -> list[OverdueOut]:
    if not contacts.may_know(seen.caller, seen.recorded.operation):
        return []
    overdue = contacts.overdue(seen.db, seen.recorded.id, seen.at, seen.reading)
    return [
        OverdueOut(contact=one.contact, what=one.what, by=one.by, due_at=one.due_at)
        for one in overdue
    ]


@router.get("/transitions")
def read_transitions(seen: WholeAgreement, response: Response) -> TransitionsOut:
    """List the statuses that may follow, what each still needs, and whether it is yours to set."""
    organisation: UUID | None = seen.caller.organisation
    moves = transitions(seen.agreement, seen.at, organisation)
    seen.tag(response)
    return TransitionsOut(
        status=seen.agreement.status.to,
        moves=[
            MoveOut(
                to=move.to,
                ready=not move.unmet,
                unmet=unmet_out(move.unmet),
                who=move.who.value,
                allowed=move.allowed and _is_coordinator(seen),
            )
            for move in moves
        ],
        judged_at=seen.at,
    )


def _is_coordinator(seen: Seen) -> bool:
    return seen.caller.role == "coordinator"
