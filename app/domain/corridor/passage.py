"""Whether a corridor itself lets anybody pass: its route, its ends, its windows."""

from datetime import datetime

from app.domain.agreement.model import Agreement
from app.domain.agreement.route import Route, SiteRole
from app.domain.agreement.standing import windows_of
from app.domain.corridor.model import Corridor
from app.domain.unmet import Unmet
from app.domain.window import Window

ROUTE_INVALID = "route_invalid"
ENDS_UNKNOWN = "ends_unknown"
NOT_IN_TERMS = "route_not_in_terms"


def unmet_route(corridor: Corridor) -> list[Unmet]:
    """List what is wrong with the route: it is no line of two different points or more."""
    if corridor.line is not None and len(set(corridor.line)) >= 2:
        return []
    return [
        Unmet(
            code=ROUTE_INVALID,
            message="The corridor has no route that anybody could follow. Draw its geometry as a "
            "line of two points or more.",
        )
    ]


def unmet_consent(corridor: Corridor, agreement: Agreement) -> list[Unmet]:
    """List whether its route is another than the parties consent to, or in no terms at all.

    Asked only of a route that could be followed.
    """
    if unmet_route(corridor) or unmet_ends(corridor):
        return []
    agreed = next((r for r in agreement.routes if r.corridor == corridor.id), None)
    if agreed is not None and _is_drawn_so(corridor, agreed):
        return []
    found = "is in none of the terms" if agreed is None else "is another than the terms hold"
    return [
        Unmet(
            code=NOT_IN_TERMS,
            message=f"The route of this corridor {found}, so nobody has consented to it. Plan it, "
            "and let the parties confirm the terms with it.",
        )
    ]


def _is_drawn_so(corridor: Corridor, route: Route) -> bool:
    ends = {site.role: site.site for site in route.sites}
    return (
        (corridor.line, corridor.width_m, corridor.direction, corridor.mode)
        == (route.geometry, route.width_m, route.direction, route.mode)
    ) and (corridor.from_site, corridor.to_site) == (
        ends.get(SiteRole.FROM_SITE),
        ends.get(SiteRole.TO_SITE),
    )


def corridor_windows(corridor: Corridor, agreement: Agreement, at: datetime) -> tuple[Window, ...]:
    """Return the windows in which people may move along this corridor, in its direction."""
    return windows_of(agreement, corridor.id, at, corridor.direction)


def unmet_ends(corridor: Corridor) -> list[Unmet]:
    """List which of the two ends is not named."""
    ends = {"from_site": corridor.from_site, "to_site": corridor.to_site}
    missing = [name for name, site in ends.items() if site is None]
    if not missing:
        return []
    return [
        Unmet(
            code=ENDS_UNKNOWN,
            message="It is not known where the corridor begins and ends. Name the site in "
            f"{' and in '.join(missing)}.",
        )
    ]
