"""The route of a corridor in the terms of its agreement: there from when it is planned."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.resource import Values
from app.domain.agreement.route import LonLat, Mode, Route, RouteSite, SiteRole
from app.domain.corridor.model import CorridorChange
from app.domain.corridor.status import CorridorStatus
from app.domain.geometry.shape import Line, Point, from_recorded
from app.domain.window import Direction
from app.ledger import store as ledger
from app.ledger.reading import NOW, winners

ROUTE_FIELDS = frozenset(
    {"geometry", "width_m", "direction", "mode", "from_site", "to_site", "waypoints"}
)
"""What parties consent to of a corridor."""

DRAWN = frozenset({CorridorStatus.DRAFT, CorridorStatus.PLANNED, CorridorStatus.CANCELLED})
"""The statuses of a corridor that was never agreed or declared."""


def is_in_terms(statuses: Sequence[CorridorChange]) -> bool:
    """Whether the route is part of the terms: planned, and not cancelled before it was agreed."""
    to = [change.to for change in statuses]
    if set(to) <= DRAWN and to[-1] is not CorridorStatus.PLANNED:
        return False
    return CorridorStatus.PLANNED in to


def route_of(db: Session, corridor: UUID, values: Values) -> Route:
    """Give the route of a corridor from its fields, with the points of the sites it names."""
    line = values["geometry"]
    width_m, mode = values["width_m"], values["mode"]
    return Route(
        corridor=corridor,
        geometry=cast(Line, from_recorded(line)).positions if line else None,
        width_m=None if width_m is None else float(cast(str, width_m)),
        direction=Direction(cast(str, values["direction"])),
        mode=Mode(cast(str, mode)) if mode else None,
        sites=_sites(db, values),
    )


def _sites(db: Session, values: Values) -> tuple[RouteSite, ...]:
    named = [
        (SiteRole.FROM_SITE, values["from_site"]),
        *((SiteRole.WAYPOINT, site) for site in cast(list[str], values["waypoints"] or [])),
        (SiteRole.TO_SITE, values["to_site"]),
    ]
    pairs = [(role, UUID(cast(str, site))) for role, site in named if site]
    points = points_of(db, [site for _, site in pairs])
    return tuple(RouteSite(role=role, site=site, position=points.get(site)) for role, site in pairs)


def points_of(db: Session, sites: Sequence[UUID]) -> dict[UUID, LonLat]:
    """Give the points of sites as they are now."""
    found = ledger.entries(db, sites, NOW, names=("geometry",))
    held = {site: winners(entries).get("geometry") for site, entries in found.items()}
    return {
        site: cast(Point, from_recorded(entry.value)).position
        for site, entry in held.items()
        if entry is not None and entry.value
    }


def put(routes: tuple[Route, ...], route: Route) -> tuple[Route, ...]:
    """Give the routes with one in the place of that of the same corridor."""
    return (*without(routes, route.corridor), route)


def without(routes: tuple[Route, ...], corridor: UUID) -> tuple[Route, ...]:
    """Give the routes but that of one corridor."""
    return tuple(route for route in routes if route.corridor != corridor)
