"""The ten terms: set one or several, and see how they stand."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from app.agreements.held import Done, Held, HeldAgreement
from app.agreements.schemas.common import warnings_out
from app.agreements.schemas.terms import TermIn, TermOut, TermsChanged, TermsIn, TermsOut, TermValue
from app.agreements.seen import WholeAgreement
from app.agreements.services import settling
from app.agreements.showing import terms_out
from app.domain.agreement.terms import TermKey, TermState
from app.http.paging import fitting
from app.http.problems import not_found
from app.http.route import StrictRoute
from app.http.schema import one_of
from app.http.versions import etag

router = APIRouter(
    prefix="/v1/agreements/{agreement_id}/terms", tags=["terms"], route_class=StrictRoute
)

KeyInPath = Annotated[str, Path(description="one of the ten keys")]


@router.get("")
def list_terms(
    seen: WholeAgreement,
    response: Response,
    state: Annotated[TermState | None, one_of(TermState), Query()] = None,
) -> TermsOut:
    """Show the ten terms with the revision and hash that a party confirms."""
    seen.tag(response)
    revision = seen.agreement.revision
    return TermsOut(
        items=list(fitting(terms_out(seen.recorded, seen.at), state=state)),
        revision=revision.number,
        terms_hash=revision.terms_hash,
    )


@router.put("")
def put_terms(held: HeldAgreement, body: TermsIn, response: Response) -> TermsChanged:
    """Set several terms at once, in one revision. Terms that are left out stay."""
    return _put(held, body.terms, body, response)


@router.get("/{key}")
def read_term(seen: WholeAgreement, key: KeyInPath, response: Response) -> TermOut:
    """Show one term."""
    wanted = _key(key)
    seen.tag(response)
    return next(t for t in terms_out(seen.recorded, seen.at) if t.key is wanted)


@router.put("/{key}")
def put_term(held: HeldAgreement, key: KeyInPath, body: TermIn, response: Response) -> TermsChanged:
    """Set one term, whole. The answer says whether that voids confirmations."""
    return _put(held, {_key(key): body}, body, response)


def _key(key: str) -> TermKey:
    if key not in set(TermKey):
        raise not_found()
    return TermKey(key)


def _put(
    held: Held, wanted: Mapping[TermKey, TermValue], body: TermIn | TermsIn, response: Response
) -> TermsChanged:
    made: Done = settling.put_terms(held, wanted, body)
    agreement, event = made.agreement, made.event
    response.headers["ETag"] = etag(event.sequence)
    codes = {warning.code for warning in event.fact.warnings}
    return TermsChanged(
        revision=agreement.revision.number,
        terms_hash=agreement.revision.terms_hash,
        extends=agreement.revision.extends,
        confirmations_voided="confirmations_voided" in codes,
        status=agreement.status.to,
        items=terms_out(made.recorded, event.recorded_at),
        warnings=warnings_out(event.fact.warnings),
    )
