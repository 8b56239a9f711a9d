"""The replay finds whatever the tables say otherwise than the record."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, Integer, Table, delete, insert, select, text
from sqlalchemy.orm import Session

from app.console.database import write_for
from app.db.base import Base
from app.db.session import reading
from app.db.types import Id, Instant
from app.demo.replay import load
from app.disclosure.tables import DisclosedFeatureRow
from app.ledger.tables import EventRow, IdempotencyKeyRow
from app.replay import Counted, replay
from tests.databases import lend
from tests.http.agreements.case import from_now, proposal
from tests.http.world import Voice, World, given_world, read
from tests.store.tampering import (
    OWNED,
    behind_its_back,
    columns,
    edit,
    owner_of,
    some_row,
    unguarded,
)

_event, _feature = EventRow.__table__, DisclosedFeatureRow.__table__

UNTOLD = {
    ("disclosed_feature", "id"): "a random number",
    ("disclosed_bar", "id"): "a random number",
    ("disclosed_version", "recorded_at"): "between two changes it tells nothing",
    ("disclosed_counter", "changes"): "how often something was seen to change is on no record",
    ("disclosed_counter", "sight"): "the case has one of each sight, so its key refuses another",
    ("disclosed_cell", "changes"): "how often something was seen to change is on no record",
    ("disclosed_cell", "sight"): "each sight has one of the cell, so its key refuses another",
    ("principal", "token_hash"): "of a secret that is on no record",
}
"""The columns of which the record tells nothing, and why."""
ELSEWHERE = ("log_", "idempotency_key")
"""Tables of which another test or the verifier of exports speaks."""
EMPTY = {"counted_revision"}
"""The table without rows in the case: nothing was confirmed on terms that only extend others."""
HARMLESS = {"disclosed_cell"}
"""The table of which a row too many is not found, and tells nobody anything: a cell left behind."""
TOLD = [one for one in columns(*ELSEWHERE) if one not in UNTOLD]
TABLES = sorted({table for table, _ in columns(*ELSEWHERE)})


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Lend the loaded case; its owner took all guards away."""
    folder = tmp_path_factory.mktemp("replay")
    with lend(request.param, folder) as database:
        with given_world(database, folder, empty=True) as world:
            _go_on(world)
        owner = unguarded(database)
        yield owner
        owner.dispose()


def _go_on(world: World) -> None:
    """Load the case; correct something in it, erase something, and let a release lie ahead."""
    tokens = load(world.engine, write_for).tokens
    ocha, auditor, administrator = (
        Voice(client=world.client, token=tokens[name])
        for name in ("coordinator-ocha", "auditor", "administrator")
    )
    for path in ("/v1/sources", "/v1/sites"):
        id = ocha.read(path)["items"][0]["id"]
        first = auditor.read("/v1/history", subject=id)["items"][0]["id"]
        text = "title" if path == "/v1/sources" else "name"
        tag = ocha.get(f"{path}/{id}").headers["ETag"]
        body = {text: "As it should have been", "corrects": [first]}
        read(ocha.call("PATCH", f"{path}/{id}", body, if_match=tag), 200)
        erased = {"fields": [f"aspect/{text}", "actor"], "reason": "names_a_person"}
        read(administrator.post(f"/v1/history/{first}/redactions", erased), 201)
    _supersede(ocha)
    path = f"/v1/sites/{ocha.read('/v1/sites')['items'][-1]['id']}"
    later = {"sensitivity": "moderate", "release_at": from_now(days=30)}
    tag = ocha.get(path).headers["ETag"]
    read(ocha.call("PATCH", path, later, if_match=tag), 200)


def _supersede(ocha: Voice) -> None:
    one, other = (read(ocha.post("/v1/agreements", proposal()), 201)["id"] for _ in range(2))
    path = f"/v1/agreements/{one}"
    move = {"to": "superseded", "successor": other, "reason": "others_joined"}
    read(ocha.post(f"{path}/status-changes", move, if_match=ocha.get(path).headers["ETag"]), 201)


def found(db: Session, *only: UUID) -> list[str]:
    """Replay, and give what was found, a line for each."""
    return [each.line() for each in replay(db, Counted(), only=only or None)]


def table_of(name: str) -> Table:
    """Give a table by its name."""
    return Base.metadata.tables[name]


def test_the_case_is_what_its_record_says(case: Engine) -> None:
    counted = Counted()
    said: list[tuple[int, int]] = []
    with reading(case) as db:
        told = [each.line() for each in replay(db, counted, lambda *n: said.append(n))]
        events = db.scalar(text("SELECT count(*) FROM event"))
    assert told == []
    assert (counted.events, counted.found) == (events, 0)
    assert said[0] == (0, counted.subjects)


@pytest.mark.parametrize(("name", "column"), TOLD)
def test_an_edit_of_any_column_is_found(case: Engine, name: str, column: str) -> None:
    table = table_of(name)
    with behind_its_back(case) as db:
        row = some_row(db, table, table.c[column])
        if row is None:
            assert name in EMPTY
            return
        owner = owner_of(db, table, row)
        edit(db, table.c[column], row)
        assert found(db, *owner) != []


@pytest.mark.parametrize("name", TABLES)
def test_a_row_that_was_deleted_is_found(case: Engine, name: str) -> None:
    table = table_of(name)
    with behind_its_back(case) as db:
        row = some_row(db, table)
        if row is None:
            assert name in EMPTY
            return
        owner = owner_of(db, table, row)
        this = [key == row._mapping[key.name] for key in table.primary_key.columns]
        db.execute(delete(table).where(*this))
        assert found(db, *owner) != []


@pytest.mark.parametrize("name", TABLES)
def test_a_row_that_was_added_is_found(case: Engine, name: str) -> None:
    """A copy of a row under another key, in its subject; and one that belongs to nothing."""
    table = table_of(name)
    with behind_its_back(case) as db:
        row = some_row(db, table)
        if row is None:
            assert name in EMPTY
            return
        owned = OWNED[name]
        values = dict(row._mapping) | _other_key(table)
        owner = owner_of(db, table, row)
        db.execute(insert(table), values)
        assert name in HARMLESS or found(db, *owner, UUID(int=1)) != []
        stranger = dict(values) | {owned.by: uuid4()} | _other_key(table, but=owned.by)
        db.execute(delete(table).where(table.c[owned.by] == values[owned.by]))
        db.execute(insert(table), stranger)
        assert any(name in line for line in found(db, UUID(int=1)))


def _other_key(table: Table, but: str = "") -> dict[str, object]:
    """Give other values for one column of each key."""
    other: dict[str, object] = {}
    for key in ("token_hash", "slug", "short_name_folded"):
        if key in table.c:
            other[key] = str(uuid4())
    if "sequence" in table.c and "kind" in table.c:
        other["sequence"] = 4711
    last = list(table.primary_key.columns)[-1]
    if last.name == but:
        return other
    match last.type:
        case Id():
            other[last.name] = uuid4()
        case Instant():
            other[last.name] = datetime(2022, 5, 9, tzinfo=UTC)
        case Integer():
            other[last.name] = 4711
        case _:
            other[last.name] = "other"
    return other


def test_a_key_whose_event_is_of_another_subject_is_found(case: Engine) -> None:
    with behind_its_back(case) as db:
        one, other = db.execute(select(_event).where(_event.c.sequence == 1).limit(2)).all()
        row = {
            "principal_id": uuid4(),
            "key": "k",
            "digest": b"",
            "status": 201,
            "subject_id": one.subject_id,
            "event_id": other.id,
        }
        db.execute(insert(IdempotencyKeyRow.__table__), row)
        assert any("idempotency_key" in line for line in found(db, UUID(int=1)))


def test_it_says_table_row_and_column_and_what_was_expected(case: Engine) -> None:
    with behind_its_back(case) as db:
        table = table_of("agreement")
        row = some_row(db, table)
        assert row is not None
        db.execute(table.update().where(table.c.id == row.id).values(status="confirmed"))
        told = found(db, row.id)
    assert f"agreement {row.id}, status: found confirmed; the record says {row.status}" in told


@pytest.mark.parametrize("column", sorted({c for _, c in UNTOLD if c != "id"}))
def test_what_is_left_aside_is_said_here_alone(case: Engine, column: str) -> None:
    """Every column of every table is in one of the two lists, so a new one is asked about."""
    assert {*TOLD, *UNTOLD} == set(columns(*ELSEWHERE))
