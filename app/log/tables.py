"""The tables of the log: entries and nodes of its tree, and the checkpoints over it.

Rows are only added, but for the outbox, which holds what has no index yet (PostgreSQL).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


class LogOutboxRow(Base):
    """An event that has no index yet; a trigger puts it here, whoever wrote the event."""

    __tablename__ = "log_outbox"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)


class LogEntryRow(Base):
    """One leaf: which event it is, and the hash of its record (RFC 9162)."""

    __tablename__ = "log_entry"
    __table_args__ = (CheckConstraint("length(leaf_hash) = 32", name="hash_whole"),)

    leaf_index: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), unique=True)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)


class LogNodeRow(Base):
    """The root of a whole subtree: of 256 leaves on level 1, of 256 such nodes on level 2."""

    __tablename__ = "log_node"
    __table_args__ = (CheckConstraint("length(node_hash) = 32", name="hash_whole"),)

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    node_index: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    node_hash: Mapped[bytes] = mapped_column(LargeBinary)


class LogCheckpointRow(Base):
    """A checkpoint as it was signed, later than all before it; of one size the last counts."""

    __tablename__ = "log_checkpoint"
    __table_args__ = (Index(None, "signed_at"),)

    size: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    signed_at: Mapped[datetime] = mapped_column(primary_key=True)
    note: Mapped[str]


class LogCosignatureRow(Base):
    """One cosignature of a checkpoint; `line` as a note has it, `time` as the witness said."""

    __tablename__ = "log_cosignature"
    __table_args__ = (
        CheckConstraint("length(root) = 32", name="root_whole"),
        Index(None, "key_name", "key_id"),
        Index(None, "principal_id", "key_name", "key_id"),
    )

    size: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    key_name: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(primary_key=True)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    vkey: Mapped[str]
    line: Mapped[str]
    time: Mapped[datetime]
    organisation_id: Mapped[UUID]
    principal_id: Mapped[UUID]
    received_at: Mapped[datetime]
