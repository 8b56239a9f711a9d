"""Readiness and transitions: the page that a coordinator opens at four in the morning."""

from uuid import UUID

from pydantic import Field

from app.agreements.schemas.common import Answer, PersonOut, UnmetOut, WarningOut
from app.agreements.schemas.window import WindowOut
from app.domain.agreement.model import Stance
from app.domain.agreement.party import PartyRole
from app.domain.agreement.status import Status
from app.domain.agreement.terms import TermKey, TermState
from app.domain.fact import Basis
from app.http.schema import InstantOut


class TermStateOut(Answer):
    """How far one term is settled."""

    key: TermKey
    state: TermState


class WordOut(Answer):
    """What one party's word amounts to."""

    organisation: UUID
    short_name: str
    role: PartyRole
    position: Stance | None = Field(description="what it said; null where nothing is on record")
    position_id: UUID | None
    stated_at: InstantOut | None
    valid_until: InstantOut | None
    counts: bool = Field(description="whether it counts towards `confirmed`")
    counts_as: Stance
    why_not_more: str | None
    by: PersonOut | None = Field(description="who recorded it")
    attested_by: list[PersonOut]
    basis: Basis | None


class OverdueOut(Answer):
    """What should have followed from talks by now. It blocks nothing."""

    contact: UUID
    what: str
    by: UUID | None
    due_at: InstantOut


class ReadinessOut(Answer):
    """What is settled, and what is missing before the agreement stands."""

    status: Status
    revision: int
    terms_hash: str
    ready: bool
    terms: list[TermStateOut]
    terms_agreed: int
    positions: list[WordOut]
    windows: list[WindowOut]
    unmet: list[UnmetOut]
    attention: list[WarningOut]
    overdue: list[OverdueOut]
    judged_at: InstantOut


class MoveOut(Answer):
    """A status that may follow, and what is missing for it."""

    to: Status
    ready: bool
    unmet: list[UnmetOut]
    who: str = Field(description="whose coordinators may make it")
    allowed: bool = Field(description="whether yours are among them")


class TransitionsOut(Answer):
    """Where the agreement may go from here."""

    status: Status
    moves: list[MoveOut]
    judged_at: InstantOut
