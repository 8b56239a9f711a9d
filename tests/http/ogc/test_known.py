"""Rights and counters that are known for a state are not asked for again in it, but for the public."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.access import caller
from app.access.caller import find_caller
from app.db import known
from app.db.session import reading
from app.disclosure import mark
from app.disclosure import reading as disclosed
from app.disclosure.mark import Mark
from app.disclosure.reading import Question
from tests.http.places.given import given_site
from tests.http.world import Voice, World

ITEMS = "/ogc/collections/sites/items"
PLACE = {"type": "Point", "coordinates": [95.5, -11.5]}
TIMES = 20
Asked = dict[str, int]


@pytest.fixture
def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Count what is asked for, in a calm state: in PostgreSQL's other databases tests write."""
    given_site(world, geometry=PLACE, sensitivity="low")
    state = (uuid4(),)  # of which no connection knows anything
    monkeypatch.setattr(known, "_state", lambda _: state)
    found = {"caller": 0, "mark": 0, "rows": 0}

    def count(name: str, module: Any, function: str) -> None:
        usual = getattr(module, function)

        def counted(*args: Any) -> Any:
            found[name] += 1
            return usual(*args)

        monkeypatch.setattr(module, function, counted)

    count("caller", caller, "_found")
    count("mark", mark, "ask")
    count("rows", disclosed, "ask")
    return found


def _connections(world: World) -> int:
    pool = vars(world.client)["app"].state.engine.pool
    return int(pool.checkedin() + pool.checkedout())


def ask(voice: Voice, times: int) -> None:
    """Ask each time for something else."""
    for limit in range(1, times + 1):
        assert voice.get(ITEMS, limit=str(limit)).status_code == 200


def test_a_reader_is_looked_up_once_by_each_connection(world: World, asked: Asked) -> None:
    """What works beside the requests may have a connection just then, so that there are two."""
    ask(world.by("ocha"), TIMES)
    most = _connections(world)
    assert most < TIMES
    assert asked["caller"] == asked["mark"] == asked["rows"] - TIMES <= most
    ask(world.by("ocha-again"), TIMES)
    assert asked["caller"] <= 2 * _connections(world)


def test_the_public_is_answered_by_asking(world: World, asked: Asked) -> None:
    ask(world.by("anonymous"), TIMES)
    assert asked["mark"] == TIMES


def test_a_boundary_is_not_slept_through(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counters are asked for again as soon as an instant comes at which they may tell more."""
    state = (uuid4(),)
    monkeypatch.setattr(known, "_state", lambda _: state)
    now = datetime.now(UTC)
    coming = now + timedelta(minutes=1)
    rows = iter([(1, now, now, coming), (1, now, coming, None)])
    monkeypatch.setattr(mark, "ask", lambda *_: [next(rows)])
    with reading(world.engine) as db:
        reader = find_caller(db, world.tokens["ocha"])
        assert reader is not None

        def told(at: datetime) -> Mark:
            return mark.mark(db, Question(collection="sites", caller=reader, now=at))[0]

        first = told(now)
        assert told(coming - timedelta.resolution).moved_at == first.moved_at
        assert told(coming).moved_at == coming
        assert told(coming + timedelta(days=1)).moved_at == coming
