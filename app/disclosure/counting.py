"""Counting what changes for whom: a counter for each operation and sight, brought up to date last.

Answers are told apart by these counters and by the last boundary that has passed, without being
made. A change of which a sight sees nothing moves neither.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Insert, Table, bindparam, case, delete, select
from sqlalchemy.orm import Session

from app.db.any_of import any_of
from app.db.rows import insert_rows, upsert_rows
from app.db.session import do_last
from app.db.together import together
from app.db.types import Instant
from app.disclosure.tables import (
    FOREVER,
    DisclosedBarRow,
    DisclosedBoundaryRow,
    DisclosedCellRow,
    DisclosedCounterRow,
    DisclosedFeatureRow,
)
from app.domain.disclosure import SIGHTS, Sight
from app.domain.policy import Audience
from app.domain.tiles.cell import cells_of

_feature = DisclosedFeatureRow.__table__
_bar = DisclosedBarRow.__table__
_counter = DisclosedCounterRow.__table__
_cell = DisclosedCellRow.__table__
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
        *(_feature.c[side] for side in ("west", "south", "east", "north")),
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


Cell = tuple[UUID, Sight, int]
"""A cell of the map, as one sight sees the places of an operation in it."""


@dataclass(kw_only=True)
class _Moved:
    """What a transaction has changed so far.

    Attributes:
        seen: whose view of the places of which operation changed.
        barred: of which places the reasons not to move changed, and whether all of them or those
            that everybody is told.
        cells: in which cells of the map it changed for whom.
        places: all that were written.
        at: when the last of it was recorded.
    """

    seen: set[tuple[UUID, Sight]] = field(default_factory=set)
    barred: set[tuple[UUID, bool]] = field(default_factory=set)
    cells: set[Cell] = field(default_factory=set)
    places: set[UUID] = field(default_factory=set)
    at: datetime


def saw_change(
    db: Session,
    operation: UUID,
    place: UUID,
    audiences: Mapping[Audience, Collection[int]],
    *,
    at: datetime,
) -> None:
    """Note that audiences see something else of a place from `at` on.

    Args:
        audiences: each with the cells of the map in which it does.
    """
    moved = _moved(db, at)
    for audience, cells in audiences.items():
        for sight in SIGHTS[audience]:
            moved.seen.add((operation, sight))
            moved.cells |= {(operation, sight, cell) for cell in cells}
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
    """Write the boundaries of the places that changed, then the counters, then those of cells."""
    moved = cast("_Moved", db.info.pop(_KEY))
    visible = _write_boundaries(db, sorted(moved.places), moved.at)
    seen_now = [row for row in visible if row.visible_from <= moved.at]
    barred = [
        (row, sight)
        for row in seen_now
        for sight in SIGHTS[row.audience]
        if (row.place_id, sight is Sight.WHOLE) in moved.barred
    ]
    seen = moved.seen | {(row.operation_id, sight) for row, sight in barred}
    cells = moved.cells | {
        (row.operation_id, sight, cell)
        for row, sight in barred
        for cell in cells_of((row.west, row.south, row.east, row.north))
    }
    with together(db):
        _move(db, _counter, [_key(*one) for one in seen], moved.at)
        _move(db, _cell, [_key(*one) for one in cells], moved.at)


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


def _key(operation: UUID, sight: Sight, cell: int | None = None) -> dict[str, Any]:
    key = {"operation_id": operation, "sight": sight}
    return key if cell is None else key | {"cell": cell}


def _move(db: Session, table: Table, keys: Iterable[dict[str, Any]], at: datetime) -> None:
    """Count one more for each key, in the same order whoever does."""
    rows = [
        {**key, "changes": 1, "changed_at": at}
        for key in sorted(keys, key=lambda key: tuple(key.values()))
    ]
    upsert_rows(db, table, rows, _one_more)


def _one_more(insert: Any, table: Table) -> Insert:
    """Count one more of what is there; what was recorded first may be stored last."""
    new = insert.excluded.changed_at
    counted: Insert = insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={
            "changes": table.c.changes + 1,
            "changed_at": case((new > table.c.changed_at, new), else_=table.c.changed_at),
        },
    )
    return counted
