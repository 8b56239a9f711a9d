"""Positions and attestations: what a party said, and who stands behind it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.agreements.schemas import examples
from app.agreements.schemas.agreement import Reference
from app.agreements.schemas.common import (
    Answer,
    CorrectsIn,
    PersonOut,
    UnmetOut,
    WarningOut,
)
from app.agreements.schemas.examples import shown
from app.agreements.schemas.stopping import Stopping
from app.domain.agreement.model import REFUSALS, AuthorityLevel, Form, Stance
from app.domain.fact import Basis
from app.http.schema import Change, FreeText, InstantIn, InstantOut, Sha256, one_of
from app.sources.schemas import SourcesIn

_DROPPABLE = frozenset(
    {
        "authority_level",
        "basis",
        "conditions",
        "corrects",
        "effective_at",
        "form",
        "note",
        "received_at",
        "revision",
        "sources",
        "stated_at",
        "terms_hash",
        "valid_until",
    }
)


class PositionIn(Stopping):
    """One party's statement. `rejected` and `withdrawn` are never refused for text or time."""

    asks_in = "position"
    stops = REFUSALS
    droppable = _DROPPABLE
    model_config = shown(examples.IN_PRINCIPLE, examples.CONFIRMED, examples.WITHDRAWN)

    organisation: Reference
    position: Annotated[Stance, one_of(Stance)]
    revision: int | None = Field(default=None, ge=1, description="needed for `confirmed`")
    terms_hash: Sha256 | None = Field(default=None, description="needed for `confirmed`")
    authority_level: Annotated[AuthorityLevel, one_of(AuthorityLevel)] | None = None
    form: Annotated[Form, one_of(Form)] | None = None
    stated_at: InstantIn | None = Field(default=None, description="default now")
    received_at: InstantIn | None = None
    valid_until: InstantIn | None = None
    relayed_by: Reference | None = Field(
        default=None, description="who passed it on; needed for another organisation's position"
    )
    conditions: FreeText | None = None
    sources: SourcesIn = Field(default_factory=list)
    note: FreeText | None = None
    corrects: CorrectsIn = Field(default_factory=list)


class AttestationIn(Change):
    """A second person stands behind a position."""

    model_config = shown(examples.ATTESTATION)

    note: FreeText | None = None


class AttestationOut(Answer):
    """A second person standing behind a position."""

    id: UUID
    position: UUID
    attested_by: PersonOut
    note: str | None
    basis: Basis
    effective_at: InstantOut = Field(description="that of the position")
    recorded_at: InstantOut


class PositionOut(Answer):
    """One party's statement, and what it counts as."""

    id: UUID
    organisation: UUID
    short_name: str
    position: Stance
    revision: int | None
    terms_hash: str | None
    authority_level: AuthorityLevel | None
    form: Form | None
    stated_at: InstantOut
    received_at: InstantOut | None
    valid_until: InstantOut | None
    relayed_by: UUID | None
    conditions: str | None
    sources: list[UUID]
    note: str | None
    basis: Basis
    incomplete: list[str]
    recorded_at: InstantOut
    recorded_by: PersonOut
    attestations: list[AttestationOut]
    counts: bool = Field(description="whether it counts towards `confirmed`")
    counts_as: Stance | None = Field(
        description="what it counts as; null where a later statement speaks, or it changes nothing"
    )
    why_not_more: str | None
    unmet: list[UnmetOut] = Field(default_factory=list)
    corrects: list[UUID]
    warnings: list[WarningOut] = Field(default_factory=list)
