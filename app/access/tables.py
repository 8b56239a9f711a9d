"""Principals: what a token stands for, and the operations that it names."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Named
from app.domain.policy import Audience, Role


class PrincipalRow(Base):
    """One token: kept as a hash, never as itself. Its past is in the ledger.

    Two principals of one holder are one person.
    """

    __tablename__ = "principal"

    id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    role: Mapped[Role] = mapped_column(Named(Role))
    holder: Mapped[str]
    created_at: Mapped[datetime]
    audience: Mapped[Audience | None] = mapped_column(Named(Audience), default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class PrincipalOperationRow(Base):
    """An operation that a token names."""

    __tablename__ = "principal_operation"

    principal_id: Mapped[UUID] = mapped_column(ForeignKey("principal.id"), primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(primary_key=True)
