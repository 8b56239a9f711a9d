"""The log over the history: entries, nodes, checkpoints and cosignatures, and what waits for them.

What was recorded before enters the log too: at once in SQLite, by way of the outbox in PostgreSQL.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import count

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)

from app.db.types import Instant, Words
from migrations.schema import column, create_table, guard, id_column, unguard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("log_entry", "log_node", "log_checkpoint", "log_cosignature")
_TILE = 256


def upgrade() -> None:
    _outbox()
    _entry()
    _node()
    _checkpoint()
    _cosignature()
    if op.get_bind().dialect.name == "sqlite":
        _enter()
        guard(*TABLES)
        return
    guard(*TABLES, "log_outbox")
    op.execute("INSERT INTO log_outbox (event_id) SELECT id FROM event")


def downgrade() -> None:
    unguard(*TABLES, "log_outbox")
    for table in (*reversed(TABLES), "log_outbox"):
        op.drop_table(table)


def _outbox() -> None:
    create_table(
        "log_outbox",
        id_column("event_id"),
        PrimaryKeyConstraint("event_id"),
        ForeignKeyConstraint(["event_id"], ["event.id"]),
        rowid=False,
    )


def _entry() -> None:
    create_table(
        "log_entry",
        column("leaf_index", _number()),
        id_column("event_id"),
        column("leaf_hash", LargeBinary()),
        PrimaryKeyConstraint("leaf_index"),
        UniqueConstraint("event_id"),
        ForeignKeyConstraint(["event_id"], ["event.id"]),
        CheckConstraint("length(leaf_hash) = 32", name="hash_whole"),
    )


def _node() -> None:
    create_table(
        "log_node",
        column("level", Integer()),
        column("node_index", _number()),
        column("node_hash", LargeBinary()),
        PrimaryKeyConstraint("level", "node_index"),
        CheckConstraint("length(node_hash) = 32", name="hash_whole"),
        rowid=False,
    )


def _checkpoint() -> None:
    create_table(
        "log_checkpoint",
        column("size", _number()),
        column("signed_at", Instant()),
        column("note", Words),
        PrimaryKeyConstraint("size", "signed_at"),
        rowid=False,
    )
    op.create_index(None, "log_checkpoint", ["signed_at"])


def _cosignature() -> None:
    create_table(
        "log_cosignature",
        column("size", _number()),
        column("key_name", Words),
        column("key_id", Words),
        column("root", LargeBinary()),
        column("vkey", Words),
        column("line", Words),
        column("time", Instant()),
        id_column("organisation_id"),
        id_column("principal_id"),
        column("received_at", Instant()),
        PrimaryKeyConstraint("size", "key_name", "key_id"),
        CheckConstraint("length(root) = 32", name="root_whole"),
        rowid=False,
    )
    op.create_index(None, "log_cosignature", ["key_name", "key_id"])
    op.create_index(None, "log_cosignature", ["principal_id", "key_name", "key_id"])


def _number() -> BigInteger | Integer:
    return BigInteger().with_variant(Integer(), "sqlite")


def _enter() -> None:
    """Give every event its index, in the order of recording, and the nodes that are whole."""
    connection = op.get_bind()
    events = connection.execute(
        text("SELECT id, record FROM event ORDER BY recorded_at, sequence, id")
    )
    leaves = [(event.id, sha256(b"\x00" + bytes(event.record)).digest()) for event in events]
    for index, (event, leaf) in enumerate(leaves):
        connection.execute(
            text("INSERT INTO log_entry VALUES (:index, :event, :leaf)"),
            {"index": index, "event": event, "leaf": leaf},
        )
    hashes = [leaf for _, leaf in leaves]
    for level in count(1):
        hashes = list(_whole(hashes))
        if not hashes:
            return
        for index, node in enumerate(hashes):
            connection.execute(
                text("INSERT INTO log_node VALUES (:level, :index, :node)"),
                {"level": level, "index": index, "node": node},
            )


def _whole(hashes: list[bytes]) -> Iterator[bytes]:
    """Give the roots of the whole tiles of a level."""
    for first in range(0, len(hashes) - _TILE + 1, _TILE):
        heads = hashes[first : first + _TILE]
        while len(heads) > 1:
            pairs = zip(heads[::2], heads[1::2], strict=True)
            heads = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        yield heads[0]
