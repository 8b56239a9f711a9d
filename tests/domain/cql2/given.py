"""Properties and values that filters of the tests are about."""

from typing import Any

from app.domain.cql2.expression import Expression, Kind
from app.domain.cql2.reading import Reader
from app.domain.cql2.text import read_text

KNOWN = {
    "id": Kind.TEXT,
    "name": Kind.TEXT,
    "status": Kind.TEXT,
    "capacity": Kind.NUMBER,
    "precision_m": Kind.NUMBER,
    "valid_from": Kind.INSTANT,
    "valid_until": Kind.INSTANT,
    "geometry": Kind.PLACE,
}
SQUARE = [[37.0, 47.0], [38.0, 47.0], [38.0, 48.0], [37.0, 48.0], [37.0, 47.0]]
PLACES: list[dict[str, Any]] = [
    {"type": "Point", "coordinates": [37.5, 47.1]},
    {"type": "LineString", "coordinates": [[37.0, 47.0], [38.0, 48.0]]},
    {"type": "LineString", "coordinates": [[179.0, 1.0], [-179.0, 2.0]]},
    {"type": "Polygon", "coordinates": [SQUARE]},
    {"type": "MultiPoint", "coordinates": [[37.5, 47.1], [0.0, 0.0]]},
    {
        "type": "MultiLineString",
        "coordinates": [[[37.0, 47.0], [38.0, 48.0]], [[0.0, 0.0], [1.0, 1.0]]],
    },
    {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
    {"bbox": [34.9, 46.5, 38.1, 48.0]},
    {"bbox": [170.0, -60.0, -170.0, 60.0]},
    {"bbox": [37.5, 47.1, 37.5, 47.1]},
]
COLLECTION = {"type": "GeometryCollection", "geometries": [PLACES[0], PLACES[3]]}
VALUES: dict[Kind, list[Any]] = {
    Kind.TEXT: ["open", "Azovstal", "O'Brien", 'a "b"', "Азовсталь", "", "100%", "a_b"],
    Kind.NUMBER: [0.0, 1.5, -3.0, 1000.0, 1e300],
    Kind.INSTANT: ["2022-04-26T15:00:00Z", "2022-05-03T00:00:00.5Z", "2099-01-01T00:00:00Z"],
    Kind.PLACE: PLACES,
}


def read(text: str) -> Expression:
    """Read a filter from text."""
    return Reader(KNOWN).read(read_text(text))
