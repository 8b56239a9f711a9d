"""The area of an operation: a polygon in OGC CRS84, checked and never repaired.

Every guard that bounds size, depth and counts comes before the geometry library sees a number.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.http.found import found
from app.http.schema import refused

MAX_RINGS = 1000
MAX_VERTICES = 10_000

Position: TypeAlias = "tuple[float, float]"
Ring: TypeAlias = "list[Position]"

_PLACE = re.compile(r"(?P<what>.+?)\[(?P<longitude>\S+) (?P<latitude>\S+)\]")
_REASONS = {
    "Self-intersection": "the outline crosses itself",
    "Ring Self-intersection": "a ring touches or crosses itself",
    "Hole lies outside shell": "a hole lies outside the outline",
    "Holes are nested": "a hole lies inside another hole",
    "Interior is disconnected": "holes cut the area in two",
    "Nested shells": "an outline lies inside another",
    "Duplicate Rings": "a ring is there twice",
    "Too few points in geometry component": "a ring has fewer than three different points",
}


def _read_area(value: Any) -> Any:
    if not isinstance(value, dict):
        raise refused(f"found {found(value)}, expected a GeoJSON Polygon")
    if value.get("type") != "Polygon":
        raise refused(f"found type {found(value.get('type'))}, expected Polygon")
    if value.keys() - {"type", "coordinates"}:
        raise refused("found other members, expected type and coordinates only")
    rings = _rings(value.get("coordinates"))
    _check_shape(rings)
    return {"type": "Polygon", "coordinates": rings}


def _rings(coordinates: Any) -> list[Ring]:
    if not isinstance(coordinates, list) or not 1 <= len(coordinates) <= MAX_RINGS:
        raise refused(f"found {found(coordinates)}, expected an array of 1 to {MAX_RINGS} rings")
    if not all(isinstance(ring, list) for ring in coordinates):
        raise refused("found a ring that is no array, expected arrays of positions")
    count = sum(len(ring) for ring in coordinates)
    if count > MAX_VERTICES:
        raise refused(f"found {count} positions, expected {MAX_VERTICES} at most")
    return [list(_ring(ring, index)) for index, ring in enumerate(coordinates)]


def _ring(ring: list[Any], index: int) -> Iterator[Position]:
    if len(ring) < 4:
        raise refused(f"ring {index} has {len(ring)} positions, expected four or more")
    if ring[0] != ring[-1]:
        raise refused(f"ring {index} is not closed; expected its last position to be its first")
    for number, position in enumerate(ring):
        yield _position(position, f"ring {index}, position {number}")


def _position(position: Any, place: str) -> Position:
    if not isinstance(position, list) or len(position) != 2:
        raise refused(f"{place}: found {found(position)}, expected [longitude, latitude]")
    longitude, latitude = position
    if not _is_number(longitude) or not _is_number(latitude):
        raise refused(f"{place}: expected two numbers, longitude and latitude in degrees")
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise refused(
            f"{place}: found {longitude}, {latitude}; expected a longitude within ±180, "
            "then a latitude within ±90"
        )
    return float(longitude), float(latitude)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_shape(rings: list[Ring]) -> None:
    # Loaded with the first area: it brings numpy, a tenth of the time that the service takes to start.
    from shapely import Polygon, is_valid_reason  # noqa: PLC0415

    reason = str(is_valid_reason(Polygon(rings[0], rings[1:])))
    if reason == "Valid Geometry":
        return
    at = _PLACE.fullmatch(reason)
    if at is None:
        raise refused("this outline encloses no area; expected a polygon that does")
    what = _REASONS.get(at["what"], "the outline is not a polygon")
    raise refused(
        f"{what} near longitude {at['longitude']}, latitude {at['latitude']}; "
        "expected a polygon that does not. It is not repaired here: correct it and send it again"
    )


class Area(BaseModel):
    """A GeoJSON Polygon in OGC CRS84: longitude, then latitude, in degrees."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "Polygon",
                    "coordinates": [
                        [[34.9, 46.5], [38.1, 46.5], [38.1, 48.0], [34.9, 48.0], [34.9, 46.5]]
                    ],
                }
            ]
        },
    )

    type: Literal["Polygon"]
    coordinates: list[list[tuple[float, float]]] = Field(
        description="rings, the outline first and then its holes; each closed"
    )


AreaIn = Annotated[Area, BeforeValidator(_read_area)]
"""An area from a body, checked."""
