"""Which sites there are, and how sensitive they are now; all else is in the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Named
from app.domain.disclosure import Sensitivity


class SiteRow(Base):
    """One site, in the operation that bounds who may know of it."""

    __tablename__ = "site"
    __table_args__ = (Index(None, "operation_id", "id"),)

    id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"))
    created_at: Mapped[datetime]
    sensitivity: Mapped[Sensitivity] = mapped_column(Named(Sensitivity))
    release_at: Mapped[datetime | None] = mapped_column(default=None)
