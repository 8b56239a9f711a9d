"""A superuser of the database edits the history: whoever holds an older checkpoint finds it."""

import random
import shutil
from collections.abc import Iterator
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.console.database import write_for
from app.demo.replay import load
from app.domain.fact import Replaced
from app.http.problems import Problem
from app.ledger import followers
from app.log import sequencing, service, verifier
from app.log.export import export, reads
from app.log.keeper import turn
from app.log.keys import Files, Unusable
from app.log.signing import Contradicted, Desk
from app.log.tree import TILE, Damaged, size
from tests.databases import lend
from tests.log.edits import EDITS, HARMLESS, Edit, restore_a_backup, tell_another_story
from tests.store.ledger_given import given_agreement, given_change, given_redaction
from tests.store.tampering import behind_its_back, unguarded

TIMES = 25
"""How often each edit is tried, each time elsewhere: 200 edits in all, on each database."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came to light: nothing was exported, or the verifier's verdict."""

    status: int | None
    said: str

    @property
    def passes(self) -> bool:
        """Whether the export was found intact."""
        return self.status == verifier.INTACT


@dataclass(frozen=True, kw_only=True)
class Vouched:
    """A database whose log was signed, entered as a superuser.

    Attributes:
        folder: the data folder of the service.
        older: a checkpoint of before, which covers all but some twenty events.
        newest: the last one.
    """

    engine: Engine
    folder: Path
    older: str
    newest: str
    vkey: str

    def export(self, db: Session, folder: Path) -> bytes | str:
        """Sign and export as the operator's command does; a sentence where that is refused."""
        files = Files(folder)
        try:
            Desk(files).sign(db)
            note = service.exportable(db, files, newest=True)
            return b"".join(export(lambda: nullcontext(db), note, reads(None), datetime.now(UTC)))
        except (Contradicted, Damaged, Unusable, Problem) as refusal:
            return str(refusal)

    def judge(self, db: Session, folder: Path, older: str | None) -> Found:
        """Export, and verify with the key and a checkpoint that was kept."""
        told = self.export(db, folder)
        if isinstance(told, str):
            return Found(status=None, said=told)
        file, beside = folder / "history.jsonl", folder / "older"
        file.write_bytes(told)
        words = [str(file), f"--key={self.vkey}"]
        if older is not None:
            beside.write_text(older)
            words.append(f"--older={beside}")
        with redirect_stdout(StringIO()) as said:
            status = verifier.main(words)
        return Found(status=status, said=said.getvalue())


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def vouched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Vouched]:
    """Lend the case, with corrections, redactions and more events than a tile holds."""
    folder = tmp_path_factory.mktemp("vouched")
    with lend(request.param, folder) as database:
        engine, files = database.engine(), Files(folder)
        load(engine, write_for)
        older, newest = (_signed(engine, files, more) for more in (200, 20))
        engine.dispose()
        owner = unguarded(database)
        key = files.signers()[0].verifier.vkey
        yield Vouched(engine=owner, folder=folder, older=older, newest=newest, vkey=key)
        owner.dispose()


def _signed(engine: Engine, files: Files, more: int) -> str:
    """Record so many events more, and sign them."""
    _go_on(engine, more)
    turn(engine, Desk(files, "log.example"))
    return str(files.checkpoint())


def _go_on(engine: Engine, count: int) -> None:
    """Record changes of an agreement, of which some are corrected and some erased."""
    before = followers._followers
    followers.follow(sequencing.follow)
    first = last = given_agreement(engine, datetime.now(UTC), title="Azovstal", note="0")
    for number in range(count):
        at = datetime.now(UTC)
        if number % 10 == 9:
            fields = ("aspect/note", "reason")
            given_redaction(engine, last, at, *fields)
        else:
            wrong = Replaced(event=last.fact.id, aspects=("note",))
            replaces = (wrong,) if number % 10 == 5 else ()
            last = given_change(engine, first, at, replaces=replaces, note=str(number))
    followers.follow(*before)


@pytest.fixture
def folder(vouched: Vouched) -> Iterator[Path]:
    """Lend a copy of the data folder."""
    with TemporaryDirectory() as copy:
        shutil.copytree(vouched.folder / "log", Path(copy) / "log")
        yield Path(copy)


@pytest.fixture
def stolen(vouched: Vouched) -> Iterator[Path]:
    """Lend a data folder of somebody who has the key and nothing else."""
    with TemporaryDirectory() as copy:
        shutil.copytree(
            vouched.folder / "log", Path(copy) / "log", ignore=lambda *_: ["checkpoint"]
        )
        yield Path(copy)


def test_what_nobody_edited_is_found_intact(vouched: Vouched, folder: Path) -> None:
    with behind_its_back(vouched.engine) as db:
        assert size(db) > TILE + 64
        found = vouched.judge(db, folder, vouched.older)
    assert found.passes, found.said
    assert "0 of them withheld" in found.said


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_edit_is_found(vouched: Vouched, folder: Path, edit: Edit) -> None:
    passed = []
    for seed in range(TIMES):
        with behind_its_back(vouched.engine) as db:
            done = edit(db, random.Random(seed))
            if vouched.judge(db, folder, vouched.older).passes:
                passed.append(done)
    assert passed == []


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_edit_is_found_also_when_the_key_was_stolen_and_all_is_signed_anew(
    vouched: Vouched, stolen: Path, edit: Edit
) -> None:
    """What comes to an export is left to the verifier and the checkpoint that it holds.

    The rest contradicts the checkpoints in the database itself, so that nothing can be exported.
    """
    passed, left_to_it = [], 0
    for seed in range(4 * TIMES):
        with behind_its_back(vouched.engine) as db:
            done = edit(db, random.Random(seed))
            (stolen / "log" / "checkpoint").unlink(missing_ok=True)
            found = vouched.judge(db, stolen, vouched.newest)
            left_to_it += found.status is not None
            if found.passes:
                passed.append((done, found.said))
        if left_to_it == TIMES:
            break
    assert passed == []
    assert left_to_it == TIMES


@pytest.mark.parametrize("edit", HARMLESS, ids=lambda edit: edit.__name__)
def test_an_edit_that_changes_nothing_is_not_found(
    vouched: Vouched, folder: Path, edit: Edit
) -> None:
    for seed in range(TIMES // 3):
        with behind_its_back(vouched.engine) as db:
            done = edit(db, random.Random(seed))
            found = vouched.judge(db, folder, vouched.older)
        assert found.passes, f"{done}: {found.said}"


def test_a_whole_rewritten_log_passes_where_nobody_holds_an_older_checkpoint(
    vouched: Vouched, stolen: Path
) -> None:
    with behind_its_back(vouched.engine) as db:
        tell_another_story(db, random.Random(1))
        assert vouched.judge(db, stolen, None).passes
        assert vouched.judge(db, stolen, vouched.newest).status == verifier.TAMPERED


def test_an_older_checkpoint_does_not_tell_what_was_lost_after_it(
    vouched: Vouched, stolen: Path
) -> None:
    with behind_its_back(vouched.engine) as db:
        restore_a_backup(db, random.Random(0))
        assert vouched.judge(db, stolen, vouched.older).passes
        found = vouched.judge(db, stolen, vouched.newest)
        assert found.status == verifier.INCOMPLETE
