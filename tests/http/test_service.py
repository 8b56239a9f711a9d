"""Health, readiness, metrics, the description of the API, and what surrounds every answer."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fastapi import APIRouter
from sqlalchemy import text
from starlette.testclient import TestClient

from app.access.caller import CurrentCaller
from app.access.coverage import check_routes
from app.db.engine import make_engine
from app.http.health import one_role
from app.main import create_app
from app.settings import with_driver
from tests.databases import Database
from tests.http.given import bearer, given_client, given_route, given_token


def nothing(caller: CurrentCaller) -> dict[str, str]:
    return {}


def open_to_all() -> None: ...


def fail(caller: CurrentCaller) -> None:
    raise RuntimeError("telephone +380 67 123 45 67")


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    router = given_route(nothing, method="GET")
    given_route(fail, method="GET", path="/v1/agreements", router=router)
    with given_client(database, tmp_path, router) as client:
        yield client


def drop_a_guard(database: Database) -> None:
    engine = make_engine(with_driver(database.migration_url), pool_size=1)
    with engine.begin() as connection:
        if database.dialect == "sqlite":
            connection.execute(text("DROP TRIGGER event_no_update"))
        else:
            connection.execute(text("ALTER TABLE event DISABLE TRIGGER event_append_only"))
    engine.dispose()


class TestReadiness:
    def test_a_service_with_its_schema_and_guards_is_ready(self, client: TestClient) -> None:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200

    def test_a_missing_guard_is_named(self, database: Database, client: TestClient) -> None:
        drop_a_guard(database)
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "event_" in answer.json()["missing"][0]
        assert client.get("/healthz").status_code == 200

    def test_it_does_not_start_without_a_guard(self, database: Database, tmp_path: Path) -> None:
        drop_a_guard(database)
        with pytest.raises(RuntimeError, match="guard event_"), given_client(database, tmp_path):
            pass

    def test_it_does_not_start_without_its_schema(
        self, empty_database: Database, tmp_path: Path
    ) -> None:
        with (
            pytest.raises(RuntimeError, match="passage migrate"),
            given_client(empty_database, tmp_path),
        ):
            pass

    @pytest.mark.parametrize("database", ["postgresql"], indirect=True)
    def test_it_does_not_start_on_an_unsafe_setting(
        self, database: Database, tmp_path: Path
    ) -> None:
        engine = make_engine(with_driver(database.migration_url), pool_size=1)
        with engine.begin() as connection:
            name = connection.scalar(text("SELECT current_database()"))
            connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
        engine.dispose()
        with (
            pytest.raises(RuntimeError, match="synchronous_commit"),
            given_client(database, tmp_path),
        ):
            pass


class TestStart:
    def test_a_route_without_a_rule_is_refused_by_name(self) -> None:
        with pytest.raises(RuntimeError, match=r"/v1/secrets.*has no rule"):
            create_app(routers=[given_route(nothing, path="/v1/secrets")])

    def test_a_route_that_does_not_ask_who_calls_is_refused(self) -> None:
        with pytest.raises(RuntimeError, match="does not ask who calls"):
            create_app(routers=[given_route(open_to_all)])

    def test_a_route_that_is_not_strict_is_refused(self) -> None:
        router = given_route(nothing, router=APIRouter())
        with pytest.raises(RuntimeError, match="not a StrictRoute"):
            create_app(routers=[router])

    def test_a_rule_without_a_route_is_refused_by_name(self) -> None:
        routes = create_app(routers=[]).router.routes
        with pytest.raises(RuntimeError, match=r"/v1/agreements'.*has a rule and no route"):
            check_routes(routes, complete=True)

    def test_one_role_for_both_is_told_apart(self) -> None:
        owner, app = "postgresql://owner@db/passage", "postgresql://app@db/passage"
        assert one_role(owner, owner)
        assert not one_role(app, owner)
        assert not one_role("sqlite:///a", "sqlite:///a")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestAnswers:
    def test_every_answer_is_private_and_checked_again(self, client: TestClient) -> None:
        for path in ("/v1/sources", "/nowhere", "/healthz"):
            headers = client.get(path).headers
            assert headers["Cache-Control"] == "private, no-cache"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert "Server" not in headers

    def test_head_answers_as_get_without_a_body(self, client: TestClient) -> None:
        engine = client.app.state.engine  # type: ignore[attr-defined]
        headers = bearer(given_token(engine))
        got, head = (call("/v1/sources", headers=headers) for call in (client.get, client.head))
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers == got.headers

    def test_counts_name_templates_and_never_addresses(self, client: TestClient) -> None:
        client.get("/v1/sources")
        client.get("/problems/sp_secret")
        client.request("BREW", "/pot/sp_secret")
        text = client.get("/metrics").text
        assert 'passage_requests_total{method="GET",route="/v1/sources",status="401"} 1.0' in text
        assert 'method="other",route="none"' in text
        assert "sp_secret" not in text

    def test_logs_hold_no_query_no_token_no_address_and_no_data(self, client: TestClient) -> None:
        with structlog.testing.capture_logs() as lines:
            client.get("/v1/sources?secret=1", headers=bearer("sp_secret"))
            client.get("/v1/agreements")
        assert [line["event"] for line in lines] == ["request", "request failed", "request"]
        assert "secret" not in str(lines)
        assert "380" not in str(lines)
        assert lines[1]["error"] == "RuntimeError"

    def test_what_nobody_foresaw_is_a_problem_without_insides(self, client: TestClient) -> None:
        answer = client.get("/v1/agreements")
        assert answer.status_code == 500
        assert answer.json()["type"] == "/problems/internal-error"
        assert "380" not in answer.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestDocs:
    def test_the_page_asks_nothing_of_the_outside(self, client: TestClient) -> None:
        page = client.get("/docs")
        assert page.status_code == 200
        assert "http" not in re.sub(r"<!doctype.*?>", "", page.text)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "http" not in policy
        for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
            assert client.get(address).status_code == 200
        assert "validatorUrl: null" in client.get("/docs/start.js").text

    def test_the_description_is_openapi_3_1_with_problem_documents(
        self, client: TestClient
    ) -> None:
        document = client.get("/openapi.json").json()
        assert document["openapi"].startswith("3.1")
        operation = document["paths"]["/v1/sources"]["get"]
        assert "application/problem+json" in operation["responses"]["default"]["content"]
        assert operation["security"] == [{"HTTPBearer": []}]
        assert "HTTPValidationError" not in document["components"]["schemas"]
