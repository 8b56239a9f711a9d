"""Agreements as they are proposed, edited and shown."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.agreements.recorded import Recorded
from app.agreements.schemas import examples
from app.agreements.schemas.common import (
    Answer,
    BarOut,
    CorrectsIn,
    WarningOut,
    bar_out,
    warnings_out,
)
from app.agreements.schemas.examples import shown
from app.agreements.succession import Superseded
from app.disclosure.bodies import Override
from app.domain.agreement.bar import attention, do_not_move, looked_ahead, shown_to_others
from app.domain.agreement.model import AgreementKind
from app.domain.agreement.party import PartyRole
from app.domain.agreement.status import Laterality, Status
from app.domain.disclosure import Sensitivity
from app.domain.fact import Warned
from app.domain.geometry.shape import as_geojson, from_recorded
from app.domain.instant import parse_instant
from app.domain.laterality import consent_basis
from app.http.geometry import AreaIn, GeoArea
from app.http.schema import Body, Change, FreeText, InstantIn, InstantOut, ShortText, one_of
from app.sources.schemas import SourcesIn

Reference = Annotated[
    str, Field(min_length=1, max_length=200, description="an id, or the slug or short name")
]


class PartyIn(Body):
    """An organisation and one of its roles."""

    organisation: Reference
    role: Annotated[PartyRole, one_of(PartyRole)]


AREA = (
    "where it applies; described, not consented to: what parties confirm of it stands in the terms"
)
OVERRIDE = "why an area outside the operation's is taken"
PartiesIn = Annotated[list[PartyIn], Field(min_length=1, max_length=100)]
SensitivityIn = Annotated[Sensitivity, one_of(Sensitivity)]


class AgreementIn(Change):
    """A proposal. It begins as `proposed`, with revision 1 of its terms."""

    model_config = shown(examples.AGREEMENT, examples.DECLARATION)

    operation: Reference
    title: ShortText
    kind: Annotated[AgreementKind, one_of(AgreementKind)]
    laterality: Annotated[Laterality, one_of(Laterality)]
    purpose: FreeText
    parties: PartiesIn
    proposer: Reference | None = Field(
        default=None, description="the caller's organisation where it is not given"
    )
    declared_by: Reference | None = Field(
        default=None, description="who announced it, where it is unilateral or imposed"
    )
    sensitivity: SensitivityIn = Sensitivity.HIGH
    release_at: InstantIn | None = None
    area: AreaIn | None = Field(default=None, description=AREA)
    override: Override | None = Field(default=None, description=OVERRIDE)
    sources: SourcesIn = Field(default_factory=list)


class AgreementPatch(Change):
    """A merge patch; members that are left out stay. Status and terms have routes of their own."""

    model_config = shown(examples.AGREEMENT_PATCH)

    title: ShortText | None = None
    kind: Annotated[AgreementKind, one_of(AgreementKind)] | None = None
    purpose: FreeText | None = None
    parties: PartiesIn | None = None
    declared_by: Reference | None = None
    sensitivity: SensitivityIn | None = None
    release_at: InstantIn | None = None
    area: AreaIn | None = Field(default=None, description=AREA)
    override: Override | None = Field(default=None, description=OVERRIDE)
    sources: SourcesIn | None = None
    corrects: CorrectsIn = Field(default_factory=list)


class PartyOut(Answer):
    """An organisation and one of its roles."""

    organisation: UUID
    short_name: str
    role: PartyRole


class AgreementOut(Answer):
    """An agreement as the operational audience and its own parties see it."""

    id: UUID
    operation: UUID
    title: str | None
    kind: AgreementKind
    laterality: Laterality
    purpose: str | None
    proposer: UUID
    declared_by: UUID | None
    parties: list[PartyOut]
    sources: list[UUID]
    sensitivity: Sensitivity
    release_at: InstantOut | None
    area: GeoArea | None
    supersedes: list[UUID] = Field(
        description="those whose change to superseded names this one, as far as you may know them"
    )
    status: Status
    status_since: InstantOut
    revision: int
    terms_hash: str
    consent_basis: str = Field(description="mutual, unilateral or imposed")
    attention: list[WarningOut] = Field(description="what a coordinator must decide now")
    do_not_move: BarOut
    version: int
    recorded_at: InstantOut
    recorded_by: UUID
    warnings: list[WarningOut] = Field(default_factory=list)


class AgreementOutline(Answer):
    """An agreement as everybody sees it once it is released: not who said what."""

    id: UUID
    operation: UUID
    title: str | None
    status: Status
    consent_basis: str
    do_not_move: BarOut


def agreement_out(
    recorded: Recorded,
    at: datetime,
    version: int,
    *,
    now: datetime,
    supersedes: Superseded,
    warnings: tuple[Warned, ...] = (),
) -> AgreementOut:
    """Show an agreement whole, judged at `at`; `now` is when it is asked."""
    agreement, fields = recorded.at(at), recorded.fields(at)
    return AgreementOut(
        id=agreement.id,
        operation=agreement.operation,
        **_plain(fields),
        laterality=agreement.laterality,
        proposer=agreement.proposer,
        supersedes=list(supersedes.get(agreement.id, ())),
        declared_by=agreement.declared_by,
        parties=[
            PartyOut(organisation=p.organisation, short_name=p.name, role=p.role)
            for p in agreement.parties
        ],
        status=agreement.status.to,
        status_since=agreement.status.effective_at,
        revision=agreement.revision.number,
        terms_hash=agreement.revision.terms_hash,
        consent_basis=consent_basis(agreement.laterality),
        attention=warnings_out(attention(agreement, at)),
        do_not_move=bar_out(looked_ahead(do_not_move(agreement, at), at, now)),
        version=version,
        recorded_at=recorded.last.recorded_at,
        recorded_by=recorded.last.organisation,
        warnings=warnings_out(warnings),
    )


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": fields["title"],
        "kind": AgreementKind(fields["kind"]),
        "purpose": fields["purpose"],
        "area": as_geojson(from_recorded(fields["area"])) if fields.get("area") else None,
        "sources": [UUID(source) for source in fields["sources"] or []],
        "sensitivity": Sensitivity(fields["sensitivity"]),
        "release_at": parse_instant(fields["release_at"]) if fields["release_at"] else None,
    }


def outline_out(recorded: Recorded, at: datetime, *, now: datetime) -> AgreementOutline:
    """Show an agreement in outline, judged at `at`; `now` is when it is asked."""
    agreement = recorded.at(at)
    bar = looked_ahead(do_not_move(agreement, at), at, now)
    return AgreementOutline(
        id=agreement.id,
        operation=agreement.operation,
        title=recorded.fields(at)["title"],
        status=agreement.status.to,
        consent_basis=consent_basis(agreement.laterality),
        do_not_move=bar_out(shown_to_others(bar)),
    )
