"""Lists of places by fields of their items: what a reader is not shown picks nothing for it."""

from typing import Any

import pytest

from tests.http.agreements.case import given_proposed
from tests.http.places.given import given_site, given_way
from tests.http.world import World

RELEASE = "2100-05-09T09:00:00Z"


def ids(world: World, who: str, path: str, **filters: Any) -> set[str]:
    """Give the ids of a list."""
    return {item["id"] for item in world.by(who).read(path, limit=1000, **filters)["items"]}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"precision_m": "1234"}, True),
        ({"precision_m": "123"}, False),
        ({"release_at": RELEASE}, True),
        ({"release_at": "2100-05-09T12:00:00+03:00"}, True),
        ({"release_at": "2100-05-09T09:00:01Z"}, False),
        ({"contact_channel": "the duty desk of filters"}, True),
        ({"contact_channel": "the duty desk"}, False),
    ],
)
def test_sites(world: World, filters: dict[str, str], found: bool) -> None:
    desk = "the duty desk of filters"
    id = given_site(world, precision_m=1234, release_at=RELEASE, contact_channel=desk)
    assert (id in ids(world, "ocha", "/v1/sites", **filters)) is found
    assert id not in ids(world, "mod", "/v1/sites", **filters)


def test_the_width_of_a_cell_is_what_its_reader_sees(world: World) -> None:
    site, way = given_site(world), given_way(given_proposed(world))
    for path, id in (("/v1/sites", site), ("/v1/corridors", way.id)):
        assert id in ids(world, "mod", path, precision_m="1000")
        assert id not in ids(world, "ocha", path, precision_m="1000")


def test_corridors_by_their_release(world: World) -> None:
    way = given_way(given_proposed(world), release_at=RELEASE)
    assert way.id in ids(world, "ocha", "/v1/corridors", release_at=RELEASE)
    assert way.id not in ids(world, "mod", "/v1/corridors", release_at=RELEASE)
    assert world.by("ocha").get("/v1/corridors?release_at=soon").status_code == 400
