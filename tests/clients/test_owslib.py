"""OWSLib, which many programs in Python are built on, reads `/ogc` on both axes of time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely
from owslib.ogcapi.features import Features
from owslib.util import Authentication
from requests import PreparedRequest
from requests.auth import AuthBase
from typing_extensions import override

from app.domain.instant import parse_instant
from app.domain.policy import Audience
from app.ogc.collections import CONFORMS_TO
from tests.clients.served import Served

IN_FORCE = "2022-04-30T12:00:00Z"
BOX = (35.0, 47.5, 36.0, 48.0)
READERS = {
    "public": Audience.PUBLIC,
    "map-client": Audience.PARTNER,
    "coordinator-ocha": Audience.OPERATIONAL,
}


class Client:
    """OWSLib in the hands of one reader, and what the database says that this reader may see."""

    def __init__(self, served: Served, reader: str) -> None:
        self._served = served
        self._audience = READERS[reader]
        token = served.tokens.get(reader)
        auth = Authentication(auth_delegate=Bearer(token)) if token else None
        self.features = Features(served.ogc, auth=auth)

    def pages(self, layer: str, **asked: Any) -> Iterator[list[Any]]:
        """Follow the pages of a collection."""
        following: dict[str, str] = {}
        while True:
            page = self.features.collection_items(layer, **asked, **following)
            assert page["numberReturned"] == len(page["features"])
            yield page["features"]
            links = [each["href"] for each in page["links"] if each["rel"] == "next"]
            if not links:
                return
            (cursor,) = parse_qs(urlsplit(links[0]).query)["cursor"]
            following = {"cursor": cursor}

    def read(self, layer: str, **asked: Any) -> dict[str, Any]:
        """Give all features of a collection by their ids."""
        found = [each for page in self.pages(layer, **asked) for each in page]
        by_id = {each["id"]: each for each in found}
        assert len(by_id) == len(found)
        return by_id

    def truth(self, layer: str, at: datetime | None = None) -> dict[str, Any]:
        """Give the shapes that this reader may see."""
        return self._served.truth(layer, self._audience, at)


class Bearer(AuthBase):
    """Sends a token; `headers` would not do, which OWSLib shares between all clients of a process."""

    def __init__(self, token: str) -> None:
        self._token = token

    @override
    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@pytest.fixture(params=READERS)
def client(request: pytest.FixtureRequest, served: Served) -> Client:
    """Lend OWSLib to each kind of reader."""
    return Client(served, request.param)


def test_it_finds_everything_from_the_landing_page(client: Client) -> None:
    assert client.features.conformance()["conformsTo"] == [*CONFORMS_TO]
    assert client.features.feature_collections() == ["corridors", "sites"]
    assert client.features.collection("sites")["title"] == "Evacuation sites"
    assert client.features.api()["openapi"].startswith("3.0.")


@pytest.mark.parametrize("layer", ["corridors", "sites"])
class TestItems:
    def test_it_reads_what_its_reader_may_see(self, client: Client, layer: str) -> None:
        truth = client.truth(layer)
        found = client.read(layer)
        assert found.keys() == truth.keys()
        for id, feature in found.items():
            assert _shape(feature).equals_exact(truth[id], 1e-9)

    def test_pages_hold_each_feature_once(self, client: Client, layer: str) -> None:
        truth = client.truth(layer)
        sizes = [len(page) for page in client.pages(layer, limit=2)]
        assert sum(sizes) == len(truth)
        assert all(size == 2 for size in sizes[:-1])
        assert client.read(layer, limit=2).keys() == truth.keys()

    def test_a_box_is_exact(self, client: Client, layer: str) -> None:
        box = shapely.box(*BOX)
        near = {id for id, shape in client.truth(layer).items() if shape.intersects(box)}
        assert client.read(layer, bbox=[*BOX]).keys() == near

    def test_datetime_is_validity(self, client: Client, layer: str) -> None:
        truth = client.truth(layer, parse_instant(IN_FORCE))
        assert client.read(layer, datetime_=IN_FORCE, limit=3).keys() == truth.keys()
        assert client.read(layer, datetime_="1999-01-01T00:00:00Z") == {}

    def test_known_at_is_record(self, client: Client, layer: str) -> None:
        asked = {"known-at": "2022-05-09T00:00:00Z"}
        assert client.read(layer, **asked) == {}

    def test_a_single_one_says_the_same(self, client: Client, layer: str) -> None:
        for id, feature in client.read(layer).items():
            alone = client.features.collection_item(layer, id)
            assert {name: alone[name] for name in feature} == feature

    def test_versions_are_those_of_the_database(self, client: Client, layer: str) -> None:
        for id in client.read(layer):
            versions = client.features.collection_item(layer, f"{id}/versions")["features"]
            began = [parse_instant(one["properties"]["valid_from"]) for one in versions]
            assert began == sorted(set(began))
            for at, version in zip(began, versions, strict=True):
                assert _shape(version).equals_exact(client.truth(layer, at)[id], 1e-9)


def _shape(feature: Any) -> Any:
    return shapely.geometry.shape(feature["geometry"])
