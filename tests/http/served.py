"""The world of the Mariupol case behind `passage serve`, a process of its own."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Client
from sqlalchemy import Engine, inspect, text

from tests.databases import Database
from tests.http.world import World, await_checkpoint, begin
from tests.servers import PASSAGE, Service, running_service

_BESIDE = ("log_outbox", "log_entry", "log_node", "log_checkpoint", "spatial_ref_sys")
"""What follows the events by itself, a moment later, and what comes with PostGIS."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """A world, the process that serves it, and its database as the owner of the tables sees it."""

    world: World
    service: Service
    owner: Engine

    def stored(self) -> Mapping[str, str]:
        """Give a digest of all rows of each table, but for those of `_BESIDE`."""
        names = sorted(set(inspect(self.owner).get_table_names()) - {*_BESIDE})
        with self.owner.connect() as db:
            return {
                name: _digest(sorted(map(repr, db.execute(text(f'SELECT * FROM "{name}"')))))
                for name in names
            }


def _digest(rows: list[str]) -> str:
    return f"{len(rows)} rows, {hashlib.sha256(''.join(rows).encode()).hexdigest()}"


@contextmanager
def given_served(
    database: Database, folder: Path, program: Sequence[str] = PASSAGE
) -> Iterator[Served]:
    """Serve `database`, with organisations, operations and tokens; the log is signed."""
    engine, owner = database.engine(), database.owner_engine()
    with (
        running_service(database, folder, program=program) as service,
        Client(base_url=service.url, timeout=30) as client,
    ):
        world = World(client=client, engine=engine, database=database)
        begin(world)
        await_checkpoint(world)
        yield Served(world=world, service=service, owner=owner)
    engine.dispose()
    owner.dispose()
