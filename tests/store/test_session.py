"""An answer below 300 is only sent once the change is stored."""

from concurrent.futures import ThreadPoolExecutor
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.dependencies.models import Dependant
from sqlalchemy import Connection, Engine, event, exc, func, select, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.access.caller import CurrentCaller
from app.db.engine import READ_ONLY
from app.db.errors import OutcomeUnknown
from app.db.session import reading, writing
from app.http.deps import Db, db
from app.http.route import StrictRoute, dependants
from app.ledger.tables import SubjectRow
from app.main import create_app
from tests.databases import Database
from tests.http.given import bearer, given_client, given_route, given_subject, given_token

_subject = SubjectRow.__table__


def begin(caller: CurrentCaller, db: Db) -> dict[str, str]:
    return {"id": str(given_subject(db, "source").fact.subject.id)}


def begin_and_fail(caller: CurrentCaller, db: Db) -> None:
    given_subject(db, "source")
    raise ValueError("after the change")


def break_a_deferred_constraint(caller: CurrentCaller, db: Db) -> dict[str, str]:
    subject = given_subject(db, "source").fact.subject.id
    going_on = update(_subject).where(_subject.c.id == subject)
    db.execute(going_on.values(version=2, recorded_at=_subject.c.recorded_at))
    return {"id": str(subject)}  # a version without its event: refused at commit


def sources(engine: Engine) -> int:
    with reading(engine) as db:
        question = select(func.count()).where(_subject.c.kind == "source")
        return db.execute(question).scalar_one()


def fail_commits(client: TestClient, failure: Exception) -> None:
    """Let every commit of what was written fail from now on."""

    def fail(connection: Connection) -> None:
        if not connection.get_execution_options().get(READ_ONLY):
            raise failure

    event.listen(client.app.state.engine, "commit", fail)  # type: ignore[attr-defined]


class TestCommit:
    def test_what_was_answered_is_stored(
        self, database: Database, engine: Engine, tmp_path: Path
    ) -> None:
        with given_client(database, tmp_path, given_route(begin, status_code=201)) as client:
            answer = client.post("/v1/sources", headers=bearer(given_token(engine)))
        assert answer.status_code == 201
        with reading(engine) as db:
            assert db.get(SubjectRow, UUID(answer.json()["id"]))

    @pytest.mark.parametrize(
        ("failure", "status"),
        [
            (exc.OperationalError("COMMIT", {}, Exception("gone")), {500, 503}),
            (OutcomeUnknown("lost"), {503}),
            (RuntimeError("no"), {500}),
        ],
    )
    def test_a_failing_commit_is_never_answered_as_done(
        self,
        database: Database,
        engine: Engine,
        tmp_path: Path,
        failure: Exception,
        status: set[int],
    ) -> None:
        token = given_token(engine)
        with given_client(database, tmp_path, given_route(begin, status_code=201)) as client:
            fail_commits(client, failure)
            answer = client.post("/v1/sources", headers=bearer(token))
        assert answer.status_code in status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert sources(engine) == 0

    def test_a_constraint_that_is_judged_at_commit_is_never_answered_as_done(
        self, database: Database, engine: Engine, tmp_path: Path
    ) -> None:
        router = given_route(break_a_deferred_constraint, status_code=201)
        with given_client(database, tmp_path, router) as client:
            answer = client.post("/v1/sources", headers=bearer(given_token(engine)))
        assert answer.status_code == 500
        assert sources(engine) == 0

    def test_an_error_after_the_change_takes_it_back(
        self, database: Database, engine: Engine, tmp_path: Path
    ) -> None:
        with given_client(database, tmp_path, given_route(begin_and_fail)) as client:
            answer = client.post("/v1/sources", headers=bearer(given_token(engine)))
        assert answer.status_code == 500
        assert "after the change" not in answer.text
        assert sources(engine) == 0

    def test_an_answer_that_cannot_be_shown_takes_the_change_back(
        self, database: Database, engine: Engine, tmp_path: Path
    ) -> None:
        router = given_route(begin, response_model=list[int])
        with given_client(database, tmp_path, router) as client:
            answer = client.post("/v1/sources", headers=bearer(given_token(engine)))
        assert answer.status_code == 500
        assert sources(engine) == 0

    def test_a_lost_outcome_says_how_to_find_out(
        self, database: Database, engine: Engine, tmp_path: Path
    ) -> None:
        token = given_token(engine)
        with given_client(database, tmp_path, given_route(begin)) as client:
            fail_commits(client, OutcomeUnknown("lost"))
            problem = client.post("/v1/sources", headers=bearer(token)).json()
        assert problem["type"] == "/problems/outcome-unknown"
        assert "Idempotency-Key" in problem["detail"]


class TestSession:
    def test_it_is_the_only_dependency_with_a_session(self) -> None:
        routes = [r for r in create_app().router.routes if isinstance(r, StrictRoute)]
        for route in routes:
            for one in dependants(route.dependant):
                assert _is_ours_or_plain(one), route.path

    def test_a_reader_cannot_write(
        self, database: Database, engine: Engine, tmp_path: Path
    ) -> None:
        router = given_route(begin, method="GET")
        with given_client(database, tmp_path, router) as client:
            answer = client.get("/v1/sources", headers=bearer(given_token(engine)))
        assert answer.status_code >= 500
        assert sources(engine) == 0

    def test_requests_that_wait_hold_no_thread(
        self, database: Database, engine: Engine, tmp_path: Path
    ) -> None:
        """More requests at once than threads, each with several steps in a thread, all end."""
        token = given_token(engine)
        with given_client(database, tmp_path, given_route(begin, status_code=201)) as client:

            def post(_: int) -> int:
                return client.post("/v1/sources", headers=bearer(token)).status_code

            with ThreadPoolExecutor(60) as pool:
                assert set(pool.map(post, range(120))) == {201}
        assert sources(engine) == 120


def _is_ours_or_plain(one: Dependant) -> bool:
    """Tell that a dependant either is `db`, ended before the answer, or opens nothing itself."""
    if one.call is db:
        return one.scope == "function"
    code = getattr(one.call, "__code__", None)
    if code is None:
        return True
    used = [getattr(one.call, "__globals__", {}).get(name) for name in code.co_names]
    opens = any(what in (reading, writing, Session, Engine.connect) for what in used)
    return not opens and not code.co_flags & (CO_GENERATOR | CO_ASYNC_GENERATOR)
