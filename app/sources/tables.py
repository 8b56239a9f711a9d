"""The present state of sources; their past is in the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Named
from app.domain.source import Reliability, SourceKind


class SourceRow(Base):
    """One source, in the operation that bounds who may know of it."""

    __tablename__ = "source"
    __table_args__ = (
        CheckConstraint("credibility BETWEEN 1 AND 6", name="credibility_known"),
        Index(None, "operation_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"))
    publisher: Mapped[str]
    title: Mapped[str]
    kind: Mapped[SourceKind] = mapped_column(Named(SourceKind))
    published_at: Mapped[datetime | None]
    address: Mapped[str | None]
    sha256: Mapped[str | None]
    reliability: Mapped[Reliability | None] = mapped_column(Named(Reliability))
    credibility: Mapped[int | None]
    created_at: Mapped[datetime]
