"""Positions and attestations: what the parties say, and who stands behind it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.agreements.held import Done, Held, HeldAgreement
from app.agreements.schemas.common import unmet_out, warnings_out
from app.agreements.schemas.position import (
    AttestationIn,
    AttestationOut,
    PositionIn,
    PositionOut,
)
from app.agreements.seen import Seen, WholeAgreement
from app.agreements.services import stating
from app.agreements.showing import attestation_out, positions_out
from app.domain.agreement.model import AuthorityLevel, Form, Position, Stance
from app.domain.agreement.standing import unmet_confirmations
from app.domain.fact import Basis
from app.http.deps import Page, PathId
from app.http.paging import Listing, after_key, fitting, page_of
from app.http.problems import erased, not_found
from app.http.route import StrictRoute
from app.http.schema import IdIn, one_of
from app.http.versions import etag

router = APIRouter(
    prefix="/v1/agreements/{agreement_id}/positions", tags=["positions"], route_class=StrictRoute
)


@router.post("", status_code=201)
def state_position(held: HeldAgreement, body: PositionIn, response: Response) -> PositionOut:
    """Record what a party said. The answer says what it counts as, and why not more.

    Your own organisation's position needs no source; another's says who relayed it, with one.
    """
    made = stating.state_position(held, body)
    position = made.event.fact.id
    response.headers["ETag"] = etag(made.event.sequence)
    response.headers["Location"] = f"/v1/agreements/{made.recorded.id}/positions/{position}"
    return _stated(made, position)


def _stated(made: Done, id: UUID) -> PositionOut:
    at = made.event.recorded_at
    shown = next((p for p in positions_out(made.recorded, at) if p.id == id), None)
    if shown is None:
        raise erased()
    missing = unmet_confirmations(made.agreement, at) if made.agreement.laterality.is_mutual else []
    about = [u for u in missing if u.organisation == shown.organisation]
    warnings = warnings_out(made.event.fact.warnings)
    return shown.model_copy(update={"warnings": warnings, "unmet": unmet_out(about)})


@router.get("")
def list_positions(
    request: Request,
    response: Response,
    seen: WholeAgreement,
    page: Page,
    organisation: IdIn | None = None,
    position: Annotated[Stance | None, one_of(Stance), Query()] = None,
    authority_level: Annotated[AuthorityLevel | None, one_of(AuthorityLevel), Query()] = None,
    form: Annotated[Form | None, one_of(Form), Query()] = None,
    relayed_by: IdIn | None = None,
    basis: Annotated[Basis | None, one_of(Basis), Query()] = None,
) -> Listing[PositionOut]:
    """List every statement, in the order in which they were made."""
    seen.tag(response)
    items = fitting(
        positions_out(seen.recorded, seen.at),
        organisation=organisation,
        position=position,
        authority_level=authority_level,
        form=form,
        relayed_by=relayed_by,
        basis=basis,
    )
    rest = after_key(items, page, key=_key)
    return page_of(request, response, page, rest, key=_key, show=lambda item: item)


def _key(item: PositionOut | AttestationOut) -> tuple[str]:
    return (str(item.id),)


@router.get("/{position_id}")
def read_position(seen: WholeAgreement, position_id: PathId, response: Response) -> PositionOut:
    """Read one position."""
    seen.tag(response)
    return _find(seen, position_id)


def _find(seen: Seen, id: UUID) -> PositionOut:
    for item in positions_out(seen.recorded, seen.at):
        if item.id == id:
            return item
    raise not_found()


@router.post("/{position_id}/attestations", status_code=201)
def attest(
    held: HeldAgreement, position_id: PathId, body: AttestationIn, response: Response
) -> AttestationOut:
    """Stand behind a position that somebody of another organisation recorded."""
    made = stating.attest(held, _position(held, position_id), body)
    id = made.event.fact.id
    entry = next(e for e in made.recorded.entries if e.aspect == f"attestation:{id}")
    if entry.value is None:
        raise erased()
    response.headers["ETag"] = etag(made.event.sequence)
    response.headers["Location"] = (
        f"/v1/agreements/{made.recorded.id}/positions/{position_id}/attestations/{id}"
    )
    return attestation_out(entry)


def _position(held: Held, id: UUID) -> Position:
    for position in held.present.positions:
        if position.id == id:
            return position
    raise not_found()


@router.get("/{position_id}/attestations")
def list_attestations(
    request: Request, response: Response, seen: WholeAgreement, position_id: PathId, page: Page
) -> Listing[AttestationOut]:
    """List who stands behind a position."""
    seen.tag(response)
    items = _find(seen, position_id).attestations
    rest = after_key(items, page, key=_key)
    return page_of(request, response, page, rest, key=_key, show=lambda item: item)


@router.get("/{position_id}/attestations/{attestation_id}")
def read_attestation(
    seen: WholeAgreement, position_id: PathId, attestation_id: PathId, response: Response
) -> AttestationOut:
    """Read one attestation."""
    seen.tag(response)
    for item in _find(seen, position_id).attestations:
        if item.id == attestation_id:
            return item
    raise not_found()
