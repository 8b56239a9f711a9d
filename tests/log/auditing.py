"""What must be so of a log, whatever happened to whoever wrote it: found by reading every row."""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.db.session import reading
from app.domain import merkle
from app.domain.note import InvalidNote, Note, Verifier, read_checkpoint
from app.ledger.tables import EventRow
from app.log.tables import LogEntryRow, LogNodeRow, LogOutboxRow
from app.log.tree import TILE, Damaged, Tree

_event = EventRow.__table__
_entry = LogEntryRow.__table__
_node = LogNodeRow.__table__
_outbox = LogOutboxRow.__table__


def audit(engine: Engine, notes: Sequence[Note] = (), key: Verifier | None = None) -> list[str]:
    """Say what is wrong with the log, once nobody writes any more and the last turn was taken.

    Args:
        notes: all that was ever signed, in any order.
        key: that signed them.
    """
    with reading(engine) as db:
        return [*_entries(db), *_nodes(db), *_checkpoints(db, notes, key)]


def _entries(db: Session) -> Iterator[str]:
    events = {row.id: row for row in db.execute(select(_event))}
    entries = db.execute(select(_entry).order_by(_entry.c.leaf_index)).all()
    if [row.leaf_index for row in entries] != list(range(len(entries))):
        yield "the indexes have a gap"
    leaves = Counter(row.event_id for row in entries)
    if lost := events.keys() - leaves.keys():
        yield f"{len(lost)} events have no leaf"
    if max(leaves.values(), default=1) > 1:
        yield "an event has two leaves"
    last: dict[object, int] = {}
    for row in entries:
        event = events[row.event_id]
        if sha256(b"\x00" + bytes(event.record)).digest() != row.leaf_hash:
            yield f"leaf {row.leaf_index} is not the hash of its record"
        if event.sequence <= last.get(event.subject_id, 0):
            yield f"leaf {row.leaf_index} comes after a later event of its subject"
        last[event.subject_id] = event.sequence
    if waiting := db.execute(select(_outbox)).all():
        yield f"{len(waiting)} events still wait"


def _nodes(db: Session) -> Iterator[str]:
    leaves = list(db.execute(select(_entry.c.leaf_hash).order_by(_entry.c.leaf_index)).scalars())
    stored = {(row.level, row.node_index): row.node_hash for row in db.execute(select(_node))}
    expected: dict[tuple[int, int], bytes] = {}
    hashes, level = leaves, 1
    while hashes := [
        merkle.root_hash(hashes[first : first + TILE])
        for first in range(0, len(hashes) - TILE + 1, TILE)
    ]:
        expected |= {(level, index): each for index, each in enumerate(hashes)}
        level += 1
    if stored != expected:
        yield "the nodes are not those of the leaves"


def _checkpoints(db: Session, notes: Sequence[Note], key: Verifier | None) -> Iterator[str]:
    leaves = list(db.execute(select(_entry.c.leaf_hash).order_by(_entry.c.leaf_index)).scalars())
    for note in notes:
        told = read_checkpoint(note)
        if told.size > len(leaves) or merkle.root_hash(leaves[: told.size]) != told.root:
            yield f"the checkpoint of {told.size} is not one of this log"
        try:
            if key is not None:
                key.verify(note)
        except InvalidNote as error:
            yield f"the checkpoint of {told.size}: {error}"
    yield from _inconsistent(db, notes)


def _inconsistent(db: Session, notes: Sequence[Note]) -> Iterator[str]:
    """Check each checkpoint against the next one; so all are consistent with all later ones."""
    told = sorted({read_checkpoint(note) for note in notes}, key=lambda each: each.size)
    for one, next_one in pairwise([each for each in told if each.size]):
        try:
            proof = Tree(db, next_one.size).consistency(one.size)
            merkle.verify_consistency(one.size, next_one.size, one.root, next_one.root, proof)
        except (Damaged, merkle.InvalidProof) as error:
            yield f"from {one.size} to {next_one.size}: {error}"
