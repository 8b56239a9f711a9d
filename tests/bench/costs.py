"""What one request costs on the main routes: statements of SQL, and bytes of the answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event
from starlette.testclient import TestClient

from app.log.keeper import KEEPER
from app.main import create_app
from app.settings import Settings
from tests.bench.rates import proposals
from tests.databases import Database
from tests.faults.world import given_world

_NOT_COUNTED = ("BEGIN", "PRAGMA")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One route: statements (without BEGIN and COMMIT), and bytes of the body."""

    route: str
    statements: int
    bytes: int


def costs(database: Database, folder: Path, *, agreements: int = 100) -> list[Cost]:
    """Ask each of the main routes twice and tell what the second time cost."""
    engine = database.engine()
    world = given_world(engine)
    ready = proposals(engine, world, agreements)
    engine.dispose()
    settings = Settings(
        data_dir=folder,
        database_url=database.url,
        migration_database_url=database.migration_url,
    )
    move = {"to": "in_talks", "reason": "talks_held"}
    bearer = {"Authorization": f"Bearer {world.tokens['coordinator-ocha']}"}
    with _quiet(), TestClient(create_app(settings), headers=bearer) as client:
        meter = _Meter(client)
        for path, version in ready[:2]:
            name = "POST …/status-changes"
            meter.ask(name, "POST", path, json=move, headers={"If-Match": f'"{version}"'})
            agreement = path.removesuffix("/status-changes")
            body = world.position("by telephone")
            meter.ask("POST …/positions", "POST", f"{agreement}/positions", json=body)
            meter.ask("GET /v1/agreements/{id}", "GET", agreement)
            meter.ask("GET …/readiness", "GET", f"{agreement}/readiness")
            meter.ask("GET …/transitions", "GET", f"{agreement}/transitions")
            meter.ask("GET …/status-changes", "GET", f"{agreement}/status-changes")
            meter.ask("GET /v1/agreements, a page of 100", "GET", "/v1/agreements?limit=100")
    return list(meter.costs.values())


class _Meter:
    def __init__(self, client: TestClient) -> None:
        self.costs: dict[str, Cost] = {}
        self._client = client
        self._statements = 0
        engine = client.app.state.engine  # type: ignore[attr-defined]
        event.listen(engine, "before_cursor_execute", self._count)

    def _count(self, _: Any, __: Any, statement: str, *___: Any) -> None:
        if threading.current_thread().name != KEEPER:
            self._statements += not statement.startswith(_NOT_COUNTED)

    def ask(self, name: str, method: str, path: str, **more: Any) -> None:
        self._statements = 0
        answer = self._client.request(method, path, **more)
        if not answer.is_success:
            raise RuntimeError(f"{name} was answered {answer.status_code}: {answer.text}")
        self.costs[name] = Cost(route=name, statements=self._statements, bytes=len(answer.content))


@contextmanager
def _quiet() -> Iterator[None]:
    """Log nothing meanwhile."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        yield
    finally:
        structlog.reset_defaults()
