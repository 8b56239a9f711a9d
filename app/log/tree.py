"""The tree over the log as it is stored: whole tiles of 256 hashes, from which any root follows.

A tile of level 0 holds leaf hashes, one of level 1 the roots of 256 leaves each, and so on, as C2SP
tlog-tiles counts them. A root or proof reads one or two tiles of each level.
"""

from collections.abc import Sequence
from functools import cached_property
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from app.db.rows import insert_rows
from app.domain import merkle
from app.log.tables import LogEntryRow, LogNodeRow

TILE = 256
_LEVELS = 8
"""A tile spans so many levels of the binary tree."""
_entry = LogEntryRow.__table__
_node = LogNodeRow.__table__

SIZE = select(func.coalesce(func.max(_entry.c.leaf_index) + 1, 0)).scalar_subquery()
"""How many leaves there are, to be asked for along with something else."""
_SIZE = select(SIZE)
_LEAVES = (
    select(_entry.c.leaf_hash)
    .where(_entry.c.leaf_index >= bindparam("first"), _entry.c.leaf_index < bindparam("stop"))
    .order_by(_entry.c.leaf_index)
)
_NODES = (
    select(_node.c.node_hash)
    .where(
        _node.c.level == bindparam("level"),
        _node.c.node_index >= bindparam("first"),
        _node.c.node_index < bindparam("stop"),
    )
    .order_by(_node.c.node_index)
)


class Damaged(RuntimeError):
    """The stored tree lacks a part of itself; the message says which."""


def size(db: Session) -> int:
    """Count the leaves."""
    found: int = db.execute(_SIZE).scalar_one()
    return found


def tile(db: Session, level: int, number: int, width: int = TILE) -> list[bytes]:
    """Give the first `width` hashes of a tile.

    Raises:
        Damaged: not all of them are there.
    """
    first = number * TILE
    asked = {"first": first, "stop": first + width}
    rows = db.execute(_NODES, {"level": level, **asked}) if level else db.execute(_LEAVES, asked)
    found = list(rows.scalars())
    if len(found) != width:
        raise Damaged(
            f"the log has {len(found)} of {width} hashes in tile {number} of level {level}"
        )
    return found


def add(db: Session, first: int, records: Sequence[tuple[UUID, bytes]]) -> None:
    """Add the records of events as leaves from index `first` on, and the nodes they make whole.

    The caller alone adds: it holds the lock of the log, and under it asked for `SIZE`.
    """
    rows = [
        {"leaf_index": index, "event_id": event, "leaf_hash": merkle.leaf_hash(record)}
        for index, (event, record) in enumerate(records, first)
    ]
    insert_rows(db, _entry, rows, {})
    _add_nodes(db, 1, first, first + len(rows))


def _add_nodes(db: Session, level: int, first: int, stop: int) -> None:
    """Add the nodes of `level` that became whole as the level below grew from `first` to `stop`."""
    made = range(first // TILE, stop // TILE)
    for index in made:
        root = merkle.root_hash(tile(db, level - 1, index))
        db.execute(insert(_node), {"level": level, "node_index": index, "node_hash": root})
    if made:
        _add_nodes(db, level + 1, made.start, made.stop)


class Tree:
    """The tree of a given size, read as far as it is asked."""

    def __init__(self, db: Session, size: int) -> None:
        """Look at the first `size` leaves."""
        self.size = size
        self._db = db
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    @cached_property
    def root(self) -> bytes:
        """The root over all leaves."""
        return self.root_at(self.size)

    def root_at(self, size: int) -> bytes:
        """Give the root that the tree had when it was smaller."""
        return merkle.root_over(range(size), self._hash)

    def inclusion(self, index: int) -> list[bytes]:
        """Prove that a leaf is there."""
        return self._roots(merkle.inclusion_path(index, self.size))

    def consistency(self, size: int) -> list[bytes]:
        """Prove that the tree of `size` begins this one."""
        return self._roots(merkle.consistency_path(size, self.size))

    def _roots(self, path: Sequence[range]) -> list[bytes]:
        return [merkle.root_over(leaves, self._hash) for leaves in path]

    def _hash(self, level: int, index: int) -> bytes:
        """Give the root of a whole subtree, from the tile that holds its lowest level."""
        of_tile, within = divmod(level, _LEVELS)
        first = index << within
        number, place = divmod(first, TILE)
        hashes = self._tile(of_tile, number)[place : place + (1 << within)]
        return merkle.root_hash(hashes)

    def _tile(self, level: int, number: int) -> list[bytes]:
        key = (level, number)
        if key not in self._tiles:
            there = self.size >> (_LEVELS * level)
            width = min(TILE, there - number * TILE)
            self._tiles[key] = tile(self._db, level, number, width)
        return self._tiles[key]
