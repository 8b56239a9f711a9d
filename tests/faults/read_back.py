"""What a coordinator and an auditor find afterwards, through the service."""

import json
from collections import defaultdict
from uuid import UUID

from tests.faults.wire import Wire
from tests.faults.world import World
from tests.faults.writers import Acknowledged, Journal


async def read_back(port: int, world: World, journal: Journal) -> list[str]:
    """Say what was acknowledged and cannot be read."""
    wire = Wire(port=port, token=world.tokens["coordinator-ocha"])
    said: dict[tuple[str, UUID], list[Acknowledged]] = defaultdict(list)
    for one in journal.acknowledged:
        said[one.wish.path.split("/")[2], one.subject].append(one)
    faults: list[str] = []
    for (collection, subject), told in said.items():
        faults += await _look(wire, world, collection, subject, told)
    wire.close()
    return faults


async def _look(
    wire: Wire, world: World, collection: str, subject: UUID, told: list[Acknowledged]
) -> list[str]:
    path = f"/v1/{collection}/{subject}"
    shown = await wire.ask("GET", path)
    if shown.status != 200:
        return [f"{path} was acknowledged and is answered {shown.status}"]
    auditor = world.tokens["auditor"]
    asked = f"/v1/history?subject={subject}&limit=1000"
    history = (await wire.ask("GET", asked, token=auditor)).json["items"]
    by_sequence = {item["sequence"]: json.dumps(item["aspects"]) for item in history}
    faults = []
    if sorted(by_sequence) != list(range(1, shown.version + 1)):
        faults.append(f"{path} is at version {shown.version} with events {sorted(by_sequence)}")
    faults += [
        f"{path} does not tell version {one.version} as it was acknowledged"
        for one in told
        if one.wish.mark not in by_sequence.get(one.version, "")
    ]
    for part in (
        ("positions", "status-changes") if collection == "agreements" else ("status-changes",)
    ):
        items = (await wire.ask("GET", f"{path}/{part}?limit=1000")).json["items"]
        notes = {(UUID(item["id"]), item["note"]) for item in items}
        wanted = {(one.id, one.wish.mark) for one in told if one.wish.path.endswith(part)}
        faults += [f"{path}/{part}/{id} cannot be read" for id, _ in wanted - notes]
    return faults
