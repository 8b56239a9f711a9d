"""Sites over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access import resource
from app.access.caller import Caller, CurrentCaller, require_role
from app.access.resource import Asked, State, WholeNumber
from app.access.write import Writing
from app.disclosure import answers
from app.disclosure.answers import AsGeojson, AskedBox
from app.disclosure.reading import Question
from app.disclosure.releases import Released
from app.domain.disclosure import Sensitivity
from app.domain.site import SiteKind, SiteStatus
from app.http.deps import Db, Now, Page, PathId, Times
from app.http.paging import Listing
from app.http.problems import not_found
from app.http.route import StrictRoute
from app.http.schema import InstantIn, one_of
from app.operations import service as operations
from app.organisations import service as organisations
from app.sites import service
from app.sites.features import COLLECTION
from app.sites.schemas import EditSite, NewSite, Site

router = APIRouter(route_class=StrictRoute, tags=["sites"])
PATH = "/v1/sites"


def _filters(
    db: Db,
    name: Asked | None = None,
    kind: Annotated[SiteKind | None, one_of(SiteKind), Query()] = None,
    status: Annotated[SiteStatus | None, one_of(SiteStatus), Query()] = None,
    p_code: Asked | None = None,
    capacity: WholeNumber | None = None,
    precision_m: WholeNumber | None = None,
    controlled_by: Annotated[Asked | None, Query(description="id or short name")] = None,
    sensitivity: Annotated[Sensitivity | None, one_of(Sensitivity), Query()] = None,
    release_at: InstantIn | None = None,
    contact_channel: Asked | None = None,
) -> Mapping[str, Any]:
    given = {
        "name": name,
        "kind": kind,
        "status": status,
        "p_code": p_code,
        "capacity": capacity,
        "precision_m": precision_m,
        "controlled_by": organisations.asked(db, controlled_by),
        "sensitivity": sensitivity,
        "release_at": release_at,
        "contact_channel": contact_channel,
    }
    return {name: value for name, value in given.items() if value is not None}


@router.get(PATH, response_model=Listing[Site], responses=answers.FEATURES)
def list_sites(
    _: Released,
    request: Request,
    caller: CurrentCaller,
    db: Db,
    now: Now,
    times: Times,
    wish: Page,
    box: AskedBox,
    geojson: AsGeojson,
    filters: Annotated[Mapping[str, Any], Depends(_filters)],
    operation: Annotated[Asked | None, Query(description="id or slug")] = None,
) -> Response:
    """List the sites that you may see, each as exactly as you may see it.

    With `Accept: application/geo+json` as a FeatureCollection. Filters pick by what you see: a
    field that is left out for you has no value.
    """
    question = Question(
        collection=COLLECTION,
        caller=caller,
        now=now,
        reading=resource.reading_of(times),
        box=box,
        operation=operations.asked(db, caller, operation),
        equal=filters,
    )
    return answers.page(request, db, question, wish, geojson=geojson)


@router.post(PATH, status_code=201, response_model=Site)
def create_site(body: NewSite, write: Writing) -> Response:
    """Put a site on record. Coordinators of the operation.

    What you are answered is what you may see of it.
    """
    return _changed(service.create(write, body), write.db, write.caller, at=PATH)


@router.get(PATH + "/{site_id}", response_model=Site, responses=answers.FEATURES)
def read_site(
    _: Released,
    site_id: PathId,
    caller: CurrentCaller,
    db: Db,
    now: Now,
    times: Times,
    geojson: AsGeojson,
) -> Response:
    """Show one site, as it is or as it was. A severe one is shown exactly only here."""
    question = Question(
        collection=COLLECTION,
        caller=caller,
        now=now,
        reading=resource.reading_of(times),
        place=site_id,
    )
    found = service.find(db, question)
    if found is None:
        raise not_found()
    require_role(caller)
    return answers.one(db, question, found, times, geojson=geojson)


@router.patch(PATH + "/{site_id}", response_model=Site)
def edit_site(site_id: PathId, body: EditSite, write: Writing) -> Response:
    """Change a site; what the body leaves out stays as it is.

    A point that moves changes the terms of agreements whose planned routes name the site. Class
    and release act from recording. Coordinators of the operation; needs `If-Match`.
    """
    return _changed(service.edit(write, site_id, body), write.db, write.caller)


def _changed(state: State, db: Db, caller: Caller, *, at: str | None = None) -> Response:
    return answers.changed(db, caller, COLLECTION, state, service.find, at=at)
