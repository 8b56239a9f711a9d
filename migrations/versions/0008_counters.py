"""Counters: how often each sight of an operation's places changed, and when it will by itself."""

from alembic import op
from sqlalchemy import ForeignKeyConstraint, Integer, PrimaryKeyConstraint

from app.db.types import Instant, Words
from migrations.schema import column, create_table, id_column

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("disclosed_boundary", "disclosed_counter")
SIGHTS = {"public": "public", "partner": "partner", "operational": "operational"}
WHOLE = {**SIGHTS, "whole": "operational"}
"""Each sight with the audience whose rows it reads."""


def upgrade() -> None:
    create_table(
        "disclosed_counter",
        column("sight", Words),
        id_column("operation_id"),
        column("changes", Integer()),
        column("changed_at", Instant()),
        PrimaryKeyConstraint("sight", "operation_id"),
        ForeignKeyConstraint(["operation_id"], ["operation.id"]),
        rowid=False,
    )
    create_table(
        "disclosed_boundary",
        id_column("place_id"),
        column("sight", Words),
        column("at", Instant()),
        id_column("operation_id"),
        PrimaryKeyConstraint("place_id", "sight", "at"),
        ForeignKeyConstraint(["place_id"], ["subject.id"]),
        ForeignKeyConstraint(["operation_id"], ["operation.id"]),
        rowid=False,
    )
    op.create_index(None, "disclosed_boundary", ["sight", "operation_id", "at"])
    for sight, audience in WHOLE.items():
        _count(sight, audience)
        _bound(sight, audience)


def _count(sight: str, audience: str) -> None:
    """Count what is disclosed already as one change, of the last instant of which it tells."""
    seen = f"audience = '{audience}' AND visible_from <= {_now()} AND visible_until > {_now()}"
    whole = "true" if sight == "whole" else "false"
    op.execute(
        "INSERT INTO disclosed_counter (sight, operation_id, changes, changed_at) "
        f"SELECT '{sight}', operation_id, 1, max(at) FROM ("
        "SELECT operation_id, recorded_from AS at FROM disclosed_feature "
        f"WHERE {seen} UNION ALL "
        "SELECT operation_id, recorded_until FROM disclosed_feature "
        f"WHERE {seen} AND recorded_until <= {_now()} UNION ALL "
        "SELECT f.operation_id, b.recorded_from FROM disclosed_bar b "
        f"JOIN disclosed_feature f ON f.place_id = b.place_id AND {seen} "
        f"WHERE b.whole = {whole}) AS told GROUP BY operation_id"
    )


def _bound(sight: str, audience: str) -> None:
    """Keep when what is disclosed changes by itself, from now on."""
    whole = "true" if sight == "whole" else "false"
    insert = "INSERT INTO disclosed_boundary (place_id, sight, at, operation_id) "
    for edge in ("visible_from", "visible_until"):
        op.execute(
            f"{insert} SELECT DISTINCT place_id, '{sight}', {edge}, operation_id "
            f"FROM disclosed_feature WHERE audience = '{audience}' AND {edge} > {_now()} "
            f"AND {edge} < {_forever()} ON CONFLICT DO NOTHING"
        )
    op.execute(
        f"{insert} SELECT DISTINCT f.place_id, '{sight}', b.valid_from, f.operation_id "
        "FROM disclosed_bar b JOIN disclosed_feature f ON f.place_id = b.place_id "
        f"AND f.audience = '{audience}' WHERE b.whole = {whole} AND b.valid_from > {_now()} "
        "AND f.visible_from < b.valid_from AND f.visible_until > b.valid_from "
        "ON CONFLICT DO NOTHING"
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _now() -> str:
    """Give the present in SQL, as instants are stored."""
    return "strftime('%Y-%m-%dT%H:%M:%f', 'now')" if _is_sqlite() else "now()"


def _forever() -> str:
    return "'9999-12-31'" if _is_sqlite() else "'9999-12-31T00:00:00Z'"


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
