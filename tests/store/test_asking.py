"""What is asked of the driver itself means what it means through SQLAlchemy."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Double,
    Engine,
    Integer,
    Select,
    bindparam,
    column,
    exc,
    func,
    literal,
    select,
    table,
)

from app.db.errors import DatabaseUnavailable
from app.db.session import reading
from app.db.types import Flag, Id, Instant, Named
from app.disclosure.asking import ask, prepared
from app.domain.policy import Audience

ID = UUID("7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b")
AT = datetime(2022, 4, 30, 11, 0, 0, 5, tzinfo=UTC)
_COLUMNS: tuple[Any, ...] = (
    bindparam("id", type_=Id()).label("id"),
    bindparam("at", type_=Instant()).label("at"),
    literal(AT, Instant()).label("fixed"),
    literal(Audience.PARTNER, Named(Audience)).label("audience"),
    literal(True, Flag()).label("flag"),
    literal(None, Instant()).label("empty"),
    literal(0.5, Double()).label("half"),
    func.coalesce(bindparam("number", type_=Integer()), 7),
)
ASKED: Select[Any] = select(*_COLUMNS)
NOWHERE: Select[Any] = select(column("id")).select_from(table("no_such_table"))


def test_values_are_ours_both_ways(engine: Engine) -> None:
    given = {"id": ID, "at": AT, "number": 5, "more": "is left out"}
    with reading(engine) as db:
        (row,) = ask(db, ASKED, given)
        assert tuple(row) == tuple(db.execute(ASKED, given).one())
    assert tuple(row) == (ID, AT, AT, Audience.PARTNER, True, None, 0.5, 5)
    assert (row.id, row.at, row.audience) == (ID, AT, Audience.PARTNER)
    assert row.at.tzinfo is UTC


def test_a_text_is_made_once(engine: Engine) -> None:
    dialect = engine.dialect
    assert prepared(ASKED, dialect) is prepared(ASKED, dialect)


def test_a_parameter_that_is_missing_is_a_mistake(engine: Engine) -> None:
    with reading(engine) as db, pytest.raises(KeyError, match="number"):
        ask(db, ASKED, {"id": ID, "at": AT})


def test_a_list_may_not_shape_the_text(engine: Engine) -> None:
    listed: Select[Any] = select(column("a")).where(column("a").in_(bindparam("b", expanding=True)))
    with pytest.raises(TypeError, match="each list"):
        prepared(listed, engine.dialect)


def test_a_fault_is_told_as_ever(engine: Engine) -> None:
    with pytest.raises(exc.DBAPIError, match="no_such_table"), reading(engine) as db:
        ask(db, NOWHERE, {})


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_lost_connection_is_used_no_more(engine: Engine) -> None:
    ended = select(func.pg_terminate_backend(func.pg_backend_pid()))
    with pytest.raises(DatabaseUnavailable), reading(engine) as db:
        ask(db, ended, {})
    with reading(engine) as db:
        assert ask(db, ASKED, {"id": ID, "at": AT, "number": 1})
