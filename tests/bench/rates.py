"""How many status changes a second, against the plain service, in alternating rounds."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from app.access.caller import find_caller
from app.access.write import Write
from app.agreements.held import hold
from app.agreements.schemas.agreement import AgreementIn
from app.agreements.schemas.position import PositionIn
from app.agreements.services import proposing, stating
from app.db.session import writing
from tests.bench import plain
from tests.databases import Database
from tests.faults.world import World, given_world
from tests.servers import ROOT, Service

_PLAIN_TOKEN = "plain-token-of-a-coordinator-of-ocha-0123456"
_BODY = {"to": "in_talks", "reason": "talks_held", "note": "both sides spoke at 09:00"}


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one round took; `cpu_ms` is the service's own work for one request."""

    per_second: float
    milliseconds: list[float]
    cpu_ms: float


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Rounds of both services with so many clients, in the order in which they ran."""

    clients: int
    ours: list[Round]
    theirs: list[Round]

    @property
    def ratios(self) -> list[float]:
        """Ours to theirs, round by round."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return [ours.per_second / theirs.per_second for ours, theirs in pairs]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(self.ratios)


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A running service, its token, and how it comes by agreements to move."""

    service: Service
    token: str
    prepare: Callable[[int], list[tuple[str, int]]]

    def round(self, *, requests: int, clients: int) -> Round:
        """Move `requests` fresh agreements once each, and tell how fast."""
        job = {
            "port": self.service.port,
            "token": self.token,
            "clients": clients,
            "body": _BODY,
            "targets": self.prepare(requests),
        }
        before = cpu_seconds(self.service.process_id)
        told = generated("tests.bench.load", job)
        worked = cpu_seconds(self.service.process_id) - before
        return Round(
            per_second=requests / told["seconds"],
            milliseconds=told["milliseconds"],
            cpu_ms=worked / requests * 1000,
        )


def generated(program: str, job: dict[str, Any]) -> dict[str, Any]:
    """Let a process of its own make the load of a job, and give what it tells."""
    done = subprocess.run(
        [sys.executable, "-m", program],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def cpu_seconds(process: int) -> float:
    """Tell how long a process has worked, apart from all others on this machine."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compare(
    ours: Contender,
    theirs: Contender,
    *,
    rounds: int,
    requests: int,
    clients: int,
    warm_up: int = 100,
) -> Rates:
    """Let both run in turn, each first every second time."""
    for contender in (ours, theirs):
        contender.round(requests=warm_up, clients=clients)
    found: dict[str, list[Round]] = {"ours": [], "theirs": []}
    for number in range(rounds):
        order = [("ours", ours), ("theirs", theirs)]
        for name, contender in order if number % 2 else reversed(order):
            found[name].append(contender.round(requests=requests, clients=clients))
    return Rates(clients=clients, **found)


@contextmanager
def safe_passage(database: Database, folder: Path) -> Iterator[Contender]:
    """Run the service on a migrated database."""
    engine = database.engine()
    world = given_world(engine)
    service = Service(database, folder)
    service.start()
    try:
        yield Contender(
            service=service,
            token=world.tokens["coordinator-ocha"],
            prepare=lambda count: proposals(engine, world, count),
        )
    finally:
        service.stop()
        engine.dispose()


@contextmanager
def plain_service(database: Database, folder: Path) -> Iterator[Contender]:
    """Run the plain service on an empty database."""
    engine = database.owner_engine()
    plain.prepare(engine, _PLAIN_TOKEN)
    owned = Database(
        dialect=database.dialect, url=database.migration_url, migration_url=database.migration_url
    )
    service = Service(owned, folder, program=("-m", "tests.bench.plain"))
    service.start()
    try:
        yield Contender(
            service=service,
            token=_PLAIN_TOKEN,
            prepare=lambda count: [_target(id, 1) for id in plain.add_agreements(engine, count)],
        )
    finally:
        service.stop()
        engine.dispose()


def proposals(engine: Engine, world: World, count: int) -> list[tuple[str, int]]:
    """Propose agreements that may go into talks: one party has been approached."""
    with writing(engine) as db:
        caller = find_caller(db, world.tokens["coordinator-ocha"])
        assert caller is not None
        write = Write(db=db, caller=caller)
        proposal = AgreementIn.model_validate(world.proposal("Azovstal steel works"))
        position = PositionIn.model_validate(world.position("by telephone"))
        ids = [proposing.propose(write, proposal).recorded.id for _ in range(count)]
        return [_target(id, _approach(write, id, position)) for id in ids]


def _approach(write: Write, agreement: UUID, position: PositionIn) -> int:
    return stating.state_position(hold(agreement, write), position).event.sequence


def _target(agreement: UUID, version: int) -> tuple[str, int]:
    return f"/v1/agreements/{agreement}/status-changes", version
