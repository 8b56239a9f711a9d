"""The checkpoints that were signed, with the cosignatures that came for them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, insert, select, true
from sqlalchemy.orm import Session

from app.domain.note import InvalidNote, Note, read_checkpoint, read_note, read_signature
from app.log.tables import LogCheckpointRow
from app.log.tree import Damaged

_checkpoint = LogCheckpointRow.__table__
_TICK = timedelta(microseconds=1)


def keep(db: Session, note: Note, at: datetime) -> None:
    """Publish a checkpoint that was signed; it counts as signed after all others."""
    size = read_checkpoint(note).size
    last = db.execute(select(func.max(_checkpoint.c.signed_at))).scalar_one()
    signed_at = at if last is None else max(at, last + _TICK)  # clocks step back
    db.execute(insert(_checkpoint), {"size": size, "signed_at": signed_at, "note": str(note)})


def latest(db: Session) -> Note | None:
    """Give the last checkpoint, as it was signed.

    Raises:
        Damaged: what the database holds is none.
    """
    return _last(db, true())


def published(db: Session, size: int) -> Note | None:
    """Give the checkpoint of that size, as it was signed last; None where there is none.

    Raises:
        Damaged: what the database holds is none.
    """
    return _last(db, _checkpoint.c.size == size)


def _last(db: Session, which: ColumnElement[bool]) -> Note | None:
    newest = _checkpoint.c.signed_at.desc()
    question = select(_checkpoint.c.note).where(which).order_by(newest).limit(1)
    text = db.execute(question).scalar_one_or_none()
    try:
        return None if text is None else read_note(text)
    except InvalidNote as error:
        raise Damaged(
            f"the database holds a checkpoint that is none ({error}); restore its newest backup"
        ) from None


def with_lines(note: Note, lines: Sequence[str]) -> Note:
    """Give a note with more signatures, from lines as notes have them."""
    added = [read_signature(line.removesuffix("\n")) for line in lines]
    return replace(note, signatures=[*note.signatures, *added])
