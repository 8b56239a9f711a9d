"""Counters and boundaries beside the rows of which they tell.

How often something changed is on no record; that a counter is there, and of which time, is. That
of a cell in which nothing lies any more stays, and one too many would tell nobody anything.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.disclosure import counting
from app.disclosure.tables import (
    FOREVER,
    DisclosedBarRow,
    DisclosedBoundaryRow,
    DisclosedCellRow,
    DisclosedCounterRow,
    DisclosedFeatureRow,
)
from app.domain.disclosure import SIGHTS, Sight
from app.domain.instant import format_instant
from app.domain.policy import Audience
from app.domain.tiles.cell import cells_of
from app.ledger.projection import Difference, Owned
from app.ledger.whole import Whole

BOUNDARY = Owned(table=DisclosedBoundaryRow.__table__, by="place_id", apart=True)
COUNTER = Owned(
    table=DisclosedCounterRow.__table__,
    by="operation_id",
    untold=frozenset({"changes"}),
    apart=True,
)
CELL = Owned(
    table=DisclosedCellRow.__table__,
    by="operation_id",
    untold=frozenset({"changes"}),
    apart=True,
)
_boundary, _counter, _cell = BOUNDARY.table, COUNTER.table, CELL.table
_feature, _bar = DisclosedFeatureRow.__table__, DisclosedBarRow.__table__


def check(db: Session, whole: Whole, now: datetime) -> Iterator[Difference]:
    """Look at all that is counted of an operation."""
    yield from check_counters(db, whole, now)
    yield from check_cells(db, whole, now)


def check_boundaries(db: Session, whole: Whole, now: datetime) -> Iterator[Difference]:
    """Those that lie ahead follow from the rows; the others passed since the place is on record."""
    places = [whole.id]
    wanted = counting.boundaries(db, places, counting.visible(db, places, now), now)
    rows = db.execute(select(_boundary).where(BOUNDARY.of(whole.id))).all()
    found = {
        counting.Boundary(row.place_id, row.sight, row.at, row.operation_id)
        for row in rows
        if not whole.created_at < row.at <= now or row.operation_id != whole.subject.operation
    }
    for one in sorted(found ^ wanted, key=lambda each: (each.at, each.sight.value)):
        is_found = one in found
        yield Difference(
            table=_boundary.name,
            row=f"{one.place_id} {one.sight.value} {format_instant(one.at)}",
            column=None,
            found="a row" if is_found else "no such row",
            expected="there is none" if is_found else "there is one",
        )


def check_counters(db: Session, whole: Whole, now: datetime) -> Iterator[Difference]:
    """Each sight that sees a place has a counter, moved no earlier than what it sees was recorded."""
    rows = {r.sight: r for r in db.execute(select(_counter).where(COUNTER.of(whole.id)))}
    first = _recorded(db, whole.id, now)
    for sight in Sight:
        at = first.get(sight)
        row = rows.get(sight)
        if row is None and at is None:
            continue
        fits = row is not None and row.changes > 0 and (at or whole.created_at) <= row.changed_at
        if row is None or not fits or row.changed_at > now:
            yield Difference(
                table=_counter.name,
                row=f"{sight.value} {whole.id}",
                column=None if row is None else "changed_at",
                found="no such row" if row is None else format_instant(row.changed_at),
                expected=f"from {format_instant(at or whole.created_at)} on, and not ahead of now",
            )


def check_cells(db: Session, whole: Whole, now: datetime) -> Iterator[Difference]:
    """Each cell in which a sight sees something has a counter, moved no earlier than that was."""
    rows = {(r.sight, r.cell): r for r in db.execute(select(_cell).where(CELL.of(whole.id)))}
    first = dict(_touched(db, whole.id, now))
    for sight, cell in sorted({*rows, *first}, key=lambda one: (one[0].value, one[1])):
        row, at = rows.get((sight, cell)), first.get((sight, cell), whole.created_at)
        if row is None or row.changes < 1 or not at <= row.changed_at <= now:
            yield Difference(
                table=_cell.name,
                row=f"{sight.value} {whole.id} {cell}",
                column=None if row is None else "changed_at",
                found="no such row" if row is None else format_instant(row.changed_at),
                expected=f"from {format_instant(at)} on, and not ahead of now",
            )


def _touched(
    db: Session, operation: UUID, now: datetime
) -> Iterator[tuple[tuple[Sight, int], datetime]]:
    """Give for sights and cells when what is seen there now was touched, the last time last.

    What was not to be seen yet when it was touched moved nothing.
    """
    found: list[tuple[datetime, Sight, Any]] = []
    seen = (
        _feature.c.operation_id == operation,
        _feature.c.visible_from <= now,
        _feature.c.visible_until > now,
    )
    sides = [_feature.c[side] for side in ("west", "south", "east", "north")]
    at = _last(_feature)
    rows = select(_feature.c.audience, at, *sides).where(*seen, _feature.c.visible_from <= at)
    for audience, last, *bounds in db.execute(rows.distinct()):
        found += [(last, sight, bounds) for sight in SIGHTS[audience]]
    at = _last(_bar)
    bars = select(_feature.c.audience, _bar.c.whole, at, *sides).where(
        *seen, _bar.c.place_id == _feature.c.place_id, _feature.c.visible_from <= at
    )
    for audience, is_whole, last, *bounds in db.execute(bars.distinct()):
        whole_too = (sight for sight in SIGHTS[audience] if (sight is Sight.WHOLE) is is_whole)
        found += [(last, sight, bounds) for sight in whole_too]
    for last, sight, bounds in sorted(found, key=lambda one: one[0]):
        yield from (((sight, cell), last) for cell in cells_of(tuple(bounds)))


def _recorded(db: Session, operation: UUID, now: datetime) -> Mapping[Sight, datetime]:
    """Give for each sight when the last of what it sees now was recorded."""
    seen = (
        _feature.c.operation_id == operation,
        _feature.c.visible_from <= now,
        _feature.c.visible_until > now,
    )
    last = func.max(_last(_feature)).label("last")
    rows = select(_feature.c.audience, last).where(*seen).group_by(_feature.c.audience)
    shown: dict[Audience, datetime] = {r.audience: r.last for r in db.execute(rows)}
    bars = (
        select(_feature.c.audience, _bar.c.whole, func.max(_last(_bar)))
        .join(_bar, _bar.c.place_id == _feature.c.place_id)
        .where(*seen)
        .group_by(_feature.c.audience, _bar.c.whole)
    )
    barred: dict[Any, datetime] = {(who, whole): at for who, whole, at in db.execute(bars)}
    return {
        sight: max(
            shown[sight.audience],
            barred.get((sight.audience, sight is Sight.WHOLE), shown[sight.audience]),
        )
        for sight in Sight
        if sight.audience in shown
    }


def _last(rows: Any) -> Any:
    """Give the last instant at which a row was touched."""
    ended = rows.c.recorded_until
    return case((ended == FOREVER, rows.c.recorded_from), else_=ended)
