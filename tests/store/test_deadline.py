"""A statement that somebody outside shaped is given up after its time."""

import pytest
from sqlalchemy import Engine, text

from app.db.deadline import TookTooLong, within
from app.db.session import reading

ENDLESS = text(
    "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 1000000000)"
    " SELECT count(*) FROM counted"
)


def test_a_long_one_is_given_up(engine: Engine) -> None:
    with pytest.raises(TookTooLong), reading(engine) as db, within(db, 0.3):
        db.execute(ENDLESS).all()


def test_what_comes_after_it_is_not(engine: Engine) -> None:
    for _ in range(engine.pool.size() + 1):  # type: ignore[attr-defined]
        with pytest.raises(TookTooLong), reading(engine) as db, within(db, 0.05):
            db.execute(ENDLESS).all()
        with reading(engine) as db:
            assert db.scalar(text("SELECT 1")) == 1


def test_a_short_one_is_answered(engine: Engine) -> None:
    with reading(engine) as db:
        with within(db, 5):
            assert db.execute(text("SELECT 1")).scalar_one() == 1
        assert db.scalar(text("SELECT 2")) == 2


def test_another_fault_stays_what_it_is(engine: Engine) -> None:
    with pytest.raises(Exception, match="no_such_table"), reading(engine) as db, within(db, 5):
        db.execute(text("SELECT * FROM no_such_table"))
