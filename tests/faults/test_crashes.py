"""Servers are killed with SIGKILL under sixteen writers; nothing acknowledged is lost."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import Database
from tests.faults.audit import audit
from tests.faults.passage import Passage, given_passage
from tests.faults.read_back import read_back
from tests.faults.seeded import program
from tests.faults.world import World, given_world
from tests.faults.writers import Journal, Writers
from tests.servers import PASSAGE, Service, killable_postgres, running_service

pytestmark = pytest.mark.faults

_CHANGES = 40
"""How many changes are acknowledged before each crash, however slow the machine is."""
_AFTER_S = 0.3
_PASSAGES, _CORRIDORS = 6, 2
"""How many agreements have open corridors, and how many each: few, so that writers meet."""
_PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Site:
    """A service with a world to write in, and its database."""

    database: Database
    service: Service
    world: World
    passages: Sequence[Passage]

    def cycles(self, count: int, crash: Callable[[], None]) -> Journal:
        """Let writers write while `crash` happens, so many times."""
        writers = Writers(port=self.service.port, world=self.world, passages=self.passages)

        def interrupted() -> None:
            wanted = len(writers.journal.acknowledged) + _CHANGES
            until = time.monotonic() + _PATIENCE_S
            while len(writers.journal.acknowledged) < wanted and time.monotonic() < until:
                time.sleep(0.02)
            crash()
            time.sleep(_AFTER_S)

        for _ in range(count):
            asyncio.run(writers.write_while(interrupted))
        return writers.journal

    def restart(self) -> None:
        """Kill the service and start it again."""
        self.service.kill()
        self.service.start()

    def faults(self, journal: Journal) -> list[str]:
        """Say what is wrong, by the rows and through a service that was started afresh."""
        self.restart()
        found = asyncio.run(read_back(self.service.port, self.world, journal))
        return [*self.faults_in_rows(journal), *found]

    def faults_in_rows(self, journal: Journal) -> list[str]:
        """Say what is wrong, by the rows alone."""
        engine = self.database.owner_engine()
        try:
            return audit(engine, journal)
        finally:
            engine.dispose()


@contextmanager
def given_site(
    database: Database, folder: Path, *, program: tuple[str, ...] = PASSAGE
) -> Iterator[Site]:
    """Run the service on `database`."""
    engine = database.engine()
    world = given_world(engine)
    passages = [given_passage(engine, world, corridors=_CORRIDORS) for _ in range(_PASSAGES)]
    engine.dispose()
    with running_service(database, folder, program=program) as service:
        yield Site(database=database, service=service, world=world, passages=passages)


def was_hit(journal: Journal, cycles: int) -> bool:
    """Tell whether the crashes met writers at work, so that the test means something.

    Among what they wrote are stops of agreements whose corridors are open in the beginning.
    """
    wished = [said.wish.body for said in journal.acknowledged]
    stops = [body for body in wished if {"suspended", "withdrawn"} & set(map(str, body.values()))]
    enough = len(wished) >= _CHANGES * cycles and bool(stops)
    return enough and journal.unknown + journal.away >= cycles


def test_nothing_is_lost_or_half_done_when_postgresql_is_killed(tmp_path: Path) -> None:
    with killable_postgres() as (cluster, database), given_site(database, tmp_path) as site:

        def crash() -> None:
            cluster.kill()
            cluster.start()

        journal = site.cycles(10, crash)
        assert was_hit(journal, 10)
        assert site.faults(journal) == []


def test_nothing_is_lost_or_half_done_when_the_service_is_killed(
    database: Database, tmp_path: Path
) -> None:
    with given_site(database, tmp_path) as site:
        journal = site.cycles(10, site.restart)
        assert was_hit(journal, 10)
        assert site.faults(journal) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("answer-first", "was acknowledged and is there 0 times"),
        ("forget-keys", "was acknowledged and its key is not kept"),
        ("keep-half", "is in the history and has no row"),
        ("let-corridors-be", "its agreement stopped since"),
    ],
)
def test_a_service_with_a_fault_is_found_out(
    database: Database, tmp_path: Path, fault: str, said: str
) -> None:
    with given_site(database, tmp_path, program=program(fault)) as site:
        # A crash may fall between two answers: one of several meets an answer before its commit.
        crashes = fault == "answer-first"
        journal = site.cycles(4, site.restart) if crashes else site.cycles(1, pause)
        assert any(said in one for one in site.faults_in_rows(journal))


def pause() -> None:
    """Let nothing happen: the fault shows without a crash."""
