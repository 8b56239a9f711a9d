"""Organisations, operations with their members, sources and contacts: their present state."""

from alembic import op
from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from app.db.types import Day, Flag, Instant, Words
from migrations.schema import column, create_table, id_column

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _organisation()
    _operation()
    _source()
    _contact()


def downgrade() -> None:
    for table in ("contact", "source", "membership", "operation", "organisation"):
        op.drop_table(table)


def _organisation() -> None:
    create_table(
        "organisation",
        id_column(),
        column("name", Words),
        column("short_name", Words),
        column("short_name_folded", Words),
        column("kind", Words),
        column("country", Words, nullable=True),
        column("iati_id", Words, nullable=True),
        id_column("parent_id", nullable=True),
        column("is_belligerent", Flag()),
        column("created_at", Instant()),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["subject.id"]),
        ForeignKeyConstraint(["parent_id"], ["organisation.id"]),
        UniqueConstraint("short_name_folded"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )
    op.create_index(None, "organisation", ["created_at", "id"])
    op.create_index(None, "organisation", ["parent_id"])


def _operation() -> None:
    create_table(
        "operation",
        id_column(),
        column("slug", Words),
        column("name", Words),
        column("countries", Words),
        column("glide", Words, nullable=True),
        column("started_on", Day(), nullable=True),
        column("tz", Words),
        column("created_at", Instant()),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["subject.id"]),
        UniqueConstraint("slug"),
    )
    op.create_index(None, "operation", ["created_at", "id"])
    create_table(
        "membership",
        id_column("operation_id"),
        id_column("organisation_id"),
        column("audience", Words, nullable=True),
        column("removed_at", Instant(), nullable=True),
        PrimaryKeyConstraint("operation_id", "organisation_id"),
        ForeignKeyConstraint(["operation_id"], ["operation.id"]),
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        rowid=False,
    )
    op.create_index(None, "membership", ["organisation_id"])


def _source() -> None:
    create_table(
        "source",
        id_column(),
        id_column("operation_id"),
        column("publisher", Words),
        column("title", Words),
        column("kind", Words),
        column("published_at", Instant(), nullable=True),
        column("address", Words, nullable=True),
        column("sha256", Words, nullable=True),
        column("reliability", Words, nullable=True),
        column("credibility", Integer(), nullable=True),
        column("created_at", Instant()),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["subject.id"]),
        ForeignKeyConstraint(["operation_id"], ["operation.id"]),
        CheckConstraint("credibility BETWEEN 1 AND 6", name="credibility_known"),
    )
    op.create_index(None, "source", ["operation_id", "created_at", "id"])


def _contact() -> None:
    create_table(
        "contact",
        id_column(),
        id_column("agreement_id"),
        column("channel", Words),
        column("status", Words),
        column("at", Instant(), nullable=True),
        column("created_at", Instant()),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["subject.id"]),
        ForeignKeyConstraint(["agreement_id"], ["subject.id"]),
    )
    op.create_index(None, "contact", ["agreement_id", "created_at", "id"])
