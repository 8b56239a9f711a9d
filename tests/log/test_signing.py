"""What is signed goes on from what was signed before, or nothing is signed."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from typing_extensions import override

from app.db.session import reading, writing
from app.domain import merkle
from app.domain.note import (
    SIGNATURE,
    Checkpoint,
    Note,
    Signer,
    new_signer,
    read_checkpoint,
    read_note,
)
from app.ledger import followers
from app.log import checkpoints, keeper, sequencing, signing
from app.log.keeper import Keeper, turn
from app.log.keys import Files, Unusable
from app.log.signing import Contradicted, Desk
from app.log.tables import LogCheckpointRow
from app.log.tree import Damaged
from tests.databases import Database, stock
from tests.log.appending import NAME, SHARED, append, begin, events
from tests.log.auditing import audit
from tests.store.tampering import unguarded

_checkpoint = LogCheckpointRow.__table__


@dataclass(frozen=True, kw_only=True)
class Log:
    """A log with a few events on record, and its files."""

    engine: Engine
    files: Files

    def record(self, count: int = 1) -> None:
        """Record more events."""
        for number in range(count):
            with writing(self.engine) as db:
                append(db, SHARED[number % 2], "edited")

    def sign(self, desk: Desk | None = None) -> Note | None:
        """Take a turn as a worker that was just started, and give what was signed last."""
        turn(self.engine, desk or self.desk())
        return self.files.checkpoint()

    def desk(self) -> Desk:
        """Give what a worker signs with that was just started."""
        return Desk(self.files, NAME)

    def published(self) -> list[Note]:
        """Give all checkpoints that the database holds, in the order of their making."""
        with reading(self.engine) as db:
            order = _checkpoint.c.signed_at
            texts = db.execute(select(_checkpoint.c.note).order_by(order)).scalars().all()
        return [read_note(text) for text in texts]

    def on(self, database: Database) -> "Log":
        """Use the same files with another database."""
        return Log(engine=database.engine(), files=self.files)


@pytest.fixture
def log(engine: Engine, tmp_path: Path) -> Iterator[Log]:
    """Lend a log with two events that are not signed yet."""
    before = followers._followers
    followers.follow(sequencing.follow)
    begin(engine)
    yield Log(engine=engine, files=Files(tmp_path / "data"))
    followers.follow(*before)


def size_of(note: Note | None) -> int:
    assert note is not None
    return read_checkpoint(note).size


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


class TestFirstKey:
    def test_is_made_once_and_only_its_owner_reads_it(self, log: Log) -> None:
        for _ in range(3):
            log.record()
            log.sign()
        (key,) = log.files.directory.glob("*.key")
        assert (mode(key), mode(log.files.directory)) == (0o600, 0o700)
        assert mode(log.files.directory / "checkpoint") == 0o600
        (signer,) = log.files.signers()
        assert signer.name == NAME
        assert audit(log.engine, log.published(), signer.verifier) == []

    def test_has_a_random_name_where_none_is_given(self, log: Log, tmp_path: Path) -> None:
        names = {Files(tmp_path / str(n)).add("").name for n in range(2)}
        assert len(names) == 2
        assert all(name.startswith("safe-passage.invalid/") for name in names)

    def test_is_made_once_by_workers_that_start_together(self, log: Log) -> None:
        with ThreadPoolExecutor(4) as workers:
            list(workers.map(lambda _: log.sign(), range(8)))
        log.sign()
        assert len(log.files.signers()) == 1
        assert [size_of(note) for note in log.published()] == [2]


class TestNothingIsSignedTwice:
    def test_of_one_size(self, log: Log) -> None:
        for _ in range(3):
            log.sign()
        desk = log.desk()
        log.sign(desk)
        log.sign(desk)
        assert [size_of(note) for note in log.published()] == [2]

    def test_also_of_nothing_at_all(self, database: Database, tmp_path: Path) -> None:
        engine = database.engine()
        log = Log(engine=engine, files=Files(tmp_path))
        log.sign()
        note = log.sign()
        assert note is not None
        assert read_checkpoint(note) == Checkpoint(origin=NAME, size=0, root=merkle.EMPTY)
        assert len(log.published()) == 1
        engine.dispose()

    def test_by_two_workers_at_once(self, log: Log) -> None:
        keepers = [Keeper(log.engine, log.desk()) for _ in range(2)]
        for each in keepers:
            each.start()
        log.record(40)
        for each in keepers:
            each.stop()
        log.sign()
        sizes = [size_of(note) for note in log.published()]
        assert sizes == sorted(set(sizes))
        assert sizes[-1] == 42
        assert audit(log.engine, log.published(), log.files.signers()[0].verifier) == []


class TestCrash:
    def test_between_the_file_and_the_database_is_gone_on_from(
        self, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log.sign()
        for more in (0, 3):
            log.record()
            with monkeypatch.context() as patch:
                patch.setattr(checkpoints, "keep", _crash)
                with pytest.raises(KeyboardInterrupt):
                    log.sign()
            ahead = size_of(log.files.checkpoint())
            assert size_of(log.published()[-1]) < ahead
            log.record(more)
            assert size_of(log.sign()) == ahead + more
            assert size_of(log.published()[-1]) == ahead + more

    def test_while_the_file_is_written_leaves_the_one_before(
        self, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = log.sign()
        log.record()
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", _crash)
            with pytest.raises(KeyboardInterrupt):
                log.sign()
        assert log.files.checkpoint() == first
        assert [size_of(note) for note in log.published()] == [2]
        assert size_of(log.sign()) == 3

    def test_leaves_nothing_beside_the_files(self, log: Log) -> None:
        log.sign()
        names = {path.name.rpartition(".")[2] for path in log.files.directory.iterdir()}
        assert names == {"key", "checkpoint"}


def _crash(*_: Any) -> None:
    raise KeyboardInterrupt


RESTORED = "restore the newest"


class TestRestoredDatabase:
    @pytest.fixture
    def older(self, log: Log, database: Database, tmp_path: Path) -> Iterator[Log]:
        """Lend what was backed up two events and a checkpoint before."""
        log.sign()
        log.engine.dispose()
        with stock().copy(database, tmp_path) as copied:
            log.record(2)
            log.sign()
            restored = log.on(copied)
            yield restored
            restored.engine.dispose()

    def test_is_not_signed_and_it_says_what_to_do(self, older: Log) -> None:
        kept = older.files.checkpoint()
        with pytest.raises(
            Contradicted, match="the log has 2 entries, the last checkpoint covers 4"
        ) as told:
            older.sign()
        assert RESTORED in str(told.value)
        assert str(older.files.directory) in str(told.value)
        assert older.files.checkpoint() == kept
        assert [size_of(note) for note in older.published()] == [2]

    def test_is_not_signed_when_it_grows_again(self, older: Log) -> None:
        for _ in range(4):
            older.record()
            with pytest.raises(Contradicted):
                older.sign()
        assert len(events(older.engine)) == 6
        with pytest.raises(Contradicted, match=r"the first 4 entries .* are not those"):
            older.sign()
        assert [size_of(note) for note in older.published()] == [2]

    def test_takes_changes_all_the_same_and_each_has_its_index(self, older: Log) -> None:
        older.record(3)
        with pytest.raises(Contradicted):
            older.sign()
        assert audit(older.engine) == []

    def test_a_keeper_says_so_once_and_goes_on(
        self, older: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[str] = []
        monkeypatch.setattr(keeper._log, "error", said.append)
        one = Keeper(older.engine, older.desk())
        assert [one._turn() for _ in range(3)] == [False] * 3
        assert len(said) == 1
        assert said[0].startswith("THE LOG IS NOT SIGNED: the log has 2 entries")

    def test_goes_on_as_another_log_once_somebody_says_so(self, older: Log, tmp_path: Path) -> None:
        with pytest.raises(Contradicted, match="passage log key new"):
            older.sign()
        older.files.directory.rename(tmp_path / "ended")
        with pytest.raises(Unusable, match="holds no key"):
            older.sign()
        older.files.add("log.example/second")
        note = older.sign()
        assert note is not None
        assert read_checkpoint(note).origin == "log.example/second"
        assert size_of(note) == 2
        older.record()
        assert size_of(older.sign()) == 3
        with reading(older.engine) as db:
            assert checkpoints.latest(db) == older.files.checkpoint()


class TestTwoMachines:
    @pytest.fixture
    def other(self, log: Log, tmp_path: Path) -> Log:
        """Lend a second machine with the same keys and the same database."""
        log.sign()
        shutil.copytree(log.files.directory, tmp_path / "other" / log.files.directory.name)
        return Log(engine=log.engine, files=Files(tmp_path / "other"))

    def test_each_keeps_what_the_other_signed(self, log: Log, other: Log) -> None:
        log.record(3)
        assert log.sign() == other.sign()
        assert other.files.checkpoint() == log.files.checkpoint()
        assert [size_of(note) for note in log.published()] == [2, 5]

    def test_after_a_fail_over_neither_signs_another_story(
        self, log: Log, other: Log, database: Database, tmp_path: Path
    ) -> None:
        log.engine.dispose()
        with stock().copy(database, tmp_path) as copied:
            log.record(3)
            log.sign()
            other.sign()
            behind = [log.on(copied), other.on(copied)]
            for machine in behind:
                with pytest.raises(Contradicted):
                    machine.sign()
            behind[0].record(3)
            for machine in behind:
                with pytest.raises(Contradicted, match=r"the first 5 entries .* are not those"):
                    machine.sign()
            assert [size_of(note) for note in behind[0].published()] == [2]
            for machine in behind:
                machine.engine.dispose()


class TestAlteredDatabase:
    @pytest.mark.parametrize("kept", [True, False])
    def test_is_not_signed(self, log: Log, database: Database, kept: bool) -> None:
        log.sign()
        owner = unguarded(database)
        with owner.begin() as db:
            db.exec_driver_sql(
                "UPDATE log_entry SET leaf_hash = "
                "(SELECT leaf_hash FROM log_entry WHERE leaf_index = 1) WHERE leaf_index = 0"
            )
        owner.dispose()
        log.record()
        if not kept:
            (log.files.directory / "checkpoint").unlink()
        with pytest.raises(Contradicted, match="the first 2 entries"):
            log.sign()
        assert [size_of(note) for note in log.published()] == [2]

    def test_without_a_leaf_is_not_signed(self, log: Log, database: Database) -> None:
        log.record(4)
        log.sign()
        owner = unguarded(database)
        with owner.begin() as db:
            db.exec_driver_sql("DELETE FROM log_entry WHERE leaf_index = 3")
        owner.dispose()
        with pytest.raises(Contradicted):
            log.sign()

    def test_whose_newest_entries_have_a_gap_is_not_signed(
        self, log: Log, database: Database
    ) -> None:
        log.sign()
        log.record(3)
        turn(log.engine, None)
        owner = unguarded(database)
        with owner.begin() as db:
            db.exec_driver_sql("DELETE FROM log_entry WHERE leaf_index = 3")
        owner.dispose()
        with pytest.raises(Contradicted, match="4 of 5 hashes in tile 0 of level 0"):
            log.sign()

    @pytest.mark.parametrize("note", ["", "no note at all", "log.example\n2\nx\n\n— a b\n"])
    def test_whose_checkpoint_is_none_is_not_signed(
        self, log: Log, database: Database, note: str
    ) -> None:
        log.sign()
        owner = unguarded(database)
        with owner.begin() as db:
            db.execute(_checkpoint.update().values(note=note))
        owner.dispose()
        log.record()
        with pytest.raises(Damaged, match="the database holds a checkpoint that is none"):
            log.sign()


def test_a_new_log_is_published_though_the_one_that_ended_was_longer(
    log: Log, database: Database, tmp_path: Path
) -> None:
    log.record(4)
    log.sign()
    owner = unguarded(database)
    with owner.begin() as db:
        db.exec_driver_sql("DELETE FROM log_entry WHERE leaf_index >= 4")
    owner.dispose()
    log.files.directory.rename(tmp_path / "ended")
    log.files.add("log.example/second")
    note = log.sign()
    assert size_of(note) == 4
    with reading(log.engine) as db:
        assert checkpoints.latest(db) == note


class TestFiles:
    def test_without_the_key_nothing_is_signed(self, log: Log) -> None:
        log.sign()
        _only_key(log.files).unlink()
        log.record()
        with pytest.raises(Unusable, match=r"holds no key, but the log log.example was signed"):
            log.sign()
        assert list(log.files.directory.glob("*.key")) == []

    def test_of_another_machine_are_missed_too(self, log: Log) -> None:
        log.sign()
        shutil.rmtree(log.files.directory)
        with pytest.raises(Unusable, match="copy it from where it lies"):
            log.sign()

    def test_with_keys_of_two_logs_are_unusable(self, log: Log) -> None:
        log.sign()
        log.files.add("log.example/second")
        log.record()
        with pytest.raises(Unusable, match="keys of different logs"):
            log.sign()

    def test_with_the_checkpoint_of_another_log_are_contradictory(self, log: Log) -> None:
        log.sign()
        log.files.keep(_foreign())
        log.record()
        with pytest.raises(Contradicted, match=r"the last checkpoint is one of elsewhere.example"):
            log.sign()

    @pytest.mark.parametrize("kept", [0.0, 0.3, 0.6, 0.9])
    def test_with_a_torn_checkpoint_are_unusable(self, log: Log, kept: float) -> None:
        log.sign()
        path = log.files.directory / "checkpoint"
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * kept)])
        log.record()
        with pytest.raises(Unusable, match="checkpoint holds no checkpoint"):
            log.sign()
        path.write_bytes(whole)
        assert size_of(log.sign()) == 3

    @pytest.mark.parametrize("text", [b"", b"PRIVATE+KEY+log.example+00000000+AAAA\n", b"\xff"])
    def test_with_a_torn_key_are_unusable(self, log: Log, text: bytes) -> None:
        log.sign()
        path = _only_key(log.files)
        path.write_bytes(text)
        log.record()
        with pytest.raises(Unusable, match="holds no key"):
            log.sign()

    def test_without_the_checkpoint_go_on_from_that_of_the_database(self, log: Log) -> None:
        log.sign()
        (log.files.directory / "checkpoint").unlink()
        log.record()
        assert size_of(log.sign()) == 3


def _only_key(files: Files) -> Path:
    (path,) = files.directory.glob("*.key")
    return path


def _foreign() -> Note:
    other = new_signer("elsewhere.example", SIGNATURE)
    text = Checkpoint(origin=other.name, size=1, root=merkle.EMPTY).text()
    return Note(text=text, signatures=[other.sign(text)])


class TestRotation:
    def test_has_two_signatures_of_which_either_will_do(self, log: Log) -> None:
        log.sign()
        (old,) = log.files.signers()
        new = log.files.add(NAME)
        log.record()
        both = log.sign()
        assert _signers(both) == _ids(old, new)
        log.files.retire(old.verifier.id.hex())
        log.record()
        only = log.sign()
        assert _signers(only) == _ids(new)
        assert both is not None
        assert only is not None
        for signer in (old, new):
            signer.verifier.verify(both)
        new.verifier.verify(only)
        assert audit(log.engine, log.published()) == []

    def test_of_a_worker_that_runs_takes_part_in_what_comes_next(self, log: Log) -> None:
        desk = log.desk()
        log.sign(desk)
        (old,) = log.files.signers()
        new = log.files.add(NAME)
        assert _signers(log.sign(desk)) == _ids(old)
        log.record()
        assert _signers(log.sign(desk)) == _ids(old, new)

    def test_signs_anew_what_stands_when_a_worker_starts(self, log: Log) -> None:
        log.sign()
        old, new = *log.files.signers(), log.files.add(NAME)
        assert _signers(log.sign()) == _ids(old, new)
        log.sign()
        assert [size_of(note) for note in log.published()] == [2, 2]

    def test_keeps_the_last_key(self, log: Log) -> None:
        log.sign()
        (only,) = log.files.signers()
        with pytest.raises(Unusable, match="is the only key"):
            log.files.retire(only.verifier.id.hex())
        with pytest.raises(Unusable, match="there is no key 00000000"):
            log.files.retire("00000000")
        log.record()
        assert size_of(log.sign()) == 3


def _signers(note: Note | None) -> set[str]:
    assert note is not None
    return {each.key_id.hex() for each in note.signatures}


def _ids(*signers: Signer) -> set[str]:
    return {each.verifier.id.hex() for each in signers}


class _Clock(datetime):
    """A clock that was set back by a day before each look at it."""

    steps = 0

    @classmethod
    @override
    def now(cls, tz: Any = None) -> Any:
        """Tell a time before the last one."""
        cls.steps += 1
        return datetime.now(tz) - timedelta(days=cls.steps)


def test_a_clock_that_steps_back_does_not_matter(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "datetime", _Clock)
    log.sign()
    old, new = *log.files.signers(), log.files.add(NAME)
    for _ in range(3):
        assert _signers(log.sign()) == _ids(old, new)
        with reading(log.engine) as db:
            assert checkpoints.latest(db) == log.files.checkpoint()
    for _ in range(3):
        log.record()
        note = log.sign()
        with reading(log.engine) as db:
            assert checkpoints.latest(db) == note
    assert [size_of(note) for note in log.published()] == [2, 2, 3, 4, 5]
