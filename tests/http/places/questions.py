"""What a reader may ask, and what one may try who was told the id of a thing that is hidden."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from httpx2 import Response

from tests.http.agreements.case import WINDOW, Case
from tests.http.ogc.files import FORMS, steady
from tests.http.places.given import GEOJSON, corridor, site
from tests.http.places.twins import Base, Twin
from tests.http.world import MOD, OCHA, Voice

READERS = ("anonymous", "administrator", "nrc", "nrc-map-client", "mod", "map-client")
PARTNERS = ("mod", "map-client")
BOXES = (
    "37.3,47,38,48",
    "37.59,47.09,37.61,47.1",
    "37.5412,47.0951,37.5412,47.0951",
    "170,-20,-170,60",
    "-180,-90,180,90",
)
TILES = ("0/0/0", "6/22/38", "7/45/77", "8/90/154", "9/180/309", "10/361/618", "8/3/4", "12/0/0")
_FILTERS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "sites": (
        {"name": "Hall 7"},
        {"status": "open", "kind": "transit"},
        {"sensitivity": "severe"},
        {"capacity": 3, "p_code": "UA3"},
        {"controlled_by": "Government of Ukraine"},
        {"operation": "mariupol-2022"},
    ),
    "corridors": (
        {"name": "Hall 7"},
        {"status": "planned"},
        {"sensitivity": "high"},
        {"direction": "both", "mode": "foot"},
        {"mine_clearance": "known"},
        {"consent_basis": "unilateral", "operation": "mariupol-2022"},
    ),
}
_CQL2: Mapping[str, Sequence[str]] = {
    "sites": (
        "name = 'Hall 7' OR name LIKE '%a%'",
        "NOT (sensitivity = 'low') OR capacity IS NULL",
        "S_INTERSECTS(geometry,BBOX(37.59,47.09,37.61,47.1)) OR precision_m > 1",
        "valid_from > TIMESTAMP('2022-04-26T00:00:00Z') AND id > '8'",
        "release_at IS NOT NULL",
        "T_INTERSECTS(INTERVAL(valid_from,valid_until),INTERVAL('2022-04-30T00:00:00Z','..'))",
    ),
    "corridors": (
        "agreement IS NULL OR from_site IS NOT NULL",
        "NOT S_DISJOINT(geometry,POLYGON((37 47,38 47,38 48,37 47)))",
        "valid_from > TIMESTAMP('2022-05-01T00:00:00Z') OR reciprocal_of IS NOT NULL",
        "valid_until > TIMESTAMP('2022-01-01T00:00:00Z') OR status <> 'open'",
        "consent_basis IN ('mutual','imposed') AND length_m BETWEEN 0 AND 1e6",
        "sensitivity = 'severe'",
    ),
}
_IN_NAME = re.compile(r"(?<=-)[0-9]{8}T[0-9]{6}Z(?=[.])")
_JUDGED_AT = re.compile(rb'"judged_at":"[^"]*"')
_BELOW_CORRIDOR = ("", "/readiness", "/status-changes", "/windows", "/transitions")
_BELOW_AGREEMENT = (
    "",
    "/readiness",
    "/windows",
    "/positions",
    "/routes",
    "/contacts",
    "/terms",
    "/status-changes",
    "/transitions",
)
_OF_OGC = ("", "/collections", "/conformance", "/api")
_OF_MEMBERS = ("/v1/sources", "/v1/organisations", "/v1/tokens")
"""Lists of which some readers may know nothing."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request; what is read of a list goes on to its last page."""

    method: str = "GET"
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def told(answer: Response) -> tuple[Any, ...]:
    """Give all of an answer that a reader can look at, but what the clock says."""
    headers = sorted(
        (k, _IN_NAME.sub("", v)) for k, v in answer.headers.multi_items() if k.lower() != "date"
    )
    return answer.status_code, headers, _JUDGED_AT.sub(b"", steady(answer.content))


def ask(voice: Voice, request: Request) -> Response:
    """Send a request."""
    return voice.call(
        request.method, request.path, request.body, params=request.params, **request.headers
    )


def following(answer: Response) -> str | None:
    """Give the address of the next page."""
    if "next" not in answer.links:
        return None
    return str(answer.links["next"]["url"])


def of_ogc(times: Mapping[str, str]) -> Mapping[str, str]:
    """Give the two clocks of a question by the names that they have under `/ogc`."""
    names = {"as_of": "datetime", "known_at": "known-at"}
    return {names[name]: at for name, at in times.items()}


def lists(base: Base, pick: int, times: Mapping[str, str]) -> Iterator[Request]:
    """Ask for lists: all of them, of other times, in a box, filtered, in pages of one."""
    box = {"bbox": BOXES[pick % len(BOXES)]}
    for kind in ("sites", "corridors"):
        filters = _FILTERS[kind]
        more = filters[pick % len(filters)]
        for accept in ({"accept": GEOJSON}, {}):
            for params in ({"limit": 2, **times}, {**times, **box}, {**times, **more}):
                yield Request(path=f"/v1/{kind}", params=params, headers=accept)
        yield from _items(kind, pick, of_ogc(times), box)
    agreement = list(base.agreements.values())[pick % len(base.agreements)]
    yield Request(path="/v1/corridors", params={"agreement": agreement})
    end = ("from_site", "to_site", "reciprocal_of")[pick % 3]
    yield Request(path="/v1/corridors", params={end: base.sites["severe"]})
    for kind in ("agreements", "operations"):
        yield Request(path=f"/v1/{kind}", params={"limit": 1, **times})
        yield Request(method="HEAD", path=f"/v1/{kind}")
    operation = "/v1/operations/" + base.world.operations["mariupol-2022"]
    yield Request(path=operation, params=times)
    yield Request(path=operation + "/principals")
    yield Request(path=_OF_MEMBERS[pick % len(_OF_MEMBERS)], params={"limit": 5})
    yield Request(
        path="/ogc" + _OF_OGC[pick % len(_OF_OGC)], params={"f": ("json", "html")[pick % 2]}
    )
    yield Request(path="/v1/agreements", params={"sensitivity": "high", "kind": "evacuation"})
    yield Request(path="/v1/history")
    yield Request(method="HEAD", path="/v1/corridors", params=box)
    yield Request(path="/v1/sites", params={"bbox": "1,2,3"})
    yield Request(path="/v1/corridors", params={"cursor": "bm90aGluZw"})


def below(base: Base, pick: int, times: Mapping[str, str]) -> Iterator[Request]:
    """Ask for the lists below what more know of, and for some below what fewer know of."""
    more = base.agreements[("shared", "outline")[pick % 2]]
    fewer = base.agreements[("standing", "hidden", "talks")[pick % 3]]
    way = base.corridors[("shared", "open")[pick % 2]]
    other = base.corridors[("low", "moderate", "released", "passed", "hidden")[pick % 5]]
    for part in _BELOW_AGREEMENT:
        yield Request(path=f"/v1/agreements/{more}{part}", params=times)
    for part in _BELOW_CORRIDOR:
        yield Request(path=f"/v1/corridors/{way}{part}", params=times)
    for at in (pick, pick + 1):
        part = _BELOW_AGREEMENT[at % len(_BELOW_AGREEMENT)]
        yield Request(path=f"/v1/agreements/{fewer}{part}", params=times)
        part = _BELOW_CORRIDOR[at % len(_BELOW_CORRIDOR)]
        yield Request(path=f"/v1/corridors/{other}{part}", params=times)


def _items(
    kind: str, pick: int, times: Mapping[str, str], box: Mapping[str, str]
) -> Iterator[Request]:
    path = f"/ogc/collections/{kind}/items"
    yield Request(path=path, params={"limit": 2, "number-matched": "true", **times})
    page = {"f": ("json", "html")[pick % 2]}
    yield Request(path=f"/ogc/collections/{kind}", params=page)
    yield Request(path=f"/ogc/collections/{kind}/tiles", params=page)
    since = {"datetime": f"{times['datetime']}/.."} if "datetime" in times else {}
    yield Request(path=path, params={**times, **since, **box, "limit": 3})
    wanted = {"filter": _CQL2[kind][pick % len(_CQL2[kind])]}
    yield Request(path=path, params={**times, **wanted, "limit": 2})
    yield Request(path=path, params={**wanted, **box})
    yield Request(path=f"/ogc/collections/{kind}/{('queryables', 'schema')[pick % 2]}")
    form = ({"f": "html"}, {"crs": "http://www.opengis.net/def/crs/EPSG/0/3857"})[pick % 2]
    yield Request(path=path, params={**form, **times})
    file = FORMS[pick % len(FORMS)]
    yield Request(path=path, params={"f": file, **times})
    yield Request(path=path, params={"f": file, "limit": 3, **wanted, **box})
    yield from _tiles(kind, pick, times, wanted)


def _tiles(
    kind: str, pick: int, times: Mapping[str, str], wanted: Mapping[str, str]
) -> Iterator[Request]:
    """Ask for tiles about the places of the base, large and small, and for one far away."""
    path = f"/ogc/collections/{kind}/tiles/WebMercatorQuad"
    yield Request(path=f"{path}/{TILES[pick % len(TILES)]}", params=times)
    yield Request(path=f"{path}/{TILES[(pick + 1) % len(TILES)]}")
    yield Request(path=f"{path}/10/361/618", params=wanted)
    yield Request(path=path, params={**wanted, "f": "tilejson"})


def singles(twin: Twin, pick: int, times: Mapping[str, str]) -> Iterator[Request]:
    """Ask for single things: those that were written to, some of the base, and none at all."""
    base = twin.base
    of_base = [*base.sites.values(), *base.corridors.values(), *base.agreements.values()]
    for id in dict.fromkeys([*twin.touched[-2:], of_base[pick % len(of_base)], "not-an-id"]):
        place, way = f"/v1/sites/{id}", f"/v1/corridors/{id}"
        yield Request(path=place, params=times)
        yield Request(path=place, headers={"accept": GEOJSON})
        yield Request(path=way, params=times)
        yield Request(path=way, params=times, headers={"accept": GEOJSON})
        for kind in ("sites", "corridors"):
            alone = f"/ogc/collections/{kind}/items/{id}"
            yield Request(path=alone, params=of_ogc(times))
            form = (*FORMS, "html")[pick % (len(FORMS) + 1)]
            yield Request(path=alone, params={"f": form, **of_ogc(times)})
            yield from _versions(alone, pick, of_ogc(times))
        yield Request(method="HEAD", path=way + _BELOW_CORRIDOR[pick % len(_BELOW_CORRIDOR)])
        yield Request(path=way + _BELOW_CORRIDOR[pick % len(_BELOW_CORRIDOR)], params=times)
        part = _BELOW_AGREEMENT[pick % len(_BELOW_AGREEMENT)]
        yield Request(path=f"/v1/agreements/{id}{part}", params=times)
        yield Request(path=f"/v1/sources/{id}")
    yield Request(path=f"/v1/history/{of_base[pick % len(of_base)]}")


def _versions(alone: str, pick: int, times: Mapping[str, str]) -> Iterator[Request]:
    """Ask for the versions of a feature: those of now, of other times, and all that ever were."""
    path, ever = f"{alone}/versions", {"known-at": "2020-01-01T00:00:00Z/.."}
    yield Request(path=path, params={**times, "limit": 2})
    form = ({"f": "html"}, {"crs": "http://www.opengis.net/def/crs/EPSG/0/3857"})[pick % 2]
    yield Request(path=path, params={**ever, **form})


def attempts(twin: Twin, id: str, tags: Mapping[str, str]) -> Iterator[Request]:
    """Try to write to what is hidden, and name it in what is written to something that is not.

    Args:
        id: of a thing or an event that the reader may not know of.
        tags: the versions of what it may know of, by their ids.
    """
    yield from _at_hidden(id)
    yield from _naming_hidden(twin, id, tags)


def _at_hidden(id: str) -> Iterator[Request]:
    for path in (f"/v1/sites/{id}", f"/v1/corridors/{id}", f"/v1/agreements/{id}"):
        name = {"title": "A"} if "agreements" in path else {"name": "A"}
        yield Request(method="PATCH", path=path, body=name, headers={"if_match": '"99"'})
    for kind in ("corridors", "agreements"):
        stop = {"to": "suspended"}
        yield Request(method="POST", path=f"/v1/{kind}/{id}/status-changes", body=stop)
        window = WINDOW | {"corridor": id}
        yield Request(method="POST", path=f"/v1/{kind}/{id}/windows", body=window)
    said = {"organisation": OCHA, "position": "withdrawn"}
    yield Request(method="POST", path=f"/v1/agreements/{id}/positions", body=said)
    yield Request(method="PATCH", path=f"/v1/sources/{id}", body={"title": "A"})


def _naming_hidden(twin: Twin, id: str, tags: Mapping[str, str]) -> Iterator[Request]:
    base = twin.base
    outline, low, released = (
        base.agreements["outline"],
        base.sites["low"],
        base.corridors["released"],
    )
    agreement, place, way = (
        f"/v1/agreements/{outline}",
        f"/v1/sites/{low}",
        f"/v1/corridors/{released}",
    )
    own = corridor(Case(world=twin.world, id=outline))
    ends: list[dict[str, Any]] = [{"from_site": id}, {"waypoints": [id]}, {"reciprocal_of": id}]
    for named in ({"agreement": id}, *ends):
        yield Request(method="POST", path="/v1/corridors", body=own | named)
    yield Request(method="POST", path="/v1/sites", body=site(operation=id))
    yield Request(method="POST", path=f"{agreement}/positions/{id}/attestations", body={})
    considering = {"organisation": MOD, "position": "considering", "sources": [id]}
    yield Request(method="POST", path=f"{agreement}/positions", body=considering)
    corrected, taken_out = {"name": "A", "corrects": [id]}, {"to": None, "corrects": [id]}
    for method, path, body, tag in (
        *(("PATCH", way, named, tags[released]) for named in ends),
        ("PATCH", way, corrected, tags[released]),
        ("PATCH", place, corrected, tags[low]),
        ("POST", f"{way}/status-changes", taken_out, tags[released]),
        ("POST", f"{agreement}/status-changes", taken_out, tags[outline]),
        ("POST", f"{agreement}/status-changes", superseded(id), tags[outline]),
        ("POST", f"{agreement}/windows", WINDOW | {"corridor": id}, tags[outline]),
    ):
        yield Request(method=method, path=path, body=body, headers={"if_match": tag})


def superseded(successor: str) -> dict[str, Any]:
    """Say that an agreement has a successor."""
    return {"to": "superseded", "successor": successor, "reason": "others_joined"}


def unknown(request: Request, id: str) -> Request:
    """Ask the same about a thing that does not exist."""
    other = str(uuid4())
    return Request(
        method=request.method,
        path=request.path.replace(id, other),
        params={k: other if v == id else v for k, v in request.params.items()},
        body=_replaced(request.body, id, other),
        headers=request.headers,
    )


def _replaced(value: Any, id: str, other: str) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(inner, id, other) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, id, other) for inner in value]
    return other if value == id else value
