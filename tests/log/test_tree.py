"""The stored tree is the tree of RFC 9162, at whatever size it is asked for."""

import random
from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, insert, update

from app.db.session import reading, writing
from app.domain import merkle
from app.log import tree
from app.log.tables import LogEntryRow, LogNodeRow
from app.log.tree import Damaged, Tree
from tests.databases import Database
from tests.store.tampering import unguarded

SIZES = (0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537)
RECORDS = [str(number).encode() for number in range(SIZES[-1])]
LEAVES = [merkle.leaf_hash(record) for record in RECORDS]
_entry = LogEntryRow.__table__
_node = LogNodeRow.__table__


@pytest.fixture
def stored(database: Database) -> Iterator[Engine]:
    """Lend a database in which leaves need no events."""
    engine = unguarded(database)
    yield engine
    engine.dispose()


def grow(engine: Engine, first: int, stop: int, *, most: int = 1000) -> None:
    """Add leaves, at most so many in a transaction."""
    for begin in range(first, stop, most):
        end = min(begin + most, stop)
        records = [(UUID(int=number), RECORDS[number]) for number in range(begin, end)]
        with writing(engine) as db:
            tree.add(db, tree.size(db), records)


def test_it_is_the_tree_over_all_leaves_at_every_size(stored: Engine) -> None:
    for before, size in pairwise((0, *SIZES)):
        grow(stored, before, size)
        with reading(stored) as db:
            assert tree.size(db) == size
            assert Tree(db, size).root == merkle.root_hash(LEAVES[:size])
    with reading(stored) as db:
        for size in SIZES:
            assert Tree(db, size).root == merkle.root_hash(LEAVES[:size])
            assert Tree(db, SIZES[-1]).root_at(size) == merkle.root_hash(LEAVES[:size])
        for size in SIZES[1:]:
            for index in sorted({0, 1, 254, 255, 256, size // 2, size - 1}):
                if index < size:
                    proof = merkle.inclusion_proof(LEAVES[:size], index)
                    assert Tree(db, size).inclusion(index) == proof
            for earlier in SIZES[1:]:
                if earlier <= size:
                    proof = merkle.consistency_proof(LEAVES[:size], earlier)
                    assert Tree(db, size).consistency(earlier) == proof


@pytest.mark.parametrize("seed", range(3))
def test_it_does_not_matter_how_many_were_added_at_a_time(stored: Engine, seed: int) -> None:
    chance = random.Random(seed)
    size = 0
    while size < 2000:
        more = chance.choice((1, 2, 7, 255, 256, 257, 600))
        grow(stored, size, size + more)
        size += more
    with reading(stored) as db:
        assert Tree(db, size).root == merkle.root_hash(LEAVES[:size])
        found = db.execute(_node.select().order_by(_node.c.node_index)).all()
    nodes = [merkle.root_hash(LEAVES[i : i + 256]) for i in range(0, size - 255, 256)]
    assert [tuple(row) for row in found] == [(1, i, node) for i, node in enumerate(nodes)]


def test_a_missing_leaf_is_named(stored: Engine) -> None:
    grow(stored, 0, 300)
    with writing(stored) as db:
        db.execute(delete(_entry).where(_entry.c.leaf_index == 270))
    with reading(stored) as db:
        assert tree.size(db) == 300
        with pytest.raises(Damaged, match="43 of 44 hashes in tile 1 of level 0"):
            _ = Tree(db, 300).root
        assert Tree(db, 270).root == merkle.root_hash(LEAVES[:270])


def test_a_missing_node_is_named_and_nothing_is_built_on_it(stored: Engine) -> None:
    grow(stored, 0, 65_535)
    with writing(stored) as db:
        db.execute(delete(_node).where(_node.c.level == 1, _node.c.node_index == 77))
    with reading(stored) as db, pytest.raises(Damaged, match="tile 0 of level 1"):
        _ = Tree(db, 65_535).root
    with pytest.raises(Damaged, match="255 of 256 hashes in tile 0 of level 1"):
        grow(stored, 65_535, 65_536)
    with reading(stored) as db:
        assert tree.size(db) == 65_535


@pytest.mark.parametrize("what", ["leaf", "node"])
def test_a_wrong_hash_leads_to_another_root(stored: Engine, what: str) -> None:
    grow(stored, 0, 300)
    wrong = merkle.leaf_hash(b"another")
    with writing(stored) as db:
        if what == "leaf":
            db.execute(update(_entry).where(_entry.c.leaf_index == 299).values(leaf_hash=wrong))
        else:
            db.execute(update(_node).values(node_hash=wrong))
    with reading(stored) as db:
        assert Tree(db, 300).root != merkle.root_hash(LEAVES[:300])


def test_one_index_is_never_given_twice(stored: Engine) -> None:
    grow(stored, 0, 3)
    row = {"leaf_index": 2, "event_id": UUID(int=9), "leaf_hash": LEAVES[9]}
    with pytest.raises(Exception, match=r"(?i)unique"), writing(stored) as db:
        db.execute(insert(_entry), row)
