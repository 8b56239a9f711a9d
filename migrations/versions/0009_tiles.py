"""Tiles: shapes as coarse zooms draw them, and how often each cell of the map changed for whom."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Connection,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    text,
)

from app.db.types import Instant, Words
from app.domain.tiles.cell import cells_of
from migrations.schema import column, create_table, id_column

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("disclosed_cell", "disclosed_sketch")


def upgrade() -> None:
    """Make the tables, and a change of each cell that shows a shape; 0010 makes the sketches."""
    create_table(
        "disclosed_sketch",
        column("shape_id", BigInteger().with_variant(Integer(), "sqlite")),
        column("band", Integer()),
        id_column("place_id"),
        column("geometry", LargeBinary()),
        PrimaryKeyConstraint("shape_id", "band"),
        ForeignKeyConstraint(["shape_id"], ["disclosed_shape.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["place_id"], ["subject.id"]),
        rowid=False,
    )
    op.create_index(None, "disclosed_sketch", ["place_id"])
    create_table(
        "disclosed_cell",
        id_column("operation_id"),
        column("sight", Words),
        column("cell", Integer()),
        column("changes", Integer()),
        column("changed_at", Instant()),
        PrimaryKeyConstraint("operation_id", "sight", "cell"),
        ForeignKeyConstraint(["operation_id"], ["operation.id"]),
        rowid=False,
    )
    _count(op.get_bind())


def _count(connection: Connection) -> None:
    """Count what each sight sees in a cell as one change, no earlier than the last of all."""
    now = "strftime('%Y-%m-%dT%H:%M:%f', 'now')" if _is_sqlite(connection) else "now()"
    rows = connection.execute(
        text(
            "SELECT DISTINCT c.operation_id, c.sight, c.changed_at, f.west, f.south, f.east, "
            "f.north FROM disclosed_counter c JOIN disclosed_feature f "
            "ON f.operation_id = c.operation_id AND f.audience = "
            "CASE c.sight WHEN 'whole' THEN 'operational' ELSE c.sight END "
            f"WHERE f.visible_from <= {now} AND f.visible_until > {now}"
        )
    )
    found = {
        (operation, sight, cell): changed_at
        for operation, sight, changed_at, *bounds in rows
        for cell in cells_of(tuple(bounds))
    }
    if found:
        add = text(
            "INSERT INTO disclosed_cell (operation_id, sight, cell, changes, changed_at) "
            "VALUES (:operation_id, :sight, :cell, 1, :changed_at)"
        )
        names = ("operation_id", "sight", "cell")
        given = [
            dict(zip(names, key, strict=True)) | {"changed_at": at} for key, at in found.items()
        ]
        connection.execute(add, given)


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
