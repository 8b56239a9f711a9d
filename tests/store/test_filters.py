"""Filters on stored rows: what has no geometry, what is not seen, and both ways to read a page."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.db.session import reading
from app.disclosure import reading as disclosed
from app.disclosure.reading import Question
from app.domain.cql2.expression import Expression, Kind
from app.domain.cql2.reading import Reader
from app.domain.cql2.text import read_text
from app.domain.disclosure import Sensitivity
from app.domain.geometry.box import Box
from app.domain.geometry.shape import Line, Point
from app.domain.policy import Audience
from tests.store.places import Map

_KNOWN = {"id": Kind.TEXT, "geometry": Kind.PLACE, "precision": Kind.TEXT, "name": Kind.TEXT}
_HERE, _THERE = Point((37.608, 47.097)), Line(((36.0, 46.0), (36.5, 46.5)))
_EVERYWHERE = Box(-179.9, -89.9, 179.9, 89.9)


def _read(text: str) -> Expression:
    return Reader(_KNOWN).read(read_text(text))


def _found(db: Session, question: Question) -> list[str]:
    """Find by both ways to read a page, which must agree."""
    rows = [str(one.id) for one in disclosed.find(db, question, limit=10)]
    page = disclosed.features(db, question, limit=10)
    assert page.count == len(rows)
    assert all(id in page.features for id in rows)
    return rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("geometry IS NULL", [2]),
        ("geometry IS NOT NULL", [0, 1]),
        ("S_INTERSECTS(geometry,BBOX(37,47,38,48))", [0]),
        ("NOT S_INTERSECTS(geometry,BBOX(37,47,38,48))", [1]),
        ("S_DISJOINT(geometry,BBOX(37,47,38,48))", [1]),
        ("S_DISJOINT(geometry,BBOX(37,47,38,48)) OR TRUE", [0, 1, 2]),
        ("S_CROSSES(geometry,BBOX(36.1,46,38,48))", [1]),
        ("S_EQUALS(geometry,LINESTRING(36.5 46.5,36 46))", [1]),
        ("name = 'a' OR NOT name = 'a' OR name LIKE '%'", []),
        ("precision = 'exact'", [0, 1, 2]),
        ("precision LIKE 'Exact' OR precision < 'Z'", []),
    ],
)
@pytest.mark.parametrize("box", [None, _EVERYWHERE], ids=["by key", "by index"])
def test_what_is_unknown_of_a_place_does_not_pick_it(
    engine: Engine, text: str, expected: list[int], box: Box | None
) -> None:
    ground = Map(engine)
    ids = ground.put_all(*((shape, Sensitivity.LOW) for shape in (_HERE, _THERE, None)))
    with reading(engine) as db:
        asked = ground.question(Audience.PUBLIC, filter=_read(text), box=box)
        assert sorted(_found(db, asked)) == sorted(str(ids[number]) for number in expected)


def test_a_filter_adds_nothing_to_what_is_seen(engine: Engine) -> None:
    ground = Map(engine)
    ids = ground.put_all(*((_HERE, sensitivity) for sensitivity in Sensitivity))
    exactly = _read("S_EQUALS(geometry,POINT(37.608 47.097))")
    every = _read(f"TRUE OR id = '{ids[3]}'")
    with reading(engine) as db:
        for audience, seen, exact in (
            (Audience.PUBLIC, 2, 1),
            (Audience.PARTNER, 3, 2),
            (Audience.OPERATIONAL, 4, 3),
        ):
            assert len(_found(db, ground.question(audience, filter=every))) == seen
            assert len(_found(db, ground.question(audience, filter=exactly))) == exact
