"""Holding a subject: what is read of it and of the clock is read once it is held."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from app.db.session import writing
from app.ledger import store
from app.ledger.reading import SubjectState
from tests.http.given import given_subject


def test_a_subject_that_is_held_tells_the_moment(engine: Engine) -> None:
    with writing(engine) as db:
        subject = given_subject(db, "source").fact.subject.id
    with writing(engine) as db:
        before = store.moment(db)
        held = store.lock(db, subject)
        assert held is not None
        assert before <= held.held_at <= store.moment(db)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_waited_reads_clock_and_version_after_the_wait(engine: Engine) -> None:
    with writing(engine) as db:
        first = given_subject(db, "source")
    subject = first.fact.subject.id

    def wait() -> SubjectState | None:
        with writing(engine) as db:
            return store.lock(db, subject)

    with ThreadPoolExecutor(1) as other:
        with writing(engine) as db:
            store.lock(db, subject)
            waiting = other.submit(wait)
            see_a_lock_wait(engine)
            until = store.moment(db)
        held = waiting.result()
    assert held is not None
    assert held.held_at >= until


def see_a_lock_wait(engine: Engine) -> None:
    waits = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with engine.connect() as connection:
        while not connection.execute(waits).scalar_one():
            connection.rollback()
