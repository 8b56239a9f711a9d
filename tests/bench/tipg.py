"""tipg beside the service, on the same lines in the same database.

It lives in an environment of its own, whose Python `PASSAGE_BENCH_TIPG` names; no package of it is
among ours.
"""

import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import psycopg
from psycopg import sql

from tests.postgres import free_port

PYTHON = "PASSAGE_BENCH_TIPG"
COLLECTION = "maps.corridor"
_PATIENCE_S = 60
_TABLE = (
    "CREATE SCHEMA maps",
    "CREATE TABLE maps.corridor (id uuid PRIMARY KEY, name text NOT NULL, status text NOT NULL, "
    "valid_from timestamptz NOT NULL, valid_until timestamptz NOT NULL, "
    "geometry geometry(LineString, 4326) NOT NULL)",
    "INSERT INTO maps.corridor SELECT f.place_id, j.told->>'name', j.told->>'status', "
    "f.valid_from, f.valid_until, st_geomfromwkb(s.geometry, 4326) FROM disclosed_feature f "
    "JOIN disclosed_shape s ON s.id = f.shape_id "
    "CROSS JOIN LATERAL (SELECT ('{' || f.properties || '}')::jsonb AS told) j "
    "WHERE f.collection = 'corridors' AND f.audience = 'operational' "
    "AND f.valid_until > '9999-01-01' AND f.recorded_until > '9999-01-01'",
    "CREATE INDEX ON maps.corridor USING gist (geometry)",
    "CREATE INDEX ON maps.corridor (status)",
    "CREATE INDEX ON maps.corridor (valid_from, valid_until)",
    "VACUUM ANALYZE maps.corridor",
)


def python() -> str | None:
    """Give the Python of its environment, where one is named."""
    return os.environ.get(PYTHON)


def prepare(admin_url: str) -> None:
    """Copy what the operational audience sees now into a table with every index that helps it.

    Statements are not compiled, as they are not for the service.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for statement in _TABLE:
            connection.execute(statement.encode())
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET jit = off").format(name))


@contextmanager
def serving(admin_url: str, folder: Path, python: str) -> Iterator[int]:
    """Run it in one process, and give its port."""
    port = free_port()
    settings = {
        "DATABASE_URL": admin_url.replace("postgresql+psycopg://", "postgresql://"),
        "TIPG_DB_SCHEMAS": '["maps"]',
        "TIPG_DB_EXCLUDE_FUNCTION_SCHEMAS": '["public", "pg_catalog"]',
        "TIPG_CATALOG_TTL": "100000",
        "DB_MAX_CONN_SIZE": "10",
    }
    words = ["-m", "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "warning"]
    with (folder / "tipg.log").open("wb") as log:
        process = subprocess.Popen(
            [python, *words], env={**os.environ, **settings}, stdout=log, stderr=log
        )
        try:
            _await(port, folder / "tipg.log")
            yield port
        finally:
            process.terminate()
            process.wait()


def _await(port: int, log: Path) -> None:
    for _ in range(_PATIENCE_S * 10):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"tipg does not answer: {log.read_text()[-2000:]}")
