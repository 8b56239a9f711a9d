"""A tile of the whole world holds every corridor that its reader sees, however many there are."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import mapbox_vector_tile
import pytest

from app.db.session import reading
from app.disclosure.reading import Question
from app.disclosure.tiles import draw
from app.domain.tiles.address import Tile
from tests.bench import places
from tests.databases import Database
from tests.faults.passage import OCHA_DESK

_MANY, _LINES = 13_530, 110


def test_none_of_many_is_missing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "COPIES", _MANY // _LINES)
    owner = None if database.dialect == "sqlite" else database.migration_url
    loaded = places.load(database, owner, count=_MANY)
    try:
        with reading(loaded.engine) as db:
            caller = places.caller_of(db, loaded.world, OCHA_DESK)
            question = Question(collection="corridors", caller=caller, now=datetime.now(UTC))
            drawn = draw(db, question, Tile(0, 0, 0), ("do_not_move", "waypoints"))
    finally:
        loaded.close()
    wanted = _MANY + len(loaded.passage.corridors)
    assert (drawn.held, drawn.found) == (wanted, wanted)
    layers: dict[str, Any] = mapbox_vector_tile.decode(drawn.content)
    ids = Counter(each["properties"]["id"] for each in layers["corridors"]["features"])
    assert list(layers) == ["corridors"]
    assert len(ids) == wanted
    assert set(ids.values()) == {1}
