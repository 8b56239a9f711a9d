"""Fifty writers want to change the same version: exactly one does."""

import asyncio
from collections import Counter
from pathlib import Path

from tests.concurrency.sites import Asked, Site, at_once, given_site
from tests.databases import Database

_WRITERS = 50
_ROUNDS = 8


def test_exactly_one_of_fifty_wins_each_version(database: Database, tmp_path: Path) -> None:
    with given_site(database, tmp_path) as site:
        assert asyncio.run(_compete(site)) == [Counter({200: 1, 412: _WRITERS - 1})] * _ROUNDS
        assert site.faults() == []


async def _compete(site: Site) -> list[Counter[int]]:
    wires = site.wires(_WRITERS)
    first = await wires[0].ask("POST", "/v1/agreements", site.world.proposal("Azovstal"))
    agreement, version = f"/v1/agreements/{first.json['id']}", first.version
    results = []
    for _ in range(_ROUNDS):
        asked = [
            Asked(
                method="PUT",
                path=f"{agreement}/terms/purpose",
                body={"state": "proposed", "text": f"as writer {number} words it"},
                if_match=version,
            )
            for number in range(_WRITERS)
        ]
        pairs = zip(wires, asked, strict=True)
        answers = await asyncio.gather(*(at_once([wire], one) for wire, one in pairs))
        results.append(Counter(answer.status for (answer,) in answers))
        now = await wires[0].ask("GET", agreement)
        assert now.version == version + 1
        winner = next(index for index, (answer,) in enumerate(answers) if answer.status < 300)
        term = await wires[0].ask("GET", f"{agreement}/terms/purpose")
        assert term.json["text"] == f"as writer {winner} words it"
        version = now.version
    for wire in wires:
        wire.close()
    return results
