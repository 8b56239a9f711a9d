"""Loads the case into a database of its own and asks the service, as a reader of the docs would."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.testclient import TestClient

from app.console.database import write_for
from app.db.engine import make_engine
from app.db.migrate import upgrade
from app.demo.replay import load
from app.main import create_app
from app.settings import Settings

QUESTIONS = {
    "corridors": "/v1/corridors?consent_basis=mutual&as_of=2022-04-30T12:00:00Z",
    "sites": "/v1/sites?limit=1000",
}
READERS = ("coordinator-ocha", "map-client")
_GEOJSON = "application/geo+json"

Features = list[dict[str, Any]]


@contextmanager
def served() -> Iterator[tuple[TestClient, Mapping[str, str]]]:
    """Serve the case from a database of its own; gives who asks, and the tokens by their names."""
    with TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder),
            database_url=f"sqlite:///{folder}/case.sqlite",
            migration_database_url=f"sqlite:///{folder}/case.sqlite",
        )
        tokens = _tokens(settings)
        with TestClient(create_app(settings)) as client:
            yield client, tokens


@cache
def answers() -> dict[tuple[str, str], Features]:
    """Give the features that each reader gets for each question, once for the whole program.

    Ids and order differ from one database to the next: nothing drawn may depend on them.
    """
    with served() as (client, tokens):
        return {
            (reader, name): _features(client, path, tokens[reader])
            for reader in READERS
            for name, path in QUESTIONS.items()
        }


def _tokens(settings: Settings) -> dict[str, str]:
    upgrade(settings.migration_database_url, settings.database_url)
    engine = make_engine(settings.migration_database_url, pool_size=1)
    try:
        return load(engine, write_for).tokens
    finally:
        engine.dispose()


def _features(client: TestClient, path: str, token: str) -> Features:
    headers = {"Accept": _GEOJSON, "Authorization": f"Bearer {token}"}
    answer = client.get(path, headers=headers)
    features: Features = answer.raise_for_status().json()["features"]
    return features
