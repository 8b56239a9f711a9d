"""History over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access import resource
from app.access.caller import CurrentCaller, require_role
from app.access.resource import Asked
from app.access.write import Writing
from app.history import service
from app.history.redacting import redact
from app.history.schemas import EventOut, RedactionIn
from app.history.showing import shown
from app.http.deps import Db, Page, PathId, Times
from app.http.paging import Listing, page_of
from app.http.route import StrictRoute
from app.http.schema import IdIn, InstantIn
from app.http.versions import etag
from app.ledger.history import Wanted
from app.operations import service as operations
from app.organisations import service as organisations

router = APIRouter(route_class=StrictRoute, tags=["history"])
PATH = "/v1/history"


def _wanted(
    db: Db,
    caller: CurrentCaller,
    subject: IdIn | None = None,
    subject_kind: Asked | None = None,
    operation: Annotated[Asked | None, Query(description="id or slug")] = None,
    organisation: Annotated[
        Asked | None, Query(description="the actor's, by id or short name")
    ] = None,
    recorded_from: Annotated[InstantIn | None, Query(description="at or after")] = None,
    recorded_until: Annotated[InstantIn | None, Query(description="before")] = None,
) -> Wanted:
    named = operations.asked(db, caller, operation)
    return Wanted(
        subjects=None if subject is None else [subject],
        subject_kind=subject_kind,
        operations=None if named is None else [named],
        organisation=organisations.asked(db, organisation),
        recorded_from=recorded_from,
        recorded_until=recorded_until,
    )


@router.get(PATH)
def list_history(
    request: Request,
    response: Response,
    caller: CurrentCaller,
    db: Db,
    times: Times,
    wish: Page,
    wanted: Annotated[Wanted, Depends(_wanted)],
) -> Listing[EventOut]:
    """List all events of your operations, in the order in which they were recorded.

    With them come the events of organisations, of tokens that name one of your operations, and
    of administrators' and witnesses' tokens. An operation of which your token may not see the whole counts as
    not named. `as_of` leaves out what took effect later, `known_at` what was recorded later.
    A page of large events ends early, at about 4 MiB; `next` goes on from there. For auditors.
    """
    reading = resource.reading_of(times)
    wish = service.shortened(db, caller, wish, wanted, reading)
    found = service.page(db, caller, wish, wanted, reading)
    return page_of(
        request, response, wish, found, key=service.key_of, show=lambda item: shown(item, caller)
    )


@router.get(PATH + "/{event_id}")
def read_event(
    response: Response, event_id: PathId, caller: CurrentCaller, db: Db, times: Times
) -> EventOut:
    """Show one event; it never changes. For auditors."""
    require_role(caller)
    response.headers["ETag"] = etag(1)
    return shown(service.read(db, caller, event_id, resource.reading_of(times)), caller)


@router.post(PATH + "/{event_id}/redactions", status_code=201)
def redact_event(
    response: Response, event_id: PathId, body: RedactionIn, write: Writing
) -> EventOut:
    """Erase fields of an event for good, and learn by which event: only that one says that it was.

    Texts, and who acted, go everywhere: from the record, from what is shown now and from what is
    shown of the past. The proofs over the record still hold. What people may move by rests on
    nothing that was erased: such a position, window or term counts no more. Administrators only.
    """
    made = redact(write, event_id, body)
    response.headers["ETag"] = etag(1)
    response.headers["Location"] = f"{PATH}/{made.id}"
    return shown(made, write.caller)
