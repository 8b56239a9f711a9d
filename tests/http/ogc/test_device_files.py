"""Files for drivers' devices: who may have them, and that each says whether anybody may move."""

from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest

from app.domain.policy import FILES, Role, may_call
from app.ogc import forms
from tests.http.agreements.case import from_now
from tests.http.ogc.files import FOR_DEVICES
from tests.http.places.given import given_open, given_site
from tests.http.world import World, read

SITES, CORRIDORS = "/ogc/collections/sites/items", "/ogc/collections/corridors/items"
FORBIDDEN = "DO NOT MOVE: "
WHO = {
    "anonymous": 401,
    "administrator": 403,
    "auditor": 403,
    "nrc-auditor": 403,
    "witness": 403,
    "ocha": 200,
    "mod": 200,
    "nrc": 200,
    "map-client": 200,
    "nrc-map-client": 200,
}
"""How a list is answered: for coordinators and map clients, of whatever operation, and no others."""
_KML, _GPX = "{http://www.opengis.net/kml/2.2}", "{http://www.topografix.com/GPX/1/1}"


@pytest.fixture
def everybody(world: World) -> World:
    """Lend a world in which a witness calls too."""
    if "witness" not in world.tokens:
        world.token("witness", "NRC", "witness", "witness-desk")
    return world


@pytest.fixture
def hidden(world: World) -> str:
    """Lend a place of which those elsewhere and the public may not know."""
    if "device hidden" not in world.kept:
        world.kept["device hidden"] = given_site(world, sensitivity="high")
    return str(world.kept["device hidden"])


def test_the_rule_names_two_roles() -> None:
    for form in FOR_DEVICES:
        allowed = {role for role in (*Role, None) if may_call(FILES[form], role)}
        assert allowed == {Role.COORDINATOR, Role.MAP_CLIENT}
    for form in FILES.keys() - set(FOR_DEVICES):
        assert all(may_call(FILES[form], role) for role in (*Role, None))


@pytest.mark.parametrize("form", FOR_DEVICES)
@pytest.mark.parametrize("who", WHO)
def test_only_coordinators_and_map_clients_have_lists(
    everybody: World, form: str, who: str
) -> None:
    for path in (SITES, CORRIDORS):
        answer = everybody.by(who).get(path, f=form)
        assert answer.status_code == WHO[who]
        if answer.status_code == 403:
            detail = answer.json()["detail"]
            assert "drivers' devices, of the roles coordinator and map_client" in detail
            assert "Ask for f=geojsonl or f=csv or f=gpkg instead" in detail
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("form", FOR_DEVICES)
def test_whether_one_may_know_comes_before_whether_one_may_have(
    everybody: World, hidden: str, form: str
) -> None:
    statuses = {who: everybody.by(who).get(f"{SITES}/{hidden}", f=form).status_code for who in WHO}
    assert statuses == {
        "anonymous": 404,
        "administrator": 404,
        "auditor": 403,
        "nrc-auditor": 404,
        "witness": 404,
        "ocha": 200,
        "mod": 200,
        "nrc": 404,
        "map-client": 200,
        "nrc-map-client": 404,
    }
    for who in WHO:
        unknown = everybody.by(who).get(f"{SITES}/{uuid4()}", f=form)
        assert unknown.status_code == 404


@pytest.mark.parametrize("form", FOR_DEVICES)
def test_no_tag_gets_round_the_rule(world: World, hidden: str, form: str) -> None:
    for path, who, status in (
        (SITES, "auditor", 403),
        (SITES, "anonymous", 401),
        (f"{SITES}/{hidden}", "auditor", 403),
        (f"{SITES}/{hidden}", "anonymous", 404),
    ):
        tag = world.by(who).get(SITES).headers["ETag"].replace(".json", f".{form}")
        for had in (tag, f"W/{tag}", "*"):
            asked = world.by(who).call("GET", path, params={"f": form}, if_none_match=had)
            assert asked.status_code == status


def test_links_and_tags_tell_apart_who_may_have_them(world: World, hidden: str) -> None:
    """A coordinator and an auditor see the same features; what is kept for one is not the other's."""
    kinds = {forms.MEDIA_TYPES[forms.FileForm(form)] for form in FOR_DEVICES}
    for path in (
        SITES,
        f"{SITES}/{hidden}",
        "/ogc/collections/sites",
        "/ogc/collections",
    ):
        tags = set()
        for who, has in (("auditor", False), ("ocha", True), ("auditor", False)):
            answer = world.by(who).get(path)
            tags.add(answer.headers["ETag"])
            assert all((kind in answer.text) == has for kind in kinds), (path, who)
        assert len(tags) == 2
    assert not any(kind in world.by("anonymous").get(SITES).text for kind in kinds)


def names(world: World, who: str, form: str, path: str = CORRIDORS, **params: str) -> list[str]:
    root = ET.fromstring(world.by(who).get(path, f=form, **params).content)
    if form == "kml":
        return [each.findtext(f"{_KML}name") or "" for each in root.iter(f"{_KML}Placemark")]
    tags = (f"{_GPX}wpt", f"{_GPX}trk")
    return [each.findtext(f"{_GPX}name") or "" for each in root if each.tag in tags]


@pytest.mark.parametrize("form", FOR_DEVICES)
def test_an_open_corridor_is_named_by_until_when_and_a_stopped_one_by_that(
    world: World, form: str
) -> None:
    way = given_open(world, sensitivity="low", name="Open way")
    path = f"{CORRIDORS}/{way.id}"
    until = way.read()["do_not_move"]["until"]
    assert until is not None
    shown = f"Open way (only until {until[:10]} {until[11:16]} UTC)"
    for who in ("ocha", "map-client"):
        assert names(world, who, form, path) == [shown]
        assert shown in names(world, who, form)
    read(way.stop(sources=[world.source()]), 201)
    for who in ("ocha", "map-client"):
        assert names(world, who, form, path) == [f"{FORBIDDEN}Open way"]


@pytest.mark.parametrize("form", FOR_DEVICES)
def test_whoever_sees_cells_is_never_told_that_one_may_move(world: World, form: str) -> None:
    way = given_open(world, sensitivity="high", name="Open way")
    path = f"{CORRIDORS}/{way.id}"
    assert names(world, "mod", form, path) == [f"{FORBIDDEN}Corridor {way.id[:8]}"]
    assert world.by("mod").read(path)["properties"]["do_not_move"]["reasons"] == []
    content = world.by("mod").get(path, f=form).text
    assert "What is drawn is not the way" in content
    assert "Open way" not in content


@pytest.mark.parametrize("form", FOR_DEVICES)
@pytest.mark.parametrize(
    "when",
    [
        {"datetime": "2022-01-01T00:00:00Z/.."},
        {"known-at": "2999-01-01T00:00:00Z"},
        {"datetime": "ahead"},
    ],
)
def test_another_time_never_says_that_one_may_move(
    world: World, form: str, when: dict[str, Any]
) -> None:
    way = given_open(world, sensitivity="low")
    asked = {k: from_now(minutes=1) if v == "ahead" else v for k, v in when.items()}
    shown = names(world, "ocha", form, f"{CORRIDORS}/{way.id}", **asked)
    assert shown == [f"{FORBIDDEN}Mariupol to Zaporizhzhia"]
    assert all(each.startswith(FORBIDDEN) for each in names(world, "ocha", form, **asked))
