"""The real service with the Azovstal case, and what its database says that a reader may see."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shapely import from_wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from app.db.session import reading
from app.disclosure.tables import FOREVER, DisclosedFeatureRow, DisclosedShapeRow
from app.domain.policy import Audience
from tests.databases import Database, lend
from tests.servers import PASSAGE, ROOT, running_service

_feature, _shape = DisclosedFeatureRow.__table__, DisclosedShapeRow.__table__


@dataclass(frozen=True, kw_only=True)
class Served:
    """The service with the case, on one of both databases.

    Attributes:
        tokens: by the names that `passage demo` gives them.
    """

    url: str
    tokens: Mapping[str, str]
    database: Database

    @property
    def ogc(self) -> str:
        """Where clients of OGC APIs begin."""
        return f"{self.url}/ogc"

    def truth(
        self, collection: str, audience: Audience, at: datetime | None = None
    ) -> dict[str, BaseGeometry | None]:
        """Give the shapes that an audience may see now, as the database has them, by id.

        Args:
            at: of which instant of validity; the present without one.
        """
        now = datetime.now(UTC)
        asked = at or now
        question = (
            select(_feature.c.place_id, _shape.c.geometry)
            .join(_shape, _shape.c.id == _feature.c.shape_id)
            .where(
                _feature.c.collection == collection,
                _feature.c.audience == audience,
                _feature.c.recorded_until == FOREVER,
                _feature.c.valid_from <= asked,
                _feature.c.valid_until > asked,
                _feature.c.visible_from <= now,
                _feature.c.visible_until > now,
            )
        )
        engine = self.database.engine()
        with reading(engine) as db:
            found = {str(id): wkb and from_wkb(wkb) for id, wkb in db.execute(question)}
        engine.dispose()
        return found

    def unchanged(self) -> dict[str, int]:
        """Count the answers 304 by route."""
        with urllib.request.urlopen(f"{self.url}/metrics") as answer:
            text = answer.read().decode()
        found = re.findall(r'route="([^"]+)",status="304"\} ([0-9]+)', text)
        return {route: int(count) for route, count in found}


@contextmanager
def served_case(dialect: str, folder: Path, portal: str) -> Iterator[Served]:
    """Load the case into a database of one's own, and serve it.

    Args:
        portal: the origin whose pages browsers let read it.
    """
    tokens = folder / "tokens.json"
    with lend(dialect, folder) as database:
        _load(database, folder, tokens)
        with running_service(database, folder, PASSAGE_MAP_ORIGINS=portal) as service:
            named = json.loads(tokens.read_text())
            yield Served(url=service.url, tokens=named, database=database)


def _load(database: Database, folder: Path, tokens: Path) -> None:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PASSAGE_")}
    own = {"PYTHONPATH": str(ROOT), "PASSAGE_DATA_DIR": str(folder)}
    subprocess.run(
        (sys.executable, *PASSAGE, "demo", "--tokens", str(tokens)),
        env=inherited | database.environment | own,
        capture_output=True,
        check=True,
    )
