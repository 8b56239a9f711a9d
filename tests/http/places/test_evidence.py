"""On which evidence places rest, and who is told."""

from uuid import uuid4

import pytest

from tests.http.agreements.case import given_proposed
from tests.http.places.given import corridor, given_way, site
from tests.http.world import World, read


class TestSources:
    """The member `sources` of sites and corridors."""

    def test_a_site_tells_on_what_it_rests(self, world: World) -> None:
        source = world.source()
        made = read(world.by("ocha").post("/v1/sites", site(sources=[source, source])), 201)
        assert made["sources"] == [source]
        path = f"/v1/sites/{made['id']}"
        assert world.by("ocha").read(path)["sources"] == [source]
        [event] = world.by("auditor").read("/v1/history", subject=made["id"])["items"]
        assert event["sources"] == [source]

    def test_a_corridor_tells_on_what_it_rests(self, world: World) -> None:
        source = world.source()
        way = given_way(given_proposed(world), sources=[source])
        assert way.read()["sources"] == [source]
        feature = world.by("ocha").read(f"/ogc/collections/corridors/items/{way.id}")
        assert feature["properties"]["sources"] == [source]

    @pytest.mark.parametrize("collection", ["sites", "corridors"])
    def test_below_the_operational_audience_nobody_is_told_nor_sees_it_change(
        self, world: World, collection: str
    ) -> None:
        source = world.source()
        body = site(sensitivity="low", sources=[source])
        if collection == "corridors":
            body = corridor(given_proposed(world), sensitivity="low", sources=[source])
        voice = world.by("ocha")
        path = f"/v1/{collection}/{read(voice.post(f'/v1/{collection}', body), 201)['id']}"
        for who in ("mod", "anonymous"):
            answer = world.by(who).get(path)
            assert "sources" not in answer.json()
            tag = voice.get(path).headers["ETag"]
            named = [world.source(), source] if who == "mod" else []
            read(voice.call("PATCH", path, {"sources": named}, if_match=tag), 200)
            after = world.by(who).get(path)
            assert (after.content, after.headers["ETag"]) == (
                answer.content,
                answer.headers["ETag"],
            )

    def test_an_edit_names_what_it_rests_on_itself(self, world: World) -> None:
        way = given_way(given_proposed(world))
        assert way.read()["sources"] == []
        source = world.source()
        assert read(way.edit(width_m=40, sources=[source]), 200)["sources"] == [source]
        read(way.edit(width_m=50), 200)
        events = world.by("auditor").read("/v1/history", subject=way.id)["items"]
        assert [event["sources"] for event in events] == [[], [source], []]
        assert way.read()["sources"] == [source]

    def test_a_source_that_is_not_known_is_refused(self, world: World) -> None:
        for address, body in (
            ("/v1/sites", site()),
            ("/v1/corridors", corridor(given_proposed(world))),
        ):
            refused = world.by("ocha").post(address, body | {"sources": [str(uuid4())]})
            (error,) = read(refused, 422)["errors"]
            assert error["pointer"] == "/sources/0"
