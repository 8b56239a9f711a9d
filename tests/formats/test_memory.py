"""However long a list is, a writer holds little of it."""

import tracemalloc
from collections.abc import Callable

import pytest

from app.formats.csv_hxl import HxlCsv
from app.formats.geojsonl import GeojsonSequence
from app.formats.gpkg import GeoPackage
from app.formats.gpx import Gpx
from app.formats.kml import Kml
from app.formats.writer import About, Writer
from tests.formats.given import about, feature, file

_MIB = 2**20
_MANY = 600
_LONG = {"type": "LineString", "coordinates": [[37 + n / 9999, 47 - n / 7777] for n in range(100)]}


@pytest.mark.parametrize("make", [GeojsonSequence, HxlCsv, GeoPackage, Kml, Gpx])
def test_a_long_list_is_not_held(
    make: Callable[[About], Writer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.formats.gpx._IN_MEMORY", _MIB // 8)
    file(make(about()), feature())  # what is loaded with the first one is no part of it
    writer = make(about())
    tracemalloc.start()
    try:
        size = len(writer.begin())
        for number in range(_MANY):
            size += len(writer.add(feature(_LONG, id=str(number))))
        size += sum(len(piece) for piece in writer.end())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        writer.close()
    assert size > 0.9 * _MIB
    assert peak < 0.75 * _MIB
