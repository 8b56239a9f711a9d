"""Status changes: how an agreement moves, and the history of how it moved."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.agreements import aspects
from app.agreements.held import Done, HeldAgreement
from app.agreements.schemas.status import StatusChangeIn, StatusChangeOut
from app.agreements.seen import Seen, WholeAgreement, knows
from app.agreements.services import moving
from app.agreements.showing import status_change_out, status_changes_out, status_entries
from app.domain.agreement.status import Status
from app.domain.agreement.timeline import status_at
from app.domain.fact import Basis
from app.http.deps import MAX_PAGE, Page, PathId
from app.http.paging import Listing, after_key, fitting, page_of
from app.http.problems import not_found
from app.http.route import StrictRoute
from app.http.schema import IdIn, one_of
from app.http.versions import etag
from app.ledger import store as ledger
from app.ledger.history import Wanted

router = APIRouter(
    prefix="/v1/agreements/{agreement_id}/status-changes",
    tags=["status changes"],
    route_class=StrictRoute,
)


@router.post("", status_code=201)
def change_status(held: HeldAgreement, body: StatusChangeIn, response: Response) -> StatusChangeOut:
    """Move the agreement to another status, or learn everything that is still missing for it.

    `suspended` and `collapsed` need no `If-Match` and are never refused for their text, their
    sources or their time.
    """
    made = moving.change_status(held, body)
    response.headers["ETag"] = etag(made.event.sequence)
    response.headers["Location"] = (
        f"/v1/agreements/{made.recorded.id}/status-changes/{made.event.fact.id}"
    )
    write = held.write
    return _known_to(_changed(made), write.db, write.caller, held.now)


def _known_to(
    shown: StatusChangeOut, db: Session, caller: Caller, now: datetime
) -> StatusChangeOut:
    """Leave out the successor where the reader may not know of it."""
    if shown.successor is None or knows(db, caller, shown.successor, now):
        return shown
    return shown.model_copy(update={"successor": None})


def _changed(made: Done) -> StatusChangeOut:
    """Show the change as it was when it was made: what it follows, and nothing after it."""
    event = made.event
    entries = [e for e in made.recorded.entries if e.event == event.fact.id]
    entry = next((e for e in entries if e.aspect == "status" or e.aspect.startswith("stop:")), None)
    others = [c for c in made.agreement.statuses if c.id != event.fact.id]
    before = status_at(others, event.fact.effective_at)
    return status_change_out(
        event,
        aspects.members(entry) if entry else {},
        before.to if before and entry else None,
        None,
        is_change=entry is not None and entry.aspect == "status",
    )


@router.get("")
def list_status_changes(
    request: Request,
    response: Response,
    seen: WholeAgreement,
    page: Page,
    to: Annotated[Status | None, one_of(Status), Query()] = None,
    organisation: IdIn | None = None,
    basis: Annotated[Basis | None, one_of(Basis), Query()] = None,
) -> Listing[StatusChangeOut]:
    """Show from, to, when, recorded when, by whom, why, on which evidence, and how long each held."""
    seen.tag(response)
    items = fitting(_history(seen), to=to, organisation=organisation, basis=basis)
    return page_of(
        request,
        response,
        page,
        after_key(items, page, key=_key),
        key=_key,
        show=lambda item: item,
    )


@router.get("/{change_id}")
def read_status_change(
    seen: WholeAgreement, change_id: PathId, response: Response
) -> StatusChangeOut:
    """Read one status change."""
    seen.tag(response)
    for item in (*_history(seen), *_taken_out(seen)):
        if item.id == change_id:
            return item
    raise not_found()


def _history(seen: Seen) -> list[StatusChangeOut]:
    ids = [entry.event for entry in status_entries(seen.recorded, seen.at)]
    events = ledger.events_of(seen.db, ids)
    shown = status_changes_out(seen.recorded, events, seen.at)
    return [_known_to(one, seen.db, seen.caller, seen.now) for one in shown]


def _taken_out(seen: Seen) -> list[StatusChangeOut]:
    """Show who took changes out without setting another, and why.

    The list holds what stands; these have an address, and stand in /v1/history.
    """
    wanted = Wanted(subjects=[seen.recorded.id], kind=moving.TAKEN_OUT)
    found = ledger.events(seen.db, wanted, reading=seen.reading, limit=MAX_PAGE)
    events = ledger.events_of(seen.db, [item.id for item in found])
    return [status_change_out(event, {}, None, None, is_change=False) for event in events.values()]


def _key(item: StatusChangeOut) -> tuple[str]:
    return (str(item.id),)
