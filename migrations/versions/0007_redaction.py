"""Redaction: which fields of which events were erased; rows that it names may be deleted."""

from alembic import op
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint

from app.db.types import Words
from migrations.schema import column, create_table, guard, id_column, unguard

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ERASABLE = (
    "event_value",
    "position",
    "attestation",
    "counted_confirmation",
    "counted_revision",
    "status_change",
    "principal",
)
"""Their guards let go of what a redaction names, and of nothing else."""


def upgrade() -> None:
    create_table(
        "event_redacted",
        id_column("event_id"),
        column("field", Words),
        id_column("by_event_id"),
        PrimaryKeyConstraint("event_id", "field"),
        ForeignKeyConstraint(["event_id"], ["event.id"]),
        ForeignKeyConstraint(["by_event_id"], ["event.id"]),
        rowid=False,
    )
    guard("event_redacted", *ERASABLE)


def downgrade() -> None:
    """Without the table the guards let go of nothing."""
    unguard("event_redacted")
    op.drop_table("event_redacted")
