"""A running service that many connections may ask at once."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.databases import Database
from tests.faults.audit import audit
from tests.faults.wire import Answer, Wire
from tests.faults.world import World, given_world
from tests.faults.writers import Journal
from tests.servers import PASSAGE, running_service


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, as it will be sent by one or several at once."""

    method: str
    path: str
    body: dict[str, Any]
    key: str | None = None
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class Site:
    """A service, and the world in its database."""

    database: Database
    port: int
    world: World

    def wires(self, count: int) -> list[Wire]:
        """Open as many connections."""
        token = self.world.tokens["coordinator-ocha"]
        return [Wire(port=self.port, token=token) for _ in range(count)]

    def faults(self, journal: Journal | None = None) -> list[str]:
        """Say what the rows of the database show to be wrong."""
        engine = self.database.owner_engine()
        try:
            return audit(engine, journal)
        finally:
            engine.dispose()


async def at_once(wires: Sequence[Wire], asked: Asked) -> list[Answer]:
    """Send copies of one request over all of `wires` at the same time."""
    return await asyncio.gather(
        *(
            wire.ask(asked.method, asked.path, asked.body, key=asked.key, if_match=asked.if_match)
            for wire in wires
        )
    )


@contextmanager
def given_site(
    database: Database, folder: Path, *, program: Sequence[str] = PASSAGE
) -> Iterator[Site]:
    """Run the service on `database`."""
    engine = database.engine()
    world = given_world(engine)
    engine.dispose()
    with running_service(database, folder, program=program) as service:
        yield Site(database=database, port=service.port, world=world)
