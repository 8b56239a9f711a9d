"""Disclosed rows are found by the geometry that their readers see, each once, in pages of any size."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import shape as made
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.db.session import reading
from app.disclosure import reading as disclosed
from app.disclosure import space, statements
from app.disclosure.reading import Question
from app.domain.disclosure import Sensitivity
from app.domain.geometry.box import Box
from app.domain.geometry.shape import Line, Point
from app.domain.policy import Audience
from app.ledger.reading import Reading
from tests.store.places import Map

_WALKS = (3000, 1)
"""How few candidates the index may give: below them a page is read by the index, else by the key."""
_DIAGONAL = Line(((10.0, 10.0), (20.0, 20.0)))
_CORNER = Box(18.0, 11.0, 19.0, 12.0)


def _degrees(most: int) -> st.SearchStrategy[float]:
    """Give degrees: some that places share, edges of cells, what lies between, and the ends."""
    return st.one_of(
        st.sampled_from((0.0, 0.1, 0.25, 1.0, 1.05, 37.5413, -float(most), float(most))),
        st.integers(-most * 10, most * 10).map(lambda tenth: tenth / 10),
        st.integers(-most * 10**7, most * 10**7).map(lambda part: part / 10**7),
    )


positions = st.tuples(_degrees(180), _degrees(90))
nearby = st.tuples(st.integers(-9, 9), st.integers(-9, 9))


def _line(start: tuple[float, float], steps: Sequence[tuple[int, int]]) -> Line:
    """Give a line of steps of a third of a degree; over the antimeridian it goes on."""
    found = [start]
    for x, y in steps:
        longitude = (found[-1][0] + x / 3 + 540) % 360 - 180
        found.append((longitude, max(-90.0, min(90.0, found[-1][1] + y / 3))))
    return Line(tuple(found))


lines = st.builds(_line, positions, st.lists(nearby, min_size=1, max_size=5)).filter(
    lambda line: len(set(line.positions)) > 1
)
shapes = st.one_of(st.none(), positions.map(Point), lines)
places = st.lists(st.tuples(shapes, st.sampled_from(Sensitivity)), min_size=1, max_size=5)
ordered = st.lists(_degrees(90), min_size=2, max_size=2).map(sorted)
free = st.builds(
    lambda west, latitudes, east: Box(west, latitudes[0], east, latitudes[1]),
    _degrees(180),
    ordered,
    _degrees(180),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=places,
    boxes=st.lists(free, max_size=4),
    audience=st.sampled_from(Audience),
    data=st.data(),
)
def test_a_box_picks_what_meets_it_as_its_reader_sees_it(
    engine: Engine,
    drawn: list[tuple[Point | Line | None, Sensitivity]],
    boxes: list[Box],
    audience: Audience,
    data: st.DataObject,
) -> None:
    ground = Map(engine)
    ground.put_all(*drawn)
    with reading(engine) as db:
        shown = _shown(db, ground, audience)
        for box in [*boxes, *_touching(shown, data)]:
            asked = ground.question(audience, box=box)
            expected = sorted(id for id, seen in shown.items() if _meets(seen, box))
            assert _found_every_way(db, asked) == [expected] * 2 * len(_WALKS), (box, shown)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(st.tuples(shapes, shapes, st.integers(1, 28)), min_size=2, max_size=5),
    more=st.lists(shapes, max_size=2),
    boxes=st.lists(free, min_size=1, max_size=3),
    size=st.integers(1, 3),
    data=st.data(),
)
def test_a_box_in_the_past_picks_what_was_there_as_it_was_known(
    engine: Engine,
    drawn: list[tuple[Point | Line | None, Point | Line | None, int]],
    more: list[Point | Line | None],
    boxes: list[Box],
    size: int,
    data: st.DataObject,
) -> None:
    """Places move, and others come, after the instant of the record that is asked about."""
    ground = Map(engine)
    ids = ground.put_all(*((before, Sensitivity.LOW) for before, _, _ in drawn))
    half = len(ids) // 2
    when = [datetime(2022, 4, 25, day % 20, tzinfo=UTC) for _, _, day in drawn]
    moved = [
        ground.move(id, after, at)
        for id, (_, after, _), at in zip(ids[:half], drawn[:half], when[:half], strict=True)
    ]
    pin = moved[-1]
    for id, (_, after, _), at in zip(ids[half:], drawn[half:], when[half:], strict=True):
        ground.move(id, after, at)
    ground.put_all(*((shape, Sensitivity.LOW) for shape in more))
    then = data.draw(st.sampled_from([None, datetime(2022, 4, 25, 10, tzinfo=UTC)]))
    since = data.draw(st.sampled_from([None, datetime(2022, 4, 25, 3, tzinfo=UTC)]))
    with reading(engine) as db:
        for told in ({"pin": pin}, {"reading": Reading(as_of=then, known_at=pin)}, {}):
            whole = ground.question(Audience.PUBLIC, since=since, **told)
            if since is not None and "reading" not in told:
                whole = replace(whole, reading=Reading(as_of=then))
            found = disclosed.find(db, whole, limit=100)
            documents = {one.id: json.loads(one.geojson) for one in found}
            shown = {id: made(one) if one else None for id, one in documents.items()}
            for box in [*boxes, *_touching(shown, data)]:
                asked = replace(whole, box=box)
                expected = sorted(id for id, seen in shown.items() if _meets(seen, box))
                assert _found_every_way(db, asked) == [expected] * 2 * len(_WALKS)
                for few in _WALKS:
                    with _few(few):
                        assert _items_in_pages(db, asked, size) == expected


@contextmanager
def _few(most: int) -> Iterator[None]:
    usual = space.FEW
    vars(space)["FEW"] = dict.fromkeys(usual, most)
    try:
        yield
    finally:
        vars(space)["FEW"] = usual


def _touching(shown: dict[UUID, Any], data: st.DataObject) -> list[Box]:
    """Draw boxes whose edges lie on what is shown, some without any extent."""
    corners = [
        (float(x), float(y))
        for seen in shown.values()
        if seen is not None
        for x, y in shapely.get_coordinates(seen)
    ]
    if not corners:
        return []
    drawn = data.draw(
        st.lists(st.lists(st.sampled_from(corners), min_size=2, max_size=2), max_size=4)
    )
    return [
        Box(one[0], min(one[1], other[1]), other[0], max(one[1], other[1])) for one, other in drawn
    ]


def _shown(db: Session, ground: Map, audience: Audience) -> dict[UUID, Any]:
    """Give the geometry of each place as an audience sees it."""
    found = disclosed.find(db, ground.question(audience), limit=100)
    documents = {one.id: json.loads(one.geojson) for one in found}
    return {id: made(one) if one else None for id, one in documents.items()}


def _meets(seen: Any, box: Box) -> bool:
    """Ask shapely; what has no geometry meets every box."""
    return seen is None or any(seen.intersects(_drawn(part)) for part in box.parts())


def _drawn(box: Box) -> Any:
    """Draw a plain box: an area, or without extent a line or a point."""
    corners = [(box.west, box.south), (box.east, box.north)]
    if box.west < box.east and box.south < box.north:
        return shapely.box(*corners[0], *corners[1])
    return shapely.Point(corners[0]) if corners[0] == corners[1] else shapely.LineString(corners)


def _found_every_way(db: Session, asked: Question) -> list[list[UUID]]:
    """Ask for items and for features, by the index and by the key."""
    answers = []
    for few in _WALKS:
        with _few(few):
            answers.append([one.id for one in disclosed.find(db, asked, limit=100)])
            answers.append(_ids(disclosed.features(db, asked, limit=100).features))
    return answers


def _ids(features: str) -> list[UUID]:
    return [UUID(feature["id"]) for feature in json.loads(f"[{features}]")]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=places, size=st.integers(1, 6), few=st.sampled_from(_WALKS), box=st.none() | free)
def test_pages_of_any_size_give_each_place_once_by_its_id(
    engine: Engine,
    drawn: list[tuple[Point | Line | None, Sensitivity]],
    size: int,
    few: int,
    box: Box | None,
) -> None:
    ground = Map(engine)
    ground.put_all(*drawn)
    asked = ground.question(Audience.OPERATIONAL, box=box)
    with _few(few), reading(engine) as db:
        whole = [one.id for one in disclosed.find(db, asked, limit=100)]
        assert whole == sorted(set(whole))
        assert _items_in_pages(db, asked, size) == whole
        assert _features_in_pages(db, asked, size) == whole


def _items_in_pages(db: Session, asked: Question, size: int) -> list[UUID]:
    found: list[UUID] = []
    while page := disclosed.find(db, asked, limit=size):
        found += [one.id for one in page]
        asked = replace(asked, after=found[-1])
    return found


def _features_in_pages(db: Session, asked: Question, size: int) -> list[UUID]:
    found: list[UUID] = []
    while True:
        page = disclosed.features(db, asked, limit=size)
        ids = _ids(page.features)
        assert page.count == len(ids)
        found += ids
        if page.next is None:
            return found
        assert page.next == ids[-1]
        asked = replace(asked, after=page.next)


def test_a_box_in_the_corner_of_an_envelope_meets_nothing(engine: Engine) -> None:
    ground = Map(engine)
    ground.put_all((_DIAGONAL, Sensitivity.LOW))
    with reading(engine) as db:
        asked = ground.question(Audience.PUBLIC, box=_CORNER)
        assert _found_every_way(db, asked) == [[]] * 2 * len(_WALKS)


def test_a_test_on_envelopes_is_found_out(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "_meets", lambda part, shape, sqlite: shape.c.id == shape.c.id)
    monkeypatch.setattr(statements, "items", statements.items.__wrapped__)
    ground = Map(engine)
    ground.put_all((_DIAGONAL, Sensitivity.LOW))
    with reading(engine) as db:
        assert disclosed.find(db, ground.question(Audience.PUBLIC, box=_CORNER), limit=1)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_index_that_rounds_inward_is_found_out(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "degrees_up", lambda degrees: int(degrees * 10**7) - 100)
    ground = Map(engine)
    ground.put_all((Point((37.5413, 47.0951)), Sensitivity.LOW))
    with reading(engine) as db:
        box = Box(37.5, 47.0, 37.5413, 47.0951)
        assert disclosed.find(db, ground.question(Audience.PUBLIC), limit=1)
        assert disclosed.find(db, ground.question(Audience.PUBLIC, box=box), limit=1) == []
