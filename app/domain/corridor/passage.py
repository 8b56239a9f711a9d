"""Whether a corridor itself lets anybody pass: its route and its ends."""

from app.domain.corridor.model import Corridor
from app.domain.unmet import Unmet

ROUTE_INVALID = "route_invalid"
ENDS_UNKNOWN = "ends_unknown"


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
