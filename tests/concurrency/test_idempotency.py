"""A thousand keys, five copies of each request at once: one effect and one answer for each key."""

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.concurrency.sites import Asked, Site, at_once, given_site
from tests.databases import Database
from tests.faults.seeded import program
from tests.faults.wire import Answer, Wire
from tests.faults.world import SOURCE
from tests.faults.writers import Acknowledged, Journal, Wish

_KEYS = 1000
_COPIES = 5
_GROUPS = 6
_AGREEMENTS = 20


def test_each_key_has_one_effect_and_one_answer(database: Database, tmp_path: Path) -> None:
    with given_site(database, tmp_path) as site:
        journal = asyncio.run(_ask_all(site, _KEYS))
        assert len(journal.acknowledged) == _KEYS + _AGREEMENTS
        assert site.faults(journal) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_service_that_forgets_keys_is_found_out(database: Database, tmp_path: Path) -> None:
    with given_site(database, tmp_path, program=program("forget-keys")) as site:
        faults = site.faults(asyncio.run(_ask_all(site, 10)))
    assert any("and is there 5 times" in fault for fault in faults)
    assert any("five copies of one request were answered differently" in fault for fault in faults)


async def _ask_all(site: Site, count: int) -> Journal:
    """Send `count` requests in copies, several requests at a time, and note what was answered."""
    journal = Journal()
    wires = site.wires(_COPIES * _GROUPS)
    agreements = [await _propose(site, wires[0], journal) for _ in range(_AGREEMENTS)]
    waiting = iter(range(count))

    async def send(group: list[Wire]) -> None:
        for number in waiting:
            asked, mark = _request(site, agreements, number)
            _note(journal, asked, mark, group[0].token, await at_once(group, asked))

    groups = (wires[start : start + _COPIES] for start in range(0, len(wires), _COPIES))
    await asyncio.gather(*(send(group) for group in groups))
    for wire in wires:
        wire.close()
    return journal


async def _propose(site: Site, wire: Wire, journal: Journal) -> str:
    mark = f"mark-{uuid4()}"
    body = site.world.proposal(mark)
    asked = Asked(method="POST", path="/v1/agreements", body=body, key=str(uuid4()))
    answers = await at_once([wire], asked)
    _note(journal, asked, mark, wire.token, answers)
    return str(answers[0].json["id"])


def _request(site: Site, agreements: list[str], number: int) -> tuple[Asked, str]:
    """Choose the next request: mostly sources, some positions and proposals."""
    mark, key = f"mark-{uuid4()}", str(uuid4())
    if number % 10 == 0:
        body = site.world.proposal(mark)
        return Asked(method="POST", path="/v1/agreements", body=body, key=key), mark
    if number % 10 < 3:
        path = f"/v1/agreements/{agreements[number % _AGREEMENTS]}/positions"
        return Asked(method="POST", path=path, body=site.world.position(mark), key=key), mark
    body = {**SOURCE, "operation": site.world.operation, "title": mark}
    return Asked(method="POST", path="/v1/sources", body=body, key=key), mark


def _note(journal: Journal, asked: Asked, mark: str, token: str, answers: list[Answer]) -> None:
    first = answers[0]
    told = {(a.status, a.body, a.headers.get("etag"), a.headers.get("location")) for a in answers}
    if len(told) > 1:
        journal.wrong.append("five copies of one request were answered differently")
    if first.status != 201:
        journal.wrong.append(f"{asked.path} was answered {first.status}: {first.body!r}")
        return
    part_of = asked.path.split("/")[3:4]
    wish = Wish(
        method=asked.method,
        path=asked.path,
        body=asked.body,
        mark=mark,
        token=token,
        key=asked.key or "",
    )
    journal.acknowledged.append(
        Acknowledged(
            wish=wish,
            subject=UUID(part_of[0] if part_of else first.json["id"]),
            version=first.version,
            id=UUID(first.json["id"]),
        )
    )
