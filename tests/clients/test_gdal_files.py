"""GDAL reads the files that readers save, as QGIS and many others do, and finds what the list shows."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from app.domain.policy import Audience
from tests.clients.served import Served

FORMS = ("geojsonl", "csv", "gpkg", "kml", "gpx")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "csv": ("-oo", "GEOM_POSSIBLE_NAMES=geometry", "-oo", "AUTODETECT_TYPE=YES"),
    "kml": ("-oo", "LIBKML_READ_GROUND_OVERLAY=NO"),
}
LAYERS = {"gpx": ("waypoints", "tracks")}
Shapes = dict[str, BaseGeometry | None]


@pytest.fixture
def gdal() -> None:
    """Skip where Debian's gdal-bin is missing."""
    if shutil.which("ogr2ogr") is None:
        missing = "ogr2ogr is not there; install gdal-bin"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)


def saved(served: Served, folder: Path, collection: str, form: str, **params: str) -> Path:
    """Save a file as a map client may read it."""
    query = "&".join(f"{name}={value}" for name, value in {"f": form, **params}.items())
    token = served.tokens["map-client"]
    asked = Request(
        f"{served.ogc}/collections/{collection}/items?{query}",
        headers={"Authorization": f"Bearer {token}"},
    )
    path = folder / f"{collection}.{form}"
    with urlopen(asked, timeout=30) as answer:
        path.write_bytes(answer.read())
    return path


def read(path: Path, form: str) -> list[dict[str, Any]]:
    """Read a file by `ogr2ogr`, all of its layers; it must find nothing wrong."""
    return [
        feature
        for layer in LAYERS.get(form, ("",))
        for feature in _layer(path, *OPTIONS.get(form, ()), layer=layer)
    ]


def _layer(path: Path, *options: str, layer: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        ("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", str(path), *filter(None, [layer]), *options),
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert "ERROR" not in done.stderr, done.stderr
    assert "Warning" not in done.stderr, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["features"]
    return found


def id_of(feature: dict[str, Any], form: str) -> str:
    """Give the id that a feature has in a form; GPX has it in `src`."""
    properties = feature["properties"]
    return str(properties["src"].split()[-1] if form == "gpx" else properties["id"])


def shape_of(feature: dict[str, Any]) -> BaseGeometry | None:
    """Give the shape as the list has it: of several parts only where there are several."""
    if feature["geometry"] is None:
        return None
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    shape = shapely.force_2d(shape)
    parts = list(getattr(shape, "geoms", [shape]))
    return parts[0] if len(parts) == 1 else shape


@pytest.mark.usefixtures("gdal")
@pytest.mark.parametrize("collection", ["corridors", "sites"])
@pytest.mark.parametrize("form", FORMS)
def test_it_finds_what_partners_see(
    served: Served, tmp_path: Path, collection: str, form: str
) -> None:
    truth = served.truth(collection, Audience.PARTNER)
    assert len(truth) > 2
    features = read(saved(served, tmp_path, collection, form), form)
    if form == "csv":
        tags, *features = features
        assert tags["properties"]["id"] == "#meta+id"
    found = {id_of(feature, form): shape_of(feature) for feature in features}
    assert len(features) == len(truth)
    assert found.keys() == truth.keys()
    for id, shape in truth.items():
        other = found[id]
        if shape is None or other is None:
            assert shape is other
        else:
            assert other.equals_exact(shape, 1e-7), (form, id)


@pytest.mark.usefixtures("gdal")
def test_its_own_check_of_geopackages_finds_nothing(served: Served, tmp_path: Path) -> None:
    path = saved(served, tmp_path, "corridors", "gpkg")
    told = subprocess.run(
        ("ogrinfo", "-so", "-al", str(path)), capture_output=True, check=True, text=True, timeout=60
    )
    assert told.stderr == ""
    assert "GeoPackage" in told.stdout or "driver `GPKG' successful" in told.stdout
    assert "Feature Count: " in told.stdout
    assert "valid_from: DateTime" in told.stdout
    assert 'ID["EPSG",4326]' in told.stdout


@pytest.mark.usefixtures("gdal")
@pytest.mark.parametrize("form", ["kml", "gpx"])
def test_names_say_whether_anybody_may_move(served: Served, tmp_path: Path, form: str) -> None:
    for feature in read(saved(served, tmp_path, "corridors", form), form):
        name = feature["properties"]["Name" if form == "kml" else "name"]
        assert name.startswith("DO NOT MOVE: ")
    for feature in read(saved(served, tmp_path, "sites", form), form):
        name = feature["properties"]["Name" if form == "kml" else "name"]
        assert not name.startswith("DO NOT MOVE: ")


@pytest.mark.usefixtures("gdal")
@pytest.mark.parametrize("form", FORMS)
def test_a_box_bounds_a_file(served: Served, tmp_path: Path, form: str) -> None:
    box = shapely.box(35.0, 47.5, 36.0, 48.0)
    truth = served.truth("sites", Audience.PARTNER)
    near = {id for id, shape in truth.items() if shape is None or shape.intersects(box)}
    assert 0 < len(near) < len(truth)
    features = read(saved(served, tmp_path, "sites", form, bbox="35.0,47.5,36.0,48.0"), form)
    assert {id_of(each, form) for each in features} - {"#meta+id"} == near
