"""GeoPackage: what the standard asks for, in a file that leaves nothing behind."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import unpack
from typing import Any

import pytest
import shapely

from app.formats.gpkg import GeoPackage
from tests.formats.given import BARRED, LINE, POINT, SHAPES, about, feature, file


@contextmanager
def opened(content: bytes) -> Iterator[sqlite3.Connection]:
    """Open a file as a database."""
    db = sqlite3.connect(":memory:")
    db.deserialize(content)
    try:
        yield db
    finally:
        db.close()


@pytest.mark.parametrize("is_list", [True, False])
def test_it_says_what_it_is(is_list: bool) -> None:
    made = file(GeoPackage(about(is_list=is_list)), feature(), feature(POINT))
    assert made[:16] == b"SQLite format 3\0"
    assert made[68:72] == b"GPKG"
    with opened(made) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (10300,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        systems = {id for (id,) in db.execute("SELECT srs_id FROM gpkg_spatial_ref_sys")}
        assert systems == {-1, 0, 4326}
        (contents,) = db.execute("SELECT * FROM gpkg_contents")
        assert contents[:2] == ("corridors", "features")
        assert contents[4] == "2022-04-30T12:00:00.000Z"
        assert contents[5:] == (35.1171, 47.0951, 37.608, 47.8517, 4326)
        (columns,) = db.execute("SELECT * FROM gpkg_geometry_columns")
        assert columns == ("corridors", "geom", "GEOMETRY", 4326, 0, 0)


@pytest.mark.parametrize("geometry", SHAPES)
def test_shapes_have_their_envelope_and_wkb(geometry: Any) -> None:
    with opened(file(GeoPackage(about()), feature(geometry))) as db:
        (shape,) = db.execute("SELECT geom FROM corridors").fetchone()
    if geometry is None:
        assert shape is None
        return
    magic, version, flags, system, west, east, south, north = unpack("<2sBBi4d", shape[:40])
    assert (magic, version, flags, system) == (b"GP", 0, 0b11, 4326)
    read = shapely.from_wkb(shape[40:])
    assert read == shapely.geometry.shape(geometry)
    assert (west, south, east, north) == read.bounds


def test_values_have_the_types_of_their_columns() -> None:
    made = file(GeoPackage(about()), feature(do_not_move=BARRED, width_m=7.5, precision_m=1000))
    with opened(made) as db:
        (row,) = db.execute("SELECT id, name, width_m, precision_m, valid_from FROM corridors")
        assert row[1:] == ("Mariupol to Zaporizhzhia", 7.5, 1000, "2022-04-30T12:00:00.000Z")


def test_a_file_without_features_is_one() -> None:
    with opened(file(GeoPackage(about()))) as db:
        assert db.execute("SELECT count(*) FROM corridors").fetchone() == (0,)
        assert db.execute("SELECT min_x, max_y FROM gpkg_contents").fetchone() == (None, None)


def test_equal_features_make_equal_bytes() -> None:
    many = [feature(LINE, id=f"{n}") for n in range(300)]
    one, other = (file(GeoPackage(about()), *many) for _ in range(2))
    assert one == other


def test_a_file_has_no_name_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    writer = GeoPackage(about())
    writer.begin()
    for number in range(5000):
        writer.add(feature(LINE, id=f"{number}"))
        assert number or list(tmp_path.iterdir()) == []
    size = sum(len(piece) for piece in writer.end())
    assert size > 1_000_000
    assert list(tmp_path.iterdir()) == []
    writer.close()


def test_one_feature_never_goes_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be the exact shape of a severe place."""
    monkeypatch.setattr("app.formats.gpkg.TemporaryDirectory", lambda **_: pytest.fail("a file"))
    assert file(GeoPackage(about(is_list=False)), feature())
