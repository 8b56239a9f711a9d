"""The command line: what it prints, what it leaves, and what it says when it cannot."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.console import main
from app.db.migrate import downgrade
from app.db.revision import HEAD
from app.db.session import reading
from app.ledger import store as ledger
from app.ledger.tables import EventRow
from app.settings import with_driver
from tests.databases import Database

ADMINISTRATOR = (
    "token", "create", "--organisation", "OCHA", "--role", "administrator", "--holder", "chief"
)  # fmt: skip
OCHA = ("organisation", "create", "--short-name", "OCHA", "--name", "UN OCHA", "--kind", "un")


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a command left on the screen."""

    returncode: int
    stdout: str
    stderr: str


Passage: TypeAlias = "Callable[..., Done]"


@pytest.fixture
def console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Passage:
    """Run commands in this process, with settings as given."""

    def run(*words: str, **settings: str) -> Done:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["passage", *words])
            patch.setenv("PASSAGE_DATA_DIR", str(tmp_path / "data"))
            for name, value in settings.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as left:
                main()
        told = capsys.readouterr()
        return Done(returncode=int(left.value.code or 0), stdout=told.out, stderr=told.err)

    return run


@pytest.fixture
def passage(console: Passage, database: Database) -> Passage:
    """Run commands on a migrated database, unless settings name another."""

    def run(*words: str, **settings: str) -> Done:
        return console(*words, **(database.environment | settings))

    return run


def test_the_script_runs_and_tells_errors_without_insides(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("passage"), "token", "list"],
        env={**os.environ, "PASSAGE_DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("passage: there is no database at")
    assert len(done.stderr.splitlines()) == 1


def test_the_first_administrator_is_made_on_an_empty_database(
    console: Passage, empty_database: Database
) -> None:
    def passage(*words: str) -> Done:
        return console(*words, **empty_database.environment)

    before = passage("token", "list")
    assert before.returncode == 1
    assert "passage migrate" in before.stderr
    assert passage("migrate").returncode == 0
    assert passage("migrate").returncode == 0
    unknown = passage(*ADMINISTRATOR)
    assert unknown.returncode == 1
    assert 'passage organisation create --short-name "OCHA"' in unknown.stderr
    assert passage(*OCHA).returncode == 0
    made = passage(*ADMINISTRATOR)
    assert made.returncode == 0
    assert made.stdout.startswith("sp_")
    assert len(made.stdout.splitlines()) == 1
    assert "keep" in made.stderr


def test_a_token_is_listed_and_revoked(passage: Passage) -> None:
    passage(*OCHA)
    for holder in ("one", "two"):
        assert passage(*ADMINISTRATOR[:-1], holder).returncode == 0
    lines = [line.split("\t") for line in passage("token", "list").stdout.splitlines()]
    assert [line[1:] for line in lines] == [
        ["valid", "administrator", "OCHA", "one"],
        ["valid", "administrator", "OCHA", "two"],
    ]
    first, second = (line[0] for line in lines)
    assert passage("token", "revoke", first).returncode == 0
    last = passage("token", "revoke", second)
    assert last.returncode == 1
    assert "last administrator" in last.stderr
    assert passage("token", "list").stdout.split("\t")[1] == "revoked"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_it_cannot_do_it_says_in_a_sentence(passage: Passage) -> None:
    passage(*OCHA)
    for words, code, said in (
        (OCHA, 1, "another organisation has this short name"),
        ((*ADMINISTRATOR[:-1], "a.person@example.org"), 1, "--holder: found an e-mail address"),
        ((*ADMINISTRATOR, "--operation", "nowhere"), 1, "--operation: "),
        ((*ADMINISTRATOR[:-2],), 2, "--holder"),
        (("token", "revoke", "x"), 1, "passage token list"),
        (("token", "revoke", "7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"), 1, "no token has this id"),
        (("serve", "--port", "70000"), 2, "65535"),
        (("fly",), 2, "fly"),
    ):
        done = passage(*words)
        assert done.returncode == code
        assert said in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_wrong_settings_are_named_without_their_secrets(passage: Passage) -> None:
    wrong = passage("doctor", PASSAGE_DATABASE_URL="mysql://me:secret@host/x")
    assert wrong.returncode == 1
    assert "PASSAGE_DATABASE_URL" in wrong.stderr
    away = passage("token", "list", PASSAGE_DATABASE_URL="postgresql://me:secret@127.0.0.1:1/x")
    assert away.returncode == 1
    assert "does not answer" in away.stderr
    assert "secret" not in wrong.stderr + away.stderr


def test_the_doctor_says_what_to_do(passage: Passage, database: Database, tmp_path: Path) -> None:
    before = passage("doctor")
    assert before.returncode == 0
    assert "there is no administrator yet" in before.stdout
    passage(*OCHA)
    passage(*ADMINISTRATOR)
    assert "1 administrator" in passage("doctor").stdout
    secret = tmp_path / "data" / "secret.key"
    secret.parent.mkdir(exist_ok=True)
    secret.write_bytes(b"x" * 32)
    secret.chmod(0o644)
    exposed = passage("doctor")
    assert exposed.returncode == 1
    assert "chmod 600" in exposed.stdout
    one = passage("doctor", PASSAGE_MIGRATION_DATABASE_URL=database.url)
    warned = "one database role both serves and owns" in one.stdout
    assert warned is (database.dialect == "postgresql")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_doctor_finds_no_database(passage: Passage, tmp_path: Path) -> None:
    done = passage("doctor", PASSAGE_DATABASE_URL=f"sqlite:///{tmp_path}/none.sqlite")
    assert done.returncode == 1
    assert "passage migrate" in done.stdout
    assert not (tmp_path / "none.sqlite").exists()


def test_a_change_of_the_schema_is_on_record(console: Passage, empty_database: Database) -> None:
    for _ in range(2):
        assert console("migrate", **empty_database.environment).returncode == 0
    engine = empty_database.engine()
    with reading(engine) as db:
        found = [event.fact for event in ledger.events_of(db, _ids(db)).values()]
    engine.dispose()
    assert [(fact.subject.kind, fact.kind, dict(fact.aspects)) for fact in found] == [
        ("schema", "migrated", {"revision": {"from": None, "to": HEAD}})
    ]
    assert found[0].actor.holder == "command line"


def test_a_later_change_of_the_schema_goes_on_from_the_first(
    console: Passage, empty_database: Database
) -> None:
    console("migrate", **empty_database.environment)
    downgrade(with_driver(empty_database.migration_url), "0006")
    console("migrate", **empty_database.environment)
    engine = empty_database.engine()
    with reading(engine) as db:
        events = ledger.events_of(db, _ids(db)).values()
        told = {e.sequence: e.fact.aspects["revision"] for e in events}
    engine.dispose()
    assert told == {1: {"from": None, "to": HEAD}, 2: {"from": "0006", "to": HEAD}}


def _ids(db: Session) -> list[UUID]:
    return list(db.execute(select(EventRow.__table__.c.id)).scalars())


def test_the_doctor_replays_the_record(passage: Passage, database: Database) -> None:
    passage(*OCHA)
    well = passage("doctor", "--replay")
    assert well.returncode == 0
    assert "well   all tables hold what 1 events of 1 subjects say" in well.stdout
    assert "0 of 1 subjects" in well.stderr
    engine = database.owner_engine()
    with engine.begin() as db:
        db.execute(text("UPDATE organisation SET name = 'Another'"))
    engine.dispose()
    wrong = passage("doctor", "--replay")
    assert wrong.returncode == 1
    assert "name: found Another; the record says UN OCHA" in wrong.stdout
    assert "1 differences" in wrong.stdout
