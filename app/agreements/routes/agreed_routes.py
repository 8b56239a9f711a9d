"""The routes that the parties consent to, exact, for those who may know the agreement whole."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.agreements.schemas.common import Answer
from app.agreements.seen import WholeAgreement
from app.domain.agreement.route import Mode, Route, SiteRole
from app.domain.geometry.shape import Line, as_geojson
from app.domain.window import Direction
from app.http.geometry import GeoLine
from app.http.paging import fitting
from app.http.route import StrictRoute
from app.http.schema import IdIn, one_of

router = APIRouter(
    prefix="/v1/agreements/{agreement_id}/routes", tags=["terms"], route_class=StrictRoute
)


class RouteSiteOut(Answer):
    """A site that a route names, and where it lies."""

    role: SiteRole
    site: UUID
    position: tuple[float, float] | None = Field(description="longitude, latitude (OGC CRS84)")


class RouteOut(Answer):
    """The route of one corridor, as it enters the hash of the terms."""

    corridor: UUID
    geometry: GeoLine | None
    width_m: float | None
    direction: Direction | None
    mode: Mode | None
    sites: list[RouteSiteOut]


class RoutesOut(Answer):
    """All routes of an agreement, with the revision and hash that a party confirms."""

    items: list[RouteOut]
    next: None = None
    revision: int
    terms_hash: str


@router.get("")
def list_routes(
    seen: WholeAgreement,
    response: Response,
    corridor: IdIn | None = None,
    direction: Annotated[Direction | None, one_of(Direction), Query()] = None,
    mode: Annotated[Mode | None, one_of(Mode), Query()] = None,
) -> RoutesOut:
    """Show the exact routes of the corridors that are planned: nobody confirms what it cannot read.

    `/v1/corridors` shows each audience what it may see on maps; here the parties read what they
    consent to.
    """
    seen.tag(response)
    agreement = seen.agreement
    routes = sorted(agreement.routes, key=lambda route: str(route.corridor))
    wanted = fitting(routes, corridor=corridor, direction=direction, mode=mode)
    return RoutesOut(
        items=[_out(route) for route in wanted],
        revision=agreement.revision.number,
        terms_hash=agreement.revision.terms_hash,
    )


def _out(route: Route) -> RouteOut:
    line = None if route.geometry is None else as_geojson(Line(route.geometry))
    return RouteOut(
        corridor=route.corridor,
        geometry=GeoLine.model_validate(line) if line else None,
        width_m=route.width_m,
        direction=route.direction,
        mode=route.mode,
        sites=[
            RouteSiteOut(role=site.role, site=site.site, position=site.position)
            for site in route.sites
        ],
    )
