"""Places: sites, corridors, and the rows in which each audience sees them."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
)

from app.db.types import Flag, Instant, Number, Words
from migrations.schema import column, create_table, guard, id_column, unguard

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AUDIENCES = ("public", "partner", "operational")
DISCLOSED = ("disclosed_version", "disclosed_bar", "disclosed_feature", "disclosed_shape")
SIDES = ("west", "south", "east", "north")
GUARDED = ("site", "corridor")


def upgrade() -> None:
    _site()
    _corridor()
    _shape()
    _feature()
    _bar()
    _version()
    _index()
    guard(*GUARDED)


def _site() -> None:
    create_table(
        "site",
        id_column(),
        id_column("operation_id"),
        column("created_at", Instant()),
        column("sensitivity", Words),
        column("release_at", Instant(), nullable=True),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["subject.id"]),
        ForeignKeyConstraint(["operation_id"], ["operation.id"]),
        rowid=False,
    )
    op.create_index(None, "site", ["operation_id", "id"])


def _corridor() -> None:
    create_table(
        "corridor",
        id_column(),
        id_column("operation_id"),
        id_column("agreement_id"),
        column("created_at", Instant()),
        column("status", Words),
        column("sensitivity", Words),
        column("release_at", Instant(), nullable=True),
        id_column("reciprocal_of", nullable=True),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["id"], ["subject.id"]),
        ForeignKeyConstraint(["operation_id"], ["operation.id"]),
        ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        ForeignKeyConstraint(["reciprocal_of"], ["corridor.id"]),
        rowid=False,
    )
    op.create_index(None, "corridor", ["agreement_id", "status"])
    op.create_index(None, "corridor", ["operation_id", "id"])
    op.create_index(None, "corridor", ["reciprocal_of"])
    create_table(
        "corridor_site",
        id_column("corridor_id"),
        id_column("site_id"),
        PrimaryKeyConstraint("corridor_id", "site_id"),
        ForeignKeyConstraint(["corridor_id"], ["corridor.id"]),
        ForeignKeyConstraint(["site_id"], ["site.id"]),
        rowid=False,
    )
    op.create_index(None, "corridor_site", ["site_id"])


def _shape() -> None:
    create_table(
        "disclosed_shape",
        column("id", _number()),
        id_column("place_id"),
        column("geojson", Words),
        column("geometry", LargeBinary(), nullable=True),
        id_column("event_id", nullable=True),
        column("precision", Words, nullable=True),
        *(column(name, Number()) for name in SIDES),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["place_id"], ["subject.id"]),
    )
    op.create_index(None, "disclosed_shape", ["place_id"])


def _feature() -> None:
    create_table(
        "disclosed_feature",
        column("id", _number()),
        id_column("place_id"),
        column("collection", Words),
        id_column("operation_id"),
        column("audience", Words),
        *(
            column(f"{axis}_{side}", Instant())
            for axis in ("visible", "valid", "recorded")
            for side in ("from", "until")
        ),
        column("shape_id", _number()),
        column("properties", Words),
        id_column("agreement_id", nullable=True),
        *(column(name, Number()) for name in SIDES),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["place_id"], ["subject.id"]),
        ForeignKeyConstraint(["operation_id"], ["operation.id"]),
        ForeignKeyConstraint(["shape_id"], ["disclosed_shape.id"]),
    )
    walked = ["collection", "audience", "recorded_until", "place_id", "valid_until"]
    op.create_index(None, "disclosed_feature", walked)
    op.create_index(None, "disclosed_feature", ["place_id", "audience", "recorded_until"])
    op.create_index(None, "disclosed_feature", ["agreement_id", "audience", "place_id"])
    op.create_index(None, "disclosed_feature", ["operation_id", "audience", "recorded_until"])
    op.create_index(
        "disclosed_feature_of_operation", "disclosed_feature", ["operation_id", *walked]
    )
    op.create_index(None, "disclosed_feature", ["shape_id"])


def _bar() -> None:
    create_table(
        "disclosed_bar",
        column("id", _number()),
        id_column("place_id"),
        column("whole", Flag()),
        *(
            column(f"{axis}_{side}", Instant())
            for axis in ("valid", "recorded")
            for side in ("from", "until")
        ),
        column("reasons", Words),
        column("until", Words),
        PrimaryKeyConstraint("id"),
        ForeignKeyConstraint(["place_id"], ["subject.id"]),
    )
    op.create_index(None, "disclosed_bar", ["place_id", "whole", "recorded_until", "valid_from"])


def _version() -> None:
    create_table(
        "disclosed_version",
        id_column("place_id"),
        column("audience", Words),
        column("version", Integer()),
        column("recorded_at", Instant()),
        PrimaryKeyConstraint("place_id", "audience", "version"),
        ForeignKeyConstraint(["place_id"], ["subject.id"]),
        rowid=False,
    )


def _index() -> None:
    """Index space and validity together: an R*Tree in SQLite, GiST in PostgreSQL."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE disclosed_index USING rtree_i32(id, west, east, south, north, "
            "valid_from, valid_until, recorded_from, recorded_until, seen_from, seen_until)"
        )
        return
    for audience in AUDIENCES:
        op.execute(
            f"CREATE INDEX disclosed_feature_{audience} ON disclosed_feature USING gist "
            "(st_makeenvelope(west, south, east, north, 4326), tstzrange(valid_from, valid_until)) "
            f"WHERE audience = '{audience}'"
        )


def _number() -> BigInteger:
    return BigInteger().with_variant(Integer(), "sqlite")


def downgrade() -> None:
    unguard(*GUARDED)
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("disclosed_index")
    for table in (*DISCLOSED, "corridor_site", "corridor", "site"):
        op.drop_table(table)
