"""`passage witness` vouches for a log that only grows, and for nothing that does not fit."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from app.console import main
from app.domain.note import (
    COSIGNATURE,
    MOST_SIGNATURES,
    Note,
    new_signer,
    read_checkpoint,
    read_note,
    read_signature,
    read_vkey,
)
from app.witness.asking import Log
from app.witness.folder import opened
from app.witness.refusals import Contradicted, Unusable
from app.witness.rounds import go_round
from tests.log.fake import ORIGIN, TOKEN, FakeLog, key, leaves, served
from tests.servers import PASSAGE, ROOT

NAME = "icrc.example/witness"
_PATIENCE_S = 60


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a run ended."""

    code: int
    out: str
    err: str


Run: TypeAlias = "Callable[..., Done]"


@pytest.fixture
def log() -> Iterator[FakeLog]:
    """Serve a log of three entries."""
    made = FakeLog()
    made.grow("talks held", "agreed in principle", "confirmed")
    with served(made):
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Name the folder of the witness."""
    (tmp_path / "token").write_text(TOKEN + "\n")
    return tmp_path / "witness"


def words(log: FakeLog, folder: Path) -> list[str]:
    """Give the words that every run of the witness needs."""
    return [
        "witness",
        *("--url", log.url, "--log-key", log.vkey),
        *("--token-file", str(folder.parent / "token"), "--dir", str(folder)),
    ]


@pytest.fixture
def run(
    log: FakeLog, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run the witness once, in this process."""

    def go(*more: str) -> Done:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["passage", *words(log, folder), "--once", *more])
            with pytest.raises(SystemExit) as left:
                main()
        told = capsys.readouterr()
        return Done(code=int(left.value.code or 0), out=told.out, err=told.err)

    return go


def started(log: FakeLog, folder: Path, *more: str) -> subprocess.Popen[str]:
    """Start a witness as a process of its own."""
    return subprocess.Popen(
        [sys.executable, *PASSAGE, *words(log, folder), *more],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def evidence(folder: Path) -> dict[str, str]:
    """Give what the one piece of evidence holds."""
    (held,) = (folder / "evidence").iterdir()
    return {each.name: each.read_text() for each in held.iterdir()}


class TestAnHonestLog:
    def test_a_first_run_makes_a_key_and_vouches(
        self, log: FakeLog, folder: Path, run: Run
    ) -> None:
        done = run("--name", NAME)
        assert (done.code, "vouched for 3 entries" in done.err) == (0, True)
        verifier = read_vkey(done.out.strip())
        assert verifier.name == NAME
        (body,) = log.taken
        assert body["vkey"] == done.out.strip()
        line = read_signature(body["cosignature"])
        at = verifier.verify(Note(text=log.note().text, signatures=[line]))
        assert at is not None
        assert abs(at - time.time()) < _PATIENCE_S
        assert "Made a key for the witness icrc.example/witness" in done.err

    def test_nobody_else_reads_the_key(self, folder: Path, run: Run) -> None:
        run()
        assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_the_key_stays(self, run: Run) -> None:
        first, second = run(), run()
        assert first.out == second.out
        assert "Made a key" not in second.err

    def test_growth_is_followed_and_each_step_vouched_for_once(
        self, log: FakeLog, run: Run
    ) -> None:
        for count in (0, 0, 1, 5, 0, 260):
            log.grow(*map(str, range(count)))
            assert run().code == 0
        assert log.sizes == [3, 4, 9, 269]
        assert "nothing new" in run().err

    def test_what_the_log_does_not_show_is_handed_in_again(self, log: FakeLog, run: Run) -> None:
        run()
        log.cosigned.clear()
        assert run().code == 0
        assert log.sizes == [3, 3]

    def test_an_empty_log_is_waited_for(self, log: FakeLog, run: Run) -> None:
        log.leaves.clear()
        done = run()
        assert (done.code, "no entry yet" in done.err, log.taken) == (0, True, [])
        log.grow("one")
        assert run().code == 0
        assert log.sizes == [1]

    def test_a_new_key_of_the_log_comes_in_while_the_old_one_still_signs(
        self, log: FakeLog, run: Run
    ) -> None:
        run()
        new = key(2)
        log.signers.append(new)
        log.grow("more")
        assert run().code == 0
        del log.signers[0]
        log.grow("and more")
        assert run("--log-key", key(1).verifier.vkey).code == 0
        assert log.sizes == [3, 4, 5]

    def test_what_others_vouch_for_is_not_remembered(
        self, log: FakeLog, folder: Path, run: Run
    ) -> None:
        note = log.note()
        others = [new_signer(f"w{n}.example", COSIGNATURE) for n in range(MOST_SIGNATURES - 1)]
        log.cosigned[note.text] = [other.sign(note.text, time=1) for other in others]
        assert (run().code, log.sizes) == (0, [3])
        assert len(read_note((folder / "checkpoint").read_text()).signatures) == 2

    def test_the_memory_is_on_disk_before_the_cosignature_leaves(
        self, log: FakeLog, folder: Path, run: Run
    ) -> None:
        remembered = []

        def look(_: dict[str, str]) -> None:
            remembered.append(read_checkpoint(read_note((folder / "checkpoint").read_text())).size)

        log.on_cosignature = look
        run()
        log.grow("more")
        run()
        assert remembered == [3, 4]

    def test_a_clock_that_was_set_back_makes_no_earlier_cosignature(
        self, log: FakeLog, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run()
        now = time.time()
        log.grow("more")
        monkeypatch.setattr("app.witness.rounds.time.time", lambda: now - 3600)
        assert run().code == 0
        first, second = (read_signature(body["cosignature"]).value[:8] for body in log.taken)
        assert second >= first


def rolled_back(log: FakeLog) -> None:
    """Show fewer entries than before."""
    del log.leaves[-1]


def forked(log: FakeLog) -> None:
    """Show another view of the same size."""
    log.leaves[-1:] = leaves("never confirmed")


def forked_and_grown(log: FakeLog) -> None:
    """Show a longer log that does not begin with what it was."""
    log.leaves[1:2] = leaves("never agreed", "nor talked about")


def forged_proof(log: FakeLog) -> None:
    """Prove something else."""
    log.grow("more")
    hashes = ['"' + "00" * 32 + '"'] * 2
    log.answers["/v1/ledger/proofs/consistency"] = (200, f'{{"proof": [{", ".join(hashes)}]}}')


def no_proof(log: FakeLog) -> None:
    """Prove nothing."""
    log.grow("more")
    log.answers["/v1/ledger/proofs/consistency"] = (200, '{"proof": []}')


def another_origin(log: FakeLog) -> None:
    """Sign what another log says."""
    log.answers["/v1/ledger/checkpoint"] = (200, str(log.note("mod.example/log")))


def emptied(log: FakeLog) -> None:
    """Begin anew."""
    log.leaves.clear()


def signed_by_the_log(log: FakeLog, text: str) -> None:
    """Answer a text that the log signed."""
    note = Note(text=text, signatures=[signer.sign(text) for signer in log.signers])
    log.answers["/v1/ledger/checkpoint"] = (200, str(note))


def no_checkpoint(log: FakeLog) -> None:
    """Sign what is none."""
    signed_by_the_log(log, "all is well\n")


def more_lines(log: FakeLog) -> None:
    """Sign what a witness cannot check."""
    log.grow("more")
    signed_by_the_log(log, log.note().text + "trust me\n")


def root_of_nothing(log: FakeLog) -> None:
    """Sign a wrong root of no entries."""
    log.leaves.clear()
    signed_by_the_log(log, log.note().text.replace("47DEQ", "57DEQ"))


CONTRADICTIONS = [
    rolled_back,
    emptied,
    forked,
    forked_and_grown,
    forged_proof,
    no_proof,
    another_origin,
    no_checkpoint,
    more_lines,
    root_of_nothing,
]


class TestAContradiction:
    @pytest.mark.parametrize("contradict", CONTRADICTIONS)
    def test_is_refused_with_both_views_kept(
        self, log: FakeLog, folder: Path, run: Run, contradict: Callable[[FakeLog], None]
    ) -> None:
        run()
        before, memory = log.note().text, (folder / "checkpoint").read_text()
        contradict(log)
        done = run()
        assert done.code == 1, done.err
        assert "Nothing was vouched for" in done.err
        assert log.sizes == [3]
        assert (folder / "checkpoint").read_text() == memory
        kept = evidence(folder)
        assert kept["before"] == memory
        assert read_note(kept["before"]).text == before
        assert kept["after"] == log.answer("/v1/ledger/checkpoint", "")[1]
        for views in (kept["before"], kept["after"]):
            key(1).verifier.verify(read_note(views))

    def test_stands_until_somebody_has_looked_at_it(
        self, log: FakeLog, folder: Path, run: Run
    ) -> None:
        run()
        honest = list(log.leaves)
        forked(log)
        run()
        log.leaves = [*honest, *leaves("more")]
        done = run()
        assert (done.code, log.sizes) == (1, [3])
        assert "vouches for nothing more" in done.err
        (held,) = (folder / "evidence").iterdir()
        held.rename(folder.parent / "looked-at")
        assert run().code == 0
        assert log.sizes == [3, 4]

    def test_keeps_the_proof_that_proved_nothing(
        self, log: FakeLog, folder: Path, run: Run
    ) -> None:
        run()
        forged_proof(log)
        run()
        assert "00" * 32 in evidence(folder)["proof"]

    @pytest.mark.parametrize("contradict", [another_origin, root_of_nothing])
    def test_at_the_first_look_leaves_no_memory(
        self, log: FakeLog, folder: Path, run: Run, contradict: Callable[[FakeLog], None]
    ) -> None:
        contradict(log)
        assert (run().code, log.taken) == (1, [])
        assert set(evidence(folder)) == {"after", "why"}

    def test_ends_a_witness_that_goes_round(self, log: FakeLog, folder: Path) -> None:
        log.answers["/v1/ledger/checkpoint"] = (503, '{"detail": "not yet"}')
        running = started(log, folder, "--every", "1")
        try:
            for step in (log.answers.clear, lambda: log.grow("more"), lambda: forked(log)):
                step()
                _wait(lambda: len(log.leaves) in log.sizes or running.poll() is not None)
            out, err = running.communicate(timeout=_PATIENCE_S)
        finally:
            running.kill()
        assert running.returncode == 1, out + err
        assert log.sizes == [3, 4]
        assert "two different views of its 4 entries" in err


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestWhatTheLogDidNotSign:
    def _expect(self, done: Done, log: FakeLog, folder: Path) -> None:
        assert (done.code, "not signed by the log" in done.err) == (1, True), done.err
        assert log.sizes == [3]
        assert not (folder / "evidence").exists()

    def test_another_key_of_the_same_name(self, log: FakeLog, folder: Path, run: Run) -> None:
        run()
        log.grow("more")
        honest, log.signers = log.signers, [key(9)]
        answer = str(log.note())
        log.signers = honest
        log.answers["/v1/ledger/checkpoint"] = (200, answer)
        self._expect(run(), log, folder)

    def test_a_signature_of_another_text(self, log: FakeLog, folder: Path, run: Run) -> None:
        run()
        old = log.note()
        log.grow("more")
        forged = Note(text=log.note().text, signatures=old.signatures)
        log.answers["/v1/ledger/checkpoint"] = (200, str(forged))
        self._expect(run(), log, folder)

    def test_one_right_signature_beside_a_forged_one(
        self, log: FakeLog, folder: Path, run: Run
    ) -> None:
        run()
        log.signers.append(key(2))
        _, forged = log.note().signatures[:2]
        log.grow("more")
        right = key(1).sign(log.note().text)
        mixed = Note(text=log.note().text, signatures=[right, forged])
        log.answers["/v1/ledger/checkpoint"] = (200, str(mixed))
        self._expect(run("--log-key", key(2).verifier.vkey), log, folder)

    def test_a_page_for_people(self, log: FakeLog, folder: Path, run: Run) -> None:
        run()
        log.answers["/v1/ledger/checkpoint"] = (200, "<html>Sign in to the hotel</html>")
        self._expect(run(), log, folder)


class TestTheFolder:
    def test_a_torn_memory_is_refused_wherever_it_was_torn(
        self, log: FakeLog, folder: Path, run: Run
    ) -> None:
        run()
        memory = folder / "checkpoint"
        whole = memory.read_bytes()
        for length in range(len(whole)):
            memory.write_bytes(whole[:length])
            with pytest.raises(Unusable), opened(folder, None):
                pass
        memory.write_bytes(whole)
        with opened(folder, None) as found:
            assert found.last == read_checkpoint(log.note())

    def test_a_memory_that_was_changed_is_refused(self, folder: Path, run: Run) -> None:
        run()
        memory = folder / "checkpoint"
        whole = memory.read_bytes()
        own = whole.rfind("—".encode())
        for place in [*range(whole.index(b"\n\n")), *range(own, len(whole))]:
            turned = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
            memory.write_bytes(turned)
            with pytest.raises(Unusable), opened(folder, None):
                pass

    @pytest.mark.parametrize("lost", ["checkpoint", "key"])
    def test_what_is_lost_is_not_made_anew(
        self, log: FakeLog, folder: Path, run: Run, lost: str
    ) -> None:
        run()
        (folder / lost).unlink()
        log.grow("more")
        done = run()
        assert (done.code, log.sizes) == (3, [3])
        assert "begin anew with another --dir" in done.err

    def test_two_witnesses_do_not_share_it(self, folder: Path, run: Run) -> None:
        with opened(folder, None):
            done = run()
        assert (done.code, "another witness runs" in done.err) == (3, True)

    def test_a_first_run_that_was_cut_off_begins_again(
        self, log: FakeLog, folder: Path, run: Run
    ) -> None:
        log.answers["/v1/ledger/checkpoint"] = (500, "")
        assert run().code == 2
        (folder / "key").unlink()
        (folder / "key.draft").write_text("PRIVATE+KEY+")
        log.answers.clear()
        assert run().code == 0
        assert not (folder / "key.draft").exists()

    def test_a_key_is_never_there_without_a_memory(self, folder: Path, run: Run) -> None:
        in_the_way = folder / "checkpoint.draft"
        in_the_way.mkdir(parents=True)
        assert run().code == 3
        in_the_way.rmdir()
        assert run().code == 0

    def test_it_is_of_one_log(self, log: FakeLog, folder: Path, run: Run) -> None:
        run()
        log.signers = [key(1, "mod.example/log")]
        done = run()
        assert (done.code, log.sizes) == (3, [3])
        assert f"vouches for the log {ORIGIN}" in done.err

    def test_a_key_keeps_its_name(self, run: Run) -> None:
        run("--name", NAME)
        done = run("--name", "un.example/witness")
        assert (done.code, NAME in done.err) == (3, True)

    def test_a_folder_that_cannot_be_written(self, folder: Path, run: Run) -> None:
        folder.write_text("a file")
        assert run().code == 3


@pytest.mark.parametrize("afterwards", ["honest", "forked"])
def test_killed_between_memory_and_cosignature_it_never_vouches_for_another_view(
    log: FakeLog, folder: Path, run: Run, afterwards: str
) -> None:
    run()
    arrived, ended = threading.Event(), threading.Event()

    def hold(_: dict[str, str]) -> None:
        arrived.set()
        ended.wait(_PATIENCE_S)

    log.grow("more")
    log.on_cosignature = hold
    log.answers["/v1/ledger/cosignatures"] = (503, "")  # as if it had never arrived
    running = started(log, folder, "--once")
    assert arrived.wait(_PATIENCE_S)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=_PATIENCE_S)
    ended.set()
    log.answers.clear()
    log.on_cosignature = lambda _: None
    if afterwards == "forked":
        forked(log)
    done = run()
    assert (done.code, log.sizes) == ((0, [3, 4]) if afterwards == "honest" else (1, [3]))


class TestTheService:
    @pytest.mark.parametrize(
        ("path", "answer", "told"),
        [
            ("checkpoint", (503, '{"detail": "no checkpoint was signed yet"}'), "no checkpoint"),
            (
                "checkpoint",
                (403, '{"detail": "your token is for the role auditor"}'),
                "role witness",
            ),
            ("checkpoint", (404, "no"), "without /v1"),
            ("checkpoint", (302, "http://127.0.0.1:9/"), "answered 302"),
            ("checkpoint", (200, "x" * 1024 * 1025), "larger than"),
            ("checkpoint", (200, "\udcff"), "not text"),
            ("proofs/consistency", (500, "{}"), "no reason given"),
            ("proofs/consistency", (200, "[]"), "holds no proof"),
            ("proofs/consistency", (200, '{"proof": ["00"]}'), "no hash"),
            ("proofs/consistency", (200, '{"proof": ["zz"]}'), "holds no proof"),
            ("proofs/consistency", (200, "[" * 200_000), "holds no proof"),
            (
                "cosignatures",
                (422, '{"detail": "1 member", "errors": [{"message": "its time is"}]}'),
                "1 member; its time is",
            ),
        ],
    )
    def test_an_answer_that_is_none_is_told_and_tried_again_later(
        self, log: FakeLog, run: Run, path: str, answer: tuple[int, str], told: str
    ) -> None:
        run()
        log.grow("more")
        log.answers[f"/v1/ledger/{path}"] = answer
        done = run()
        assert (done.code, told in done.err) == (2, True), done.err
        assert log.sizes == [3]
        log.answers.clear()
        assert run().code == 0
        assert log.sizes == [3, 4]

    def test_nobody_listens(self, run: Run) -> None:
        done = run("--url", "http://127.0.0.1:9")
        assert (done.code, "does not answer" in done.err) == (2, True)

    def test_the_token_is_refused(self, folder: Path, run: Run) -> None:
        (folder.parent / "token").write_text("sp_" + "x" * 43)
        done = run()
        assert (done.code, "for a new token" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--url", "ftp://example.org"], "--url"),
        (["--url", "example.org"], "--url"),
        (["--token-file", "/nowhere"], "--token-file"),
        (["--log-key", "nonsense"], "--log-key"),
        (["--log-key", key(2, "mod.example/log").verifier.vkey], "all of them of one log"),
        (["--log-key", new_signer(ORIGIN, COSIGNATURE).verifier.vkey], "keys that sign notes"),
        (["--name", "a b"], "--name"),
    ],
)
def test_what_the_witness_is_told_wrongly(
    log: FakeLog, run: Run, more: list[str], told: str
) -> None:
    done = run(*more)
    assert (done.code, told in done.err, log.taken) == (3, True, [])


class _Unsocketed(Log):
    """The same log without a socket, so that many courses can be looked at."""

    def __init__(self, fake: FakeLog) -> None:
        super().__init__("http://fake.example", TOKEN)
        self.fake = fake

    @override
    def _ask(self, path: str, body: bytes | None = None) -> str:
        if body is not None:
            return self.fake.take(json.loads(body))[1]
        where, _, query = path.partition("?")
        return self.fake.answer("/v1/ledger" + where, query)[1]


_COURSES = st.lists(
    st.tuples(st.sampled_from(["grow", "roll back", "fork"]), st.integers(1, 4)), max_size=12
)


@settings(max_examples=40)
@given(course=_COURSES)
def test_whatever_the_log_does_all_that_was_vouched_for_is_one_history(
    tmp_path_factory: pytest.TempPathFactory, course: list[tuple[str, int]]
) -> None:
    """Even where each piece of evidence is thrown away unread."""
    fake = FakeLog()
    folder = tmp_path_factory.mktemp("courses")
    vouched: list[list[bytes]] = []
    fake.on_cosignature = lambda _: vouched.append(list(fake.leaves))
    for number, (move, count) in enumerate(course):
        if move != "grow":
            del fake.leaves[-count:]
        if move != "roll back":
            fake.grow(*(f"{number} {each}" for each in range(count)))
        try:
            with opened(folder, None) as found:
                go_round(_Unsocketed(fake), found, [key(1).verifier])
        except Contradicted:
            (held,) = (folder / "evidence").iterdir()
            for each in held.iterdir():
                each.unlink()
            held.rmdir()
    for earlier, later in pairwise(vouched):
        assert later[: len(earlier)] == earlier
