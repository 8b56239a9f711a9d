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
from app.domain.tiles.sketch import sketches
from migrations.schema import column, create_table, id_column

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("disclosed_cell", "disclosed_sketch")
BATCH = 1000
_NEXT = text(
    "SELECT id, place_id, geometry FROM disclosed_shape WHERE id > :after "
    "AND (west <> east OR south <> north) AND geometry IS NOT NULL ORDER BY id LIMIT :most"
)
_ADD = text(
    "INSERT INTO disclosed_sketch (shape_id, band, place_id, geometry) "
    "VALUES (:shape_id, :band, :place_id, :geometry)"
)


def upgrade() -> None:
    """Make the tables, with the sketches of each shape, and a change of each cell that shows one."""
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
    _sketch(op.get_bind())
    _count(op.get_bind())


def _sketch(connection: Connection) -> None:
    after = -1
    while rows := connection.execute(_NEXT, {"after": after, "most": BATCH}).all():
        found = [
            {"shape_id": id, "band": band, "place_id": place, "geometry": sketch}
            for id, place, geometry in rows
            for band, sketch in sketches(bytes(geometry)).items()
        ]
        if found:
            connection.execute(_ADD, found)
        after = rows[-1].id


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
