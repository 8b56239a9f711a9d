"""What is answered when PostgreSQL dies within a request, and what the same key tells later."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.databases import Database
from tests.faults.audit import audit
from tests.faults.wire import Answer, Wire
from tests.faults.world import World, given_world
from tests.postgres import Cluster, with_database
from tests.servers import killable_postgres, running_service

pytestmark = pytest.mark.faults

_KEY = "the-same-key"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A service whose PostgreSQL may be killed."""

    cluster: Cluster
    database: Database
    world: World
    port: int

    def administer(self, statement: str) -> None:
        """Run a statement as a superuser, in the service's database."""
        name = self.database.url.rpartition("/")[2]
        url = with_database(self.cluster.url, name)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)

    async def propose(self) -> Answer:
        """Propose an agreement, always under the same key."""
        wire = Wire(port=self.port, token=self.world.tokens["coordinator-ocha"])
        try:
            return await wire.ask(
                "POST", "/v1/agreements", self.world.proposal("Azovstal"), key=_KEY
            )
        finally:
            wire.close()

    async def propose_until(self, waits: str, then: Callable[[], None]) -> Answer:
        """Propose, and let `then` happen once the server shows a backend that `waits`."""
        asked = asyncio.create_task(self.propose())
        await asyncio.to_thread(self._see, waits)
        await asyncio.to_thread(then)
        return await asked

    def _see(self, waits: str) -> None:
        question = f"SELECT 1 FROM pg_stat_activity WHERE application_name = 'passage' AND {waits}"
        deadline = time.monotonic() + 30
        with psycopg.connect(self.cluster.url, autocommit=True) as connection:
            while not connection.execute(question).fetchall():
                assert time.monotonic() < deadline, f"no backend came to where it {waits}"
                time.sleep(0.02)

    def wait_for_the_log(self) -> None:
        """Wait until all is signed, so that from then on requests alone commit."""
        asked = (
            "SELECT (SELECT count(*) FROM event) = (SELECT coalesce(max(size), -1) "
            "FROM log_checkpoint)"
        )
        engine, deadline = self.database.engine(), time.monotonic() + 30
        with engine.connect() as connection:
            while not connection.exec_driver_sql(asked).scalar_one():
                assert time.monotonic() < deadline, "the log was not signed"
                connection.rollback()
                time.sleep(0.05)
        engine.dispose()

    def crash(self) -> None:
        """Kill PostgreSQL and start it again."""
        self.cluster.kill()
        self.cluster.start()

    def agreements(self) -> int:
        """Count what is stored, and see that it is whole."""
        engine = self.database.owner_engine()
        try:
            assert audit(engine) == []
            with engine.connect() as connection:
                return int(
                    connection.exec_driver_sql("SELECT count(*) FROM agreement").scalar_one()
                )
        finally:
            engine.dispose()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Run the service on a PostgreSQL of its own."""
    with killable_postgres() as (cluster, database):
        engine = database.engine()
        world = given_world(engine)
        engine.dispose()
        with running_service(database, tmp_path) as service:
            made = Site(cluster=cluster, database=database, world=world, port=service.port)
            made.wait_for_the_log()
            yield made


def run(answer: Awaitable[Answer]) -> tuple[int, Any]:
    """Give the status of an answer, and its kind of problem or its id."""

    async def wait() -> Answer:
        return await answer

    told = asyncio.run(wait())
    return told.status, told.json["type" if told.status >= 400 else "id"]


def test_a_crash_before_the_commit_stored_nothing(site: Site) -> None:
    """The request waits for a lock that another session holds."""
    url = with_database(site.cluster.url, site.database.url.rpartition("/")[2])
    with closing(psycopg.connect(url)) as other:
        other.execute("LOCK TABLE agreement IN EXCLUSIVE MODE")
        answer = run(site.propose_until("wait_event_type = 'Lock'", site.crash))
    assert answer == (503, "/problems/unavailable")
    assert site.agreements() == 0
    assert run(site.propose())[0] == 201
    assert site.agreements() == 1


def test_a_commit_that_was_cut_short_is_of_unknown_outcome_and_was_not_stored(site: Site) -> None:
    """A constraint that is judged at commit takes its time."""
    site.administer(
        "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN PERFORM pg_sleep(60); RETURN NULL; END$$"
    )
    site.administer(
        "CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION linger()"
    )
    answer = run(site.propose_until("query = 'COMMIT' AND state = 'active'", site.crash))
    assert answer == (503, "/problems/outcome-unknown")
    site.administer("DROP FUNCTION linger() CASCADE")
    assert site.agreements() == 0
    assert run(site.propose())[0] == 201
    assert site.agreements() == 1


def test_a_commit_whose_answer_was_lost_is_of_unknown_outcome_and_was_stored(site: Site) -> None:
    """The commit is on disk and waits for a standby that does not exist."""
    site.administer("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    site.administer("SELECT pg_reload_conf()")
    answer = run(site.propose_until("wait_event = 'SyncRep'", site.crash))
    assert answer == (503, "/problems/outcome-unknown")
    site.administer("ALTER SYSTEM RESET synchronous_standby_names")
    site.administer("SELECT pg_reload_conf()")
    assert site.agreements() == 1
    again = run(site.propose())
    assert again[0] == 201
    assert run(site.propose()) == again
    assert site.agreements() == 1
