"""Are the records of the history those that the log was made of, and its tree that of its leaves?

Whether the log goes on from its last checkpoint is for `signing.contradiction`, which reads the tree.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.domain import merkle
from app.ledger.tables import EventRow
from app.log.tables import LogEntryRow, LogNodeRow
from app.log.tree import TILE

_BATCH = 1000
_event, _entry, _node = EventRow.__table__, LogEntryRow.__table__, LogNodeRow.__table__
_LEAVES = (
    select(_entry.c.leaf_index, _entry.c.leaf_hash, _entry.c.event_id, _event.c.record)
    .outerjoin(_event, _event.c.id == _entry.c.event_id)
    .where(_entry.c.leaf_index >= bindparam("first"))
    .order_by(_entry.c.leaf_index)
    .limit(_BATCH)
)


def altered(db: Session) -> Iterator[str]:
    """Say what is not as it was when it was entered: a record, the order of the leaves, the tree."""
    leaves: list[bytes] = []
    roots: list[bytes] = []
    for number, (index, leaf, event, record) in enumerate(_leaves(db)):
        if index != number:
            yield f"the log has an entry {index} where its entry {number} was expected"
            return
        if record is None or merkle.leaf_hash(record) != leaf:
            yield f"the record of event {event} is not the one of which entry {index} was made"
        leaves.append(leaf)
        if len(leaves) == TILE:
            roots.append(merkle.root_hash(leaves))
            leaves.clear()
    yield from _other_nodes(db, 1, roots)


def _leaves(db: Session) -> Iterator[Any]:
    first = 0
    while rows := db.execute(_LEAVES, {"first": first}).all():
        yield from rows
        first = rows[-1].leaf_index + 1


def _other_nodes(db: Session, level: int, expected: Sequence[bytes]) -> Iterator[str]:
    nodes = select(_node.c.node_index, _node.c.node_hash).where(_node.c.level == level)
    found = db.execute(nodes.order_by(_node.c.node_index)).all()
    if [tuple(row) for row in found] != list(enumerate(expected)):
        yield f"level {level} of the log's tree is not that of its entries"
    if found or expected:
        tiles = [expected[at : at + TILE] for at in range(0, len(expected), TILE)]
        above = [merkle.root_hash(tile) for tile in tiles if len(tile) == TILE]
        yield from _other_nodes(db, level + 1, above)
