"""Tokens over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access import resource
from app.access.caller import CurrentCaller, require_role
from app.access.resource import Asked, Filter, State, Truth
from app.access.write import Writing
from app.domain.policy import Audience, Role
from app.http.deps import Db, Page, PathId, Times
from app.http.paging import Listing, page_of
from app.http.route import StrictRoute
from app.http.schema import one_of
from app.operations import service as operations
from app.organisations import service as organisations
from app.tokens import principals, service
from app.tokens.schemas import IssuedToken, NewToken, Principal, Token

router = APIRouter(route_class=StrictRoute, tags=["tokens"])
PATH = "/v1/tokens"


def _shown(state: State) -> Token:
    return Token.model_validate(state.document())


def _of_holders(
    db: Db,
    organisation: Annotated[Asked | None, Query(description="id or short name")] = None,
    role: Annotated[Role | None, one_of(Role), Query()] = None,
    audience: Annotated[Audience | None, one_of(Audience), Query()] = None,
    holder: Asked | None = None,
    revoked: Truth | None = None,
) -> list[Filter]:
    return service.filters(
        organisation=organisations.asked(db, organisation),
        role=role,
        audience=audience,
        holder=holder,
        revoked=revoked,
    )


HolderFilters = Annotated[list[Filter], Depends(_of_holders)]


def _filters(
    db: Db,
    caller: CurrentCaller,
    of_holders: HolderFilters,
    operation: Annotated[Asked | None, Query(description="id or slug")] = None,
) -> list[Filter]:
    return [
        *of_holders,
        *service.filters(operation=operations.asked(db, caller, operation)),
    ]


@router.get(PATH, response_model_exclude_unset=True)
def list_tokens(
    request: Request,
    response: Response,
    caller: CurrentCaller,
    db: Db,
    times: Times,
    wish: Page,
    filters: Annotated[list[Filter], Depends(_filters)],
) -> Listing[Token]:
    """List the tokens that were issued, revoked ones too; never the tokens themselves.

    Administrators only.
    """
    found = service.page(db, wish, filters=filters, reading=resource.reading_of(times))
    return page_of(request, response, wish, found, key=resource.key_of, show=_shown)


@router.post(PATH, status_code=201, response_model_exclude_unset=True)
def create_token(
    request: Request, response: Response, body: NewToken, write: Writing
) -> IssuedToken:
    """Issue a token for a person of an organisation, such as the night desk of OCHA.

    The answer holds the token; it is shown here only, so keep it like a key. Only a repetition
    of the same request under the same `Idempotency-Key` shows it again. All parties of the named
    operations see that it was issued. Administrators only.
    """
    state, token = service.create(write, body, secret=request.app.state.secret)
    issued = IssuedToken.model_validate({**state.document(), "token": token})
    return resource.made(response, issued, at=PATH)


@router.get(PATH + "/{token_id}", response_model_exclude_unset=True)
def read_token(
    response: Response, token_id: PathId, caller: CurrentCaller, db: Db, times: Times
) -> Token:
    """Show what a token is for; never the token itself. Administrators only."""
    require_role(caller)
    state = service.read(db, token_id, resource.reading_of(times))
    return resource.shown(response, times, _shown(state))


@router.delete(PATH + "/{token_id}", status_code=204)
def revoke_token(token_id: PathId, write: Writing) -> None:
    """Revoke a token; from then on it is answered 401.

    The last administrator's token cannot be revoked. Needs no `If-Match`, but looks at one that
    is given. Administrators only.
    """
    require_role(write.caller)
    service.revoke(write, token_id)


@router.get("/v1/operations/{operation_id}/principals", tags=["operations"])
def list_principals(
    request: Request,
    response: Response,
    operation_id: PathId,
    caller: CurrentCaller,
    db: Db,
    times: Times,
    wish: Page,
    filters: HolderFilters,
) -> Listing[Principal]:
    """List who holds a token of this operation, for whom, as what, and who issued it.

    Issuing a token is an event that all parties see. For those whose token names the operation,
    and for administrators.
    """
    reading = resource.reading_of(times)
    operations.read(db, caller, operation_id, reading)
    require_role(caller)
    principals.require_inside(caller, operation_id)
    found = principals.page(db, operation_id, wish, reading, filters)
    return page_of(
        request, response, wish, found, key=principals.key_of, show=lambda principal: principal
    )
