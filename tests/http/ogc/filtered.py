"""Places of every sort for filters, who looks at them, and what each may ask of them."""

from collections.abc import Mapping
from typing import Any

from app.domain.cql2.expression import Kind
from tests.http.agreements.case import from_now, given_proposed
from tests.http.places.given import given_open, given_site, given_way
from tests.http.world import ICRC, MARIUPOL, MOD, MSF, OCHA, UKRAINE, UNHCR, World, read

READERS = ("ocha", "mod", "device", "map-client", "anonymous")
"""A coordinator, one of a belligerent, devices of the operational audience and of partners, anybody."""
OPERATIONAL = ("ocha", "device")
TIMES: tuple[dict[str, str], ...] = (
    {},
    {"datetime": "2022-04-22T00:00:00Z"},
    {"datetime": "2022-04-01T00:00:00Z/.."},
    {"datetime": "2022-04-01T00:00:00Z/2022-04-22T00:00:00Z"},
    {"datetime": "2099-01-01T00:00:00Z"},
)
_SITES: tuple[dict[str, Any], ...] = (
    {"name": 'O\'Brien "hall"', "sensitivity": "low", "capacity": 0, "p_code": "UA14"},
    {"name": "100% full_hall", "sensitivity": "low", "kind": "reception", "capacity": 1500},
    {"name": "ХАРКІВ", "sensitivity": "moderate", "status": "open", "precision_m": 50},
    {"name": "харків", "sensitivity": "moderate", "other_names": ["Харків"], "capacity": 3},
    {"name": "Azovstal", "sensitivity": "high", "contact_channel": "duty desk of the works"},
    {"name": "azovstal", "sensitivity": "high", "release_at": from_now(hours=-1)},
    {"name": "Hall 7", "sensitivity": "high", "release_at": from_now(hours=9)},
    {"name": "Hall 8", "sensitivity": "severe", "controlled_by": "ICRC"},
    {"name": "\U0001f3e5 hospital", "sensitivity": "low", "kind": "hospital"},
)
_BEGAN, _CHANGED = "2022-04-20T00:00:00Z", "2022-04-25T00:00:00Z"


def given_places(world: World) -> None:
    """Put places of every class on record, some of which have changed since."""
    if world.kept.setdefault("filters", []):
        return
    _issue_device(world)
    for number, more in enumerate(_SITES):
        place = {"type": "Point", "coordinates": [37.0 + number / 8, 47.0 + number / 16]}
        world.kept["filters"].append(given_site(world, geometry=place, effective_at=_BEGAN, **more))
    voice = world.by("ocha")
    for id, name in zip(world.kept["filters"], ("Shelter", "Hall 7"), strict=False):
        body = {"name": name, "effective_at": _CHANGED}
        tag = voice.get(f"/v1/sites/{id}").headers["ETag"]
        read(voice.call("PATCH", f"/v1/sites/{id}", body, if_match=tag), 200)
    first, second, *_ = world.kept["filters"]
    ends: dict[str, Any] = {"ends": False, "from_site": first, "to_site": second}
    given_open(world, sensitivity="low", width_m=20.5, **ends)
    read(given_open(world, sensitivity="moderate", **ends).stop(), 201)
    case, released = given_proposed(world), given_proposed(world, sensitivity="low")
    for sensitivity in ("low", "moderate", "high", "severe"):
        line = {"type": "LineString", "coordinates": [[37.0, 47.0], [37.6, 47.4], [38.0, 47.2]]}
        given_way(case, ends=False, geometry=line, sensitivity=sensitivity, name=sensitivity)
        given_way(released, ends=False, sensitivity=sensitivity, direction="both", mode="foot")


def _issue_device(world: World) -> None:
    """Let devices of MSF be of the operational audience, which are shown no agreement even so."""
    path = f"/v1/operations/{world.operations['mariupol-2022']}"
    admin = world.by("administrator")
    others = [OCHA, UNHCR, ICRC, MOD, UKRAINE, MARIUPOL]
    members = [*others, {"organisation": MSF, "audience": "operational"}]
    tag = admin.get(path).headers["ETag"]
    read(admin.call("PATCH", path, {"members": members}, if_match=tag), 200)
    world.token("device", MSF, "map_client", "msf-device", operations=["mariupol-2022"])


def shown(world: World, reader: str, collection: str, **times: str) -> list[dict[str, Any]]:
    """Give all that a reader is shown, which nobody changes any more."""
    key = f"shown {reader} {collection} {times}"
    if key not in world.kept:
        world.kept[key] = items(world, reader, collection, **times)
    found: list[dict[str, Any]] = world.kept[key]
    return found


def items(world: World, reader: str, collection: str, **params: Any) -> list[dict[str, Any]]:
    """Give the features that a reader is shown."""
    path = f"/ogc/collections/{collection}/items"
    answer = world.by(reader).call("GET", path, params={"limit": 1000, **params})
    found: list[dict[str, Any]] = read(answer, 200)["features"]
    return found


def queryables(world: World, reader: str, collection: str) -> dict[str, Kind]:
    """Give what a reader may ask about, as the service tells it."""
    document = world.by(reader).read(f"/ogc/collections/{collection}/queryables")
    return {name: _kind(schema) for name, schema in document["properties"].items()}


def _kind(schema: Mapping[str, str]) -> Kind:
    if schema.get("format", "").startswith("geometry"):
        return Kind.PLACE
    if schema.get("format") == "date-time":
        return Kind.INSTANT
    return Kind.NUMBER if schema["type"] in {"number", "integer"} else Kind.TEXT


def values(features: list[dict[str, Any]], known: Mapping[str, Kind]) -> dict[Kind, list[Any]]:
    """Give values that features have, and some that they do not."""
    found: dict[Kind, list[Any]] = {
        Kind.TEXT: ["open", "hall", "Hall 6", "ХАР", "\uffff"],
        Kind.NUMBER: [0, 1000.0, 49.5, -1.0],
        Kind.INSTANT: ["2022-04-22T00:00:00Z", "2022-04-25T00:00:00Z", "2050-01-01T00:00:00Z"],
        Kind.PLACE: [
            {"bbox": [37.0, 47.0, 37.5, 47.5]},
            {"bbox": [37.125, 47.0, -170.0, 47.0625]},
            {"type": "Polygon", "coordinates": [[[37, 47], [38, 47], [37, 48], [37, 47]]]},
            {"type": "LineString", "coordinates": [[37.0, 47.0], [37.6, 47.4]]},
            {"type": "MultiPoint", "coordinates": [[37.0, 47.0], [38.0, 47.2]]},
        ],
    }
    for feature in features:
        found[Kind.TEXT].append(feature["id"])
        if feature["geometry"]:
            found[Kind.PLACE].append(feature["geometry"])
        for name, value in feature["properties"].items():
            if value is not None and name in known:
                found[known[name]].append(value)
    return found
