"""The table of cosignatures: what organisations vouched for, each with its own key."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


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
