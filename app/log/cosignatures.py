"""Cosignatures of checkpoints: they come from outside and prove themselves, whoever sends them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session

from app.domain.errors import Unacceptable
from app.domain.fact import Actor
from app.domain.note import (
    COSIGNATURE,
    Checkpoint,
    InvalidNote,
    Note,
    Signature,
    Verifier,
    read_checkpoint,
    read_note,
    read_signature,
    read_vkey,
)
from app.log.checkpoints import published
from app.log.tables import LogCosignatureRow

MOST_KEYS = 20
"""With so many keys one token may cosign, in all its time."""
MOST_SHOWN = 64
"""So many cosignatures stand below a checkpoint, so that it stays a note that everybody reads."""
CLOCKS_AGREE_S = 300
_ONE_AT_A_TIME = 0x5AFE_C051
_kept = LogCosignatureRow.__table__


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A cosignature that is right in itself: its key made it, of this text, at this time.

    Attributes:
        time: in seconds since 1970, as the witness said.
    """

    text: str
    checkpoint: Checkpoint
    key: Verifier
    signature: Signature
    time: int


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A cosignature that is kept; `line` is as a note has it, without its end."""

    size: int
    vkey: str
    line: str
    time: datetime
    received_at: datetime


def read_offered(checkpoint: str, vkey: str, cosignature: str) -> Offered:
    """Read a cosignature and verify it.

    Raises:
        Unacceptable: one of the three is not as it should be.
    """
    with _at("/checkpoint"):
        note = read_note(checkpoint)
        told = read_checkpoint(note)
    with _at("/vkey"):
        key = _key(vkey, told)
    with _at("/cosignature"):
        signature = read_signature(cosignature.removesuffix("\n"))
        time = key.verify(Note(text=note.text, signatures=[signature]))
    assert time is not None
    return Offered(text=note.text, checkpoint=told, key=key, signature=signature, time=time)


def take(db: Session, offered: Offered, *, by: Actor, now: datetime) -> tuple[Kept, bool]:
    """Keep a cosignature; of one key there is one for each checkpoint, the first.

    Returns:
        what is kept, and whether it is new.

    Raises:
        Unacceptable: it is of no checkpoint of this log, of another time, or by a key too many.
    """
    note = published(db, offered.checkpoint.size)
    if note is None or note.text != offered.text:
        raise Unacceptable(
            "/checkpoint",
            "this is no checkpoint that was published here; read /v1/ledger/checkpoint again",
        )
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    _check_key(db, offered.key, by)
    kept = _find(db, offered)
    if kept is not None:
        return kept, False
    _check_time(offered.time, now)
    return _keep(db, offered, by, now), True


def newest_cosigned(db: Session) -> int | None:
    """Give the size of the largest checkpoint that somebody vouched for; None where nobody did."""
    found: int | None = db.execute(select(func.max(_kept.c.size))).scalar_one()
    return found


def cosignatures_of(db: Session, size: int) -> list[str]:
    """Give the cosignatures of the checkpoint of that size, as lines of a note with their ends.

    No organisation crowds out another: where there are too many, each has as many as the next.
    """
    of_one = func.row_number().over(
        partition_by=_kept.c.organisation_id, order_by=(_kept.c.received_at, _kept.c.key_id)
    )
    question = (
        select(_kept.c.line)
        .where(_kept.c.size == size)
        .order_by(of_one, _kept.c.key_name, _kept.c.key_id)
        .limit(MOST_SHOWN)
    )
    return [line + "\n" for line in db.execute(question).scalars()]


@contextmanager
def _at(pointer: str) -> Iterator[None]:
    try:
        yield
    except InvalidNote as error:
        raise Unacceptable(pointer, str(error)) from None


def _key(vkey: str, checkpoint: Checkpoint) -> Verifier:
    found = read_vkey(vkey)
    if found.purpose != COSIGNATURE:
        raise InvalidNote("found a key that signs notes; expected one that cosigns checkpoints")
    if found.name == checkpoint.origin:
        raise InvalidNote("found the name of the log; expected a name of the witness's own")
    return found


def _check_key(db: Session, key: Verifier, by: Actor) -> None:
    """Refuse a key that is taken for another, and one too many.

    A key that others mistake for a witness's own would make each note that holds it unreadable.
    """
    same = (_kept.c.key_name == key.name) & (_kept.c.key_id == key.id.hex())
    known = db.execute(select(_kept.c.vkey).where(same).limit(1)).scalar_one_or_none()
    if known not in (None, key.vkey):
        raise Unacceptable(
            "/vkey", "another key of this name and id is known here; make a new key for the witness"
        )
    own = _kept.c.principal_id == by.principal
    if db.execute(select(exists().where(own, same))).scalar_one():
        return
    keys = select(_kept.c.key_name, _kept.c.key_id).where(own).distinct().subquery()
    if db.execute(select(func.count()).select_from(keys)).scalar_one() >= MOST_KEYS:
        raise Unacceptable(
            "/vkey",
            f"this token has cosigned with {MOST_KEYS} keys already; ask an administrator for a "
            "new token",
        )


def _check_time(time: int, now: datetime) -> None:
    apart = time - int(now.timestamp())
    if abs(apart) > CLOCKS_AGREE_S:
        raise Unacceptable(
            "/cosignature",
            f"its time is {abs(apart)} seconds {'ahead of' if apart > 0 else 'behind'} the clock "
            f"here, expected {CLOCKS_AGREE_S} at most; set the clock of the witness",
        )


def _find(db: Session, offered: Offered) -> Kept | None:
    question = select(_kept).where(
        _kept.c.size == offered.checkpoint.size,
        _kept.c.key_name == offered.key.name,
        _kept.c.key_id == offered.key.id.hex(),
    )
    row = db.execute(question).one_or_none()
    if row is None:
        return None
    return Kept(
        size=row.size, vkey=row.vkey, line=row.line, time=row.time, received_at=row.received_at
    )


def _keep(db: Session, offered: Offered, by: Actor, now: datetime) -> Kept:
    kept = Kept(
        size=offered.checkpoint.size,
        vkey=offered.key.vkey,
        line=offered.signature.line().removesuffix("\n"),
        time=datetime.fromtimestamp(offered.time, UTC),
        received_at=now,
    )
    row = {
        **vars(kept),
        "root": offered.checkpoint.root,
        "key_name": offered.key.name,
        "key_id": offered.key.id.hex(),
        "organisation_id": by.organisation,
        "principal_id": by.principal,
    }
    db.execute(insert(_kept), row)
    return kept
