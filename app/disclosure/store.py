"""Writing disclosed rows: what changed of a place, and nothing else, in few statements."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.db.rows import insert_rows
from app.disclosure import counting, index
from app.disclosure.outline import Outline
from app.disclosure.panes import Pane, Span, recorded
from app.disclosure.tables import (
    ALWAYS,
    FOREVER,
    DisclosedFeatureRow,
    DisclosedShapeRow,
    DisclosedSketchRow,
    DisclosedVersionRow,
)
from app.domain.policy import Audience
from app.domain.tiles.cell import Bounds, cells_of
from app.domain.tiles.sketch import sketches

_feature = DisclosedFeatureRow.__table__
_shape = DisclosedShapeRow.__table__
_sketch = DisclosedSketchRow.__table__
_version = DisclosedVersionRow.__table__
_SIDES = (_shape.c.west, _shape.c.south, _shape.c.east, _shape.c.north)

Key = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Whose rows are written.

    Attributes:
        collection: `sites`, `corridors`.
        new: nothing of it was disclosed before.
    """

    id: UUID
    collection: str
    operation: UUID
    new: bool = False


Disclosed = tuple[Place, Sequence[Pane]]
"""A place with all that is to be seen of it from now on."""
History = Sequence[tuple[datetime, Sequence[Pane]]]
"""All that was to be seen of a place, by when it was recorded."""


def publish(db: Session, changes: Sequence[Disclosed], *, at: datetime) -> None:
    """Bring the rows of places in line with their panes as they are known from `at` on.

    Rows that say the same stay; of the others the old ones end in the record, so that an earlier
    `known_at` still finds them.
    """
    stored = _stored(db, [place.id for place, _ in changes if not place.new], at)
    gone: list[Any] = []
    rows: list[dict[str, Any]] = []
    seen: list[tuple[UUID, Audience]] = []
    for place, panes in changes:
        old = stored[place.id]
        wanted = {_key(pane): pane for pane in panes}
        gone += [row for key, row in old.items() if key not in wanted]
        fresh = [pane for key, pane in wanted.items() if key not in old]
        rows += [row(place, pane, Span(at, FOREVER)) for pane in fresh]
        seen += _note(db, place, old, wanted, at)
    _add_shapes(db, [(place, pane) for place, panes in changes for pane in panes])
    _end(db, gone, at)
    _add(db, rows)
    _count(db, seen, at)


def rebuild(db: Session, place: Place, history: History, *, at: datetime) -> None:
    """Make all rows of a place anew, those of earlier records too.

    For changes of class and release: what was disclosed before is judged by the present rights.
    """
    question = select(_feature).where(_feature.c.place_id == place.id)
    old = {(*_stored_key(row, at), row.recorded_from): row for row in db.execute(question)}
    index.remove(db, [row.id for row in old.values()])
    db.execute(delete(_feature).where(_feature.c.place_id == place.id))
    db.execute(delete(_shape).where(_shape.c.place_id == place.id))
    found = recorded(history)
    wanted = {(*_key(pane), span.start): pane for pane, span in found}
    _add_shapes(db, [(place, pane) for pane, _ in found])
    _add(db, [row(place, pane, span) for pane, span in found])
    _count(db, _note(db, place, old, wanted, at), at)


def _stored(db: Session, places: Sequence[UUID], at: datetime) -> dict[UUID, dict[Key, Any]]:
    found: dict[UUID, dict[Key, Any]] = defaultdict(dict)
    if places:
        question = select(_feature).where(
            _feature.c.place_id.in_(places), _feature.c.recorded_until == FOREVER
        )
        for row in db.execute(question):
            found[row.place_id][_stored_key(row, at)] = row
    return found


def _key(pane: Pane) -> Key:
    content = (pane.view.outline.id, pane.view.properties, pane.view.agreement)
    return (pane.audience, *pane.visible, *pane.valid, *content)


def _stored_key(row: Any, at: datetime) -> Key:
    """Give the key of a row at an instant: what may be seen by then is as if it always had been.

    So such a row stays, and no new one tells of a change of which its readers see nothing.
    """
    visible = (ALWAYS if row.visible_from <= at else row.visible_from, row.visible_until)
    valid = (row.valid_from, row.valid_until)
    return (row.audience, *visible, *valid, row.shape_id, row.properties, row.agreement_id)


def _note(
    db: Session, place: Place, old: Mapping[Key, Any], new: Mapping[Key, Any], at: datetime
) -> list[tuple[UUID, Audience]]:
    """Have changes counted for those who see something else now, or something else of the past.

    What becomes visible later is left out: it must not show that it was written. The operational
    audience counts all, since it sees a severe place exactly, which no row does.

    Returns: of whom it is not the first version of the place, whether a change or a release let
        them see it.
    """
    was, now = _visible(old, at), _visible(new, at)
    differ = [each for each in Audience if was[each].keys() != now[each].keys()]
    seen: dict[Audience, set[int]] = {Audience.OPERATIONAL: set()}
    seen |= {each: _cells(was[each], now[each]) for each in differ}
    counting.saw_change(db, place.operation, place.id, seen, at=at)
    return [(place.id, each) for each in differ if was[each]]


def _visible(things: Mapping[Key, Any], at: datetime) -> dict[Audience, dict[Key, Bounds]]:
    """Give where rows or panes lie that may be seen at an instant, by what they show."""
    found: dict[Audience, dict[Key, Bounds]] = defaultdict(dict)
    for (audience, visible_from, visible_until, *rest), thing in things.items():
        if visible_from <= at < visible_until:
            found[audience][tuple(rest)] = _bounds(thing)
    return found


def _bounds(thing: Any) -> Bounds:
    if isinstance(thing, Pane):
        return thing.view.outline.bounds
    return (thing.west, thing.south, thing.east, thing.north)


def _cells(was: Mapping[Key, Bounds], now: Mapping[Key, Bounds]) -> set[int]:
    """Give the cells of the map that show something else: of what came, and of what went."""
    moved = {(was.get(key) or now[key]) for key in was.keys() ^ now.keys()}
    return {cell for bounds in moved for cell in cells_of(bounds)}


def row(place: Place, pane: Pane, known: Span) -> dict[str, Any]:
    """Give the row of a pane, under a new id."""
    west, south, east, north = pane.view.outline.bounds
    return {
        "id": secrets.randbits(62),
        "place_id": place.id,
        "collection": place.collection,
        "operation_id": place.operation,
        "audience": pane.audience,
        "visible_from": pane.visible.start,
        "visible_until": pane.visible.end,
        "valid_from": pane.valid.start,
        "valid_until": pane.valid.end,
        "recorded_from": known.start,
        "recorded_until": known.end,
        "shape_id": pane.view.outline.id,
        "properties": pane.view.properties,
        "agreement_id": pane.view.agreement,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
    }


def outlines(db: Session, places: Sequence[UUID]) -> dict[UUID, list[Outline]]:
    """Give the outlines of places that are stored, without text and geometry."""
    found: dict[UUID, list[Outline]] = defaultdict(list)
    if places:
        columns = (_shape.c.id, _shape.c.place_id, _shape.c.event_id, _shape.c.precision, *_SIDES)
        question = select(*columns).where(
            _shape.c.place_id.in_(places), _shape.c.event_id.is_not(None)
        )
        for id, place, event, precision, *bounds in db.execute(question):
            west, south, east, north = bounds
            found[place].append(
                Outline(
                    id=id,
                    geojson="",
                    geometry=None,
                    bounds=(west, south, east, north),
                    made_of=(event, precision),
                )
            )
    return found


def _add_shapes(db: Session, seen: Iterable[tuple[Place, Pane]]) -> None:
    wanted = {
        pane.view.outline.id: (place, pane.view.outline)
        for place, pane in seen
        if not pane.view.outline.is_stored
    }
    known: set[int] = set()
    if old := [id for id, (place, _) in wanted.items() if not place.new]:
        known |= set(db.execute(select(_shape.c.id).where(_shape.c.id.in_(old))).scalars())
    new = [(place.id, each) for id, (place, each) in wanted.items() if id not in known]
    insert_rows(db, _shape, [shape_row(place, each) for place, each in new], {})
    insert_rows(db, _sketch, [row for place, each in new for row in sketch_rows(place, each)], {})


def shape_row(place: UUID, outline: Outline) -> dict[str, Any]:
    """Give the row of an outline of a place."""
    event, precision = outline.made_of or (None, None)
    west, south, east, north = outline.bounds
    return {
        "id": outline.id,
        "place_id": place,
        "geojson": outline.geojson,
        "geometry": outline.geometry,
        "event_id": event,
        "precision": precision,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
    }


def sketch_rows(place: UUID, outline: Outline) -> list[dict[str, Any]]:
    """Give the rows of the sketches of an outline; a point has none."""
    west, south, east, north = outline.bounds
    if outline.geometry is None or (west == east and south == north):
        return []
    return [
        {"shape_id": outline.id, "band": band, "place_id": place, "geometry": geometry}
        for band, geometry in sketches(outline.geometry).items()
    ]


def _end(db: Session, rows: Sequence[Any], at: datetime) -> None:
    """End rows in the record; what was written in this very instant was never there."""
    never = [row.id for row in rows if row.recorded_from >= at]
    ended = [row for row in rows if row.recorded_from < at]
    if never:
        index.remove(db, never)
        db.execute(delete(_feature).where(_feature.c.id.in_(never)))
    if ended:
        ids = [row.id for row in ended]
        db.execute(update(_feature).where(_feature.c.id.in_(ids)).values(recorded_until=at))
        index.end(db, ids, at)


def _add(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    insert_rows(db, _feature, rows, {})
    index.add(db, rows)


def _count(db: Session, seen: Sequence[tuple[UUID, Audience]], at: datetime) -> None:
    """Count one more version for each audience that sees a change; the first is not counted."""
    if not seen:
        return
    question = (
        select(_version.c.place_id, _version.c.audience, func.max(_version.c.version))
        .where(_version.c.place_id.in_({place for place, _ in seen}))
        .group_by(_version.c.place_id, _version.c.audience)
    )
    counted = {(place, audience): last for place, audience, last in db.execute(question)}
    rows = [
        {
            "place_id": place,
            "audience": audience,
            "version": counted.get((place, audience), 1) + 1,
            "recorded_at": at,
        }
        for place, audience in seen
    ]
    db.execute(insert(_version), rows)
