"""Does what a reader sees meet a box? Candidates from the index, then the geometry itself."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, FromClause, Integer, and_, column, func, or_, select, table
from sqlalchemy.orm import Session

from app.db.engine import MEETS_BOX
from app.disclosure.index import TABLE, degrees_down, degrees_up
from app.domain.geometry.box import Box

_NAMES = ("id", "west", "east", "south", "north", "seen_from")
_index = table(TABLE, *(column(name, Integer) for name in _NAMES))
_FEW = 3000
"""Beyond so many candidates walking the key is quicker than sorting what the index gives."""


def meets(
    db: Session, box: Box, feature: FromClause, shape: FromClause, seen: Sequence[int]
) -> ColumnElement[bool]:
    """Pick the features whose own geometry meets the box; its edges belong to it.

    What has no geometry meets every box (OGC API – Features, 7.15.3).

    Args:
        seen: the reader's coordinates of the index, see `index.seen_as`.
    """
    sqlite = db.get_bind().dialect.name == "sqlite"
    exact = or_(*(_exactly(part, feature, shape, sqlite=sqlite) for part in box.parts()))
    if not sqlite:
        return and_(or_(*(_indexed(part, feature) for part in box.parts())), exact)
    some = select(_index.c.id).where(
        or_(*(_overlaps(part) for part in box.parts())), _index.c.seen_from.in_(seen)
    )
    count = select(func.count()).select_from(some.limit(_FEW).subquery())
    return and_(feature.c.id.in_(some), exact) if db.scalar(count) != _FEW else exact


def _overlaps(part: Box) -> ColumnElement[bool]:
    """Pick entries of the R*Tree that may meet a plain box."""
    return and_(
        _index.c.west <= degrees_up(part.east),
        _index.c.east >= degrees_down(part.west),
        _index.c.south <= degrees_up(part.north),
        _index.c.north >= degrees_down(part.south),
    )


def _indexed(part: Box, feature: FromClause) -> ColumnElement[bool]:
    """Pick rows whose envelope meets a plain box, in the words of the GiST index."""
    columns = (feature.c.west, feature.c.south, feature.c.east, feature.c.north)
    sides = (part.west, part.south, part.east, part.north)
    envelope = func.st_makeenvelope(*columns, 4326)
    overlap: ColumnElement[bool] = envelope.bool_op("&&")(func.st_makeenvelope(*sides, 4326))
    return overlap


def _exactly(
    part: Box, feature: FromClause, shape: FromClause, *, sqlite: bool
) -> ColumnElement[bool]:
    """Test the geometry, where its envelope alone does not tell."""
    overlaps = and_(
        feature.c.west <= part.east,
        feature.c.east >= part.west,
        feature.c.south <= part.north,
        feature.c.north >= part.south,
    )
    inside = and_(
        feature.c.west >= part.west,
        feature.c.east <= part.east,
        feature.c.south >= part.south,
        feature.c.north <= part.north,
    )
    return and_(overlaps, or_(inside, shape.c.geometry.is_(None), _meets(part, shape, sqlite)))


def _meets(part: Box, shape: FromClause, sqlite: bool) -> ColumnElement[bool]:
    sides = (part.west, part.south, part.east, part.north)
    if sqlite:
        met: ColumnElement[bool] = getattr(func, MEETS_BOX)(shape.c.geometry, *sides) == 1
        return met
    corners = func.st_makeline(
        func.st_setsrid(func.st_makepoint(part.west, part.south), 4326),
        func.st_setsrid(func.st_makepoint(part.east, part.north), 4326),
    )
    geometry = func.st_geomfromwkb(shape.c.geometry, 4326)
    found: ColumnElement[bool] = func.st_intersects(geometry, func.st_envelope(corners))
    return found
