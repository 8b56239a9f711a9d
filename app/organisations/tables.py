"""The present state of organisations; their past is in the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Named
from app.domain.organisation import OrganisationKind


class OrganisationRow(Base):
    """One organisation; `short_name_folded` is its short name without regard to case."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    name: Mapped[str]
    short_name: Mapped[str]
    short_name_folded: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OrganisationKind] = mapped_column(Named(OrganisationKind))
    country: Mapped[str | None]
    iati_id: Mapped[str | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    is_belligerent: Mapped[bool]
    created_at: Mapped[datetime]
