"""Agreements: present rows, and the statements by which the database bears out a status."""

from alembic import op
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint
from sqlalchemy.types import Integer

from app.db.types import Instant, Words
from migrations.schema import column, create_table, guard, id_column, unguard

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    "position",
    "attestation",
    "counted_confirmation",
    "counted_revision",
    "status_change",
)
GUARDED = ("agreement", "party", *STATEMENTS)


def upgrade() -> None:
    _agreement()
    _statements()
    _statuses()
    guard(*GUARDED)


def _agreement() -> None:
    create_table(
        "agreement",
        id_column(),
        id_column("operation_id"),
        column("created_at", Instant()),
        column("laterality", Words),
        column("kind", Words),
        column("status", Words),
        column("sensitivity", Words),
        column("release_at", Instant(), nullable=True),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["subject.id"]),
        ForeignKeyConstraint(["operation_id"], ["operation.id"]),
        rowid=False,
    )
    op.create_index(None, "agreement", ["operation_id", "created_at", "id"])
    op.create_index(None, "agreement", ["created_at", "id"])
    create_table(
        "party",
        id_column("agreement_id"),
        id_column("organisation_id"),
        column("role", Words),
        column("since", Instant()),
        column("until", Instant(), nullable=True),
        PrimaryKeyConstraint("agreement_id", "organisation_id", "role", "since"),
        ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        rowid=False,
    )
    op.create_index(None, "party", ["organisation_id"])


def _statements() -> None:
    create_table(
        "position",
        id_column(),
        id_column("agreement_id"),
        id_column("organisation_id"),
        column("stance", Words),
        column("stated_at", Instant()),
        id_column("recorded_by_organisation_id"),
        column("recorded_by_holder", Words),
        column("basis", Words),
        column("revision", Integer(), nullable=True),
        column("terms_hash", Words, nullable=True),
        column("form", Words, nullable=True),
        column("valid_until", Instant(), nullable=True),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["event.id"]),
        ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        ForeignKeyConstraint(["recorded_by_organisation_id"], ["organisation.id"]),
        rowid=False,
    )
    op.create_index(None, "position", ["agreement_id"])
    create_table(
        "attestation",
        id_column(),
        id_column("position_id"),
        id_column("organisation_id"),
        column("holder", Words),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["event.id"]),
        ForeignKeyConstraint(["position_id"], ["position.id"]),
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        rowid=False,
    )
    op.create_index(None, "attestation", ["position_id"])


def _statuses() -> None:
    create_table(
        "counted_confirmation",
        id_column("change_id"),
        id_column("organisation_id"),
        id_column("position_id"),
        id_column("attestation_id", nullable=True),
        PrimaryKeyConstraint("change_id", "organisation_id"),
        ForeignKeyConstraint(["change_id"], ["event.id"]),
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        ForeignKeyConstraint(["position_id"], ["position.id"]),
        ForeignKeyConstraint(["attestation_id"], ["attestation.id"]),
        rowid=False,
    )
    create_table(
        "counted_revision",
        id_column("change_id"),
        column("revision", Integer()),
        column("terms_hash", Words),
        PrimaryKeyConstraint("change_id", "revision"),
        ForeignKeyConstraint(["change_id"], ["event.id"]),
        rowid=False,
    )
    create_table(
        "status_change",
        id_column(),
        id_column("agreement_id"),
        column("status", Words),
        column("effective_at", Instant()),
        column("revision", Integer(), nullable=True),
        column("terms_hash", Words, nullable=True),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["event.id"]),
        ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        rowid=False,
    )
    op.create_index(None, "status_change", ["agreement_id"])


def downgrade() -> None:
    unguard(*GUARDED)
    for table in reversed(STATEMENTS):
        op.drop_table(table)
    op.drop_table("party")
    op.drop_table("agreement")
