"""Counting what changes for whom: a counter for each operation and sight, brought up to date last.

Answers are told apart by these counters and by the last boundary that has passed, without being
made. A change of which a sight sees nothing moves neither.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import bindparam, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.db.any_of import any_of
from app.db.rows import insert_rows
from app.db.session import do_last
from app.db.together import together
from app.db.types import Instant
from app.disclosure.tables import (
    FOREVER,
    DisclosedBarRow,
    DisclosedBoundaryRow,
    DisclosedCounterRow,
    DisclosedFeatureRow,
)
from app.domain.disclosure import SIGHTS, Sight
from app.domain.policy import Audience

_feature = DisclosedFeatureRow.__table__
_bar = DisclosedBarRow.__table__
_counter = DisclosedCounterRow.__table__
_boundary = DisclosedBoundaryRow.__table__
_KEY = "disclosed"
_AT = bindparam("at", type_=Instant())

_VISIBLE = (
    select(
        _feature.c.place_id,
        _feature.c.operation_id,
        _feature.c.audience,
        _feature.c.visible_from,
        _feature.c.visible_until,
    )
    .where(any_of(_feature.c.place_id, "places"), _feature.c.visible_until > _AT)
    .distinct()
)
_AHEAD = (
    select(_bar.c.place_id, _bar.c.whole, _bar.c.valid_from)
    .where(any_of(_bar.c.place_id, "places"), _bar.c.valid_from > _AT)
    .distinct()
)
_FORGET = delete(_boundary).where(any_of(_boundary.c.place_id, "places"), _boundary.c.at > _AT)


class Boundary(NamedTuple):
    """When an answer about a place changes without a write, and for whom."""

    place_id: UUID
    sight: Sight
    at: datetime
    operation_id: UUID


@dataclass(kw_only=True)
class _Moved:
    """What a transaction has changed so far.

    Attributes:
        seen: whose view of the places of which operation changed.
        barred: of which places the reasons not to move changed, and whether all of them or those
            that everybody is told.
        places: all that were written.
        at: when the last of it was recorded.
    """

    seen: set[tuple[UUID, Sight]] = field(default_factory=set)
    barred: set[tuple[UUID, bool]] = field(default_factory=set)
    places: set[UUID] = field(default_factory=set)
    at: datetime


def saw_change(
    db: Session, operation: UUID, place: UUID, audiences: Iterable[Audience], *, at: datetime
) -> None:
    """Note that audiences see something else of a place from `at` on."""
    moved = _moved(db, at)
    moved.seen |= {(operation, sight) for audience in audiences for sight in SIGHTS[audience]}
    moved.places.add(place)


def bars_changed(db: Session, bars: Iterable[tuple[UUID, bool]], *, at: datetime) -> None:
    """Note that something else bars corridors from `at` on.

    Args:
        bars: places, and whether it is told with all reasons.
    """
    moved = _moved(db, at)
    moved.barred |= set(bars)
    moved.places |= {place for place, _ in moved.barred}


def _moved(db: Session, at: datetime) -> _Moved:
    moved: _Moved = db.info.setdefault(_KEY, _Moved(at=at))
    moved.at = max(moved.at, at)
    do_last(db, _KEY, _count)
    return moved


def _count(db: Session) -> None:
    """Write the boundaries of the places that changed, then the counters."""
    moved = cast("_Moved", db.info.pop(_KEY))
    visible = _write_boundaries(db, sorted(moved.places), moved.at)
    seen_now = [row for row in visible if row.visible_from <= moved.at]
    seen = moved.seen | {
        (row.operation_id, sight)
        for row in seen_now
        for sight in SIGHTS[row.audience]
        if (row.place_id, sight is Sight.WHOLE) in moved.barred
    }
    with together(db):
        for operation, sight in sorted(seen, key=lambda one: (one[0], one[1].value)):
            given = {"operation_id": operation, "sight": sight, "changed_at": moved.at}
            db.execute(_one_more(db.get_bind().dialect.name), given)


def _write_boundaries(db: Session, places: Sequence[UUID], at: datetime) -> Sequence[Any]:
    """Write those ahead anew; those that have passed stay as they are.

    Returns: see `visible`.
    """
    if not places:
        return []
    rows = visible(db, places, at)
    edges = boundaries(db, places, rows, at)
    db.execute(_FORGET, {"places": places, "at": at})
    insert_rows(db, _boundary, [edge._asdict() for edge in edges], {})
    return rows


def visible(db: Session, places: Sequence[UUID], at: datetime) -> Sequence[Any]:
    """Give which audience may see which places from when to when, as far as that is after `at`."""
    return db.execute(_VISIBLE, {"places": places, "at": at}).all()


def boundaries(
    db: Session, places: Sequence[UUID], rows: Sequence[Any], at: datetime
) -> set[Boundary]:
    """Give what lies ahead of `at`.

    Args:
        rows: see `visible`.
    """
    bars: dict[tuple[UUID, bool], list[datetime]] = defaultdict(list)
    for place, whole, valid_from in (
        db.execute(_AHEAD, {"places": places, "at": at}) if rows else ()
    ):
        bars[place, whole].append(valid_from)
    return {edge for row in rows for edge in _edges(row, bars, at)}


def _edges(
    row: Any, bars: Mapping[tuple[UUID, bool], Collection[datetime]], at: datetime
) -> Iterator[Boundary]:
    """Give when answers about a place change, while a row of it may be seen, after `at`.

    What bars a place that is not to be seen yet changes nothing before it is.
    """
    for sight in SIGHTS[row.audience]:
        begun = (
            instant
            for instant in bars.get((row.place_id, sight is Sight.WHOLE), ())
            if row.visible_from < instant < row.visible_until
        )
        for instant in (row.visible_from, row.visible_until, *begun):
            if at < instant < FOREVER:
                yield Boundary(row.place_id, sight, instant, row.operation_id)


@cache
def _one_more(dialect: str) -> Any:
    """Count one more; what was recorded first may be stored last."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    first = insert(_counter).values(changes=1)
    new = first.excluded.changed_at
    return first.on_conflict_do_update(
        index_elements=[_counter.c.sight, _counter.c.operation_id],
        set_={
            "changes": _counter.c.changes + 1,
            "changed_at": case((new > _counter.c.changed_at, new), else_=_counter.c.changed_at),
        },
    )
