"""Each event has one leaf, in order and without a gap, whatever writes it and whoever is killed."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select, text

from app.db.migrate import downgrade
from app.db.session import reading, writing
from app.domain import merkle
from app.ledger import followers, store
from app.ledger.tables import EventRow
from app.log import keeper, sequencing, tree
from app.log.keeper import turn
from app.log.tables import LogEntryRow
from app.settings import with_driver
from tests.databases import Database
from tests.log.appending import SHARED, append, begin
from tests.log.auditing import audit
from tests.log.crowd import Crowd, run
from tests.log.seeded import FAULTS
from tests.store.ledger_given import april, given_agreement, given_change, given_fact
from tests.store.tampering import unguarded

only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
_entry = LogEntryRow.__table__
_event = EventRow.__table__


@pytest.fixture
def sequenced(engine: Engine) -> Iterator[Engine]:
    """Lend a database whose ledger the log alone follows."""
    before = followers._followers
    followers.follow(sequencing.follow)
    yield engine
    followers.follow(*before)


def leaves(engine: Engine) -> int:
    with reading(engine) as db:
        return tree.size(db)


def test_each_event_has_one_leaf_in_its_order(sequenced: Engine) -> None:
    first = given_agreement(sequenced)
    other = given_agreement(sequenced)
    for day in range(26, 30):
        given_change(sequenced, first, april(day), status="in_talks")
        given_change(sequenced, other, april(day), status="in_talks")
        turn(sequenced, None)
    assert leaves(sequenced) == 10
    assert audit(sequenced) == []


def test_more_wait_than_go_in_one_batch(sequenced: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencing, "_WAITING", sequencing._WAITING.limit(7))
    monkeypatch.setattr(keeper, "BATCH", 7)
    begin(sequenced)
    for number in range(20):
        with writing(sequenced) as db:
            append(db, SHARED[number % 2], "edited")
    turn(sequenced, None)
    assert leaves(sequenced) == 22
    assert audit(sequenced) == []


def test_events_that_are_recorded_together_have_a_leaf_each(sequenced: Engine) -> None:
    begin(sequenced)
    facts = [given_fact(subject, {"status": "in_talks"}) for subject in SHARED]
    with writing(sequenced) as db:
        store.append_all(db, facts, at=april(26))
    turn(sequenced, None)
    assert leaves(sequenced) == 4
    assert audit(sequenced) == []


def test_what_is_rolled_back_leaves_no_leaf(sequenced: Engine) -> None:
    begin(sequenced)
    with suppress(ZeroDivisionError), writing(sequenced) as db:
        append(db, SHARED[0], "edited")
        raise ZeroDivisionError
    turn(sequenced, None)
    assert leaves(sequenced) == 2
    assert audit(sequenced) == []


def test_an_event_that_waits_is_not_astray(sequenced: Engine) -> None:
    begin(sequenced)
    for _ in range(2):
        with reading(sequenced) as db:
            assert sequencing.stray(db) is None
        turn(sequenced, None)


def test_an_event_that_neither_waits_nor_has_a_leaf_is_astray(
    database: Database, sequenced: Engine
) -> None:
    begin(sequenced)
    owner = unguarded(database)
    with owner.begin() as db:
        db.execute(text("DELETE FROM log_outbox"))
        db.execute(text("DELETE FROM log_entry"))
    owner.dispose()
    with reading(sequenced) as db:
        assert sequencing.stray(db) in set(db.execute(select(_event.c.id)).scalars())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_in_sqlite_an_event_has_its_leaf_when_it_is_committed(sequenced: Engine) -> None:
    given_agreement(sequenced)
    assert leaves(sequenced) == 1


@only_postgresql
def test_in_postgresql_nobody_waits_for_the_lock_of_the_log(sequenced: Engine) -> None:
    begin(sequenced)
    with writing(sequenced) as held:
        assert sequencing.try_lock(held)
        with writing(sequenced) as db:
            append(db, SHARED[0], "edited")
            assert not sequencing.try_lock(db)
        turn(sequenced, None)
        assert leaves(sequenced) == 0
    turn(sequenced, None)
    assert leaves(sequenced) == 3
    assert audit(sequenced) == []


@only_postgresql
def test_an_event_enters_the_log_whoever_writes_it(database: Database, sequenced: Engine) -> None:
    first = given_agreement(sequenced)
    owner, id = database.owner_engine(), uuid4()
    with owner.begin() as db:
        db.execute(text("UPDATE subject SET version = version + 1"))
        db.execute(
            text(
                "INSERT INTO event SELECT :id, subject_id, subject_kind, operation_id, 2, kind, "
                "effective_at, recorded_at, basis, organisation_id, record FROM event"
            ),
            {"id": id},
        )
    owner.dispose()
    turn(sequenced, None)
    with reading(sequenced) as db:
        found = db.execute(select(_entry.c.event_id).order_by(_entry.c.leaf_index)).scalars().all()
    assert found == [first.fact.id, id]


@pytest.mark.parametrize("count", [0, 1, 255, 256, 300, 600])
def test_a_migration_enters_what_was_recorded_before(
    database: Database, sequenced: Engine, count: int
) -> None:
    _record(sequenced, count)
    sequenced.dispose()
    downgrade(with_driver(database.migration_url), "0005")
    database.migrate()
    turn(sequenced, None)
    assert leaves(sequenced) == count
    assert audit(sequenced) == []
    with reading(sequenced) as db:
        order = _event.c.recorded_at, _event.c.sequence, _event.c.id
        records = db.execute(select(_event.c.record).order_by(*order)).scalars()
        expected = merkle.root_hash([merkle.leaf_hash(bytes(record)) for record in records])
        assert tree.Tree(db, count).root == expected


def _record(engine: Engine, count: int) -> None:
    """Record so many events in one transaction."""
    with writing(engine) as db:
        for number in range(count):
            append(db, SHARED[number % 2], "edited", new=number < 2)


@pytest.mark.faults
def test_eight_processes_and_random_kills_leave_one_line_of_history(
    database: Database, tmp_path: Path
) -> None:
    assert run(Crowd(), database, tmp_path) == []


CAUGHT = {
    "skipped-leaf": ("events have no leaf",),
    "second-transaction": ("events have no leaf", "after a later event of its subject"),
    "stale-head": ("ended with 1",),
    "wrong-node": ("the nodes are not those of the leaves",),
}


@pytest.mark.faults
@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_reported(database: Database, tmp_path: Path, fault: str) -> None:
    crowd = Crowd(size=4, keepers=4, count=300, kills=6, program=("tests.log.seeded", fault))
    found = "\n".join(run(crowd, database, tmp_path))
    assert any(told in found for told in CAUGHT[fault]), found
