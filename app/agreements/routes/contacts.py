"""Contacts: talks about an agreement, held and planned, and what follows from them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access import resource
from app.access.resource import Asked, State
from app.agreements.seen import KnownAgreement, Seen, WholeAgreement
from app.contacts import service
from app.contacts.schemas import Contact, EditContact, NewContact
from app.domain.contact import Channel, ContactStatus
from app.http.deps import Page, PathId
from app.http.paging import Listing, page_of
from app.http.problems import not_found
from app.http.route import StrictRoute
from app.http.schema import InstantIn, one_of
from app.organisations import service as organisations

router = APIRouter(
    prefix="/v1/agreements/{agreement_id}/contacts", tags=["contacts"], route_class=StrictRoute
)


def _shown(state: State) -> Contact:
    return Contact.model_validate(state.document())


def _may_know(seen: Seen) -> bool:
    return service.may_know(seen.caller, seen.recorded.operation)


@router.post("", status_code=201)
def create_contact(known: KnownAgreement, body: NewContact, response: Response) -> Contact:
    """Put talks on record, held or planned, with what follows by when and by whom.

    Contacts are shown to the operational audience only: coordinators of other audiences may
    record talks, but do not find them again.
    """
    made = service.create(known.write, agreement=known.id, operation=known.operation, body=body)
    address = f"/v1/agreements/{known.id}/contacts"
    return resource.made(response, _shown(made), at=address)


@router.get("")
def list_contacts(
    request: Request,
    response: Response,
    seen: WholeAgreement,
    page: Page,
    channel: Annotated[Channel | None, one_of(Channel), Query()] = None,
    status: Annotated[ContactStatus | None, one_of(ContactStatus), Query()] = None,
    at: InstantIn | None = None,
    participant: Annotated[Asked | None, Query(description="id or short name")] = None,
) -> Listing[Contact]:
    """List talks in the order of their recording; empty for who may not know of them."""
    found = []
    if _may_know(seen):
        taking_part = organisations.asked(seen.db, participant)
        filters = service.filters(channel=channel, status=status, at=at, participant=taking_part)
        found = service.page(
            seen.db, page, agreement=seen.recorded.id, filters=filters, reading=seen.reading
        )
    return page_of(request, response, page, found, key=resource.key_of, show=_shown)


@router.get("/{contact_id}")
def read_contact(seen: WholeAgreement, contact_id: PathId, response: Response) -> Contact:
    """Read one contact."""
    if not _may_know(seen):
        raise not_found()
    state = service.read(seen.db, contact_id, agreement=seen.recorded.id, reading=seen.reading)
    return resource.shown(response, seen.times, _shown(state))


@router.patch("/{contact_id}")
def edit_contact(
    known: KnownAgreement, contact_id: PathId, body: EditContact, response: Response
) -> Contact:
    """Report that planned talks were held or cancelled, what came of them, and what is done."""
    if not service.may_know(known.write.caller, known.operation):
        raise not_found()
    state = service.edit(known.write, contact_id, agreement=known.id, body=body)
    return resource.made(response, _shown(state))
