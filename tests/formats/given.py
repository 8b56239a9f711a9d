"""Features and files of them, as a reader could see them."""

from datetime import UTC, datetime
from typing import Any

from app.domain.instant import format_instant
from app.formats.writer import About, Column, Kind, Writer, whole

NOON = datetime(2022, 4, 30, 12, tzinfo=UTC)
LATER = datetime(2022, 4, 30, 15, 30, 59, tzinfo=UTC)
ID = "6fa3cc60-45a0-40ed-8543-bc80b592b2a9"
COLUMNS = (
    Column(name="id", kind=Kind.TEXT),
    Column(name="name", kind=Kind.TEXT),
    Column(name="do_not_move", kind=Kind.NESTED),
    Column(name="width_m", kind=Kind.NUMBER),
    Column(name="precision_m", kind=Kind.INTEGER),
    Column(name="waypoints", kind=Kind.NESTED),
    Column(name="valid_from", kind=Kind.INSTANT),
)
POINT = {"type": "Point", "coordinates": [37.608, 47.097]}
LINE = {"type": "LineString", "coordinates": [[37.5413, 47.0951], [35.1171, 47.8517]]}
ACROSS = {
    "type": "MultiLineString",
    "coordinates": [[[179.0, -16.0], [180.0, -17.0]], [[-180.0, -17.0], [-179.0, -18.0]]],
}
AREA = {
    "type": "Polygon",
    "coordinates": [
        [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]],
        [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [1.0, 1.0]],
    ],
}
AREAS = {"type": "MultiPolygon", "coordinates": [AREA["coordinates"], AREA["coordinates"]]}
POINTS = {"type": "MultiPoint", "coordinates": [[1.0, 2.0], [3.0, 4.0]]}
SHAPES = (POINT, LINE, ACROSS, AREA, AREAS, POINTS, None)
PASSABLE = {"reasons": [], "until": format_instant(LATER)}
BARRED = {"reasons": [{"code": "corridor_not_open", "message": "It is closed."}], "until": None}


def about(collection: str = "corridors", **changes: Any) -> About:
    """Say what a file is about."""
    usual: dict[str, Any] = {
        "collection": collection,
        "title": "Humanitarian corridors",
        "description": "Corridors as this reader may see them.",
        "columns": COLUMNS,
        "read_at": NOON,
        "stands_since": NOON,
        "is_present": True,
        "is_list": True,
    }
    return About(**usual | changes)


def feature(geometry: Any = LINE, id: str = ID, **properties: Any) -> dict[str, Any]:
    """Give a feature that its reader sees exactly; `name=...` leaves that out."""
    usual = {
        "name": "Mariupol to Zaporizhzhia",
        "do_not_move": PASSABLE,
        "valid_from": format_instant(NOON),
    }
    shown = {k: v for k, v in (usual | properties).items() if v is not ...}
    return {"type": "Feature", "id": id, "geometry": geometry, "properties": shown}


def file(writer: Writer, *features: dict[str, Any]) -> bytes:
    """Write a file of features."""
    return whole(writer, features)
