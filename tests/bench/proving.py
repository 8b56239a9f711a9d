"""What proofs cost among a million events: an inclusion proof over HTTP, and a whole verification."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import orjson
from sqlalchemy import Engine, select

from app.db.session import reading, writing
from app.domain.fact import Event, Fact, Subject
from app.domain.instant import format_instant
from app.domain.merkle import leaf_hash
from app.domain.note import Checkpoint, Note
from app.ledger.tables import EventRow
from app.log import tree
from app.log.tables import LogEntryRow
from tests.bench.look_ups import Measured
from tests.databases import Database
from tests.faults.wire import Wire
from tests.faults.world import World, given_world
from tests.log.exports import LOG, NOON, OCHA, OPERATION, Line, shown
from tests.servers import ROOT, Service

_BATCH = 5_000
_EACH = 50
_PATIENCE_S = 120
_WEIGHED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""Runs a program and says its most memory in KiB; Linux counts that of who starts it as its own."""
_event, _entry = EventRow.__table__, LogEntryRow.__table__


def enter(engine: Engine) -> None:
    """Give indexes to events that were loaded past the outbox."""
    asked = (
        select(_event.c.id, _event.c.record)
        .outerjoin(_entry, _entry.c.event_id == _event.c.id)
        .where(_entry.c.event_id.is_(None))
    )
    with reading(engine) as db:
        waiting = [(row.id, row.record) for row in db.execute(asked)]
    for first in range(0, len(waiting), _BATCH):
        with writing(engine) as db:
            tree.add(db, tree.size(db), waiting[first : first + _BATCH])


def proofs(database: Database, folder: Path, times: int) -> Measured:
    """Time inclusion proofs over HTTP, one after another, on a log as it is."""
    engine = database.engine()
    world = given_world(engine)
    with reading(engine) as db:
        known = _event.c.subject_kind == "organisation"
        asked = select(_event.c.id).where(known).order_by(_event.c.recorded_at)
        events = list(db.execute(asked).scalars())
    engine.dispose()
    service = Service(database, folder)
    service.start()
    try:
        took = asyncio.run(_ask(service.port, world, events, times))
    finally:
        service.stop()
    ordered = sorted(took)
    return Measured(
        what="an inclusion proof over HTTP",
        p50=ordered[len(ordered) // 2],
        p99=ordered[len(ordered) * 99 // 100],
    )


async def _ask(port: int, world: World, events: list[UUID], times: int) -> list[float]:
    wire = Wire(port=port, token=world.tokens["auditor"])
    await _until_signed(wire, events[-1])
    took = []
    for number in range(times + 20):
        began = time.perf_counter()
        event = events[number % len(events)]
        answer = await wire.ask("GET", f"/v1/ledger/proofs/inclusion?event={event}")
        if answer.status != 200:
            raise RuntimeError(f"found {answer.status}, expected 200: {answer.body!r}")
        took.append((time.perf_counter() - began) * 1000)
    wire.close()
    return took[20:]


async def _until_signed(wire: Wire, last: UUID) -> None:
    """Wait until the log as it was loaded is signed: the service says 409 before."""
    for _ in range(_PATIENCE_S):
        answer = await wire.ask("GET", f"/v1/ledger/proofs/inclusion?event={last}")
        if answer.status == 200:
            return
        await asyncio.sleep(1)
    raise RuntimeError(f"the log is not signed after {_PATIENCE_S} s")


@dataclass(frozen=True, kw_only=True)
class Verified:
    """How long the verification of an export took, and the most memory that it held."""

    entries: int
    seconds: float
    mib: float


def verify(folder: Path, entries: int) -> Verified:
    """Verify an export of so many entries by the verifier as a program of its own."""
    path = folder / "history.jsonl"
    _write(path, entries)
    began = time.perf_counter()
    words = [str(ROOT / "app/log/verifier.py"), str(path), "--key", LOG.verifier.vkey]
    done = subprocess.run(
        [sys.executable, "-c", _WEIGHED, sys.executable, *words],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    seconds = time.perf_counter() - began
    path.unlink()
    if done.returncode:
        raise RuntimeError(f"found exit {done.returncode}, expected 0: {done.stdout[-500:]}")
    return Verified(entries=entries, seconds=seconds, mib=int(done.stdout.split()[-1]) / 1024)


def _write(path: Path, entries: int) -> None:
    body = path.with_suffix(".body")
    heads: list[tuple[int, bytes]] = []
    with body.open("wb") as file:
        for line in _lines(entries):
            _grow(heads, leaf_hash(line["record"].encode()))
            file.write(_line(line))
    text = Checkpoint(origin=LOG.name, size=entries, root=_root(heads)).text()
    note = str(Note(text=text, signatures=[LOG.sign(text)]))
    head = {"checkpoint": note, "exported_at": format_instant(NOON), "format": _FORMAT}
    digest = sha256()
    with path.open("wb") as file, body.open("rb") as whole:
        for piece in (_line(head), *iter(lambda: whole.read(1 << 20), b"")):
            digest.update(piece)
            file.write(piece)
        file.write(_line({"entries": entries, "sha256": digest.hexdigest()}))
    body.unlink()


_FORMAT = "safe-passage-history/1"


def _lines(entries: int) -> Iterator[Line]:
    for index in range(entries):
        number, sequence = divmod(index, _EACH)
        at = NOON + timedelta(seconds=index)
        fact = Fact(
            subject=Subject(kind="agreement", id=UUID(int=number + 1), operation=OPERATION),
            kind="status_changed",
            effective_at=at,
            actor=OCHA,
            aspects={"status": {"to": "in_talks"}, "note": "both sides spoke at 09:00"},
            reason="talks_held",
            id=UUID(int=(1 << 100) + index),
        )
        yield shown(index, Event(fact=fact, sequence=sequence + 1, recorded_at=at), {})


def _line(members: Line) -> bytes:
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _grow(heads: list[tuple[int, bytes]], leaf: bytes) -> None:
    """Add a leaf to the roots of the whole subtrees so far, largest first."""
    level = 0
    while heads and heads[-1][0] == level:
        leaf = sha256(b"\x01" + heads.pop()[1] + leaf).digest()
        level += 1
    heads.append((level, leaf))


def _root(heads: list[tuple[int, bytes]]) -> bytes:
    root = heads[-1][1]
    for _, head in reversed(heads[:-1]):
        root = sha256(b"\x01" + head + root).digest()
    return root
