"""Settings come from the environment; the secret is made once and for its owner only."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings, secret_key


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "DATA_DIR", "PORT", "HOST"):
        monkeypatch.delenv(f"PASSAGE_{name}", raising=False)


def test_the_embedded_database_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().database_url == "sqlite:///data/passage.sqlite"
    monkeypatch.setenv("PASSAGE_DATA_DIR", "/var/lib/passage")
    assert Settings().database_url == "sqlite:////var/lib/passage/passage.sqlite"


def test_one_database_serves_both_roles_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PASSAGE_DATABASE_URL", "postgresql://app@db/passage")
    assert Settings().migration_database_url == "postgresql+psycopg://app@db/passage"
    monkeypatch.setenv("PASSAGE_MIGRATION_DATABASE_URL", "postgresql://owner@db/passage")
    assert Settings().migration_database_url == "postgresql+psycopg://owner@db/passage"
    assert Settings().database_url == "postgresql+psycopg://app@db/passage"


@pytest.mark.parametrize("url", ["mysql://db/passage", "passage.sqlite", "sqlite://"])
def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("PASSAGE_DATABASE_URL", url)
    with pytest.raises(ValidationError, match="expected a database address"):
        Settings()


def test_a_refusal_does_not_show_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSAGE_DATABASE_URL", "mysql://app:hidden@db/passage")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "hidden" not in str(refused.value)


def test_the_secret_is_made_once_by_whoever_comes_first(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: secret_key(tmp_path / "data"), range(16)))
    assert len(found) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]


def test_only_its_owner_reads_the_secret(tmp_path: Path) -> None:
    secret_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_a_damaged_secret_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(RuntimeError, match="holds 5 bytes"):
        secret_key(tmp_path)


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ("", ()),
        ("https://portal.example.org", ("https://portal.example.org",)),
        (
            " https://a.example , http://localhost:8080,",
            ("https://a.example", "http://localhost:8080"),
        ),
    ],
)
def test_origins_stand_between_commas(
    monkeypatch: pytest.MonkeyPatch, given: str, origins: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PASSAGE_MAP_ORIGINS", given)
    assert Settings().map_origins == origins


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "portal.example.org", "https://portal.example.org/", "https://A.example"],
)
def test_what_no_browser_calls_an_origin_is_refused(
    monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    monkeypatch.setenv("PASSAGE_MAP_ORIGINS", origin)
    with pytest.raises(ValidationError, match="map_origins"):
        Settings()
