"""GDAL reads `/ogc` by its drivers for OGC API – Features and for tiles, as QGIS and many others do."""

import json
import os
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely

from app.domain.policy import Audience
from app.domain.tiles.address import Tile
from tests.clients.served import Served
from tests.tiles import tile_at

WEST, SOUTH, EAST, NORTH = 35.0, 47.5, 36.0, 48.0


@dataclass(frozen=True, kw_only=True)
class Client:
    """GDAL with a token of a map client, and the service that it reads."""

    served: Served

    def read(self, layer: str, *options: str) -> dict[str, Any]:
        """Copy a layer to GeoJSON by `ogr2ogr`, and give what came by its id."""
        token = self.served.tokens["map-client"]
        done = subprocess.run(
            (
                "ogr2ogr",
                "-f",
                "GeoJSON",
                "/vsistdout/",
                f"OAPIF:{self.served.ogc}",
                layer,
                *options,
            ),
            env=os.environ | {"GDAL_HTTP_HEADERS": f"Authorization: Bearer {token}"},
            capture_output=True,
            check=True,
            text=True,
            timeout=60,
        )
        assert "ERROR" not in done.stderr, done.stderr
        return {each["properties"]["id"]: each for each in json.loads(done.stdout)["features"]}

    def truth(self, layer: str) -> dict[str, Any]:
        """Give the shapes that partners see now."""
        return self.served.truth(layer, Audience.PARTNER)


@pytest.fixture
def gdal(served: Served) -> Client:
    """Lend GDAL; a skip where Debian's gdal-bin is missing."""
    if shutil.which("ogr2ogr") is None:
        missing = "ogr2ogr is not there; install gdal-bin"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    return Client(served=served)


def test_it_reads_what_partners_see_and_nothing_else(gdal: Client) -> None:
    for layer in ("corridors", "sites"):
        truth = gdal.truth(layer)
        found = gdal.read(layer, "-oo", "PAGE_SIZE=2")
        assert len(truth) > 2
        assert found.keys() == truth.keys()
        for id, feature in found.items():
            assert shapely.from_geojson(json.dumps(feature["geometry"])).equals_exact(
                truth[id], 1e-6
            )
    one = next(iter(gdal.read("corridors").values()))["properties"]
    assert one["do_not_move"]["reasons"]


@pytest.mark.parametrize("layer", ["corridors", "sites"])
def test_its_filter_of_space_is_exact(gdal: Client, layer: str) -> None:
    box = shapely.box(WEST, SOUTH, EAST, NORTH)
    sides = map(str, (WEST, SOUTH, EAST, NORTH))
    truth = gdal.truth(layer)
    near = {id for id, shape in truth.items() if shape.intersects(box)}
    assert len(near) > 0
    assert gdal.read(layer, "-spat", *sides).keys() == near


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A tile as GDAL's driver for Mapbox Vector Tiles reads it."""

    properties: dict[str, Any]
    geometry: Any


def tile_by_gdal(gdal: Client, collection: str, folder: Path) -> tuple[Tile, dict[str, Seen]]:
    """Fetch the tile of the case, and let `ogr2ogr` turn it back into degrees."""
    tile = tile_at(37.0, 47.2, 6)
    below = f"{tile.zoom}/{tile.row}/{tile.column}"
    address = f"{gdal.served.ogc}/collections/{collection}/tiles/WebMercatorQuad/{below}"
    token = gdal.served.tokens["map-client"]
    asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        content = answer.read()
    place = folder / "tile.pbf"
    place.write_bytes(content)
    sides = (("X", tile.column), ("Y", tile.row), ("Z", tile.zoom))
    options = [word for name, at in sides for word in ("-oo", f"{name}={at}")]
    words = ("ogr2ogr", "-f", "GeoJSON", "-t_srs", "EPSG:4326", "/vsistdout/", str(place))
    done = subprocess.run(
        (*words, collection, *options), capture_output=True, check=True, text=True, timeout=60
    )
    assert "ERROR" not in done.stderr, done.stderr
    return tile, {
        each["properties"]["id"]: Seen(
            properties=each["properties"],
            geometry=shapely.from_geojson(json.dumps(each["geometry"])),
        )
        for each in json.loads(done.stdout)["features"]
    }


@pytest.mark.parametrize("collection", ["corridors", "sites"])
def test_it_reads_a_tile_where_things_are(gdal: Client, collection: str, tmp_path: Path) -> None:
    tile, found = tile_by_gdal(gdal, collection, tmp_path)
    box = shapely.box(tile.box.west, tile.box.south, tile.box.east, tile.box.north)
    truth = gdal.truth(collection)
    assert len(found) > 1
    assert found.keys() == {id for id, shape in truth.items() if shape.intersects(box)}
    unit = 360 / 2**tile.zoom / 4096
    for id, seen in found.items():
        inside = truth[id].intersection(box.buffer(-unit * 4))
        assert shapely.hausdorff_distance(
            inside, seen.geometry.intersection(box.buffer(-unit * 4))
        ) < (unit * 4)


def test_it_reads_what_bars_moving_from_a_tile(gdal: Client, tmp_path: Path) -> None:
    _, found = tile_by_gdal(gdal, "corridors", tmp_path)
    for seen in found.values():
        reasons = seen.properties["do_not_move"]["reasons"]  # GDAL shows text of JSON as JSON
        codes = ",".join(each["code"] for each in reasons)
        assert codes
        assert seen.properties["do_not_move_codes"] == codes
