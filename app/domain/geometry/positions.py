"""Reading positions: two numbers in range, longitude first."""

from itertools import pairwise
from typing import Any

from app.domain.geometry.changed import REPEATED_POINTS_MERGED, Z_DROPPED, Changes
from app.domain.geometry.found import found
from app.domain.geometry.refused import GeometryRefused, Path
from app.domain.geometry.shape import Position

MAX_VERTICES = 10_000
_INFINITE = float("inf")


def read_position(value: Any, path: Path, changes: Changes) -> Position:
    """Read one position; a height is dropped.

    Raises:
        GeometryRefused: it is not two or three numbers, or lies out of range.
    """
    if not isinstance(value, list) or not 2 <= len(value) <= 3:
        raise GeometryRefused(f"found {found(value)}, expected [longitude, latitude]", path)
    if not all(map(_is_number, value)):
        raise GeometryRefused(
            "expected two numbers, longitude and latitude in degrees, "
            f"found {' and '.join(map(found, value))}",
            path,
        )
    longitude, latitude, *height = value
    if not _is_inside(longitude, latitude):
        raise GeometryRefused(_out_of_range(longitude, latitude), path)
    if height:
        changes.add(Z_DROPPED)
    return longitude + 0.0, latitude + 0.0  # also -0.0 becomes 0.0


def read_positions(values: list[Any], path: Path, changes: Changes) -> tuple[Position, ...]:
    """Read positions in order; neighbouring repeated ones become one.

    Raises:
        GeometryRefused: one of them cannot be read.
    """
    read = [read_position(value, (*path, at), changes) for at, value in enumerate(values)]
    kept = (*read[:1], *(after for before, after in pairwise(read) if after != before))
    if len(kept) < len(read):
        changes.add(REPEATED_POINTS_MERGED)
    return kept


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and -_INFINITE < value < _INFINITE


def _is_inside(longitude: float, latitude: float) -> bool:
    return -180 <= longitude <= 180 and -90 <= latitude <= 90


def _out_of_range(longitude: float, latitude: float) -> str:
    said = (
        f"found {found(longitude)}, {found(latitude)}; expected a longitude within ±180, "
        "then a latitude within ±90"
    )
    if _is_inside(latitude, longitude):
        said += ". Latitude and longitude look swapped: longitude comes first"
    return said
