"""Does what a reader sees meet a box? Candidates from the index, then the geometry itself.

The conditions are made once for each form of question; the sides of the box are their parameters.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Session

from app.db.engine import MEETS_BOX
from app.disclosure.asking import ask
from app.disclosure.index import TABLE, degrees_down, degrees_up, minutes_down, minutes_up
from app.disclosure.tables import FOREVER
from app.domain.geometry.box import Box
from app.ledger.reading import Reading

_NAMES = ("id", "west", "east", "south", "north", "seen_from")
_TIMES = ("valid_from", "valid_until", "recorded_from", "recorded_until")
_SIDES = ("west", "south", "east", "north")
_index = table(TABLE, *(column(name, Integer) for name in (*_NAMES, *_TIMES)))
_CRS84: ColumnElement[int] = literal_column("4326", Integer())
"""As the index names it; a parameter would keep plans that are made once from using the index."""
FEW = {"sqlite": 3000, "postgresql": 1000}
"""Beyond so many candidates walking the key is quicker than sorting what the index gives."""
PICKY = 5
"""So many times as many where the walk would be long: it leaves few of them, or a tile wants all."""


class Sides(NamedTuple):
    """The sides of a plain box, as parameters."""

    west: ColumnElement[float]
    south: ColumnElement[float]
    east: ColumnElement[float]
    north: ColumnElement[float]


class Held(NamedTuple):
    """Which states are asked about.

    Attributes:
        present: the present one, as the record stands now.
        known: as the record stood at an earlier time.
        since: also those that ended within an interval.
    """

    present: bool
    known: bool
    since: bool

    @classmethod
    def of(cls, reading: Reading, since: datetime | None) -> "Held":
        """Tell it of a question."""
        now = reading.as_of is None and reading.known_at is None and since is None
        return cls(now, reading.known_at is not None, since is not None)


def parameters(
    few: int, box: Box, now: datetime, reading: Reading, since: datetime | None
) -> dict[str, Any]:
    """Give the parameters of the conditions on a box and on the state that is asked about.

    Args:
        few: see `FEW`.
    """
    given: dict[str, Any] = {"few": few}
    for number, part in enumerate(box.parts()):
        given |= {f"{side}_{number}": getattr(part, side) for side in _SIDES}
        given[f"index_west_{number}"] = degrees_down(part.west)
        given[f"index_south_{number}"] = degrees_down(part.south)
        given[f"index_east_{number}"] = degrees_up(part.east)
        given[f"index_north_{number}"] = degrees_up(part.north)
    at, known_at = reading.as_of or now, reading.known_at
    given |= {"index_at": minutes_down(at), "index_known": minutes_down(known_at or at)}
    given["index_since"] = minutes_down(since or at)
    return given


def is_few(db: Session, box: Box, held: Held, seen: int, given: dict[str, Any]) -> bool:
    """Tell whether the index of SQLite finds few rows near the box.

    PostgreSQL looks at some of its own in the statement itself, see `picking`.

    Args:
        seen: the audience's coordinate of the index, see `index.seen_as`.
        given: see `parameters`.
    """
    if db.get_bind().dialect.name != "sqlite":
        return False
    question = _count(len(box.parts()), held)
    ((found,),) = ask(db, question, {**given, "seen": seen})
    return bool(found != given["few"])


@cache
def _count(parts: int, held: Held) -> Select[int]:
    some = _candidates(parts, held, bindparam("seen", type_=Integer()))
    return select(func.count()).select_from(some.limit(bindparam("few")).subquery())


def near(
    feature: FromClause,
    columns: Sequence[ColumnElement[Any]],
    parts: int,
    seen: ColumnElement[int],
    held: Held,
) -> FromClause:
    """Give some columns of the few rows that may meet the box, by their places.

    Whoever reads them gets them in this order: SQLite runs through them and looks up what is
    joined for each.
    """
    some = _candidates(parts, held, seen)
    # The limit is never reached; it keeps SQLite from looking for the rows in another way.
    found = select(*columns).where(feature.c.id.in_(some)).order_by(feature.c.place_id)
    return found.limit(bindparam("few")).subquery()


def _candidates(parts: int, held: Held, seen: ColumnElement[int]) -> Select[int]:
    return select(_index.c.id).where(
        or_(*(_overlaps(number) for number in range(parts))),
        _index.c.seen_from == seen,
        *_of_state(held),
    )


def _of_state(held: Held) -> list[ColumnElement[bool]]:
    """Pick entries of the R*Tree that may be of the state that is asked about."""
    last = minutes_up(FOREVER)
    if held.present:
        return [_index.c.recorded_until >= last, _index.c.valid_until >= last]
    names = ("index_at", "index_since", "index_known")
    at, since, known_at = (bindparam(name, type_=Integer()) for name in names)
    valid = [_index.c.valid_from <= at, _index.c.valid_until >= (since if held.since else at)]
    if not held.known:
        return [*valid, _index.c.recorded_until >= last]
    return [*valid, _index.c.recorded_from <= known_at, _index.c.recorded_until >= known_at]


def meets(
    feature: FromClause, shape: FromClause, parts: int, *, sqlite: bool
) -> ColumnElement[bool]:
    """Pick the features whose own geometry meets the box; its edges belong to it.

    What has no geometry meets every box (OGC API – Features, 7.15.3).
    """
    found = []
    for part in map(_sides, range(parts)):
        met = or_(shape.c.geometry.is_(None), _meets(part, shape, sqlite))
        found.append(_exactly(part, feature, met))
    return or_(*found)


def meets_shaped(
    feature: FromClause, shape: FromClause, parts: int, *, sqlite: bool
) -> ColumnElement[bool]:
    """Pick the features that have a geometry and meet a box, which is smaller than the world.

    Only where its envelope does not tell, the geometry is looked up; of what has none the envelope
    is the whole world.
    """
    its = shape.alias("its")
    found = []
    for part in map(_sides, range(parts)):
        met = select(_meets(part, its, sqlite)).where(its.c.id == feature.c.shape_id)
        found.append(_exactly(part, feature, met.scalar_subquery()))
    return or_(*found)


def indexed(feature: FromClause, parts: int) -> ColumnElement[bool]:
    """Pick the rows whose envelope meets the box, in the words of PostgreSQL's index."""
    return or_(*(_indexed(_sides(each), feature) for each in range(parts)))


def overlaps(feature: FromClause, parts: int) -> ColumnElement[bool]:
    """Pick the rows whose envelope meets the box, in words of which no index knows."""
    return or_(*(_overlap(_sides(each), feature) for each in range(parts)))


def _sides(number: int) -> Sides:
    return Sides(*(bindparam(f"{side}_{number}", type_=Double()) for side in _SIDES))


def _overlaps(number: int) -> ColumnElement[bool]:
    """Pick entries of the R*Tree that may meet a plain box."""
    west, south, east, north = (
        bindparam(f"index_{side}_{number}", type_=Integer()) for side in _SIDES
    )
    return and_(
        _index.c.west <= east,
        _index.c.east >= west,
        _index.c.south <= north,
        _index.c.north >= south,
    )


def _indexed(part: Sides, feature: FromClause) -> ColumnElement[bool]:
    columns = (feature.c.west, feature.c.south, feature.c.east, feature.c.north)
    envelope = func.st_makeenvelope(*columns, _CRS84)
    overlap: ColumnElement[bool] = envelope.bool_op("&&")(func.st_makeenvelope(*part, _CRS84))
    return overlap


def _exactly(part: Sides, feature: FromClause, met: ColumnElement[bool]) -> ColumnElement[bool]:
    """Test the geometry, where its envelope alone does not tell."""
    inside = and_(
        feature.c.west >= part.west,
        feature.c.east <= part.east,
        feature.c.south >= part.south,
        feature.c.north <= part.north,
    )
    return and_(_overlap(part, feature), or_(inside, met))


def _overlap(part: Sides, feature: FromClause) -> ColumnElement[bool]:
    return and_(
        feature.c.west <= part.east,
        feature.c.east >= part.west,
        feature.c.south <= part.north,
        feature.c.north >= part.south,
    )


def _meets(part: Sides, shape: FromClause, sqlite: bool) -> ColumnElement[bool]:
    if sqlite:
        met: ColumnElement[bool] = getattr(func, MEETS_BOX)(shape.c.geometry, *part) == 1
        return met
    corners = func.st_makeline(
        func.st_setsrid(func.st_makepoint(part.west, part.south), 4326),
        func.st_setsrid(func.st_makepoint(part.east, part.north), 4326),
    )
    geometry = func.st_geomfromwkb(shape.c.geometry, 4326)
    found: ColumnElement[bool] = func.st_intersects(geometry, func.st_envelope(corners))
    return found
