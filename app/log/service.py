"""What readers get of the log: checkpoints, entries, tiles and proofs."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, and_, case, select
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.domain.note import Note, read_checkpoint
from app.history.service import visible
from app.http.paging import PageWish
from app.http.problems import Fault, Problem, conflict, not_found, unreadable
from app.ledger.tables import EventRow
from app.log import checkpoints, tree
from app.log.cosignatures import cosignatures_of, newest_cosigned
from app.log.export import reach_of_redactions
from app.log.keys import Files
from app.log.sequencing import stray
from app.log.signing import contradiction
from app.log.tables import LogEntryRow
from app.log.tree import TILE, Damaged, Tree

_entry = LogEntryRow.__table__
_event = EventRow.__table__


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """Where an event stands in the tree of a checkpoint, and the hashes that show it."""

    index: int
    size: int
    leaf_hash: bytes
    proof: Sequence[bytes]
    root: bytes


def latest(db: Session) -> Note:
    """Give the last checkpoint.

    Raises:
        Problem: 503 where none was signed yet.
    """
    note = checkpoints.latest(db)
    if note is None:
        raise _not_signed("no checkpoint was signed yet; it takes a moment after the start")
    return note


def _contradicted(found: str) -> Problem:
    """Tell what is wrong; where and what to do about it is for the operator alone."""
    return Problem(
        "log-contradicted",
        f"{found}; nothing more is signed or exported until the operator has put it right. The log "
        "of the service and passage doctor tell the operator more",
    )


def _not_signed(detail: str) -> Problem:
    return Problem("not-signed", detail, headers={"Retry-After": "1"})


def shown(db: Session, files: Files) -> Note:
    """Give the last checkpoint with all that vouch for it.

    Raises:
        Problem: 503 where none was signed yet, or where the database is not the one that was
            vouched for.
    """
    if found := contradiction(db, files):
        raise _contradicted(found)
    note = latest(db)
    return checkpoints.with_lines(note, cosignatures_of(db, read_checkpoint(note).size))


def exportable(db: Session, files: Files, *, newest: bool = False) -> Note:
    """Give the checkpoint of an export: the last that somebody vouches for, or else the last one.

    An export holds every redaction of what it holds, so none may lie beyond its checkpoint.

    Args:
        newest: give the last one, whoever vouches for it.

    Raises:
        Problem: as `shown`; 503 too where a redaction was not signed yet, or where the history
            holds an event that the log does not know.
    """
    last = shown(db, files)
    if stray(db) is not None:
        raise _contradicted("an event of the history is not in the log")
    needed, covered = reach_of_redactions(db), read_checkpoint(last).size
    if needed is None or covered < needed:
        raise _not_signed("something was erased just now, and that is not signed yet")
    size = None if newest else newest_cosigned(db)
    fits = size is not None and needed <= size <= covered
    note = checkpoints.published(db, size) if size is not None and fits else None
    if size is None or note is None:
        return last
    return checkpoints.with_lines(note, cosignatures_of(db, size))


def entries(db: Session, caller: Caller, wish: PageWish) -> Sequence[Row[*tuple[object, ...]]]:
    """List entries by index, one more than asked for where a page follows."""
    after = wish.key(int)
    first = 0 if after is None else after[0] + 1
    return _rows(db, caller, first, first + wish.limit + 1)


def bundle(db: Session, caller: Caller, number: int, width: int) -> list[bytes]:
    """Give the records of one tile of entries.

    Raises:
        Problem: 404 beyond the last checkpoint, 403 where one of them is not for this caller.
        Damaged: not all of them are there.
    """
    first, stop = number * TILE, number * TILE + width
    if stop > read_checkpoint(latest(db)).size:
        raise not_found()
    rows = _rows(db, caller, first, stop)
    if len(rows) != width:
        raise Damaged(f"the log has {len(rows)} of {width} entries in tile {number}")
    if any(row.record is None for row in rows):
        raise Problem(
            "not-allowed",
            "this tile holds entries of operations that your token does not name; "
            "/v1/ledger/entries shows the rest of it",
        )
    return [row.record for row in rows]


def tile(db: Session, level: int, number: int, width: int) -> list[bytes]:
    """Give the hashes of one tile.

    Raises:
        Problem: 404 beyond the last checkpoint.
    """
    there = read_checkpoint(latest(db)).size >> (8 * level)
    if number * TILE + width > there:
        raise not_found()
    return tree.tile(db, level, number, width)


def inclusion(db: Session, caller: Caller, event: UUID, size: int | None) -> Inclusion:
    """Prove that an event is in the tree of the last checkpoint, or of one of the given size.

    Raises:
        Problem: 404 where the caller may not know of the event; 409 where that tree is too
            small for it.
    """
    known = select(_event.c.id).where(_event.c.id == event, visible(caller))
    if db.execute(known).scalar_one_or_none() is None:
        raise not_found()
    covered = _size(db, size, "query/size")
    row = db.execute(select(_entry).where(_entry.c.event_id == event)).one_or_none()
    if row is None or row.leaf_index >= covered:
        raise conflict(
            f"the event is not in the first {covered} entries; without size, the last checkpoint "
            "is taken: ask again in a second"
        )
    whole = Tree(db, covered)
    return Inclusion(
        index=row.leaf_index,
        size=covered,
        leaf_hash=row.leaf_hash,
        proof=whole.inclusion(row.leaf_index),
        root=whole.root,
    )


def consistency(db: Session, first: int, second: int | None) -> tuple[int, list[bytes]]:
    """Prove that the tree of `first` begins that of `second`, by default the last checkpoint's.

    Returns:
        the second size, and the hashes.
    """
    to = _size(db, second, "query/to")
    if not 1 <= first <= to:
        raise _bad("query/from", f"found {first}; expected a size from 1 to {to}")
    return to, Tree(db, to).consistency(first)


def _size(db: Session, asked: int | None, pointer: str) -> int:
    last = read_checkpoint(latest(db)).size
    if asked is None:
        return last
    if not 1 <= asked <= last:
        raise _bad(pointer, f"found {asked}; expected a size from 1 to {last}, the last one signed")
    return asked


def _bad(pointer: str, message: str) -> Problem:
    return unreadable(Fault(pointer=pointer, message=message))


def _rows(db: Session, caller: Caller, first: int, stop: int) -> Sequence[Row[*tuple[object, ...]]]:
    """Give entries with what the caller may read of them."""
    reads = visible(caller)
    question = (
        select(
            _entry.c.leaf_index,
            _entry.c.leaf_hash,
            case((reads, _entry.c.event_id)).label("event_id"),
            case((reads, _event.c.record)).label("record"),
        )
        .join(_event, _event.c.id == _entry.c.event_id)
        .where(and_(_entry.c.leaf_index >= first, _entry.c.leaf_index < stop))
        .order_by(_entry.c.leaf_index)
    )
    return db.execute(question).all()
