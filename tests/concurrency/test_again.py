"""What is asked again while others write: nobody is answered with what was before an acknowledgement."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from tests.concurrency.careless import program
from tests.databases import Database
from tests.faults.wire import Wire
from tests.http.places.given import given_site
from tests.http.served import given_served
from tests.servers import PASSAGE

_ROUNDS = 20
_READERS = 4
_ITEMS = "/ogc/collections/sites/items"
_BOX = "bbox=99,-13,100,-12"
_PLACE = {"type": "Point", "coordinates": [99.5, -12.5]}


async def _late(port: int, token: str, site: str) -> list[tuple[int, int]]:
    """Rename a place time after time, read it all the while; give what was late: found and due."""
    acknowledged, done = 0, False
    late: list[tuple[int, int]] = []

    async def read() -> None:
        wire, tag = Wire(port=port, token=token), None
        found = 0
        while not done:
            due = acknowledged
            answer = await wire.ask("GET", f"{_ITEMS}?{_BOX}", if_none_match=tag)
            if answer.status == 200:
                tag = answer.headers["etag"]
                (feature,) = (each for each in answer.json["features"] if each["id"] == site)
                found = int(feature["properties"]["name"])
            if found < due:
                late.append((found, due))
        wire.close()

    readers = [asyncio.create_task(read()) for _ in range(_READERS)]
    wire = Wire(port=port, token=token)
    for number in range(1, _ROUNDS + 1):
        version = (await wire.ask("GET", f"/v1/sites/{site}")).version
        name = {"name": str(number)}
        changed = await wire.ask("PATCH", f"/v1/sites/{site}", name, if_match=version)
        assert changed.status == 200, changed.body
        acknowledged = number
        await asyncio.sleep(0.02)  # so that the readers find it kept, too
    done = True
    await asyncio.gather(*readers)
    wire.close()
    return late


def _asked(database: Database, folder: Path, program: Sequence[str]) -> list[tuple[int, int]]:
    with given_served(database, folder, program) as served:
        world = served.world
        site = given_site(world, geometry=_PLACE, sensitivity="low", name="0")
        return asyncio.run(_late(served.service.port, world.tokens["ocha"], site))


def test_nobody_is_answered_with_what_was_before(database: Database, tmp_path: Path) -> None:
    assert _asked(database, tmp_path, PASSAGE) == []


def test_a_service_that_looks_seldom_is_found_out(database: Database, tmp_path: Path) -> None:
    assert _asked(database, tmp_path, program("look-seldom"))
