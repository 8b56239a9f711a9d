"""Lines over the antimeridian: they take the short way, and are cut there (RFC 7946, 3.1.9)."""

from itertools import pairwise

from app.domain.geometry.decimals import exact
from app.domain.geometry.shape import Line, Position


def crosses(start: Position, end: Position) -> bool:
    """Tell whether the short way between neighbours leads over the antimeridian."""
    return not -180 <= end[0] - start[0] <= 180


def split(line: Line) -> tuple[tuple[Position, ...], ...]:
    """Give the parts of a line between which it crosses ±180; one where it does not cross.

    Positions at ±180 have the sign of the side on which their part lies.
    """
    parts: list[list[Position]] = [[line.positions[0]]]
    for start, end in pairwise(line.positions):
        at = parts[-1][-1]
        shift = _turn(start, end) + (at[0] - start[0])
        longitude = end[0] + shift
        if -180 <= longitude <= 180:
            parts[-1].append((longitude, end[1]))
            continue
        side = 180.0 if longitude > 180 else -180.0
        latitude = _latitude_at(side, at, end, shift)
        if at[0] != side:
            parts[-1].append((side, latitude))
        parts.append([(-side, latitude), (end[0] + (shift - 2 * side), end[1])])
    return tuple(tuple(part) for part in parts if len(part) > 1 or len(parts) == 1)


def _turn(start: Position, end: Position) -> float:
    """Give what takes the end's longitude to the start's side: it may then lie beyond ±180."""
    if not crosses(start, end):
        return 0.0
    return 360.0 if end[0] < start[0] else -360.0


def _latitude_at(longitude: float, start: Position, end: Position, shift: float) -> float:
    """Interpolate in the plane of longitude and latitude, rounded once."""
    (west, south), (east, north) = (map(exact, each) for each in (start, end))
    share = (exact(longitude) - west) / (east + exact(shift) - west)
    return float(south + (north - south) * share)
