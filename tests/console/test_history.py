"""`passage history` and `passage log`: what they print, what they leave, how they end."""

import gzip
import json
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import guards
from app.demo.organisations import TOKENS
from app.domain.note import read_checkpoint, read_note, read_vkey
from app.log import keeper
from tests.console.test_commands import ADMINISTRATOR, OCHA, Done, Passage
from tests.console.test_commands import console as console
from tests.console.test_commands import passage as passage
from tests.databases import Database, stock

INTACT, TAMPERED, INCOMPLETE, UNUSABLE = 0, 1, 2, 3
only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
AUDITOR = next(name for name, wanted in TOKENS.items() if wanted["role"] == "auditor")


@pytest.fixture
def signed(passage: Passage) -> Passage:
    """Run commands on a database with one organisation, whose log is signed."""
    passage(*OCHA, PASSAGE_LOG_NAME="log.example")
    assert passage("log", "sign", PASSAGE_LOG_NAME="log.example").returncode == 0
    return passage


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Name the file of an export."""
    return tmp_path / "history"


def key_of(passage: Passage) -> str:
    """Give the only key of the log."""
    return passage("log", "key", "show").stdout.strip()


def exported(passage: Passage, out: Path, *words: str) -> Done:
    """Write an export, which succeeds."""
    done = passage("history", "export", "--out", str(out), *words)
    assert done.returncode == 0, done.stderr
    return done


def verified(passage: Passage, file: Path, *words: str) -> Done:
    """Verify with the key of the log."""
    return passage("history", "verify", str(file), "--key", key_of(passage), *words)


def fails(done: Done, said: str, code: int = 1) -> None:
    """Expect a sentence and nothing else."""
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("passage: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def behind_its_back(database: Database, table: str, statement: str) -> None:
    """Change a table as its owner can, who takes the guards away and puts them back."""
    owner = database.owner_engine()
    with owner.begin() as db:
        guards.remove(db, table)
        db.execute(text(statement))
        guards.install(db, table)
    owner.dispose()


class TestSign:
    def test_prints_the_checkpoint(self, signed: Passage) -> None:
        done = signed("log", "sign")
        note = read_note(done.stdout)
        told = read_checkpoint(note)
        assert (told.origin, told.size) == ("log.example", 1)
        read_vkey(key_of(signed)).verify(note)

    def test_signs_once_and_then_what_came_since(self, signed: Passage) -> None:
        first, again = (signed("log", "sign").stdout for _ in range(2))
        assert first == again
        signed(*ADMINISTRATOR)
        assert read_checkpoint(read_note(signed("log", "sign").stdout)).size == 2

    def test_refuses_a_database_that_was_restored(
        self, signed: Passage, database: Database, tmp_path: Path
    ) -> None:
        with stock().copy(database, tmp_path) as older:
            signed(*ADMINISTRATOR)
            signed("log", "sign")
            again = signed("log", "sign", **older.environment)
        fails(again, "the log has 1 entries, the last checkpoint covers 2")
        assert "restore the newest one" in again.stderr
        assert "passage log key new" in again.stderr

    def test_the_doctor_tells_what_to_do_about_it(
        self, signed: Passage, database: Database, tmp_path: Path
    ) -> None:
        assert "the log holds every event" in signed("doctor").stdout
        with stock().copy(database, tmp_path) as older:
            signed(*ADMINISTRATOR)
            signed("log", "sign")
            told = signed("doctor", **older.environment)
        assert told.returncode == 1
        assert "the log has 1 entries, the last checkpoint covers 2" in told.stdout
        assert "restore the newest one" in told.stdout

    def test_a_replay_reads_the_log_too(self, signed: Passage, database: Database) -> None:
        assert signed("doctor", "--replay").returncode == 0
        as_text, as_bytes = (
            ("CAST(record AS TEXT)", "CAST({} AS BLOB)")
            if database.dialect == "sqlite"
            else ("convert_from(record, 'UTF8')", "convert_to({}, 'UTF8')")
        )
        other = as_bytes.format(f"replace({as_text}, '\"stated\"', '\"inferred\"')")
        behind_its_back(database, "event", f"UPDATE event SET record = {other}, basis = 'inferred'")
        told = signed("doctor", "--replay")
        assert told.returncode == 1
        assert "is not the one of which entry 0 was made" in told.stdout
        assert "wrong  1 differences from what" in told.stdout

    def test_the_doctor_names_an_event_that_the_log_does_not_know(
        self, signed: Passage, database: Database
    ) -> None:
        signed(*ADMINISTRATOR)
        table = "log_entry" if database.dialect == "sqlite" else "log_outbox"
        condition = "leaf_index = 1" if database.dialect == "sqlite" else "true"
        behind_its_back(database, table, f"DELETE FROM {table} WHERE {condition}")
        engine = database.engine()
        with engine.connect() as db:
            asked = "SELECT id FROM event WHERE subject_kind = 'token'"
            event = db.execute(text(asked)).scalar_one()
        engine.dispose()
        told = signed("doctor")
        assert told.returncode == 1
        assert f"event {event} is in the history and not in the log" in told.stdout

    @only_sqlite
    def test_says_when_it_could_not(
        self, passage: Passage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keeper, "try_lock", lambda db: False)
        fails(passage("log", "sign"), "another worker signs just now")

    @only_sqlite
    def test_needs_a_database(self, passage: Passage, tmp_path: Path) -> None:
        away = f"sqlite:///{tmp_path}/none.sqlite"
        fails(passage("log", "sign", PASSAGE_DATABASE_URL=away), "there is no database at")


@only_sqlite
class TestKeys:
    def test_are_none_before_the_first_signature(self, passage: Passage) -> None:
        fails(passage("log", "key", "show"), "it is made when the service first starts")

    def test_take_turns(self, signed: Passage) -> None:
        old = key_of(signed)
        made = signed("log", "key", "new")
        new = made.stdout.strip()
        assert made.returncode == 0
        assert made.stdout.count("\n") == 1
        assert "passage log key retire ID" in made.stderr
        assert set(signed("log", "key", "show").stdout.split()) == {old, new}
        both = read_note(signed("log", "sign").stdout)
        for vkey in (old, new):
            read_vkey(vkey).verify(both)
        retired = signed("log", "key", "retire", old.split("+")[1])
        assert (retired.returncode, retired.stdout) == (0, "")
        assert "It signs no more" in retired.stderr
        assert key_of(signed) == new
        signed(*ADMINISTRATOR)
        only = read_note(signed("log", "sign").stdout)
        assert [each.key_id for each in only.signatures] == [read_vkey(new).id]

    def test_are_never_all_retired(self, signed: Passage) -> None:
        id = key_of(signed).split("+")[1]
        fails(signed("log", "key", "retire", id), f"{id} is the only key; first run: passage log")
        fails(signed("log", "key", "retire", "00000000"), "there is no key 00000000")

    @pytest.mark.parametrize("name", ["a b", "a+b", "a\tb"])
    def test_have_a_name_without_blanks_and_plus_signs(self, passage: Passage, name: str) -> None:
        fails(passage("log", "key", "new", PASSAGE_LOG_NAME=name), "PASSAGE_LOG_NAME: ")

    def test_may_be_made_before_the_first_start(self, passage: Passage) -> None:
        made = passage("log", "key", "new", PASSAGE_LOG_NAME="log.example")
        assert made.stdout.startswith("log.example+")
        note = read_note(passage("log", "sign", PASSAGE_LOG_NAME="another.example").stdout)
        assert read_checkpoint(note).origin == "log.example"

    def test_that_are_lost_are_asked_for(self, signed: Passage, tmp_path: Path) -> None:
        (tmp_path / "data" / "log").rename(tmp_path / "away")
        signed(*ADMINISTRATOR)
        fails(signed("log", "sign"), "restore its key from a backup")


class TestExport:
    def test_is_found_intact(self, signed: Passage, out: Path) -> None:
        done = exported(signed, out)
        assert done.stdout == ""
        assert done.stderr == f"{out}: 1 entries. Next: passage history verify {out} --key VKEY\n"
        said = verified(signed, out)
        assert (said.returncode, said.stderr) == (INTACT, "")
        assert said.stdout.startswith("intact: 1 entries, 0 of them withheld;")

    def test_signs_what_came_since(self, signed: Passage, out: Path) -> None:
        signed(*ADMINISTRATOR)
        assert ": 2 entries." in exported(signed, out).stderr
        assert verified(signed, out).returncode == INTACT

    def test_takes_the_place_of_an_older_one_and_leaves_nothing_beside_it(
        self, signed: Passage, out: Path
    ) -> None:
        out.write_text("an older one")
        exported(signed, out)
        assert verified(signed, out).returncode == INTACT
        assert list(out.parent.glob("history*")) == [out]

    def test_holds_what_an_auditor_may_see(
        self, passage: Passage, out: Path, tmp_path: Path
    ) -> None:
        tokens, file = tmp_path / "tokens.json", tmp_path / "token"
        assert passage("demo", "--tokens", str(tokens)).returncode == 0
        file.write_text(json.loads(tokens.read_text())[AUDITOR] + "\n")
        exported(passage, out, "--token-file", str(file))
        said = verified(passage, out)
        assert said.returncode == INTACT, said.stdout
        exported(passage, out)
        assert "0 of them withheld" in verified(passage, out).stdout

    @only_sqlite
    def test_needs_the_token_of_an_auditor(
        self, signed: Passage, out: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "token"
        words = ("history", "export", "--out", str(out), "--token-file", str(file))
        fails(signed(*words), f"{file} cannot be read: ")
        for content in (b"", b"\xff\xfe", b"sp_nothing", signed(*ADMINISTRATOR).stdout.encode()):
            file.write_bytes(content)
            fails(signed(*words), str(file))
        assert not out.exists()

    @only_sqlite
    @pytest.mark.parametrize("place", ["nowhere/history", ""])
    def test_needs_a_place_for_the_file(self, signed: Passage, tmp_path: Path, place: str) -> None:
        target = tmp_path / "folder" / place
        (tmp_path / "folder").mkdir()
        fails(signed("history", "export", "--out", str(target)), f"{target} cannot be written: ")
        assert not [*tmp_path.rglob("*.part")]

    def test_is_refused_where_the_database_contradicts_what_was_signed(
        self, signed: Passage, database: Database, out: Path
    ) -> None:
        exported(signed, out)
        before = out.read_bytes()
        behind_its_back(database, "log_entry", "DELETE FROM log_entry")
        for settings in ({}, {"PASSAGE_LOG_SIGNS": "false"}):
            done = signed("history", "export", "--out", str(out), **settings)
            fails(done, "the log has 0 entries, the last checkpoint covers 1")
        assert out.read_bytes() == before

    def test_of_an_edited_database_is_found_out(
        self, signed: Passage, database: Database, out: Path
    ) -> None:
        edit = "UPDATE event_value SET value = '\"UN 0CHA\"' WHERE field = 'aspect/name'"
        behind_its_back(database, "event_value", edit)
        exported(signed, out)
        event = json.loads(out.read_text().splitlines()[1])["columns"]["event"]
        said = verified(signed, out)
        assert said.returncode == TAMPERED
        assert event in said.stdout

    @only_sqlite
    def test_tells_how_far_it_is_on_a_terminal(
        self, signed: Passage, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(type(sys.stderr), "isatty", lambda _: True)
        assert "Writing" in exported(signed, out).stderr

    def test_without_a_signature_says_so(self, passage: Passage, out: Path) -> None:
        passage(*OCHA)
        done = passage("history", "export", "--out", str(out), PASSAGE_LOG_SIGNS="false")
        fails(done, "no checkpoint was signed yet")
        assert not out.exists()


@only_sqlite
class TestVerify:
    def test_ends_with_1_where_something_was_altered(self, signed: Passage, out: Path) -> None:
        exported(signed, out)
        out.write_text(out.read_text().replace("UN OCHA", "UN 0CHA"))
        said = verified(signed, out)
        assert said.returncode == TAMPERED
        assert "tampered: " in said.stdout.splitlines()[-1]

    def test_ends_with_2_where_something_is_missing(self, signed: Passage, out: Path) -> None:
        exported(signed, out)
        out.write_text("".join(out.read_text().splitlines(keepends=True)[:-1]))
        assert verified(signed, out).returncode == INCOMPLETE

    def test_ends_with_2_where_an_older_checkpoint_covers_more(
        self, signed: Passage, out: Path, tmp_path: Path
    ) -> None:
        exported(signed, out)
        signed(*ADMINISTRATOR)
        older = tmp_path / "older"
        older.write_text(signed("log", "sign").stdout)
        assert verified(signed, out, "--older", str(older)).returncode == INCOMPLETE
        exported(signed, out)
        assert verified(signed, out, "--older", str(older)).returncode == INTACT

    def test_ends_with_3_where_it_is_no_export_of_this_log(
        self, signed: Passage, out: Path, tmp_path: Path
    ) -> None:
        exported(signed, out)
        packed, other = tmp_path / "packed", tmp_path / "other"
        packed.write_bytes(gzip.compress(out.read_bytes()))
        vkey = signed("log", "key", "new", PASSAGE_DATA_DIR=str(other)).stdout.strip()
        for done in (
            verified(signed, packed),
            verified(signed, tmp_path / "nowhere"),
            signed("history", "verify", str(out)),
            signed("history", "verify", str(out), "--key", vkey),
            signed("history", "verify", str(out), "--key", "a key"),
        ):
            assert done.returncode == UNUSABLE
            assert done.stdout.startswith("unusable: ")
            assert len(done.stdout.splitlines()) == 1

    @pytest.mark.parametrize(
        "words", [(), ("FILE", "--nope"), ("FILE", "--tolerance", "long"), ("FILE", "more")]
    )
    def test_ends_with_3_where_the_words_cannot_be_used(
        self, passage: Passage, words: tuple[str, ...]
    ) -> None:
        done = passage("history", "verify", *words)
        assert done.returncode == 3
        assert "verify" in done.stderr

    def test_needs_no_database(self, signed: Passage, out: Path, tmp_path: Path) -> None:
        exported(signed, out)
        vkey, away = key_of(signed), f"sqlite:///{tmp_path}/none.sqlite"
        done = signed(
            "history", "verify", str(out), "--key", vkey,
            PASSAGE_DATABASE_URL=away, PASSAGE_DATA_DIR=str(tmp_path / "nothing"),
        )  # fmt: skip
        assert done.returncode == INTACT

    def test_tells_what_the_record_says(self, signed: Passage, out: Path) -> None:
        exported(signed, out)
        subject = json.loads(out.read_text().splitlines()[1])["columns"]["subject"]
        said = verified(signed, out, "--subject", subject)
        assert said.returncode == INTACT
        assert "UN OCHA" in said.stdout
