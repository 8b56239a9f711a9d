"""All that is ever changed about a geometry on reading; each is said once.

The sentences hold no coordinates: history keeps them, also for readers from whom the place is
withheld.
"""

from app.domain.fact import Warned

Z_DROPPED = Warned(
    code="z_dropped",
    message="heights are not kept; each position was taken as longitude and latitude",
)
REPEATED_POINTS_MERGED = Warned(
    code="repeated_points_merged",
    message="neighbouring positions that were the same were merged into one",
)
RINGS_TURNED = Warned(
    code="rings_turned",
    message="rings were turned: an outline runs counter-clockwise, its holes clockwise",
)
ANTIMERIDIAN_SHORT_WAY = Warned(
    code="antimeridian_short_way",
    message="neighbouring longitudes lie more than 180 degrees apart; the line is taken to cross "
    "the antimeridian, the short way. Its coordinates stay as given",
)
_IN_ORDER = (Z_DROPPED, REPEATED_POINTS_MERGED, RINGS_TURNED, ANTIMERIDIAN_SHORT_WAY)


class Changes:
    """What was changed so far about one geometry."""

    def __init__(self) -> None:
        self._seen: set[Warned] = set()

    def add(self, change: Warned) -> None:
        """Note a change."""
        self._seen.add(change)

    def warnings(self) -> tuple[Warned, ...]:
        """Give each change once, in a fixed order."""
        return tuple(change for change in _IN_ORDER if change in self._seen)
