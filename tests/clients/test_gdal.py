"""GDAL reads `/ogc` by its driver for OGC API – Features, as QGIS and many others do."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import select

from app.db.session import reading
from app.disclosure.tables import FOREVER, DisclosedFeatureRow, DisclosedShapeRow
from app.domain.policy import Audience
from tests.databases import Database, untested
from tests.postgres import NoPostgres
from tests.servers import PASSAGE, ROOT, running_service
from tests.store.tampering import stock

_feature, _shape = DisclosedFeatureRow.__table__, DisclosedShapeRow.__table__
WEST, SOUTH, EAST, NORTH = 35.0, 47.5, 36.0, 48.0


@dataclass(frozen=True, kw_only=True)
class Client:
    """GDAL with a token of a map client, and the database behind the service that it reads."""

    url: str
    token: str
    database: Database

    def read(self, layer: str, *options: str) -> dict[str, Any]:
        """Copy a layer to GeoJSON by `ogr2ogr`, and give what came by its id."""
        done = subprocess.run(
            ("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"OAPIF:{self.url}/ogc", layer, *options),
            env=os.environ | {"GDAL_HTTP_HEADERS": f"Authorization: Bearer {self.token}"},
            capture_output=True,
            check=True,
            text=True,
            timeout=60,
        )
        assert "ERROR" not in done.stderr, done.stderr
        return {each["properties"]["id"]: each for each in json.loads(done.stdout)["features"]}

    def truth(self, layer: str) -> dict[str, Any]:
        """Give the shapes that partners see now, as the database has them."""
        now = datetime.now(UTC)
        question = (
            select(_feature.c.place_id, _shape.c.geometry)
            .join(_shape, _shape.c.id == _feature.c.shape_id)
            .where(
                _feature.c.collection == layer,
                _feature.c.audience == Audience.PARTNER,
                _feature.c.recorded_until == FOREVER,
                _feature.c.valid_until == FOREVER,
                _feature.c.visible_from <= now,
                _feature.c.visible_until > now,
            )
        )
        engine = self.database.engine()
        with reading(engine) as db:
            found = {str(id): shapely.from_wkb(wkb) for id, wkb in db.execute(question)}
        engine.dispose()
        return found


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def gdal(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """Lend GDAL and a service with the Azovstal case; a skip where Debian's gdal-bin is missing."""
    if shutil.which("ogr2ogr") is None:
        missing = "ogr2ogr is not there; install gdal-bin"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    folder = tmp_path_factory.mktemp("gdal")
    with ExitStack() as stack:
        try:
            database = stack.enter_context(stock().database(request.param, folder))
        except NoPostgres as error:
            untested(error)
        tokens = folder / "tokens.json"
        _load_case(database, folder, tokens)
        service = stack.enter_context(running_service(database, folder))
        token = json.loads(tokens.read_text())["map-client"]
        yield Client(url=service.url, token=token, database=database)


def _load_case(database: Database, folder: Path, tokens: Path) -> None:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PASSAGE_")}
    own = {"PYTHONPATH": str(ROOT), "PASSAGE_DATA_DIR": str(folder)}
    subprocess.run(
        (sys.executable, *PASSAGE, "demo", "--tokens", str(tokens)),
        env=inherited | database.environment | own,
        capture_output=True,
        check=True,
    )


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
