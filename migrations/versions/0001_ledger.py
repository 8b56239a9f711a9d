"""The history: subjects, their events, and the keys of requests that succeeded."""

from alembic import op
from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from app.db.types import Instant, Words
from migrations.schema import column, create_table, guard, id_column, unguard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("subject", "event", "event_aspect", "event_value", "event_replaced", "idempotency_key")
NEWEST_EVENT = "fk_subject_id_version"


def upgrade() -> None:
    _subject()
    _event()
    _parts_of_an_event()
    _idempotency_key()
    guard(*TABLES)


def downgrade() -> None:
    unguard(*TABLES)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(NEWEST_EVENT, "subject")
    for table in reversed(TABLES):
        op.drop_table(table)


def _subject() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    newest_event = ForeignKeyConstraint(
        ["id", "version"],
        ["event.subject_id", "event.sequence"],
        name=NEWEST_EVENT,
        deferrable=True,
        initially="DEFERRED",
    )
    create_table(
        "subject",
        id_column(),
        column("kind", Words),
        id_column("operation_id", nullable=True),
        column("version", Integer()),
        column("created_at", Instant()),
        column("recorded_at", Instant()),
        PrimaryKeyConstraint("id"),
        # PostgreSQL wants the other table to exist first, SQLite cannot add it later.
        *([] if postgresql else [newest_event]),
        rowid=False,
    )


def _event() -> None:
    create_table(
        "event",
        id_column(),
        id_column("subject_id"),
        column("subject_kind", Words),
        id_column("operation_id", nullable=True),
        column("sequence", Integer()),
        column("kind", Words),
        column("effective_at", Instant()),
        column("recorded_at", Instant()),
        column("basis", Words),
        id_column("organisation_id"),
        column("record", LargeBinary()),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["subject_id"], ["subject.id"]),
        UniqueConstraint("subject_id", "sequence"),
        CheckConstraint("effective_at <= recorded_at", name="not_in_the_future"),
        CheckConstraint("basis IN ('stated', 'inferred')", name="basis_known"),
    )
    op.create_index(None, "event", ["recorded_at", "id"])
    op.create_index(None, "event", ["operation_id", "recorded_at", "id"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_foreign_key(
            NEWEST_EVENT,
            "subject",
            "event",
            ["id", "version"],
            ["subject_id", "sequence"],
            deferrable=True,
            initially="DEFERRED",
        )


def _parts_of_an_event() -> None:
    create_table(
        "event_aspect",
        id_column("event_id"),
        column("aspect", Words),
        id_column("subject_id"),
        column("effective_at", Instant()),
        column("sequence", Integer()),
        column("recorded_at", Instant()),
        PrimaryKeyConstraint("event_id", "aspect"),
        ForeignKeyConstraint(["event_id"], ["event.id"]),
        rowid=False,
    )
    op.create_index(None, "event_aspect", ["subject_id", "aspect", "effective_at", "sequence"])
    create_table(
        "event_value",
        id_column("event_id"),
        column("field", Words),
        column("salt", LargeBinary()),
        column("value", Words),
        PrimaryKeyConstraint("event_id", "field"),
        ForeignKeyConstraint(["event_id"], ["event.id"]),
        CheckConstraint("length(salt) = 32", name="salt_whole"),
        rowid=False,
    )
    create_table(
        "event_replaced",
        id_column("event_id"),
        column("aspect", Words),
        id_column("by_event_id"),
        column("sequence", Integer()),
        column("recorded_at", Instant()),
        PrimaryKeyConstraint("event_id", "aspect", "by_event_id"),
        ForeignKeyConstraint(["event_id"], ["event.id"]),
        ForeignKeyConstraint(["by_event_id"], ["event.id"]),
        rowid=False,
    )


def _idempotency_key() -> None:
    create_table(
        "idempotency_key",
        id_column("principal_id"),
        column("key", Words),
        column("digest", LargeBinary()),
        column("status", Integer()),
        id_column("subject_id"),
        id_column("event_id"),
        PrimaryKeyConstraint("principal_id", "key"),
        ForeignKeyConstraint(["subject_id"], ["subject.id"]),
        ForeignKeyConstraint(["event_id"], ["event.id"]),
        rowid=False,
    )
