"""The audit tells each kind of damage; a record that is whole has none."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.access.caller import find_caller
from app.access.write import Write
from app.agreements.held import hold
from app.agreements.schemas.agreement import AgreementIn
from app.agreements.schemas.position import PositionIn
from app.agreements.schemas.status import StatusChangeIn
from app.agreements.services import moving, proposing, stating
from app.db.session import writing
from app.http.versions import etag
from tests.databases import Database
from tests.faults.audit import audit
from tests.faults.passage import given_passage
from tests.faults.wire import Lost, Wire
from tests.faults.world import given_world
from tests.postgres import free_port

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

_DAMAGE = {
    "DELETE FROM event WHERE sequence = 2": "is at version 3 with events [1, 3]",
    "UPDATE subject SET version = 9 WHERE kind = 'agreement'": "is at version 9",
    "UPDATE event SET sequence = 9 WHERE kind = 'status_changed'": "with events [1, 2, 9]",
    "UPDATE event_value SET value = 'null' WHERE field = 'aspect/status'": "other values than",
    "DELETE FROM event_value WHERE field = 'reason'": "other values than its record commits to",
    "DELETE FROM event_aspect WHERE aspect = 'status'": "other aspects than its record names",
    "UPDATE event SET recorded_at = '2999-04-26T12:00:00.000000Z' WHERE sequence = 3": "recorded",
    "DELETE FROM position": "is in the history and has no row",
    "DELETE FROM status_change": "is in the history and has no row",
    "UPDATE agreement SET status = 'in_force'": "its events say another status",
    "DELETE FROM agreement": "is in the history and has no row",
    "UPDATE idempotency_key SET subject_id = (SELECT id FROM subject WHERE kind = 'operation')": (
        "names an event that is not of its subject"
    ),
}


@pytest.fixture
def without_guards(database: Database) -> Iterator[Engine]:
    """Lend a database with one agreement of three events, where anything may be written."""
    engine = database.engine()
    world = given_world(engine)
    with writing(engine) as db:
        caller = find_caller(db, world.tokens["coordinator-ocha"])
        assert caller is not None
        write = Write(db=db, caller=caller, key="first")
        made = proposing.propose(write, AgreementIn.model_validate(world.proposal("Azovstal")))
        agreement = made.recorded.id
        plain = Write(db=db, caller=caller, if_match=etag(2))
        position = PositionIn.model_validate(world.position("by telephone"))
        stating.state_position(hold(agreement, plain), position)
        moving.change_status(
            hold(agreement, plain),
            StatusChangeIn.model_validate({"to": "in_talks", "reason": "talks_held"}),
        )
    with engine.begin() as connection:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type='trigger'")):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield engine
    engine.dispose()


def test_a_whole_record_has_no_faults(without_guards: Engine) -> None:
    assert audit(without_guards) == []


@pytest.mark.parametrize(("damage", "said"), _DAMAGE.items())
def test_damage_is_told(without_guards: Engine, damage: str, said: str) -> None:
    _damage(without_guards, damage)
    assert any(said in one for one in audit(without_guards))


def _damage(engine: Engine, damage: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN")
        assert connection.exec_driver_sql(damage).rowcount
        connection.commit()


_DAMAGE_OF_PLACES = {
    "UPDATE corridor SET status = 'restricted'": "its events say another status",
    "DELETE FROM corridor": "is in the history and has no row",
    "DELETE FROM site": "is in the history and has no row",
    "DELETE FROM disclosed_bar WHERE whole = 1": "has 0 answers to whether people may move",
    'UPDATE disclosed_bar SET reasons = \'{"code":"corridor_not_open"}\'': "says otherwise",
    "DELETE FROM disclosed_feature WHERE audience = 'partner'": "is shown to",
    "UPDATE disclosed_feature SET properties = replace(properties, 'open', 'agreed')": (
        "with another status"
    ),
    "UPDATE disclosed_feature SET valid_until = '2999-01-01T00:00:00.000000Z' "
    "WHERE valid_until > '9999'": "come to an end",
    "DELETE FROM disclosed_shape": "has no shape",
    "DELETE FROM disclosed_index": "other entries than there are features",
    "DELETE FROM disclosed_version WHERE version = 2": "in versions",
}


@pytest.fixture
def with_places(database: Database) -> Iterator[Engine]:
    """Lend a database with one open corridor, where anything may be written."""
    engine = database.engine()
    given_passage(engine, given_world(engine), corridors=1)
    with engine.begin() as connection:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type='trigger'")):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield engine
    engine.dispose()


def test_places_that_are_whole_have_no_faults(with_places: Engine) -> None:
    assert audit(with_places) == []


@pytest.mark.parametrize(("damage", "said"), _DAMAGE_OF_PLACES.items())
def test_damage_of_places_is_told(with_places: Engine, damage: str, said: str) -> None:
    _damage(with_places, damage)
    assert any(said in one for one in audit(with_places))


def test_a_lost_answer_is_not_taken_for_one(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Lost):
        asyncio.run(Wire(port=free_port()).ask("GET", "/healthz"))
