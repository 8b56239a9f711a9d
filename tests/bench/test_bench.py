"""The bench works, and what it measures gives right answers; no test depends on a time."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.corridors.features import COLLECTION
from app.db.session import reading
from app.disclosure import reading as disclosed
from app.disclosure.reading import Question
from app.ledger import store
from app.ledger.reading import Reading, winners
from tests.bench import maps, places
from tests.bench.costs import costs
from tests.bench.look_ups import EVENTS_EACH, load, measure
from tests.bench.rates import compare, plain_service, safe_passage
from tests.bench.starting import own_mib, resident_mib
from tests.databases import Database
from tests.faults.passage import OCHA_DESK

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_look_ups_among_loaded_events_are_right(database: Database) -> None:
    ids = load(database, None, subjects=5)
    engine = database.engine()
    assert len(measure(engine, ids, 500)) == 4
    with reading(engine) as db:
        for subject in ids:
            (last,) = store.versions(db, [subject], Reading()).values()
            assert last == EVENTS_EACH
            entries = store.entries(db, [subject], Reading())[subject]
            middle = entries[len(entries) // 2].effective_at + timedelta(hours=1)
            held = winners(e for e in entries if e.effective_at <= middle)["status"]
            assert store.look_up(db, subject, "status", Reading(as_of=middle)) == held
    engine.dispose()


def test_both_services_take_every_request(database: Database, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path}/plain.sqlite"
    plain = Database(dialect="sqlite", url=other, migration_url=other)
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    with (
        safe_passage(database, tmp_path / "ours") as ours,
        plain_service(plain, tmp_path / "theirs") as theirs,
    ):
        rates = compare(ours, theirs, rounds=2, requests=4, clients=2, warm_up=2)
    assert [len(r.milliseconds) for r in (*rates.ours, *rates.theirs)] == [4] * 4


def test_places_are_found_among_loaded_corridors(database: Database) -> None:
    loaded = places.load(database, None, count=40)
    timed = list(places.pages(loaded, 100))
    assert len(timed) == len(places.READERS) * len(places.BOXES)
    with reading(loaded.engine) as db:
        caller = places.caller_of(db, loaded.world, OCHA_DESK)
        question = Question(collection=COLLECTION, caller=caller, now=datetime.now(UTC))
        page = disclosed.features(db, question, limit=100)
    assert page.count == 40 + len(loaded.passage.corridors)
    assert all(f["properties"]["status"] == "open" for f in json.loads(f"[{page.features}]"))
    assert places.drawn(loaded, 5).ratio > 0
    assert places.stopped(loaded, corridors=2, times=1).p50 > 0
    loaded.close()


def test_every_main_route_has_a_cost(database: Database, tmp_path: Path) -> None:
    assert all(cost.statements and cost.bytes for cost in costs(database, tmp_path, agreements=2))


def test_every_question_of_map_clients_is_answered(database: Database, tmp_path: Path) -> None:
    loaded = places.load(database, None, count=400)
    try:
        with maps.serving(database, tmp_path) as service:
            found = list(maps.compare(loaded, service, tmp_path, None, rounds=1, count=8))
            assert 0 < own_mib(service.process_id) < resident_mib(service.process_id)
        assert [len(each.ours) for each in found] == [1] * len(found)
        assert len({each.name for each in found}) == 12
    finally:
        loaded.close()
