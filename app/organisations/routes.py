"""Organisations over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access import resource
from app.access.caller import CurrentCaller, require_role
from app.access.resource import Asked, Filter, State, Truth
from app.access.write import Writing
from app.domain.organisation import OrganisationKind
from app.http.deps import Db, Page, PathId, Times
from app.http.paging import Listing, page_of
from app.http.route import StrictRoute
from app.http.schema import CountryCode, one_of
from app.organisations import service
from app.organisations.schemas import EditOrganisation, NewOrganisation, Organisation

router = APIRouter(route_class=StrictRoute, tags=["organisations"])
PATH = "/v1/organisations"


def _shown(state: State) -> Organisation:
    return Organisation.model_validate(state.document())


def _filters(
    db: Db,
    name: Asked | None = None,
    short_name: Asked | None = None,
    kind: Annotated[OrganisationKind | None, one_of(OrganisationKind), Query()] = None,
    country: CountryCode | None = None,
    iati_id: Asked | None = None,
    parent: Annotated[Asked | None, Query(description="id or short name")] = None,
    is_belligerent: Truth | None = None,
) -> list[Filter]:
    return service.filters(
        db,
        name=name,
        short_name=short_name,
        kind=kind,
        country=country,
        iati_id=iati_id,
        parent=parent,
        is_belligerent=is_belligerent,
    )


@router.get(PATH, response_model_exclude_unset=True)
def list_organisations(
    request: Request,
    response: Response,
    caller: CurrentCaller,
    db: Db,
    times: Times,
    wish: Page,
    filters: Annotated[list[Filter], Depends(_filters)],
) -> Listing[Organisation]:
    """List the organisations, in the order in which they were made known.

    Every signed-in caller knows all of them. Filters pick by the fields of the organisation as
    it was at the time that you ask about.
    """
    found = service.page(db, wish, filters=filters, reading=resource.reading_of(times))
    return page_of(request, response, wish, found, key=resource.key_of, show=_shown)


@router.post(PATH, status_code=201, response_model_exclude_unset=True)
def create_organisation(response: Response, body: NewOrganisation, write: Writing) -> Organisation:
    """Make an organisation known, such as OCHA, the ICRC or Mariupol City Council.

    Its short name is its own, whatever the case. Administrators only.
    """
    return resource.made(response, _shown(service.create(write, body)), at=PATH)


@router.get(PATH + "/{organisation_id}", response_model_exclude_unset=True)
def read_organisation(
    response: Response, organisation_id: PathId, caller: CurrentCaller, db: Db, times: Times
) -> Organisation:
    """Show one organisation, as it is or as it was."""
    state = service.read(db, organisation_id, resource.reading_of(times))
    require_role(caller)
    return resource.shown(response, times, _shown(state))


@router.patch(PATH + "/{organisation_id}", response_model_exclude_unset=True)
def edit_organisation(
    response: Response, organisation_id: PathId, body: EditOrganisation, write: Writing
) -> Organisation:
    """Change what is known of an organisation; what the body leaves out stays as it is.

    No organisation may stand above itself, at any time. Administrators only; needs `If-Match`.
    """
    return resource.made(response, _shown(service.edit(write, organisation_id, body)))
