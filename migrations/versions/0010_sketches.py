"""The sketch of a long line is made run by run; all are made anew, as a replay would make them."""

from alembic import op
from sqlalchemy import text

from app.domain.tiles.sketch import sketches

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

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
    connection, after = op.get_bind(), -1
    connection.execute(text("DELETE FROM disclosed_sketch"))
    while rows := connection.execute(_NEXT, {"after": after, "most": BATCH}).all():
        found = [
            {"shape_id": id, "band": band, "place_id": place, "geometry": sketch}
            for id, place, geometry in rows
            for band, sketch in sketches(bytes(geometry)).items()
        ]
        if found:
            connection.execute(_ADD, found)
        after = rows[-1].id


def downgrade() -> None:
    """Leave them: they show the same."""
