"""An export whose pieces do not belong together has no last line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.db.session import reading
from app.domain.fact import Event
from app.domain.note import Note
from app.ledger import followers
from app.log import export, sequencing
from app.log.export import ErasedMeanwhile, reads
from app.log.keeper import turn
from app.log.keys import Files
from app.log.signing import Desk
from tests.store.ledger_given import given_agreement, given_change, given_redaction


@pytest.fixture
def last(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Lend the last of a few events, which are exported two at a time."""
    monkeypatch.setattr(export, "_BATCH", 2)
    before = followers._followers
    followers.follow(sequencing.follow)
    first = given_agreement(engine, datetime.now(UTC), title="Azovstal", note="0")
    changes = [given_change(engine, first, datetime.now(UTC), note=str(n)) for n in range(4)]
    yield changes[-1]
    followers.follow(*before)


def pieces(engine: Engine, folder: Path) -> Iterator[bytes]:
    """Begin an export, each piece of which is read in a transaction of its own."""
    files = Files(folder)
    turn(engine, Desk(files, "log.example"))
    note = files.checkpoint()
    assert isinstance(note, Note)
    return export.export(partial(reading, engine), note, reads(None), datetime.now(UTC))


def test_it_ends_with_a_last_line(engine: Engine, last: Event, tmp_path: Path) -> None:
    *_, end = pieces(engine, tmp_path)
    assert end.startswith(b'{"entries":5,')


def test_what_is_erased_meanwhile_breaks_it_off(
    engine: Engine, last: Event, tmp_path: Path
) -> None:
    begun = pieces(engine, tmp_path)
    sent = [next(begun), next(begun)]
    given_redaction(engine, last, datetime.now(UTC), "aspect/note", "reason")
    with pytest.raises(ErasedMeanwhile):
        sent.extend(begun)
    assert not any(piece.startswith(b'{"entries":') for piece in sent)
