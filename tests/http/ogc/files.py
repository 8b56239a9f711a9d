"""Files of features, read back without the code that wrote them."""

import csv
import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from io import StringIO
from typing import Any
from xml.etree import ElementTree as ET

import shapely
from shapely.geometry.base import BaseGeometry

FORMS = ("geojsonl", "csv", "gpkg", "kml", "gpx")
FOR_DEVICES = ("kml", "gpx")
Read = dict[str, BaseGeometry | None]
_KML, _GPX = "{http://www.opengis.net/kml/2.2}", "{http://www.topografix.com/GPX/1/1}"


def shapes(form: str, content: bytes) -> Read:
    """Give the shapes of a file by the ids of their features."""
    return dict(_READERS[form](content))


def rows(content: bytes) -> list[dict[str, str]]:
    """Give the rows of a table, without that of hashtags."""
    csv.field_size_limit(2**24)  # ways of 10,000 positions are one cell
    return list(csv.DictReader(StringIO(content.decode(), newline="")))[1:]


def steady(content: bytes) -> bytes:
    """Leave out when a file was read, which it says in words."""
    return _READ.sub(b"", content)


_READ = re.compile(
    rb"(?<=read )[0-9-]{10} [0-9:]{5}(?= UTC)|(?<=Read )[0-9-]{10} [0-9:]{5}(?= UTC)"
    rb"|(?<=Read at )[0-9-]{10} [0-9:]{8}(?= UTC)|(?<=<time>)[^<]*(?=</time>)"
)


def _sequence(content: bytes) -> Iterator[tuple[str, BaseGeometry | None]]:
    first, *records = content.split(b"\x1e") if content else [b""]
    assert first == b""
    for record in records:
        assert record.endswith(b"\n")
        feature = json.loads(record)
        yield feature["id"], _of_geojson(feature["geometry"])


def _of_geojson(geometry: Any) -> BaseGeometry | None:
    return None if geometry is None else shapely.from_geojson(json.dumps(geometry))


def _table(content: bytes) -> Iterator[tuple[str, BaseGeometry | None]]:
    for row in rows(content):
        yield row["id"], shapely.from_wkt(row["geometry"]) if row["geometry"] else None


def _geopackage(content: bytes) -> Iterator[tuple[str, BaseGeometry | None]]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(content)
        ((layer,),) = db.execute("SELECT table_name FROM gpkg_contents")
        for id, shape in db.execute(f'SELECT id, geom FROM "{layer}"'):
            yield id, None if shape is None else shapely.from_wkb(shape[40:])


def _placemarks(content: bytes) -> Iterator[tuple[str, BaseGeometry | None]]:
    for mark in ET.fromstring(content).iter(f"{_KML}Placemark"):
        points = [_positions(each) for each in mark.iterfind(f".//{_KML}Point/{_KML}coordinates")]
        lines = [
            _positions(each) for each in mark.iterfind(f".//{_KML}LineString/{_KML}coordinates")
        ]
        yield (mark.get("id") or "").removeprefix("f-"), _one(points, lines)


def _positions(element: ET.Element) -> list[tuple[float, float]]:
    pairs = (each.split(",") for each in (element.text or "").split())
    return [(float(x), float(y)) for x, y in pairs]


def _tracks(content: bytes) -> Iterator[tuple[str, BaseGeometry | None]]:
    root = ET.fromstring(content)
    for element in (*root.iterfind(f"{_GPX}wpt"), *root.iterfind(f"{_GPX}trk")):
        points = [[_at(element)]] if "lat" in element.attrib else []
        lines = [[_at(point) for point in part] for part in element.iterfind(f"{_GPX}trkseg")]
        yield (element.findtext(f"{_GPX}src") or "").split()[-1], _one(points, lines)


def _at(element: ET.Element) -> tuple[float, float]:
    return float(element.attrib["lon"]), float(element.attrib["lat"])


def _one(points: list[Any], lines: list[Any]) -> BaseGeometry | None:
    if points:
        return shapely.Point(points[0][0])
    if len(lines) > 1:
        return shapely.MultiLineString(lines)
    return shapely.LineString(lines[0]) if lines else None


_READERS: Mapping[str, Callable[[bytes], Iterator[tuple[str, BaseGeometry | None]]]] = {
    "geojsonl": _sequence,
    "csv": _table,
    "gpkg": _geopackage,
    "kml": _placemarks,
    "gpx": _tracks,
}
