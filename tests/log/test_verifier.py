"""The verifier says of every export what is the case: intact, tampered, incomplete or unusable."""

import gzip
import os
import random
from uuid import UUID

import pytest

from app.log import verifier
from tests.log.exports import (
    AGREEMENT,
    CORRIDOR,
    LOG,
    NEW,
    ORIGIN,
    Line,
    checkpoint,
    close,
    given_history,
    given_signer,
    hidden,
    write,
)
from tests.log.verifying import INCOMPLETE, INTACT, TAMPERED, UNUSABLE, verified


def given_lines() -> list[Line]:
    return given_history().lines()


def given_export() -> bytes:
    return write(given_lines())


class TestIntact:
    def test_a_whole_export_is_intact(self) -> None:
        said = verified(given_export())
        assert said.status == INTACT
        assert said.lines == [
            "intact: 7 entries, 0 of them withheld; signed by "
            f'"{ORIGIN}+{LOG.verifier.id.hex()}"; no policy was given, so no cosignature was '
            "looked at"
        ]

    def test_an_export_without_entries_is_intact(self) -> None:
        assert verified(write([])).status == INTACT

    def test_withheld_entries_still_lead_to_the_root(self) -> None:
        said = verified(write(given_history().lines(withheld=[CORRIDOR])))
        assert said.status == INTACT
        assert "7 entries, 2 of them withheld" in said.verdict

    def test_one_key_of_several_is_enough(self) -> None:
        lines = given_lines()
        during = write(lines, checkpoint(lines, LOG, NEW))
        after = write(lines, checkpoint(lines, NEW))
        for keys in ((LOG,), (NEW,), (LOG, NEW)):
            assert verified(during, keys=keys).status == INTACT
        assert verified(after, keys=(LOG, NEW)).status == INTACT
        assert verified(after, keys=(LOG,)).status == UNUSABLE

    def test_signatures_of_strangers_are_left_alone(self) -> None:
        lines = given_lines()
        stranger = given_signer("log.example/other", 1)
        assert verified(write(lines, checkpoint(lines, LOG, stranger))).status == INTACT


class TestCutShort:
    def test_after_any_line_but_the_last(self) -> None:
        lines = given_export().splitlines(keepends=True)
        said = [verified(b"".join(lines[:count])).status for count in range(len(lines) + 1)]
        assert said == [UNUSABLE, *[INCOMPLETE] * (len(lines) - 1), INTACT]

    def test_at_any_byte(self) -> None:
        export, chance = given_export(), random.Random(4)
        first = export.index(b"\n") + 1
        places = {first - 1, first, len(export) - 1, *chance.sample(range(len(export)), 200)}
        for place in places:
            expected = UNUSABLE if place < first else INCOMPLETE
            assert verified(export[:place]).status == expected, place

    def test_it_says_how_much_is_missing(self) -> None:
        lines = given_export().splitlines(keepends=True)
        said = verified(b"".join(lines[:3]))
        assert "the file ends after 2 entries without its last line; the checkpoint covers 7" in (
            said.verdict
        )


class TestTampered:
    """The checkpoint is the true one; the file was changed, and its last line made anew."""

    def test_entries_in_another_order(self) -> None:
        lines, note = given_lines(), checkpoint(given_lines())
        lines[2], lines[3] = lines[3] | {"i": 2}, lines[2] | {"i": 3}
        said = verified(write(lines, note))
        assert said.status == TAMPERED
        assert "the checkpoint: its root is" in said.findings

    def test_an_entry_removed(self) -> None:
        lines, note = given_lines(), checkpoint(given_lines())
        said = verified(write([{**each, "i": i} for i, each in enumerate(lines[:-1])], note))
        assert said.status == TAMPERED
        assert "it covers 7 entries; the file holds 6" in said.findings

    def test_an_entry_inserted(self) -> None:
        lines, note = given_lines(), checkpoint(given_lines())
        more = [*lines[:3], lines[2], *lines[3:]]
        said = verified(write([{**each, "i": i} for i, each in enumerate(more)], note))
        assert said.status == TAMPERED
        assert "it covers 7 entries; the file holds 8" in said.findings

    def test_a_leaf_in_place_of_another(self) -> None:
        lines, note = given_lines(), checkpoint(given_lines())
        lines[2] = {"i": 2, "leaf": "00" * 32}
        said = verified(write(lines, note))
        assert said.status == TAMPERED
        assert "found sequence 3 of the subject" in said.findings
        assert "the checkpoint: its root is" in said.findings

    def test_a_line_that_is_none(self) -> None:
        first, *entries, _ = given_export().splitlines()
        for line in (b"", b"[]", b"\xff", b"{}", b"null", b"[" * 100_000, entries[1] + b" "):
            said = verified(close([first, *entries[:1], line, *entries[2:]]))
            assert said.status == TAMPERED
            assert "entry 1" in said.findings

    def test_something_after_the_last_line(self) -> None:
        assert verified(given_export() + b"{}\n").status == TAMPERED

    def test_a_last_line_of_another_file(self) -> None:
        *lines, _ = given_export().splitlines(keepends=True)
        other = write(given_lines()[:3]).splitlines(keepends=True)
        assert verified(b"".join(lines) + other[-1]).status == TAMPERED

    def test_a_first_line_with_more_in_it(self) -> None:
        first, *entries, _ = given_export().splitlines()
        said = verified(close([first[:-1] + b',"note":""}', *entries]))
        assert said.status == TAMPERED

    def test_a_line_that_is_too_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verifier, "LONGEST_LINE", 1024)
        assert "is longer than 1024 bytes" in verified(given_export()).findings

    def test_a_signature_that_is_not_of_this_checkpoint(self) -> None:
        lines = given_lines()
        other = checkpoint(lines[:-1]).partition("\n\n")[2]
        said = verified(write(lines, checkpoint(lines).partition("\n\n")[0] + "\n\n" + other))
        assert said.status == TAMPERED
        assert "is not one of this checkpoint" in said.findings

    def test_at_most_twenty_findings_are_told_and_the_others_counted(self) -> None:
        lines = [line | {"i": 99} for line in given_lines() * 4]
        said = verified(write(lines))
        assert said.status == TAMPERED
        assert len(said.lines) == 20 + 2
        count = int(said.verdict.split()[1])
        assert said.lines[-2] == f"and {count - 20} more findings"

    def test_a_finding_names_the_entry_and_what_was_expected(self) -> None:
        lines = given_lines()
        lines[2]["columns"]["kind"] = "created"
        assert verified(write(lines)).findings == (
            f"entry 2, event {UUID(int=0xE003)}: "
            'columns.kind is "created"; the record says "status_changed"'
        )

    def test_what_was_found_cannot_harm_a_terminal(self) -> None:
        lines = given_lines()
        lines[2]["columns"]["kind"] = "\x1b[2J\u202e"
        assert verified(write(lines)).findings.isascii()


class TestUnusable:
    @pytest.mark.parametrize(
        "data",
        [b"", b"\n", b"\x00\xff" * 5000, b"{}\n", b'{"format":"other"}\n', b"[1]\n", b"GIF89a"],
        ids=["empty", "blank", "binary", "object", "other format", "list", "picture"],
    )
    def test_what_is_no_export(self, data: bytes) -> None:
        said = verified(data)
        assert said.status == UNUSABLE
        assert said.verdict.startswith("unusable: ")

    @pytest.mark.parametrize("magic", list(verifier.PACKED))
    def test_what_is_compressed(self, magic: bytes) -> None:
        said = verified(magic + given_export())
        assert said.status == UNUSABLE
        assert "is compressed" in said.verdict

    def test_a_bomb_is_not_unpacked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unpack(*_: object) -> None:
            pytest.fail("it was unpacked")

        bomb = gzip.compress(b" " * 10_000_000)
        monkeypatch.setattr(gzip, "decompress", unpack)
        monkeypatch.setattr(gzip, "open", unpack)
        monkeypatch.setattr(verifier, "parse", unpack)
        assert verified(bomb).status == UNUSABLE

    def test_a_log_that_was_rewritten_and_signed_with_another_key(self) -> None:
        lines = given_history().lines()[:5]
        said = verified(write(lines, checkpoint(lines, NEW)))
        assert said.status == UNUSABLE
        assert f'found signatures of "{ORIGIN}+{NEW.verifier.id.hex()}"' in said.verdict

    def test_an_export_of_another_log(self) -> None:
        lines, other = given_lines(), given_signer("log.example/other", 1)
        foreign = write(lines, checkpoint(lines, other, origin="log.example/other"))
        said = verified(foreign)
        assert said.status == UNUSABLE
        assert 'the checkpoint is of the log "log.example/other"' in said.verdict

    @pytest.mark.parametrize(
        "words",
        [
            ("--key=nonsense",),
            ("--key=" + LOG.verifier.vkey.replace("log.", "lag.")),
            ("--tolerance=-1",),
            ("--unknown",),
            ("--as-of=2022-04-26T12:00:00Z",),
            ("--subject=agreement",),
            (f"--subject={AGREEMENT}", "--as-of=yesterday"),
            (f"--subject={AGREEMENT}", "--known-at=2022-04-26T12:00:00"),
            ("--policy=missing",),
            ("--older=missing",),
        ],
        ids=str,
    )
    def test_arguments_that_cannot_be_used(self, words: tuple[str, ...]) -> None:
        assert verified(given_export(), *words).status == UNUSABLE

    def test_no_key_at_all(self) -> None:
        said = verified(given_export(), keys=())
        assert said.status == UNUSABLE
        assert "give --key" in said.verdict

    def test_a_file_that_is_not_there(self) -> None:
        assert verifier.main(["no/such/file", "--key", LOG.verifier.vkey]) == UNUSABLE
        assert verifier.main([".", "--key", LOG.verifier.vkey]) == UNUSABLE


class TestOlderCheckpoint:
    @pytest.mark.parametrize("size", [0, 1, 4, 7])
    def test_an_export_that_extends_it_is_intact(self, size: int) -> None:
        lines = given_lines()
        said = verified(write(lines), files={"--older": checkpoint(lines[:size])})
        assert said.status == INTACT
        assert f"it begins with the {size} entries of the older checkpoint" in said.verdict

    def test_a_rewritten_past_is_found(self) -> None:
        true = given_lines()
        history = given_history()
        history.events[1] = history.record({"name": "South gate"}, CORRIDOR, sequence=1)
        history.events.pop()
        for size in range(2, 8):
            said = verified(write(history.lines()), files={"--older": checkpoint(true[:size])})
            assert said.status == TAMPERED
            assert "the older checkpoint: its root over" in said.findings

    def test_a_rewritten_past_is_found_in_a_file_that_was_cut_short(self) -> None:
        lines = given_lines()
        others = [hidden(lines[0]), {"i": 1, "leaf": "00" * 32}, *map(hidden, lines[2:])]
        cut = b"\n".join(write(others).splitlines()[:-2]) + b"\n"
        said = verified(cut, files={"--older": checkpoint(lines[:4])})
        assert said.status == TAMPERED

    def test_one_that_covers_more_makes_the_export_incomplete(self) -> None:
        lines = given_lines()
        said = verified(write(lines[:6]), files={"--older": checkpoint(lines)})
        assert said.status == INCOMPLETE
        assert "the older checkpoint covers 7 entries, the export only 6" in said.verdict

    def test_one_of_another_log_is_unusable(self) -> None:
        lines, other = given_lines(), given_signer("log.example/other", 1)
        older = checkpoint(lines[:3], other, origin="log.example/other")
        said = verified(write(lines), files={"--older": older})
        assert said.status == UNUSABLE
        assert 'the older checkpoint is of the log "log.example/other"' in said.verdict

    def test_one_without_a_signature_of_the_key_is_unusable(self) -> None:
        lines = given_lines()
        said = verified(write(lines), files={"--older": checkpoint(lines[:3], NEW)})
        assert said.status == UNUSABLE

    def test_a_forged_one_is_found(self) -> None:
        lines = given_lines()
        text = checkpoint(lines[:4]).partition("\n\n")[0]
        older = text + "\n\n" + checkpoint(lines[:3]).partition("\n\n")[2]
        assert verified(write(lines), files={"--older": older}).status == TAMPERED

    @pytest.mark.parametrize("text", ["", "nothing", "a\nb\nc\n\n— d e\n", "x" * 2_000_000])
    def test_a_file_that_is_no_checkpoint_is_unusable(self, text: str) -> None:
        assert verified(given_export(), files={"--older": text}).status == UNUSABLE


class TestSideBySide:
    """A long file is read by several processes; what is said of it is the same."""

    @pytest.fixture(autouse=True)
    def two_processes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verifier, "workers_for", lambda _: 2)
        monkeypatch.setattr(verifier, "_TASK_BYTES", 4000)

    def test_an_intact_export(self) -> None:
        said = verified(given_export(), f"--subject={AGREEMENT}")
        assert said.status == INTACT
        assert said.answer["aspects"]["status"]["value"] == "suspended"

    def test_a_tampered_export(self) -> None:
        lines = given_lines()
        for index in (2, 5, 6):
            lines[index]["columns"]["kind"] = "created"
        told = [each.partition(",")[0] for each in verified(write(lines)).lines[:-1]]
        assert told == ["entry 2", "entry 5", "entry 6"]

    def test_an_export_that_was_cut_short(self) -> None:
        assert verified(given_export()[:-300]).status == INCOMPLETE

    def test_a_process_that_was_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verifier, "read_line", lambda *_: os._exit(9))
        assert verified(given_export()).status == UNUSABLE


def test_progress_is_told_where_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter(range(1000))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    verified(given_export())
    assert capsys.readouterr().err == ""
    verified(given_export(), "--progress")
    told = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in told] == ["checked"] * 7


def test_progress_is_told_once_a_second_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    verified(given_export(), "--progress")
    assert capsys.readouterr().err == ""
