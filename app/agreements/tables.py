"""What the database itself knows of agreements: what lists filter by, and what bears out a status.

The full values are in the ledger. `position`, `attestation`, `status_change`,
`counted_confirmation`, `counted_revision` and `succession` are only added to: with them the
database refuses a `confirmed` that nobody's confirmations bear out, and a successor is found by
those that it follows.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Named
from app.domain.agreement.model import AgreementKind, Form, Stance
from app.domain.agreement.party import PartyRole
from app.domain.agreement.status import Laterality, Status
from app.domain.disclosure import Sensitivity
from app.domain.fact import Basis


class AgreementRow(Base):
    """Present state of one agreement, as far as lists filter by it; its past is in the ledger."""

    __tablename__ = "agreement"
    __table_args__ = (
        Index(None, "operation_id", "created_at", "id"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"))
    created_at: Mapped[datetime]
    laterality: Mapped[Laterality] = mapped_column(Named(Laterality))
    kind: Mapped[AgreementKind] = mapped_column(Named(AgreementKind))
    status: Mapped[Status] = mapped_column(Named(Status))
    sensitivity: Mapped[Sensitivity] = mapped_column(Named(Sensitivity))
    release_at: Mapped[datetime | None] = mapped_column(default=None)


class PartyRow(Base):
    """One organisation in one role; `until` is when it ceased to be there."""

    __tablename__ = "party"

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )
    role: Mapped[PartyRole] = mapped_column(Named(PartyRole), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime | None] = mapped_column(default=None)


class PositionRow(Base):
    """One statement of a party, as it was recorded; `id` is that of its event."""

    __tablename__ = "position"

    id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    stance: Mapped[Stance] = mapped_column(Named(Stance))
    stated_at: Mapped[datetime]
    recorded_by_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    recorded_by_holder: Mapped[str]
    basis: Mapped[Basis] = mapped_column(Named(Basis))
    revision: Mapped[int | None] = mapped_column(default=None)
    terms_hash: Mapped[str | None] = mapped_column(default=None)
    form: Mapped[Form | None] = mapped_column(Named(Form), default=None)
    valid_until: Mapped[datetime | None] = mapped_column(default=None)


class AttestationRow(Base):
    """A second person standing behind a position; `id` is that of its event."""

    __tablename__ = "attestation"

    id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    position_id: Mapped[UUID] = mapped_column(ForeignKey("position.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    holder: Mapped[str]


class CountedConfirmationRow(Base):
    """A confirmation that a change to `confirmed` counted, and its attestation if it needed one."""

    __tablename__ = "counted_confirmation"

    change_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    position_id: Mapped[UUID] = mapped_column(ForeignKey("position.id"))
    attestation_id: Mapped[UUID | None] = mapped_column(ForeignKey("attestation.id"), default=None)


class CountedRevisionRow(Base):
    """An earlier revision, which that of a change to `confirmed` only extends."""

    __tablename__ = "counted_revision"

    change_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    terms_hash: Mapped[str]


class SuccessionRow(Base):
    """An agreement whose change to `superseded` names the one that takes its place."""

    __tablename__ = "succession"

    change_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"))
    successor_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), index=True)


class StatusChangeRow(Base):
    """One status that an event set; `id` is that of the event.

    `revision` and `terms_hash` are those of the terms that a change to `confirmed` rests on.
    """

    __tablename__ = "status_change"

    id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), index=True)
    status: Mapped[Status] = mapped_column(Named(Status))
    effective_at: Mapped[datetime]
    revision: Mapped[int | None] = mapped_column(default=None)
    terms_hash: Mapped[str | None] = mapped_column(default=None)
