"""Sources over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access import resource
from app.access.caller import CurrentCaller, require_role
from app.access.resource import Asked, Filter, State, WholeNumber
from app.access.write import Writing
from app.domain.source import Reliability, SourceKind
from app.http.deps import Db, Page, PathId, Times
from app.http.paging import Listing, page_of
from app.http.route import StrictRoute
from app.http.schema import InstantIn, Sha256, one_of
from app.operations import service as operations
from app.sources import service
from app.sources.schemas import EditSource, NewSource, Source

router = APIRouter(route_class=StrictRoute, tags=["sources"])
PATH = "/v1/sources"


def _shown(state: State) -> Source:
    return Source.model_validate(state.document())


def _filters(
    db: Db,
    caller: CurrentCaller,
    operation: Annotated[Asked | None, Query(description="id or slug")] = None,
    publisher: Asked | None = None,
    title: Asked | None = None,
    kind: Annotated[SourceKind | None, one_of(SourceKind), Query()] = None,
    published_at: InstantIn | None = None,
    address: Annotated[str | None, Query(max_length=2000)] = None,
    sha256: Sha256 | None = None,
    reliability: Annotated[Reliability | None, one_of(Reliability), Query()] = None,
    credibility: WholeNumber | None = None,
) -> list[Filter]:
    return service.filters(
        operation=operations.asked(db, caller, operation),
        publisher=publisher,
        title=title,
        kind=kind,
        published_at=published_at,
        address=address,
        sha256=sha256,
        reliability=reliability,
        credibility=credibility,
    )


@router.get(PATH, response_model_exclude_unset=True)
def list_sources(
    request: Request,
    response: Response,
    caller: CurrentCaller,
    db: Db,
    times: Times,
    wish: Page,
    filters: Annotated[list[Filter], Depends(_filters)],
) -> Listing[Source]:
    """List the sources of your operations, in the order in which they were put on record.

    For coordinators and auditors whose token names the operation. Filters pick by the fields of
    the source as it was at the time that you ask about.
    """
    found = service.page(db, caller, wish, filters=filters, reading=resource.reading_of(times))
    return page_of(request, response, wish, found, key=resource.key_of, show=_shown)


@router.post(PATH, status_code=201, response_model_exclude_unset=True)
def create_source(response: Response, body: NewSource, write: Writing) -> Source:
    """Put evidence on record, such as the UN readout of 26 April 2022.

    Positions and status changes name it by its id. Coordinators of the operation.
    """
    return resource.made(response, _shown(service.create(write, body)), at=PATH)


@router.get(PATH + "/{source_id}", response_model_exclude_unset=True)
def read_source(
    response: Response, source_id: PathId, caller: CurrentCaller, db: Db, times: Times
) -> Source:
    """Show one source, as it is or as it was."""
    state = service.read(db, caller, source_id, resource.reading_of(times))
    require_role(caller)
    return resource.shown(response, times, _shown(state))


@router.patch(PATH + "/{source_id}", response_model_exclude_unset=True)
def edit_source(response: Response, source_id: PathId, body: EditSource, write: Writing) -> Source:
    """Change what is known of a source; what the body leaves out stays as it is.

    Coordinators of the operation; needs `If-Match`.
    """
    return resource.made(response, _shown(service.edit(write, source_id, body)))
