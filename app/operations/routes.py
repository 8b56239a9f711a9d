"""Operations over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access import resource
from app.access.caller import CurrentCaller, require_role
from app.access.resource import Asked, Filter, State
from app.access.write import Writing
from app.http.deps import Db, Page, PathId, Times
from app.http.paging import Listing, page_of
from app.http.route import StrictRoute
from app.http.schema import CountryCode, DayIn, Tz
from app.operations import service
from app.operations.schemas import EditOperation, NewOperation, Operation

router = APIRouter(route_class=StrictRoute, tags=["operations"])
PATH = "/v1/operations"


def _shown(state: State) -> Operation:
    return Operation.model_validate(state.document())


def _filters(
    slug: Asked | None = None,
    name: Asked | None = None,
    country: Annotated[
        CountryCode | None, Query(description="one of its countries, ISO 3166-1 alpha-3")
    ] = None,
    glide: Asked | None = None,
    started_on: DayIn | None = None,
    tz: Tz | None = None,
) -> list[Filter]:
    return service.filters(
        slug=slug, name=name, country=country, glide=glide, started_on=started_on, tz=tz
    )


@router.get(PATH, response_model_exclude_unset=True)
def list_operations(
    request: Request,
    response: Response,
    caller: CurrentCaller,
    db: Db,
    times: Times,
    wish: Page,
    filters: Annotated[list[Filter], Depends(_filters)],
) -> Listing[Operation]:
    """List the operations that you may know of, in the order in which they were set up.

    An operation is known to those whose token names it, to administrators, and to whoever may
    see one of its places or agreements. Filters pick by the fields of the operation as it was at
    the time that you ask about.
    """
    found = service.page(db, caller, wish, filters=filters, reading=resource.reading_of(times))
    return page_of(
        request,
        response,
        wish,
        found,
        key=resource.key_of,
        show=_shown,
    )


@router.post(PATH, status_code=201, response_model_exclude_unset=True)
def create_operation(response: Response, body: NewOperation, write: Writing) -> Operation:
    """Set up an operation, such as Mariupol 2022, with its members.

    It bounds who may know of everything in it. Administrators only.
    """
    made = _shown(service.create(write, body))
    return resource.made(response, made, at=PATH)


@router.get(PATH + "/{operation_id}", response_model_exclude_unset=True)
def read_operation(
    response: Response, operation_id: PathId, caller: CurrentCaller, db: Db, times: Times
) -> Operation:
    """Show one operation, as it is or as it was."""
    state = service.read(db, caller, operation_id, resource.reading_of(times))
    require_role(caller)
    return resource.shown(response, times, _shown(state))


@router.patch(PATH + "/{operation_id}", response_model_exclude_unset=True)
def edit_operation(
    response: Response, operation_id: PathId, body: EditOperation, write: Writing
) -> Operation:
    """Change an operation; what the body leaves out stays as it is.

    `members` replaces the whole list. Tokens of an organisation that is no longer a member lose
    the operation at once. Administrators only; needs `If-Match`.
    """
    edited = service.edit(write, operation_id, body)
    return resource.made(response, _shown(edited))
