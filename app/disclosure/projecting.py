"""Disclosed rows of places beside what the record makes of them anew.

Rows that nobody sees any more are left aside, and what may be seen by now is as if it always had
been: so the rows that were written ahead of a release are the same as those written after it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, column, select, table
from sqlalchemy.orm import Session

from app.disclosure import counted, index, store
from app.disclosure.following import Told, history
from app.disclosure.outline import outline
from app.disclosure.panes import recorded
from app.disclosure.places import classed, seen
from app.disclosure.store import Place
from app.disclosure.tables import (
    ALWAYS,
    DisclosedFeatureRow,
    DisclosedShapeRow,
    DisclosedSketchRow,
    DisclosedVersionRow,
)
from app.domain.disclosure import Precision, Sensitivity
from app.domain.geometry.shape import from_recorded
from app.domain.policy import Audience
from app.ledger import projection
from app.ledger.projection import Difference, Owned, compare, in_store, stored
from app.ledger.whole import Whole

FEATURE = Owned(
    table=DisclosedFeatureRow.__table__, by="place_id", untold=frozenset({"id"}), apart=True
)
SHAPE = Owned(table=DisclosedShapeRow.__table__, by="place_id", apart=True)
SKETCH = Owned(table=DisclosedSketchRow.__table__, by="place_id", apart=True)
VERSION = Owned(table=DisclosedVersionRow.__table__, by="place_id", apart=True)
OWNED = (FEATURE, SHAPE, SKETCH, VERSION, counted.BOUNDARY)

_INDEX = table(
    index.TABLE,
    *(column(name) for name in ("id", "west", "east", "south", "north", "valid_from")),
    *(column(name) for name in ("valid_until", "recorded_from", "recorded_until")),
    *(column(name) for name in ("seen_from", "seen_until")),
)
_INSTANT = timedelta(microseconds=1)

Row = dict[str, Any]


def check(
    db: Session, whole: Whole, collection: str, told: Told, now: datetime
) -> Iterator[Difference]:
    """Compare all disclosed rows of a place with what its record makes of them now."""
    assert whole.subject.operation is not None
    place = Place(id=whole.id, collection=collection, operation=whole.subject.operation)
    found = stored(db, FEATURE, FEATURE.of(whole.id))
    at = _judged_at(whole, found, now)
    dialect = db.get_bind().dialect
    steps = history(whole.said, whole.id, told, at)
    wanted = [store.row(place, pane, span) for pane, span in recorded(steps)]
    raw = projection.as_stored(db, FEATURE, {FEATURE.table: wanted})
    yield from compare(FEATURE, _now(found, at, dialect), _now(raw, at, dialect))
    yield from _check_shapes(db, whole, {row["shape_id"] for row in found})
    yield from _check_versions(db, whole, now)
    yield from counted.check_boundaries(db, whole, now)
    if dialect.name == "sqlite":
        yield from _check_index(db, whole.id)


def _judged_at(whole: Whole, found: Sequence[Row], now: datetime) -> datetime:
    """Give now; or, of a severe place whose release nobody has read yet, the instant before it."""
    rights = classed(whole.standing)
    release_at = rights.release_at
    is_due = release_at is not None and release_at <= now
    if rights.sensitivity is not Sensitivity.SEVERE or not is_due:
        return now
    is_out = any(row["audience"] == Audience.PUBLIC.value for row in found)
    assert release_at is not None
    return now if is_out else release_at - _INSTANT


def _now(rows: Sequence[Row], at: datetime, dialect: Dialect) -> list[Row]:
    """Give rows as they are seen from now on."""

    def raw(instant: datetime) -> Any:
        return in_store(FEATURE.table, "visible_from", instant, dialect)

    now, always = raw(at), raw(ALWAYS)
    return [
        {**row, "visible_from": always if row["visible_from"] <= now else row["visible_from"]}
        for row in rows
        if row["visible_until"] > now
    ]


def _check_shapes(db: Session, whole: Whole, used: set[int]) -> Iterator[Difference]:
    """Each outline is what its event said, as exactly as it says; none is there for nothing."""
    found = stored(db, SHAPE, SHAPE.of(whole.id))
    geometries = {
        one.entry.event: one.entry.value for one in whole.said if one.entry.aspect == "geometry"
    }
    outlines = []
    for row in found:
        event = None if row["event_id"] is None else UUID(str(row["event_id"]))
        made_of = None if event is None else (event, Precision(row["precision"]))
        value = geometries.get(event) if event else None
        shape = from_recorded(value) if value else None
        precision = made_of[1] if made_of else Precision.EXACT
        outlines.append(outline(whole.id, seen(shape, precision), made_of))
    shapes = [store.shape_row(whole.id, each) for each in outlines]
    sketches = [row for each in outlines for row in store.sketch_rows(whole.id, each)]
    for owned, stored_rows, rows in (
        (SHAPE, found, shapes),
        (SKETCH, stored(db, SKETCH, SKETCH.of(whole.id)), sketches),
    ):
        yield from compare(owned, stored_rows, projection.as_stored(db, owned, {owned.table: rows}))
    for lost in used ^ {row["id"] for row in found}:
        is_used = lost in used
        yield Difference(
            table=SHAPE.table.name,
            row=str(lost),
            column=None,
            found="no such row" if is_used else "a row that no feature shows",
            expected="there is one" if is_used else "there is none",
        )


def _check_versions(db: Session, whole: Whole, now: datetime) -> Iterator[Difference]:
    """Versions go on from 2 without a gap, forward in time, from the first event to now."""
    known = {each.value for each in Audience}
    dialect = db.get_bind().dialect
    began = in_store(VERSION.table, "recorded_at", whole.created_at, dialect)
    last = in_store(VERSION.table, "recorded_at", now, dialect)
    lines: dict[str, list[Row]] = {}
    for row in stored(db, VERSION, VERSION.of(whole.id)):
        lines.setdefault(row["audience"], []).append(row)
    for audience, line in lines.items():
        before = began
        for number, row in enumerate(sorted(line, key=lambda row: row["version"]), start=2):
            fits = audience in known and row["version"] == number
            if not fits or not before <= row["recorded_at"] <= last:
                yield Difference(
                    table=VERSION.table.name,
                    row=f"{whole.id} {audience} {row['version']}",
                    column=None,
                    found=f"recorded at {row['recorded_at']}",
                    expected=f"version {number}, after the one before and not ahead of now",
                )
            before = max(before, row["recorded_at"])


def _check_index(db: Session, place: UUID) -> Iterator[Difference]:
    """The R*Tree of SQLite holds each row where and when it is."""
    rows = db.execute(select(FEATURE.table).where(FEATURE.of(place))).mappings().all()
    question = select(_INDEX).where(_INDEX.c.id.in_([row["id"] for row in rows]))
    found = {row["id"]: dict(row) for row in db.execute(question).mappings()}
    for row in rows:
        entry = index.entry(dict(row))
        both_ends = {"seen_from": entry["seen"], "seen_until": entry["seen"]}
        wanted = {name: value for name, value in entry.items() if name != "seen"} | both_ends
        if found.get(row["id"]) != wanted:
            yield Difference(
                table=index.TABLE,
                row=str(row["id"]),
                column=None,
                found=str(found.get(row["id"], "no such row")),
                expected=str(wanted),
            )


def strays(db: Session) -> Iterator[Difference]:
    """Name what the R*Tree holds of rows that are not there."""
    if db.get_bind().dialect.name != "sqlite":
        return
    known = select(FEATURE.table.c.id)
    for id in db.execute(select(_INDEX.c.id).where(_INDEX.c.id.not_in(known))).scalars():
        yield Difference(
            table=index.TABLE,
            row=str(id),
            column=None,
            found="a row",
            expected="there is none",
        )
