"""OpenLayers in a browser, in a page of another origin, reads and draws items and tiles of `/ogc`."""

from collections.abc import Mapping
from typing import Any

import pytest
import shapely

from app.domain.instant import parse_instant
from app.domain.policy import Audience
from tests.clients.portal import Portal
from tests.clients.served import Served

IN_FORCE = "2022-04-30T12:00:00Z"
VIEW: dict[str, Any] = {"center": [36.5, 47.3], "zoom": 7}
READERS = {"public": Audience.PUBLIC, "map-client": Audience.PARTNER}


def browse(portal: Portal, served: Served, reader: str, **asked: Any) -> Mapping[str, Any]:
    """Give what the page found for a reader."""
    found = portal.browse(ogc=served.ogc, token=served.tokens.get(reader), **VIEW, **asked)
    assert "error" not in found, found
    return found


@pytest.mark.parametrize("at", [None, IN_FORCE])
@pytest.mark.parametrize("reader", READERS)
def test_it_shows_what_the_reader_may_see_then_and_nothing_else(
    portal: Portal, served: Served, reader: str, at: str | None
) -> None:
    """Of the case as it is loaded the public sees no corridor: none was released."""
    truth = served.truth("corridors", READERS[reader], parse_instant(at) if at else None)
    found = browse(portal, served, reader, datetime=at)
    assert found["items"].keys() == found["tiles"].keys() == truth.keys()
    for id, told in found["items"].items():
        assert shapely.from_wkt(told["wkt"]).equals_exact(truth[id], 1e-6)
        assert "reasons" in told["properties"]["do_not_move"]
        assert found["tiles"][id]["status"] == told["properties"]["status"]
    is_painted = {layer: count > 100 for layer, count in found["painted"].items()}
    assert is_painted == dict.fromkeys(("items", "tiles"), reader == "map-client")


def test_its_source_of_ogc_tiles_finds_them_by_their_description(
    portal: Portal, served: Served
) -> None:
    found = browse(portal, served, "map-client", standard=True)
    assert found["tiles"].keys() == served.truth("corridors", Audience.PARTNER).keys()
    assert found["painted"]["tiles"] > 100


def test_the_browser_asks_again_and_is_told_that_nothing_changed(
    portal: Portal, served: Served
) -> None:
    before = served.unchanged()
    found = browse(portal, served, "map-client", datetime=IN_FORCE, rounds=2)
    assert found["painted"]["tiles"] > 100
    after = served.unchanged()
    assert {route for route in after if after[route] > before.get(route, 0)} == {
        "/ogc/collections/{collection_id}/items",
        "/ogc/collections/{collection_id}/tiles/WebMercatorQuad/{z}/{y}/{x}",
    }


def test_a_page_of_any_other_origin_reads_nothing(portal: Portal, served: Served) -> None:
    """The same portal by another name, which browsers take for another."""
    other = f"http://localhost:{portal.port}"
    found = portal.browse(origin=other, ogc=served.ogc, **VIEW)
    assert found["error"].startswith("Error: Failed to fetch")
