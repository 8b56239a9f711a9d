"""The disclosed rows. They are derived: the record can make each of them again.

Intervals are half-open. `ALWAYS` and `FOREVER` stand for their open ends, so that every condition
is a plain comparison.
"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Named, Number
from app.domain.disclosure import Precision, Sight
from app.domain.policy import Audience

ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
FOREVER = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


class DisclosedShapeRow(Base):
    """A geometry as one audience may see it; several states of a place share one.

    `id` is made from the content, `geometry` is WKB, `geojson` the text that goes out; both are
    empty where the place has no geometry yet. `event_id` and `precision` tell of what it was first
    made, so that it need not be made again.
    """

    __tablename__ = "disclosed_shape"

    id: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), index=True)
    geojson: Mapped[str]
    geometry: Mapped[bytes | None] = mapped_column(LargeBinary)
    event_id: Mapped[UUID | None]
    precision: Mapped[Precision | None] = mapped_column(Named(Precision))
    west: Mapped[float] = mapped_column(Number())
    south: Mapped[float] = mapped_column(Number())
    east: Mapped[float] = mapped_column(Number())
    north: Mapped[float] = mapped_column(Number())


class DisclosedSketchRow(Base):
    """A shape as tiles of coarse zooms draw it, made of that shape alone; deleted with it.

    There is none where it would save no position; the shape itself is drawn then.

    Attributes:
        band: the last zoom at which it is drawn, see `app.domain.tiles.sketch`.
        geometry: WKB in EPSG:3857.
    """

    __tablename__ = "disclosed_sketch"

    shape_id: Mapped[int] = mapped_column(
        _NUMBER, ForeignKey("disclosed_shape.id", ondelete="CASCADE"), primary_key=True
    )
    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), index=True)
    geometry: Mapped[bytes] = mapped_column(LargeBinary)


class DisclosedFeatureRow(Base):
    """A place as one audience may see it while one state of it holds.

    Attributes:
        visible_from: visibility is always judged now; `valid_from` by `as_of`, `recorded_from` by
            `known_at`.
        properties: the members of a JSON object, without its braces.
        agreement_id: of a corridor, where this audience may know of it; apart from the properties,
            since no device of any audience is shown it.
        west: the envelope of what this audience sees, in degrees; the whole world where there is
            no geometry, for what has none meets every box.
    """

    __tablename__ = "disclosed_feature"
    __table_args__ = (
        Index(None, "collection", "audience", "recorded_until", "place_id", "valid_until"),
        Index(None, "place_id", "audience", "recorded_until"),
        Index(None, "agreement_id", "audience", "place_id"),
        Index(None, "operation_id", "audience", "recorded_until"),
        Index(
            "disclosed_feature_of_operation",
            *(
                "operation_id",
                "collection",
                "audience",
                "recorded_until",
                "place_id",
                "valid_until",
            ),
        ),
    )

    id: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"))
    collection: Mapped[str]
    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"))
    audience: Mapped[Audience] = mapped_column(Named(Audience))
    visible_from: Mapped[datetime]
    visible_until: Mapped[datetime]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    recorded_from: Mapped[datetime]
    recorded_until: Mapped[datetime]
    shape_id: Mapped[int] = mapped_column(_NUMBER, ForeignKey("disclosed_shape.id"), index=True)
    properties: Mapped[str]
    agreement_id: Mapped[UUID | None]
    west: Mapped[float] = mapped_column(Number())
    south: Mapped[float] = mapped_column(Number())
    east: Mapped[float] = mapped_column(Number())
    north: Mapped[float] = mapped_column(Number())


class DisclosedBarRow(Base):
    """Why nobody may move along a corridor, while that answer holds.

    Attributes:
        whole: whether with the agreement's own reasons, for those who may know it.
        reasons: objects of JSON with commas between them, none where people may move.
        until: a text of JSON, or null.
    """

    __tablename__ = "disclosed_bar"
    __table_args__ = (Index(None, "place_id", "whole", "recorded_until", "valid_from"),)

    id: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"))
    whole: Mapped[bool]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    recorded_from: Mapped[datetime]
    recorded_until: Mapped[datetime]
    reasons: Mapped[str]
    until: Mapped[str]


class DisclosedVersionRow(Base):
    """How often what one audience sees of a place has changed, and when it last did.

    A change of which an audience sees nothing counts nothing, so that no gap betrays it. Nor does
    what first lets it see the place, a change or a release: that is version 1, without a row.
    """

    __tablename__ = "disclosed_version"

    place_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    audience: Mapped[Audience] = mapped_column(Named(Audience), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime]


class DisclosedCounterRow(Base):
    """How often what one sight sees of an operation's places has changed, and when it last did.

    A change of which it sees nothing counts nothing. Answers are told apart by it without being
    made, so it never goes back.
    """

    __tablename__ = "disclosed_counter"

    sight: Mapped[Sight] = mapped_column(Named(Sight), primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"), primary_key=True)
    changes: Mapped[int]
    changed_at: Mapped[datetime]


class DisclosedCellRow(Base):
    """How often what one sight sees of an operation's places in one cell of the map has changed.

    Tiles are told apart by it, as other answers are by `DisclosedCounterRow`.

    Attributes:
        cell: a tile of zoom 8, see `app.domain.tiles.cell`; -1 counts what concerns all of them.
    """

    __tablename__ = "disclosed_cell"

    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"), primary_key=True)
    sight: Mapped[Sight] = mapped_column(Named(Sight), primary_key=True)
    cell: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    changes: Mapped[int]
    changed_at: Mapped[datetime]


class DisclosedBoundaryRow(Base):
    """When an answer about a place changes without a write, for those who may see it by then.

    At a release, at the end of a window, at the end of what a confirmation holds for. One that has
    passed stays, for it is part of how answers are told apart; nobody is told one that lies ahead.
    """

    __tablename__ = "disclosed_boundary"
    __table_args__ = (Index(None, "sight", "operation_id", "at"),)

    place_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    sight: Mapped[Sight] = mapped_column(Named(Sight), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"))
