"""Processes that append at the same time, of which some are killed at random and started again."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from app.log.keeper import turn
from app.log.signing import Desk
from tests.databases import Database
from tests.log.appending import NAME, Journalled, begin, events, seen
from tests.log.auditing import audit
from tests.servers import ROOT

APPENDING = ("tests.log.appending",)
_PATIENCE_S = 240.0


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """How many processes append how many events each.

    Attributes:
        keepers: how many of them keep the log too.
        kills: how many are killed, each after it saw an event committed.
        program: the module that each of them runs, and its words.
    """

    size: int = 8
    count: int = 500
    keepers: int = 5
    kills: int = 16
    program: Sequence[str] = APPENDING


def run(crowd: Crowd, database: Database, folder: Path) -> list[str]:
    """Let all of them append what they should; say what is wrong afterwards."""
    engine = database.engine()
    files = Journalled(folder)
    begin(engine)
    turn(engine, Desk(files, NAME))
    running = _Running(crowd, database, folder)
    try:
        found = running.until_all_ended()
    finally:
        running.end()
    turn(engine, Desk(files, NAME))
    found += audit(engine, files.notes(), files.signers()[0].verifier)
    found += _lost(engine, crowd, folder)
    engine.dispose()
    return found


def _lost(engine: Engine, crowd: Crowd, folder: Path) -> list[str]:
    there = events(engine)
    found = []
    if lost := seen(folder) - there:
        found.append(f"{len(lost)} events are lost that were committed")
    expected = crowd.size * crowd.count + 2
    if len(there) != expected:
        found.append(f"there are {len(there)} events, not {expected}")
    return found


class _Running:
    """The processes of a crowd, by number."""

    def __init__(self, crowd: Crowd, database: Database, folder: Path) -> None:
        self._crowd = crowd
        self._folder = folder
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), **database.environment}
        self._chance = random.Random(crowd.size)
        self._seen: dict[int, int] = {}
        self._processes = {number: self._start(number) for number in range(crowd.size)}

    def until_all_ended(self) -> list[str]:
        """Kill some, wait for all; name those that ended with an error."""
        until = time.monotonic() + _PATIENCE_S
        killed, found = 0, []
        while self._processes and time.monotonic() < until:
            time.sleep(self._chance.uniform(0.0, 0.2))
            for number, process in [*self._processes.items()]:
                if (status := process.poll()) is not None:
                    del self._processes[number]
                    found += [f"process {number} ended with {status}"] * (status != 0)
            killed += killed < self._crowd.kills and self._kill_one()
        found += [f"process {number} does not end" for number in self._processes]
        if killed < self._crowd.kills and not found:
            found.append(f"only {killed} were killed")
        return found

    def end(self) -> None:
        """Kill all that are left."""
        for process in self._processes.values():
            process.kill()
            process.wait()

    def _kill_one(self) -> bool:
        """Kill one that has seen an event since it began, and start it again."""
        able = [n for n in self._processes if self._count(n) > self._seen[n]]
        if not able:
            return False
        number = self._chance.choice(able)
        self._processes[number].kill()
        self._processes[number].wait()
        self._processes[number] = self._start(number)
        return True

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        self._seen[number] = self._count(number)
        words = ["--name", str(number), "--count", str(self._crowd.count)]
        words += ["--folder", str(self._folder)]
        words += ["--keeps"] if number < self._crowd.keepers else []
        with (self._folder / f"said-{number}").open("ab") as said:
            return subprocess.Popen(
                [sys.executable, "-m", *self._crowd.program, *words],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def _count(self, number: int) -> int:
        return len(seen(self._folder, str(number)))
