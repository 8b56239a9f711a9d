"""The geometry of a place as it goes out: text for answers, WKB for the exact test, its envelope."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from app.domain.disclosure import Precision
from app.domain.geometry.antimeridian import split
from app.domain.geometry.shape import Line, MultiPolygon, Point, Polygon, as_geojson

Shape = Point | Line | Polygon | MultiPolygon
Made = tuple[UUID, Precision]
"""The event that set a geometry, and how exactly it is seen."""

EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)
"""The envelope of what has no geometry: it meets every box (OGC API – Features, 7.15.3)."""


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A geometry in OGC CRS84, as one audience may see it.

    Two are equal where they look the same, whatever they were made of: a place that moves within
    its cell has not moved for those who see the cell.

    Attributes:
        id: made from the place and the text, so that the same outline is stored once.
        geojson: empty where the outline is only known to be stored.
        bounds: west, south, east, north.
        made_of: the event that set the geometry, and how exactly it is seen; None without one.
    """

    id: int
    geojson: str = field(compare=False)
    geometry: bytes | None = field(compare=False)
    bounds: tuple[float, float, float, float] = field(compare=False)
    made_of: Made | None = field(default=None, compare=False)

    @property
    def is_stored(self) -> bool:
        """Whether its text and geometry were left in the database."""
        return not self.geojson


def outline(place: UUID, shape: Shape | None, made_of: Made | None = None) -> Outline:
    """Make the outline of a shape; a line over the antimeridian is cut there (RFC 7946, 3.1.9)."""
    document = None if shape is None else _document(shape)
    text = orjson.dumps(document).decode()
    digest = sha256(place.bytes + text.encode()).digest()
    return Outline(
        id=int.from_bytes(digest[:8], "big") >> 2,
        geojson=text,
        geometry=None if document is None else _wkb(document),
        bounds=EVERYWHERE if document is None else _bounds(document),
        made_of=made_of,
    )


def _document(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Line):
        parts = split(shape)
        if len(parts) > 1:
            return {"type": "MultiLineString", "coordinates": [list(part) for part in parts]}
    return as_geojson(shape)


def _wkb(document: dict[str, Any]) -> bytes:
    # Loaded with the first place: it takes a tenth of the time that the service takes to start.
    from shapely import to_wkb  # noqa: PLC0415
    from shapely.geometry import shape as made  # noqa: PLC0415

    return bytes(to_wkb(made(document)))


def _bounds(document: dict[str, Any]) -> tuple[float, float, float, float]:
    positions = list(_positions(document["coordinates"]))
    longitudes, latitudes = zip(*positions, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def _positions(coordinates: Any) -> list[tuple[float, float]]:
    if not isinstance(coordinates[0], list | tuple):
        return [(coordinates[0], coordinates[1])]
    return [position for inner in coordinates for position in _positions(inner)]
