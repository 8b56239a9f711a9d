"""GeoPackage 1.3 (OGC 12-128r17), written by the database that Python brings along.

A list goes to a file that has a name for a moment only; one feature stays in memory.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from app.domain.instant import parse_instant
from app.formats.gpkg_schema import APPLICATION_ID, TABLES, USER_VERSION, WGS84
from app.formats.writer import About, Column, Feature, Kind

_CHUNK = 256 * 1024
_TYPES = {
    Kind.TEXT: "TEXT",
    Kind.NUMBER: "REAL",
    Kind.INTEGER: "INTEGER",
    Kind.INSTANT: "DATETIME",
    Kind.NESTED: "TEXT",
}
_PRAGMAS = (
    "PRAGMA journal_mode = OFF",  # a journal would have a name; what breaks off is thrown away
    "PRAGMA synchronous = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -2048",
    "PRAGMA secure_delete = ON",  # no bytes but those of the features
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {USER_VERSION}",
)
_BOX = (float("inf"), float("inf"), float("-inf"), float("-inf"))


class GeoPackage:
    """Writes one layer, named like the collection; nothing can be sent before its end."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._columns = about.columns
        self._box = _BOX
        self._held = ExitStack()
        self._file: BufferedReader | None = None
        if about.is_list:
            self._to, self._file = self._unlinked()
        else:
            self._to = self._connected(":memory:")

    def begin(self) -> bytes:
        """Make the tables."""
        self._to.execute("BEGIN")
        for statement in TABLES:
            self._to.execute(statement)
        self._to.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,?)", WGS84)
        columns = ", ".join(_defined(each) for each in self._columns)
        self._to.execute(
            f'CREATE TABLE "{self._about.collection}" '
            f"(fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom GEOMETRY, {columns})"
        )
        marks = ", ".join("?" * (len(self._columns) + 1))
        names = ", ".join(f'"{each.name}"' for each in self._columns)
        self._insert = f'INSERT INTO "{self._about.collection}" (geom, {names}) VALUES ({marks})'
        return b""

    def add(self, feature: Feature) -> bytes:
        """Take a feature."""
        shown = {**feature["properties"], "id": feature["id"]}
        values = [_value(each, shown.get(each.name)) for each in self._columns]
        self._to.execute(self._insert, [self._shape(feature["geometry"]), *values])
        return b""

    def end(self) -> Iterator[bytes]:
        """Give the file."""
        self._describe()
        self._to.execute("COMMIT")
        if self._file is None:
            yield self._to.serialize()
            return
        while piece := self._file.read(_CHUNK):
            yield piece

    def close(self) -> None:
        """Let go of the file, which ends with that."""
        self._held.close()

    def _unlinked(self) -> tuple[sqlite3.Connection, BufferedReader]:
        """Open a file for its owner alone, and take its name away: whatever ends us ends it."""
        with TemporaryDirectory(prefix="passage-") as folder:
            path = Path(folder) / "features"
            to = self._connected(str(path))
            return to, self._held.enter_context(path.open("rb"))

    def _connected(self, path: str) -> sqlite3.Connection:
        to = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._held.callback(to.close)
        for pragma in _PRAGMAS:
            to.execute(pragma)
        return to

    def _describe(self) -> None:
        box = (None,) * 4 if self._box == _BOX else self._box
        about = self._about
        self._to.execute(
            "INSERT INTO gpkg_contents VALUES (?, 'features', ?, ?, ?, ?, ?, ?, ?, 4326)",
            (about.collection, about.title, about.description, _time(about.stands_since), *box),
        )
        self._to.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'GEOMETRY', 4326, 0, 0)",
            (about.collection,),
        )

    def _shape(self, geometry: Any) -> bytes | None:
        """Write a shape as the standard has it: a head with its envelope, then WKB."""
        if geometry is None:
            return None
        # Loaded with the first shape: it takes a tenth of the time that the service takes to start.
        from shapely import to_wkb  # noqa: PLC0415
        from shapely.geometry import shape  # noqa: PLC0415

        made = shape(geometry)
        west, south, east, north = made.bounds
        low, high = self._box[:2], self._box[2:]
        self._box = (min(low[0], west), min(low[1], south), max(high[0], east), max(high[1], north))
        head = pack("<2sBBi4d", b"GP", 0, 0b11, 4326, west, east, south, north)
        return head + bytes(to_wkb(made, byte_order=1))


def _defined(column: Column) -> str:
    return f'"{column.name}" {_TYPES[column.kind]}'


def _value(column: Column, value: Any) -> Any:
    if value is None:
        return None
    match column.kind:
        case Kind.NESTED:
            return orjson.dumps(value).decode()
        case Kind.INSTANT:
            return _time(parse_instant(value))
        case _:
            return value


def _time(at: datetime) -> str:
    """Write an instant as the standard has it, to the millisecond before it."""
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
