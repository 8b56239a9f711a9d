"""MapLibre in a browser, in a page of another origin, reads and draws tiles of `/ogc`."""

from typing import Any

import pytest

from app.domain.instant import parse_instant
from app.domain.policy import Audience
from tests.clients.portal import Portal
from tests.clients.served import Served

IN_FORCE = "2022-04-30T12:00:00Z"
CLOSED = "2022-04-30T17:00:00Z"
VIEW: dict[str, Any] = {"center": [36.5, 47.3], "zoom": 6}
READERS = {"public": Audience.PUBLIC, "map-client": Audience.PARTNER}

pytestmark = pytest.mark.parametrize("served", ["sqlite"], indirect=True)
"""What the databases have in common is tested with OpenLayers."""


def browse(portal: Portal, served: Served, reader: str, **asked: Any) -> Any:
    """Give what the page found for a reader, at first and each time that it asked again.

    Args:
        asked: see `maplibre.js`; `then` holds for each further time its clock (`now`) and what is
            `refused` in the words of MapLibre, the description (`Source`) or the tiles (`Tile`).
    """
    token = served.tokens.get(reader)
    found = portal.browse(page="/maplibre", ogc=served.ogc, token=token, **VIEW, **asked)
    assert "error" not in found, found
    return found["rounds"]


@pytest.mark.parametrize("reader", READERS)
def test_it_shows_what_the_reader_may_see_and_nothing_else(
    portal: Portal, served: Served, reader: str
) -> None:
    truth = served.truth("corridors", READERS[reader])
    (found,) = browse(portal, served, reader)
    assert found["tiles"].keys() == set(found["drawn"]["barred"]) == truth.keys()
    assert all(one["do_not_move_codes"] for one in found["tiles"].values())
    assert found["drawn"]["open"] == []
    is_painted = {layer: count > 100 for layer, count in found["painted"].items()}
    assert is_painted == {"barred": reader == "map-client", "open": False}


def test_only_what_is_open_at_its_clock_is_green(portal: Portal, served: Served) -> None:
    truth = served.truth("corridors", Audience.PARTNER, parse_instant(IN_FORCE))
    then, later = browse(
        portal, served, "map-client", datetime=IN_FORCE, now=IN_FORCE, then=[{"now": CLOSED}]
    )
    for found in (then, later):
        assert found["tiles"].keys() == truth.keys()
    free = {id for id, one in then["tiles"].items() if "do_not_move_codes" not in one}
    assert len(free) == 1
    assert set(then["drawn"]["open"]) == free
    assert then["painted"]["open"] > 100
    assert later["drawn"]["open"] == []
    assert later["painted"]["open"] == 0


def test_without_an_answer_nothing_is_green_until_one_comes(portal: Portal, served: Served) -> None:
    """What is painted counts: asked about a layer that is hidden, MapLibre may tell the past."""
    answered = {"now": IN_FORCE}
    lost = [answered | {"refused": kind} for kind in ("Source", "Tile")]
    then = [lost[0], answered, lost[1], answered]
    rounds = browse(portal, served, "map-client", datetime=IN_FORCE, **answered, then=then)
    green = [one["painted"]["open"] > 100 for one in rounds]
    assert green == [True, False, True, False, True]


def test_it_asks_again_and_is_told_that_nothing_changed(portal: Portal, served: Served) -> None:
    before = served.unchanged()
    browse(portal, served, "map-client", then=[{}])
    after = served.unchanged()
    tiles = "/ogc/collections/{collection_id}/tiles/WebMercatorQuad/{z}/{y}/{x}"
    assert after[tiles] > before.get(tiles, 0)
