"""PostgreSQL keeps shapes as they go out, beside their rows: to unpack them took a fifth of a page.

Of what was written before, each shape is kept so from when it is next written.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COLUMNS = ("geojson", "geometry")
LONGEST_ROW = 8160
"""The longest that PostgreSQL takes: what fills a page of the table. Longer shapes stand apart."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE disclosed_shape SET (toast_tuple_target = {LONGEST_ROW})")
        _store("EXTERNAL")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE disclosed_shape RESET (toast_tuple_target)")
        _store("EXTENDED")


def _store(how: str) -> None:
    for column in COLUMNS:
        op.execute(f"ALTER TABLE disclosed_shape ALTER COLUMN {column} SET STORAGE {how}")
