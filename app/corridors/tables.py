"""Which corridors there are, of which agreement, and which sites they name; all else is in the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Named
from app.domain.corridor.status import CorridorStatus
from app.domain.disclosure import Sensitivity


class CorridorRow(Base):
    """Present state of one corridor, as far as others look for it; its past is in the ledger."""

    __tablename__ = "corridor"
    __table_args__ = (
        Index(None, "agreement_id", "status"),
        Index(None, "operation_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"))
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"))
    created_at: Mapped[datetime]
    status: Mapped[CorridorStatus] = mapped_column(Named(CorridorStatus))
    sensitivity: Mapped[Sensitivity] = mapped_column(Named(Sensitivity))
    release_at: Mapped[datetime | None] = mapped_column(default=None)
    reciprocal_of: Mapped[UUID | None] = mapped_column(
        ForeignKey("corridor.id"), index=True, default=None
    )


class CorridorSiteRow(Base):
    """A site that a corridor names now, at an end or on its way."""

    __tablename__ = "corridor_site"

    corridor_id: Mapped[UUID] = mapped_column(ForeignKey("corridor.id"), primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True, index=True)
