"""An edit of the history that is consistent in itself is not what the log was made of."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from sqlalchemy import Connection, Engine, LargeBinary, bindparam, text

from app.db.session import reading, writing
from app.ledger import followers
from app.log import sequencing
from app.log.sequencing import sequence
from app.log.unaltered import altered
from tests.databases import Database
from tests.log.appending import SHARED, append, begin
from tests.store.tampering import unguarded

Edit = Callable[[Connection], object]
MANY = 600
"""Two whole tiles, and a part of a third."""


@pytest.fixture
def log(engine: Engine) -> Iterator[Engine]:
    """Lend a log of many entries."""
    before = followers._followers
    followers.follow(sequencing.follow)
    begin(engine)
    with writing(engine) as db:
        for number in range(MANY):
            append(db, SHARED[number % 2], "edited")
    with writing(engine) as db:
        while sequence(db):
            pass
    yield engine
    followers.follow(*before)


def found(engine: Engine) -> list[str]:
    with reading(engine) as db:
        return list(altered(db))


def test_a_log_as_the_service_keeps_it_is_well(log: Engine) -> None:
    assert found(log) == []


def _forge(db: Connection) -> None:
    """Tell another story in a record, in its own form."""
    id, record = db.execute(text("SELECT id, record FROM event LIMIT 1")).one()
    other = bytes(record).replace(b'"edited"', b'"editee"').replace(b'"created"', b'"creater"')
    assert other != record
    change = text("UPDATE event SET record = :other WHERE id = :id")
    db.execute(change.bindparams(bindparam("other", type_=LargeBinary)), {"other": other, "id": id})


def _by(statement: str) -> Edit:
    return lambda db: db.execute(text(statement))


EDITS: Mapping[str, tuple[Edit, str]] = {
    "a record": (_forge, "is not the one of which entry"),
    "a leaf": (
        _by(
            "UPDATE log_entry SET leaf_hash = (SELECT leaf_hash FROM log_entry WHERE leaf_index = 8) "
            "WHERE leaf_index = 7"
        ),
        "is not the one of which entry 7 was made",
    ),
    "an entry less": (
        _by("DELETE FROM log_entry WHERE leaf_index = 300"),
        "the log has an entry 301 where its entry 300 was expected",
    ),
    "a node": (
        _by(
            "UPDATE log_node SET node_hash = (SELECT leaf_hash FROM log_entry WHERE leaf_index = 8) "
            "WHERE level = 1 AND node_index = 1"
        ),
        "level 1 of the log's tree is not that of its entries",
    ),
    "a node less": (
        _by("DELETE FROM log_node WHERE node_index = 0"),
        "level 1 of the log's tree is not that of its entries",
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_found(log: Engine, database: Database, edit: str) -> None:
    how, says = EDITS[edit]
    owner = unguarded(database)
    with owner.begin() as db:
        how(db)
    owner.dispose()
    assert any(says in line for line in found(log))
