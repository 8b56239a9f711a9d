"""Which agreement takes the place of which, to be found by the one that follows."""

import json
from uuid import UUID

from alembic import op
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, bindparam, text

from app.db.types import Id
from migrations.schema import create_table, guard, id_column, unguard

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SUPERSEDED = text(
    "SELECT event.id, event.subject_id, event_value.value FROM event_value "
    "JOIN event ON event.id = event_value.event_id WHERE event.subject_kind = 'agreement' "
    "AND event_value.field = 'aspect/status' AND event_value.value LIKE '%superseded%'"
).columns(id=Id(), subject_id=Id())
_ADD = text(
    "INSERT INTO succession (change_id, agreement_id, successor_id) "
    "VALUES (:change, :agreement, :successor)"
).bindparams(*(bindparam(name, type_=Id()) for name in ("change", "agreement", "successor")))


def upgrade() -> None:
    create_table(
        "succession",
        id_column("change_id"),
        id_column("agreement_id"),
        id_column("successor_id"),
        PrimaryKeyConstraint("change_id"),
        ForeignKeyConstraint(["change_id"], ["event.id"]),
        ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        ForeignKeyConstraint(["successor_id"], ["agreement.id"]),
        rowid=False,
    )
    op.create_index(None, "succession", ["successor_id"])
    guard("succession")
    connection = op.get_bind()
    for row in connection.execute(_SUPERSEDED).all():
        status = json.loads(row.value)
        if status["to"] == "superseded":
            successor = UUID(status["successor"])
            change = {"change": row.id, "agreement": row.subject_id, "successor": successor}
            connection.execute(_ADD, change)


def downgrade() -> None:
    unguard("succession")
    op.drop_table("succession")
