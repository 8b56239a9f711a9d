"""Routes: where a corridor leads, as parties consent to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from app.domain.decimal_text import decimal_text
from app.domain.json_value import Json
from app.domain.window import Direction

LonLat: TypeAlias = tuple[float, float]
"""A point in OGC CRS84: longitude, latitude, in degrees."""
Line: TypeAlias = tuple[LonLat, ...]
"""A line through these points, in their order."""


class Mode(StrEnum):
    """By what people or aid pass."""

    BUS = "bus"
    CAR = "car"
    FOOT = "foot"
    RAIL = "rail"
    SEA = "sea"
    AIR = "air"
    MIXED = "mixed"


class SiteRole(StrEnum):
    """What a site is to a route, in the order in which the hash has them."""

    FROM_SITE = "from_site"
    WAYPOINT = "waypoint"
    TO_SITE = "to_site"


_ORDER = tuple(SiteRole)


@dataclass(frozen=True, kw_only=True)
class RouteSite:
    """A site that a route names, and where it lies; None where it has no point."""

    role: SiteRole
    site: UUID
    position: LonLat | None


@dataclass(frozen=True, kw_only=True)
class Route:
    """One corridor's route from when it is planned on, without its status or class.

    Attributes:
        sites: those at its ends, and its waypoints in the order in which it passes them.
    """

    corridor: UUID
    geometry: Line | None
    width_m: float | None
    direction: Direction | None
    mode: Mode | None
    sites: tuple[RouteSite, ...] = ()


def covered_routes(routes: Iterable[Route]) -> list[Json]:
    """Return the routes as the hash of the terms covers them, by the id of the corridor."""
    return [_route(route) for route in sorted(routes, key=lambda r: str(r.corridor))]


def _route(route: Route) -> Json:
    return {
        "corridor": str(route.corridor),
        "geometry": None if route.geometry is None else [_point(p) for p in route.geometry],
        "width_m": None if route.width_m is None else decimal_text(route.width_m),
        "direction": route.direction.value if route.direction else None,
        "mode": route.mode.value if route.mode else None,
        "sites": [
            {
                "role": site.role.value,
                "site": str(site.site),
                "position": None if site.position is None else _point(site.position),
            }
            for site in sorted(route.sites, key=lambda s: _ORDER.index(s.role))
        ],
    }


def _point(point: LonLat) -> Json:
    return [decimal_text(degrees) for degrees in point]
