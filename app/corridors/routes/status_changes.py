"""Status changes: how a corridor moves, and the history of how it moved."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.write import Writing
from app.agreements.schemas.common import person_out, warnings_out
from app.corridors.held import hold
from app.corridors.recorded import Recorded, members, status_in
from app.corridors.schemas.status import CorridorStatusChangeIn, CorridorStatusChangeOut
from app.corridors.seen import Seen, WholeCorridor
from app.corridors.services import moving
from app.disclosure.lock import hold_places
from app.disclosure.versions import version_after
from app.domain.agreement.model import Person
from app.domain.corridor.status import STOPS, CorridorStatus
from app.domain.fact import Basis, Event
from app.domain.machine.timeline import status_at
from app.http.deps import MAX_PAGE, Page, PathId
from app.http.paging import Listing, after_key, fitting, page_of
from app.http.problems import not_found
from app.http.route import StrictRoute
from app.http.schema import IdIn, one_of
from app.http.versions import etag
from app.ledger import store as ledger
from app.ledger.history import Wanted
from app.ledger.reading import Entry

router = APIRouter(
    prefix="/v1/corridors/{corridor_id}/status-changes",
    tags=["corridors"],
    route_class=StrictRoute,
)


@router.post("", status_code=201)
def change_status(
    corridor_id: PathId, write: Writing, body: CorridorStatusChangeIn, response: Response
) -> CorridorStatusChangeOut:
    """Move the corridor to another status, or learn everything that is still missing for it.

    `suspended`, `blocked` and `closed` need no `If-Match` and are never refused for their text,
    their sources or their time.
    """
    if body.to not in STOPS:
        hold_places(write.db)  # before any other lock; a stop waits for no site that moves
    held = hold(corridor_id, write)
    made = moving.change_status(held, body)
    response.headers["ETag"] = etag(version_after(write.db, write.caller, made.event))
    corridor, change = made.recorded.id, made.event.fact.id
    response.headers["Location"] = f"/v1/corridors/{corridor}/status-changes/{change}"
    return _changed(made)


def _changed(made: moving.Done) -> CorridorStatusChangeOut:
    """Show the change as it was when it was made: what it follows, and nothing after it."""
    event, at = made.event, made.event.fact.effective_at
    others = [c for c in made.recorded.at(at).statuses if c.id != event.fact.id]
    before = status_at(others, at)
    entry = next((e for e in _entries(made.recorded, None) if e.event == event.fact.id), None)
    return _out(event, entry, before.to if before and entry else None, None)


@router.get("")
def list_status_changes(
    request: Request,
    response: Response,
    whole: WholeCorridor,
    page: Page,
    to: Annotated[CorridorStatus | None, one_of(CorridorStatus), Query()] = None,
    organisation: IdIn | None = None,
    basis: Annotated[Basis | None, one_of(Basis), Query()] = None,
) -> Listing[CorridorStatusChangeOut]:
    """Show from, to, when, recorded when, by whom, why, on which evidence, and how long each held."""
    whole.tag(response)
    items = fitting(_history(whole), to=to, organisation=organisation, basis=basis)
    rest = after_key(items, page, key=_key)
    return page_of(request, response, page, rest, key=_key, show=lambda item: item)


@router.get("/{change_id}")
def read_status_change(
    whole: WholeCorridor, change_id: PathId, response: Response
) -> CorridorStatusChangeOut:
    """Read one status change."""
    whole.tag(response)
    for item in (*_history(whole), *_taken_out(whole)):
        if item.id == change_id:
            return item
    raise not_found()


def _history(whole: Seen) -> list[CorridorStatusChangeOut]:
    entries = _entries(whole.recorded, whole.at)
    events = ledger.events_of(whole.db, [entry.event for entry in entries])
    changes = [entry for entry in entries if entry.aspect == "status"]
    before = {two.event: _to(one) for one, two in pairwise(changes)}
    until = {one.event: two.effective_at for one, two in pairwise(changes)}
    return [_item(entry, events, before, until, changes) for entry in entries]


def _item(
    entry: Entry,
    events: Mapping[UUID, Event],
    before: Mapping[UUID, CorridorStatus],
    until: Mapping[UUID, datetime],
    changes: list[Entry],
) -> CorridorStatusChangeOut:
    event = events[entry.event]
    if entry.aspect == "status":
        ended = until.get(entry.event)
        lasted = (ended - entry.effective_at).total_seconds() if ended else None
        return _out(event, entry, before.get(entry.event), lasted)
    earlier = [change for change in changes if change.effective_at <= entry.effective_at]
    return _out(event, entry, _to(earlier[-1]) if earlier else None, 0.0)


def _taken_out(whole: Seen) -> list[CorridorStatusChangeOut]:
    """Show who took changes out without setting another; these have an address, and no place in the list."""
    wanted = Wanted(subjects=[whole.recorded.id], kind=moving.TAKEN_OUT)
    found = ledger.events(whole.db, wanted, reading=whole.reading, limit=MAX_PAGE)
    events = ledger.events_of(whole.db, [item.id for item in found])
    return [_out(event, None, None, None) for event in events.values()]


def _entries(recorded: Recorded, at: datetime | None) -> list[Entry]:
    return [
        entry
        for entry in recorded.entries
        if (entry.aspect == "status" or entry.aspect.startswith("stop:"))
        and (at is None or entry.effective_at <= at)
    ]


def _to(entry: Entry) -> CorridorStatus:
    return status_in(members(entry))


def _out(
    event: Event, entry: Entry | None, was: CorridorStatus | None, lasted_s: float | None
) -> CorridorStatusChangeOut:
    fact, value = event.fact, members(entry) if entry else {}
    actor = fact.actor
    person = Person(holder=actor.holder, organisation=actor.organisation, principal=actor.principal)
    return CorridorStatusChangeOut(
        id=fact.id,
        from_=was,
        to=_to(entry) if entry and entry.value else None,
        changes_status=entry is not None and entry.aspect == "status",
        automatic=bool(value.get("automatic")),
        effective_at=fact.effective_at,
        recorded_at=event.recorded_at,
        actor=person_out(person),
        organisation=actor.organisation,
        reason=fact.reason,
        note=value.get("note"),
        sources=list(fact.sources),
        basis=fact.basis,
        corrects=[replaced.event for replaced in fact.replaces],
        incomplete=value.get("incomplete", []),
        lasted_s=lasted_s,
        warnings=warnings_out(fact.warnings),
    )


def _key(item: CorridorStatusChangeOut) -> tuple[str]:
    return (str(item.id),)
