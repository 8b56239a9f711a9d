"""GDAL reads `/ogc` by its driver for OGC API – Features, as QGIS and many others do."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest
import shapely

from app.domain.policy import Audience
from tests.clients.served import Served

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
