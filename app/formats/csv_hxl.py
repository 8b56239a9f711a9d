"""CSV with hashtags of the Humanitarian Exchange Language (HXL) in its second row.

The columns are those that the reader may be shown of some feature: they tell of none.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

import orjson

from app.formats.hxl import TAGS
from app.formats.shapes import begins_at, is_exact, square, wkt
from app.formats.writer import About, Feature

_PLACE = ("geometry", "lat", "lon", "mgrs")
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
"""With these a spreadsheet begins a formula; all but the first four look like nothing."""
_CELL_IN_TEXT = re.compile(r"(;[\s\"]*)(?=[=+\-@＝＋－＠])")
"""Where a formula would begin if a cell did: many spreadsheets split at semicolons, whatever is quoted."""


class HxlCsv:
    """Writes a table: a row of names, a row of hashtags, a row for each feature."""

    def __init__(self, about: About) -> None:
        self._names = [each.name for each in about.columns]
        self._text = StringIO(newline="")
        self._rows = csv.writer(self._text)

    def begin(self) -> bytes:
        """Give the rows of names and hashtags: after the id where it is, then all else."""
        id, *rest = self._names
        names = [id, *_PLACE, *rest]
        return self._row(names) + self._row([TAGS[name] for name in names])

    def add(self, feature: Feature) -> bytes:
        """Give the row of a feature."""
        properties = feature["properties"]
        rest = (properties.get(name) for name in self._names[1:])
        return self._row([feature["id"], *_place(feature), *map(_cell, rest)])

    def end(self) -> Iterator[bytes]:
        """Give nothing: a table has no foot."""
        return iter(())

    def close(self) -> None:
        """Hold nothing."""

    def _row(self, cells: Sequence[Any]) -> bytes:
        self._text.seek(0)
        self._text.truncate()
        self._rows.writerow(cells)
        return self._text.getvalue().encode()


def _place(feature: Feature) -> list[Any]:
    """Say where it is; latitude and longitude only where they are those of the place itself."""
    geometry = feature["geometry"]
    at = begins_at(geometry)
    if at is None:
        return ["", None, None, ""]
    longitude, latitude = at if is_exact(feature) else (None, None)
    return [wkt(geometry), latitude, longitude, square(feature, at)]


def _cell(value: Any) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case None | int() | float():
            return value
        case str():
            return _harmless(f"'{value}" if value[:1] in _FORMULA and value else value)
        case _:
            return _harmless(orjson.dumps(value).decode())


def _harmless(text: str) -> str:
    return _CELL_IN_TEXT.sub(r"\1'", text)
