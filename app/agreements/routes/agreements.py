"""Agreements: proposed, listed, read and edited."""

from fastapi import APIRouter, Request, Response

from app.access.caller import CurrentCaller
from app.access.write import Writing
from app.agreements import listing
from app.agreements.held import Done, HeldAgreement
from app.agreements.listing import AskedFilters, Listed
from app.agreements.schemas.agreement import (
    AgreementIn,
    AgreementOut,
    AgreementOutline,
    AgreementPatch,
    agreement_out,
    outline_out,
)
from app.agreements.seen import SeenAgreement
from app.agreements.services import editing, proposing
from app.agreements.succession import NONE, Superseded, superseded_by
from app.domain.disclosure import Knowledge
from app.domain.instant import format_instant
from app.http.deps import AskedTimes, Db, Now, Page, Times
from app.http.paging import Listing, page_of
from app.http.route import StrictRoute
from app.http.versions import etag

router = APIRouter(prefix="/v1/agreements", tags=["agreements"], route_class=StrictRoute)

Shown = AgreementOut | AgreementOutline


@router.post("", status_code=201)
def propose(write: Writing, body: AgreementIn, response: Response) -> AgreementOut:
    """Propose an agreement. It begins as `proposed`, with all ten terms open."""
    made = proposing.propose(write, body)
    response.headers["Location"] = f"/v1/agreements/{made.recorded.id}"
    return _changed(made, response, NONE)


@router.patch("/{agreement_id}")
def edit(held: HeldAgreement, body: AgreementPatch, response: Response) -> AgreementOut:
    """Change what is neither term nor status. Changed parties may void confirmations."""
    made = editing.edit(held, body)
    at, write = made.event.recorded_at, held.write
    then = AskedTimes(as_of=at, known_at=at)
    superseded = superseded_by(write.db, write.caller, [made.recorded.id], then, at)
    return _changed(made, response, superseded)


def _changed(made: Done, response: Response, superseded: Superseded) -> AgreementOut:
    event = made.event
    response.headers["ETag"] = etag(event.sequence)
    at, warnings = event.recorded_at, event.fact.warnings
    return agreement_out(
        made.recorded, at, event.sequence, now=at, supersedes=superseded, warnings=warnings
    )


@router.get("/{agreement_id}")
def read(seen: SeenAgreement, response: Response) -> Shown:
    """Read one agreement: where it stands, what needs attention, and whether anybody may move."""
    if seen.knowledge is Knowledge.WHOLE:
        seen.tag(response)
        superseded = superseded_by(seen.db, seen.caller, [seen.recorded.id], seen.times, seen.now)
        return agreement_out(
            seen.recorded, seen.at, seen.version, now=seen.now, supersedes=superseded
        )
    return outline_out(seen.recorded, seen.at, now=seen.now)


@router.get("")
def list_agreements(
    request: Request,
    response: Response,
    db: Db,
    caller: CurrentCaller,
    times: Times,
    now: Now,
    page: Page,
    filters: AskedFilters,
) -> Listing[Shown]:
    """List the agreements that you may know of, in the order of their recording."""
    found = listing.find(db, caller, filters, times, now, page)
    superseded = superseded_by(db, caller, [one.recorded.id for one in found], times, now)
    return page_of(
        request,
        response,
        page,
        found,
        key=lambda one: (format_instant(one.created_at), str(one.recorded.id)),
        show=lambda one: _show(one, superseded),
    )


def _show(one: Listed, superseded: Superseded) -> Shown:
    if one.knowledge is Knowledge.WHOLE:
        return agreement_out(one.recorded, one.at, one.version, now=one.now, supersedes=superseded)
    return outline_out(one.recorded, one.at, now=one.now)
