"""Access: principals, whose tokens are kept as hashes, and the operations that they name."""

from alembic import op
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from app.db.types import Instant, Words
from migrations.schema import column, create_table, guard, id_column, unguard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "principal",
        id_column(),
        column("token_hash", Words),
        id_column("organisation_id"),
        column("role", Words),
        column("holder", Words),
        column("created_at", Instant()),
        column("audience", Words, nullable=True),
        column("revoked_at", Instant(), nullable=True),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["subject.id"]),
        UniqueConstraint("token_hash"),
    )
    op.create_index(None, "principal", ["organisation_id"])
    create_table(
        "principal_operation",
        id_column("principal_id"),
        id_column("operation_id"),
        PrimaryKeyConstraint("principal_id", "operation_id"),
        ForeignKeyConstraint(["principal_id"], ["principal.id"]),
        rowid=False,
    )
    guard("principal")


def downgrade() -> None:
    unguard("principal")
    op.drop_table("principal_operation")
    op.drop_table("principal")
