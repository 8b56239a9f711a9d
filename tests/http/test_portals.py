"""Browsers let pages of the origins that an operator names read `/ogc`, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.databases import Database

PORTAL, OTHER = "https://portal.example.org", "https://other.example.org"
ITEMS = "/ogc/collections/corridors/items"
ALLOWED = "access-control-allow-origin"
PREFLIGHT = {
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "authorization",
}


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=database.url,
        migration_database_url=database.migration_url,
        log_signs=False,
        map_origins=(PORTAL,),
    )
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.mark.parametrize("path", ["/ogc", "/ogc/", ITEMS, f"{ITEMS}?f=csv", f"{ITEMS}?limit=0"])
def test_a_named_origin_reads_answers_and_refusals(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Origin": PORTAL})
    assert answer.headers[ALLOWED] == PORTAL
    assert "Origin" in answer.headers["vary"].split(", ")
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["cache-control"] == "private, no-cache"


def test_it_may_send_a_token_and_a_tag(client: TestClient) -> None:
    answer = client.options(ITEMS, headers={"Origin": PORTAL, **PREFLIGHT})
    assert answer.status_code == 200
    assert answer.headers[ALLOWED] == PORTAL
    allowed = answer.headers["access-control-allow-headers"].casefold()
    assert {"authorization", "if-none-match"} <= set(allowed.split(", "))


def test_what_was_not_changed_is_for_it_too(client: TestClient) -> None:
    tag = client.get(ITEMS).headers["etag"]
    answer = client.get(ITEMS, headers={"Origin": PORTAL, "If-None-Match": tag})
    assert answer.status_code == 304
    assert answer.headers[ALLOWED] == PORTAL


def test_another_origin_is_told_nothing_of_that_kind(client: TestClient) -> None:
    assert ALLOWED not in client.get(ITEMS, headers={"Origin": OTHER}).headers
    refused = client.options(ITEMS, headers={"Origin": OTHER, **PREFLIGHT})
    assert refused.status_code == 400
    assert ALLOWED not in refused.headers


def test_it_may_not_write(client: TestClient) -> None:
    asked = {"Origin": PORTAL, "Access-Control-Request-Method": "POST"}
    assert client.options(ITEMS, headers=asked).status_code == 400


@pytest.mark.parametrize("path", ["/v1/corridors", "/v1/organisations", "/healthz", "/ogcx"])
def test_nothing_but_the_map_is_open(client: TestClient, path: str) -> None:
    assert ALLOWED not in client.get(path, headers={"Origin": PORTAL}).headers
    answer = client.options(path, headers={"Origin": PORTAL, **PREFLIGHT})
    assert ALLOWED not in answer.headers


def test_without_the_setting_no_page_of_another_origin_reads(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database.url, log_signs=False)
    with TestClient(create_app(settings)) as client:
        assert ALLOWED not in client.get(ITEMS, headers={"Origin": PORTAL}).headers
        assert client.options(ITEMS, headers={"Origin": PORTAL, **PREFLIGHT}).status_code == 405
