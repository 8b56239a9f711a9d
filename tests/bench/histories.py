"""How fast statuses change at the storage layer, and how soon a checkpoint covers each change."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, text

from app.log.keeper import Keeper
from app.log.keys import Files
from app.log.signing import Desk
from app.log.tables import LogCheckpointRow, LogEntryRow
from tests.bench import continuum, plain
from tests.bench.rates import proposals
from tests.databases import Database
from tests.faults.world import given_world
from tests.servers import ROOT

WAYS = ("ledger", "orm", "continuum")
_TOKEN = "plain-token-of-a-coordinator-of-ocha-0123456"
_entry, _checkpoint = LogEntryRow.__table__, LogCheckpointRow.__table__


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round of one way: changes a second, and the milliseconds of each."""

    per_second: float
    milliseconds: Sequence[float]
    committed: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Histories:
    """Rounds by way, in the order in which they ran; and how long each change was unsigned."""

    clients: int
    rounds: Mapping[str, Sequence[Round]]
    unsigned_ms: Sequence[float]

    def ratio(self, other: str) -> float:
        """Ours to another way: the median over the rounds."""
        pairs = zip(self.rounds["ledger"], self.rounds[other], strict=True)
        return statistics.median(ours.per_second / theirs.per_second for ours, theirs in pairs)

    def p99(self, way: str) -> float:
        """The 99th percentile of one change, in milliseconds."""
        return percentile([ms for each in self.rounds[way] for ms in each.milliseconds], 99)


def percentile(values: Sequence[float], of: int) -> float:
    """Give a percentile of some values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * of // 100)]


def compare(
    database: Database, folder: Path, *, clients: int, rounds: int, changes: int
) -> Histories:
    """Let all ways run in turn on one database, while the log is kept as in a running service.

    Args:
        changes: of each client in each round.
    """
    engine, owner = database.engine(), database.owner_engine()
    world = given_world(engine)
    plain.prepare(owner, _TOKEN)
    continuum.prepare(owner)
    about = _about(engine)
    keeper = Keeper(engine, Desk(Files(folder)))
    keeper.start()
    ready: dict[str, Callable[[int], Sequence[UUID]]] = {
        "ledger": lambda count: [
            UUID(path.split("/")[3]) for path, _ in proposals(engine, world, count)
        ],
        "orm": lambda count: plain.add_agreements(owner, count),
        "continuum": lambda count: continuum.add_agreements(owner, count),
    }
    found: dict[str, list[Round]] = {way: [] for way in WAYS}
    for number in range(rounds):
        for way in WAYS[number % 3 :] + WAYS[: number % 3]:
            url = database.url if way == "ledger" else database.migration_url
            principal = _plain_principal(owner) if way == "orm" else about["principal"]
            ids = list(map(str, ready[way](clients * (changes + 1))))
            job = {"how": way, "url": url, **about, "principal": principal}
            found[way].append(_round(job, ids, clients))
    time.sleep(1)
    keeper.stop()
    unsigned = _unsigned(engine, found["ledger"])
    engine.dispose()
    owner.dispose()
    return Histories(clients=clients, rounds=found, unsigned_ms=unsigned)


def _about(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        asked = "SELECT p.id AS principal, p.organisation_id AS organisation, o.operation_id AS operation "
        row = connection.execute(
            text(
                asked
                + "FROM principal p JOIN principal_operation o ON o.principal_id = p.id LIMIT 1"
            )
        ).one()
    return {name: str(value) for name, value in row._asdict().items()}


def _plain_principal(owner: Engine) -> str:
    with owner.connect() as connection:
        return str(connection.execute(text("SELECT id FROM plain_principal")).scalar_one())


def _round(job: Mapping[str, Any], ids: list[str], clients: int) -> Round:
    workers = [_worker({**job, "ids": ids[number::clients]}) for number in range(clients)]
    for worker in workers:
        assert worker.stdout is not None
        if worker.stdout.readline() != "ready\n":
            raise RuntimeError(f"a process of the bench did not begin: {job['how']}")
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    told = [json.loads(worker.communicate()[0]) for worker in workers]
    seconds = time.perf_counter() - began
    took = [ms for each in told for ms in each["milliseconds"]]
    committed = {event: at for each in told for event, at in each["committed"].items()}
    return Round(per_second=len(took) / seconds, milliseconds=took, committed=committed)


def _worker(job: Mapping[str, Any]) -> "subprocess.Popen[str]":
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.changing"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(job) + "\n")
    worker.stdin.flush()
    return worker


def _unsigned(engine: Engine, rounds: Sequence[Round]) -> list[float]:
    """Tell for each change how many milliseconds passed from its commit to its checkpoint."""
    with engine.connect() as connection:
        index = {str(r.event_id): r.leaf_index for r in connection.execute(select(_entry))}
        signed = connection.execute(
            select(_checkpoint.c.size, _checkpoint.c.signed_at).order_by(_checkpoint.c.size)
        ).all()
    found = []
    for each in rounds:
        for event, at in each.committed.items():
            first = next(row.signed_at for row in signed if row.size > index[event])
            found.append((first.timestamp() - at) * 1000)
    return found
