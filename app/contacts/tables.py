"""The present state of contacts; their past is in the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Named
from app.domain.contact import Channel, ContactStatus


class ContactRow(Base):
    """Talks about one agreement, planned or held or cancelled."""

    __tablename__ = "contact"
    __table_args__ = (Index(None, "agreement_id", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"))
    channel: Mapped[Channel] = mapped_column(Named(Channel))
    status: Mapped[ContactStatus] = mapped_column(Named(ContactStatus))
    at: Mapped[datetime | None]
    created_at: Mapped[datetime]
