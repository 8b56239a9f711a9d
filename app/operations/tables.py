"""The present state of operations and their members; their past is in the ledger."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Named
from app.domain.policy import Audience


class OperationRow(Base):
    """One operation; `countries` holds their codes, each with a blank before and after it."""

    __tablename__ = "operation"
    __table_args__ = (Index(None, "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    countries: Mapped[str]
    glide: Mapped[str | None]
    started_on: Mapped[date | None]
    tz: Mapped[str]
    created_at: Mapped[datetime]


class MembershipRow(Base):
    """One organisation in one operation; without an audience of its own the usual one holds.

    A membership that has ended stays, so that tokens of that organisation lose the operation.
    """

    __tablename__ = "membership"

    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )
    audience: Mapped[Audience | None] = mapped_column(Named(Audience), default=None)
    removed_at: Mapped[datetime | None] = mapped_column(default=None)
