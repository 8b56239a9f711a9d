"""Every single bit of an export counts."""

from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TypeAlias

import pytest

from app.log import verifier
from tests.log.exports import AGREEMENT, CORRIDOR, LOG, History, close, write

Status: TypeAlias = "Callable[[bytes], int]"


@pytest.fixture(scope="module")
def export() -> bytes:
    history = History()
    history.record({"name": "А"}, CORRIDOR)
    history.record({"status": "open"}, AGREEMENT)
    return write(history.lines(withheld=[CORRIDOR]))


@pytest.fixture
def status(export: bytes, tmp_path: Path) -> Iterator[Status]:
    """Verify variants of one length, each written over the one before."""
    path, words = tmp_path / "export", ["--key", LOG.verifier.vkey]
    with path.open("wb", buffering=0) as file:

        def run(variant: bytes) -> int:
            assert len(variant) == len(export)
            file.seek(0)
            file.write(variant)
            with redirect_stdout(StringIO()):
                return verifier.main([str(path), *words])

        yield run


def flips(data: bytes) -> Iterator[bytes]:
    """Give every variant that differs in one bit."""
    changed = bytearray(data)
    for place in range(len(data)):
        for bit in range(8):
            changed[place] ^= 1 << bit
            yield bytes(changed)
            changed[place] ^= 1 << bit


def test_the_export_itself_is_intact(export: bytes, status: Status) -> None:
    assert status(export) == verifier.INTACT


def test_every_flipped_bit_is_found(export: bytes, status: Status) -> None:
    missed = [each for each in flips(export) if status(each) == verifier.INTACT]
    assert missed == []


def test_every_flipped_bit_of_an_entry_is_found_though_the_last_line_is_made_anew(
    export: bytes, status: Status
) -> None:
    first, *entries, _ = export.splitlines()
    variants = (
        close([first, *entries[:index], changed, *entries[index + 1 :]])
        for index, entry in enumerate(entries)
        for changed in flips(entry)
        if b"\n" not in changed
    )
    missed = [each for each in variants if status(each) == verifier.INTACT]
    assert missed == []
