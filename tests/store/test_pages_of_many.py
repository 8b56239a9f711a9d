"""A page costs what it holds, whatever is asked and however many corridors there are."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, FromClause, Text, cast, func
from sqlalchemy.orm import Session

from app.db.session import reading as transaction
from app.disclosure import space, statements
from app.disclosure.asking import prepared
from app.disclosure.form import Form
from app.disclosure.reading import Question, features, form_of
from app.domain.cql2.expression import Compared, Expression, Kind, Order, Property, Value
from app.domain.geometry.box import WORLD, Box
from app.ledger.reading import Reading
from tests.bench import places
from tests.bench.maps import places_of
from tests.bench.places import Loaded, caller_of
from tests.databases import lend, stock
from tests.faults.passage import OCHA_DESK
from tests.postgres import with_database

_MANY, _LIMIT = 1_000, 10
_OPEN = Compared(Order.EQUAL, Property("status", Kind.TEXT), Value(Kind.TEXT, "open"))
_NEARLY_ALL = Box(-179.9, -89.9, 179.9, 89.9)
_HALF, _SMALL = Box(20.0, 40.0, 31.0, 60.0), Box(28.0, 47.0, 30.0, 48.0)
_MOST_ROWS = 12 * (_LIMIT + 1)
"""A step may look at a few rows of each place; all there are would be three for each of many."""
_MOST_STEPS = 100
"""Hundreds of steps of its machine; they are 31 at most, and 245 at least where it sorts all."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def many(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    with lend(request.param, tmp_path_factory.mktemp("many")) as database:
        admin_url = None
        if request.param == "postgresql":
            admin_url = with_database(stock().admin_url(), database.url.rpartition("/")[2])
        loaded = places.load(database, admin_url, _MANY)
        yield loaded
        loaded.close()


_on_postgresql = pytest.mark.parametrize("many", ["postgresql"], indirect=True)
_on_sqlite = pytest.mark.parametrize("many", ["sqlite"], indirect=True)
_with_an_interval = pytest.mark.parametrize("since", [None, datetime(2022, 1, 1, tzinfo=UTC)])


@_on_postgresql
@_with_an_interval
@pytest.mark.parametrize(("filter", "equal"), [(None, {}), (_OPEN, {}), (None, {"status": "open"})])
def test_postgresql_looks_at_few_of_many(
    many: Loaded, filter: Expression | None, equal: Mapping[str, str], since: datetime | None
) -> None:
    with transaction(many.engine) as db:
        question = replace(later_page(db, many), since=since, filter=filter, equal=equal)
        assert features(db, question, limit=_LIMIT).count == _LIMIT
        assert most_rows(plan_of(db, question)) <= _MOST_ROWS


@_with_an_interval
@pytest.mark.parametrize("box", [WORLD, _NEARLY_ALL, _HALF])
def test_a_large_box_costs_no_more_than_the_page(
    many: Loaded, box: Box, since: datetime | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its index of space would find all or half of them, and each would be sorted."""
    monkeypatch.setattr(space, "FEW", dict.fromkeys(space.FEW, 50))
    with transaction(many.engine) as db:
        question = replace(later_page(db, many), since=since, box=box)
        if many.engine.dialect.name == "sqlite":
            assert steps_of(db, question) <= _MOST_STEPS
        else:
            assert features(db, question, limit=_LIMIT).count == _LIMIT
            assert most_rows(plan_of(db, question)) <= _MOST_ROWS


def test_a_box_that_leaves_nothing_out_is_none(many: Loaded) -> None:
    with transaction(many.engine) as db:
        question = replace(later_page(db, many), box=WORLD)
        assert form_of(db, question)[0].box == 0
        assert form_of(db, replace(question, shaped=True))[0].box == 1
        found = features(db, question, limit=_LIMIT)
        assert found == features(db, replace(question, box=_NEARLY_ALL), limit=_LIMIT)


def test_a_page_of_which_a_feature_has_no_text_is_none(
    many: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not be left out as if it were not there."""

    def told(_: Form, seen: FromClause, __: FromClause) -> ColumnElement[Any]:
        return func.nullif(func.substr(cast(seen.c.place_id, Text), 1, 1), "1")

    monkeypatch.setattr(statements, "_feature_text", told)
    for made in ("texts", "joined"):
        monkeypatch.setattr(statements, made, getattr(statements, made).__wrapped__)
    with transaction(many.engine) as db:
        question = replace(later_page(db, many), after=None)
        assert features(db, question, limit=_LIMIT).count == _LIMIT  # all begin with 0
        with pytest.raises(TypeError):
            features(db, question, limit=_MANY // 4)


@_on_postgresql
@_with_an_interval
def test_a_small_box_costs_what_lies_in_it(many: Loaded, since: datetime | None) -> None:
    with transaction(many.engine) as db:
        question = replace(later_page(db, many), since=since, box=_SMALL)
        assert 0 < features(db, question, limit=_LIMIT).count <= _LIMIT
        assert most_rows(plan_of(db, question)) <= _MOST_ROWS


@_on_sqlite
@_with_an_interval
@pytest.mark.parametrize("equal", [{}, {"status": "open"}])
def test_sqlite_takes_few_steps_among_many(
    many: Loaded, equal: Mapping[str, str], since: datetime | None
) -> None:
    with transaction(many.engine) as db:
        question = replace(later_page(db, many), since=since, equal=equal)
        assert steps_of(db, question) <= _MOST_STEPS


def later_page(db: Session, many: Loaded) -> Question:
    """Ask for a page from a third of the list on, as its cursor does."""
    ids, began = places_of(many)
    return Question(
        collection="corridors",
        caller=caller_of(db, many.world, OCHA_DESK),
        now=datetime.now(UTC),
        reading=Reading(as_of=began + timedelta(seconds=1)),
        after=ids[len(ids) // 3],
        pin=began,
    )


def steps_of(db: Session, question: Question) -> int:
    """Count the hundreds of steps that SQLite's machine takes for a page."""
    steps: list[None] = []
    connection: Any = db.connection().connection.driver_connection
    connection.set_progress_handler(lambda: steps.append(None), 100)
    try:
        assert features(db, question, limit=_LIMIT).count == _LIMIT
    finally:
        connection.set_progress_handler(None, 0)
    return len(steps)


def plan_of(db: Session, question: Question) -> dict[str, Any]:
    """Let PostgreSQL tell what it did for a page."""
    form, given = form_of(db, question)
    asked = prepared(statements.texts(form), db.connection().dialect)
    driver: Any = db.connection().connection.driver_connection
    explained = asked.cursor(driver).execute(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {asked.text}",
        asked.parameters({**given, "limit": _LIMIT + 1}),
    )
    ((plan,),) = explained.fetchone()
    found: dict[str, Any] = plan["Plan"]
    return found


def most_rows(plan: Mapping[str, Any]) -> float:
    """Tell how many rows the busiest step of a plan gave or threw away."""
    thrown = sum(value for name, value in plan.items() if name.startswith("Rows Removed by"))
    own: float = (plan["Actual Rows"] + thrown) * plan["Actual Loops"]
    return max([own, *(most_rows(each) for each in plan.get("Plans", ()))])
