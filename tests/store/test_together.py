"""Statements that are sent together mean what they mean one by one."""

from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import Engine, exc, text
from sqlalchemy.orm import Session

from app.db.errors import DatabaseUnavailable, Unwritable
from app.db.session import reading, writing
from app.db.together import together
from app.domain.fact import Event
from app.ledger.idempotency import Kept, find, keep
from tests.http.given import given_subject

_BREAK = text("UPDATE subject SET version = 9")
_COUNT = text("SELECT count(*) FROM subject")


def kept_of(event: Event) -> Kept:
    fact = event.fact
    return Kept(digest=b"\0" * 32, status=201, subject=fact.subject.id, event=fact.id)


def count(engine: Engine) -> int:
    with reading(engine) as db:
        return int(db.execute(_COUNT).scalar_one())


def test_all_of_them_are_stored(engine: Engine) -> None:
    with writing(engine) as db:
        added = given_subject(db, "source")
        with together(db):
            for key in ("first", "second"):
                keep(db, UUID(int=1), key, kept_of(added))
    with reading(engine) as db:
        assert find(db, UUID(int=1), "first") == kept_of(added)
        assert find(db, UUID(int=1), "second") == kept_of(added)


def test_a_refusal_is_raised_as_ever(engine: Engine) -> None:
    with writing(engine) as db:
        given_subject(db, "source")
    with pytest.raises(exc.IntegrityError), writing(engine) as db, together(db):
        break_and_go_on(db)
    assert count(engine) == 1


def break_and_go_on(db: Session) -> None:
    db.execute(_BREAK)
    db.execute(text("DELETE FROM subject"))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_swallowed_refusal_is_not_committed(engine: Engine) -> None:
    with pytest.raises(Unwritable), writing(engine) as db:
        swallow(db)
    assert count(engine) == 0


def swallow(db: Session) -> None:
    given_subject(db, "source")
    with suppress(exc.IntegrityError), together(db):
        db.execute(_BREAK)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_lost_meanwhile_stored_nothing(engine: Engine) -> None:
    with pytest.raises(DatabaseUnavailable), writing(engine) as db:
        lose_the_connection(engine, db)
    assert count(engine) == 0


def lose_the_connection(engine: Engine, db: Session) -> None:
    given_subject(db, "source")
    process = db.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with engine.begin() as other:
        other.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
    with together(db):
        db.execute(text("UPDATE subject SET version = version"))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_question_within_is_an_error_and_no_empty_answer(engine: Engine) -> None:
    with pytest.raises(exc.ResourceClosedError), writing(engine) as db, together(db):
        db.execute(_COUNT).all()
