"""The tables of the history. Rows are only added, but for a subject's version."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class SubjectRow(Base):
    """One aggregate: how many events it has, and when the last one was recorded."""

    __tablename__ = "subject"
    __table_args__ = (
        # One version, one event: judged at commit, since each row needs the other.
        ForeignKeyConstraint(
            ["id", "version"],
            ["event.subject_id", "event.sequence"],
            name="fk_subject_id_version",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    operation_id: Mapped[UUID | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class EventRow(Base):
    """One change of one subject by one request; `organisation_id` is its actor's."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("subject_id", "sequence"),
        CheckConstraint("effective_at <= recorded_at", name="not_in_the_future"),
        CheckConstraint("basis IN ('stated', 'inferred')", name="basis_known"),
        Index(None, "recorded_at", "id"),
        Index(None, "operation_id", "recorded_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"))
    subject_kind: Mapped[str]
    operation_id: Mapped[UUID | None]
    sequence: Mapped[int]
    kind: Mapped[str]
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    basis: Mapped[str]
    organisation_id: Mapped[UUID]
    record: Mapped[bytes] = mapped_column(LargeBinary)


class EventAspectRow(Base):
    """One aspect that an event sets; its value is the event's field `aspect/<name>`."""

    __tablename__ = "event_aspect"
    __table_args__ = (Index(None, "subject_id", "aspect", "effective_at", "sequence"),)

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    aspect: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID]
    effective_at: Mapped[datetime]
    sequence: Mapped[int]
    recorded_at: Mapped[datetime]


class EventValueRow(Base):
    """One named value of an event, as canonical JSON, with the salt of its commitment."""

    __tablename__ = "event_value"
    __table_args__ = (CheckConstraint("length(salt) = 32", name="salt_whole"),)

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    value: Mapped[str]


class EventReplacedRow(Base):
    """One aspect of an event that a later event of the same subject takes out of readings."""

    __tablename__ = "event_replaced"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    aspect: Mapped[str] = mapped_column(primary_key=True)
    by_event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    sequence: Mapped[int]
    recorded_at: Mapped[datetime]


class EventRedactedRow(Base):
    """One field of an event whose value and salt were erased by a later event, of its subject."""

    __tablename__ = "event_redacted"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    by_event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"))


class IdempotencyKeyRow(Base):
    """The outcome of a request that succeeded, for its exact repetition."""

    __tablename__ = "idempotency_key"

    principal_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"))
