"""The checkpoints that were signed, with the cosignatures that came for them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.domain.note import Note, read_checkpoint, read_note, read_signature
from app.log.tables import LogCheckpointRow

_checkpoint = LogCheckpointRow.__table__
_NEWEST = (_checkpoint.c.size.desc(), _checkpoint.c.signed_at.desc())


def keep(db: Session, note: Note, at: datetime) -> None:
    """Publish a checkpoint that was signed."""
    size = read_checkpoint(note).size
    db.execute(insert(_checkpoint), {"size": size, "signed_at": at, "note": str(note)})


def latest(db: Session) -> Note | None:
    """Give the last checkpoint, as it was signed."""
    question = select(_checkpoint.c.note).order_by(*_NEWEST).limit(1)
    text = db.execute(question).scalar_one_or_none()
    return None if text is None else read_note(text)


def published(db: Session, size: int) -> Note | None:
    """Give the checkpoint of that size, as it was signed last; None where there is none."""
    question = (
        select(_checkpoint.c.note).where(_checkpoint.c.size == size).order_by(*_NEWEST).limit(1)
    )
    text = db.execute(question).scalar_one_or_none()
    return None if text is None else read_note(text)


def with_lines(note: Note, lines: Sequence[str]) -> Note:
    """Give a note with more signatures, from lines as notes have them."""
    added = [read_signature(line.removesuffix("\n")) for line in lines]
    return replace(note, signatures=[*note.signatures, *added])
