"""Who may call what: every route of the description, each kind of caller, one explicit answer.

A row is a route, a column somebody who calls it with a request that is right in all else.
A route without a row fails, and so does a cell that is answered otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from app.domain.policy import RULES, shape
from tests.http.agreements.case import Case, given_case
from tests.http.cosigning import checkpoint, given_key, offer
from tests.http.places.given import corridor, given_site, given_way, site
from tests.http.world import ICRC, MARIUPOL, MOD, MSF, NRC, OCHA, UKRAINE, UNHCR, World, read

# The council stands below a belligerent and attests nothing for the ministry.
# All but the last four tokens name the operation of the agreement; a witness names none. UNHCR
# ("left") was a member of it once. OCHA is facilitator, the ministry a required party, the council an observer, the
# ICRC executor; MSF is a member of the operation and no party.
_COLUMNS = """
    anonymous revoked administrator
    ocha mod mariupol msf left auditor icrc-map msf-map
    nrc nrc-auditor nrc-map witness
"""
COLUMNS = _COLUMNS.split()

TABLE = """
GET    /v1/operations                                 200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
POST   /v1/operations                                 401 401 201  403 403 403 403 403 403 403 403  403 403 403 403
GET    /v1/operations/{operation_id}                  404 401 200  200 200 200 200 404 200 200 200  404 404 404 404
PATCH  /v1/operations/{operation_id}                  401 401 200  403 403 403 403 404 403 403 403  404 404 404 404
GET    /v1/operations/{operation_id}/principals       401 401 200  200 200 200 200 404 200 403 403  404 404 404 404

GET    /v1/organisations                              401 401 200  200 200 200 200 200 200 200 200  200 200 200 200
POST   /v1/organisations                              401 401 201  403 403 403 403 403 403 403 403  403 403 403 403
GET    /v1/organisations/{organisation_id}            401 401 200  200 200 200 200 200 200 200 200  200 200 200 200
PATCH  /v1/organisations/{organisation_id}            401 401 200  403 403 403 403 403 403 403 403  403 403 403 403

GET    /v1/tokens                                     401 401 200  403 403 403 403 403 403 403 403  403 403 403 403
POST   /v1/tokens                                     401 401 201  403 403 403 403 403 403 403 403  403 403 403 403
GET    /v1/tokens/{token_id}                          401 401 200  403 403 403 403 403 403 403 403  403 403 403 403
DELETE /v1/tokens/{token_id}                          401 401 204  403 403 403 403 403 403 403 403  403 403 403 403

GET    /v1/sources                                    401 401 200  200 200 200 200 200 200 200 200  200 200 200 200
POST   /v1/sources                                    401 401 403  201 201 201 201 422 403 403 403  422 403 403 403
GET    /v1/sources/{source_id}                        401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
PATCH  /v1/sources/{source_id}                        401 401 404  200 200 200 200 404 403 404 404  404 404 404 404

GET    /v1/sites                                      200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
POST   /v1/sites                                      401 401 403  201 201 201 201 422 403 403 403  422 403 403 403
GET    /v1/sites/{site_id}                            404 401 404  200 200 200 200 404 200 200 200  404 404 404 404
PATCH  /v1/sites/{site_id}                            401 401 404  200 200 200 200 404 403 403 403  404 404 404 404

GET    /v1/corridors                                  200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
POST   /v1/corridors                                  401 401 403  201 201 403 403 422 403 403 403  422 403 403 403
GET    /v1/corridors/{corridor_id}                    404 401 404  200 200 200 200 404 200 200 200  404 404 404 404
PATCH  /v1/corridors/{corridor_id}                    401 401 404  200 200 403 403 404 403 403 403  404 404 404 404
GET    /v1/corridors/{corridor_id}/readiness          404 401 404  200 200 200 200 404 200 200 200  404 404 404 404
GET    /v1/corridors/{corridor_id}/transitions        401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
GET    /v1/corridors/{corridor_id}/status-changes     401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
POST   /v1/corridors/{corridor_id}/status-changes     401 401 404  201 403 403 403 404 403 403 403  404 404 404 404
GET    /v1/corridors/{corridor_id}/status-changes/{corridor_change_id}  401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
GET    /v1/corridors/{corridor_id}/windows            401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
POST   /v1/corridors/{corridor_id}/windows            401 401 404  201 201 403 403 404 403 403 403  404 404 404 404
GET    /v1/corridors/{corridor_id}/windows/{corridor_window_id}  401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
PATCH  /v1/corridors/{corridor_id}/windows/{corridor_window_id}  401 401 404  200 200 403 403 404 403 403 403  404 404 404 404

GET    /v1/agreements                                 200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
POST   /v1/agreements                                 401 401 403  201 201 201 201 422 403 403 403  422 403 403 403
GET    /v1/agreements/{agreement_id}                  404 401 404  200 200 200 200 404 200 404 404  404 404 404 404
PATCH  /v1/agreements/{agreement_id}                  401 401 404  200 200 403 403 404 403 404 404  404 404 404 404
GET    /v1/agreements/{agreement_id}/readiness        401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
GET    /v1/agreements/{agreement_id}/transitions      401 401 404  200 200 200 200 404 200 404 404  404 404 404 404

GET    /v1/agreements/{agreement_id}/routes           401 401 404  200 200 200 200 404 200 404 404  404 404 404 404

GET    /v1/agreements/{agreement_id}/contacts         401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
POST   /v1/agreements/{agreement_id}/contacts         401 401 404  201 201 201 201 404 403 404 404  404 404 404 404
GET    /v1/agreements/{agreement_id}/contacts/{contact_id}    401 401 404  200 404 404 200 404 200 404 404  404 404 404 404
PATCH  /v1/agreements/{agreement_id}/contacts/{contact_id}    401 401 404  200 404 404 200 404 403 404 404  404 404 404 404

GET    /v1/agreements/{agreement_id}/positions                401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
POST   /v1/agreements/{agreement_id}/positions                401 401 404  201 201 201 201 404 403 404 404  404 404 404 404
GET    /v1/agreements/{agreement_id}/positions/{position_id}  401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
GET    /v1/agreements/{agreement_id}/positions/{position_id}/attestations  401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
POST   /v1/agreements/{agreement_id}/positions/{position_id}/attestations  401 401 404  403 201 403 201 404 403 404 404  404 404 404 404
GET    /v1/agreements/{agreement_id}/positions/{position_id}/attestations/{attestation_id}  401 401 404  200 200 200 200 404 200 404 404  404 404 404 404

GET    /v1/agreements/{agreement_id}/terms                    401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
PUT    /v1/agreements/{agreement_id}/terms                    401 401 404  200 200 403 403 404 403 404 404  404 404 404 404
GET    /v1/agreements/{agreement_id}/terms/{key}              401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
PUT    /v1/agreements/{agreement_id}/terms/{key}              401 401 404  200 200 403 403 404 403 404 404  404 404 404 404

GET    /v1/agreements/{agreement_id}/windows                  401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
POST   /v1/agreements/{agreement_id}/windows                  401 401 404  201 201 403 403 404 403 404 404  404 404 404 404
GET    /v1/agreements/{agreement_id}/windows/{window_id}      401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
PATCH  /v1/agreements/{agreement_id}/windows/{window_id}      401 401 404  200 200 403 403 404 403 404 404  404 404 404 404

GET    /v1/agreements/{agreement_id}/status-changes              401 401 404  200 200 200 200 404 200 404 404  404 404 404 404
POST   /v1/agreements/{agreement_id}/status-changes              401 401 404  201 201 201 403 404 403 404 404  404 404 404 404
GET    /v1/agreements/{agreement_id}/status-changes/{change_id}  401 401 404  200 200 200 200 404 200 404 404  404 404 404 404

GET    /ogc                                           200 200 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/                                          200 200 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/conformance                               200 200 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/api                                       200 200 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/collections                               200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/collections/{collection_id}               200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/collections/{collection_id}/queryables          200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/collections/{collection_id}/schema              200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/collections/{collection_id}/items               200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/collections/{collection_id}/items/{feature_id}  404 401 404  200 200 200 200 404 200 200 200  404 404 404 404
GET    /ogc/collections/{collection_id}/items/{feature_id}/versions 404 401 404  200 200 200 200 404 200 200 200  404 404 404 404
GET    /ogc/tileMatrixSets                            200 200 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/tileMatrixSets/WebMercatorQuad            200 200 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/collections/{collection_id}/tiles                                 200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/collections/{collection_id}/tiles/WebMercatorQuad                 200 401 200  200 200 200 200 200 200 200 200  200 200 200 200
GET    /ogc/collections/{collection_id}/tiles/WebMercatorQuad/{z}/{y}/{x} 200 401 200  200 200 200 200 200 200 200 200  200 200 200 200

GET    /v1/history                                    401 401 403  403 403 403 403 403 200 403 403  403 200 403 403
GET    /v1/history/{event_id}                         401 401 403  403 403 403 403 403 200 403 403  403 404 403 403
POST   /v1/history/{event_id}/redactions              401 401 201  403 403 403 403 403 403 403 403  403 403 403 403

GET    /v1/ledger/checkpoint                          401 401 403  403 403 403 403 403 200 403 403  403 200 403 200
POST   /v1/ledger/cosignatures                        401 401 403  403 403 403 403 403 403 403 403  403 403 403 201
GET    /v1/ledger/export                              401 401 403  403 403 403 403 403 200 403 403  403 200 403 403
GET    /v1/ledger/entries                             401 401 403  403 403 403 403 403 200 403 403  403 200 403 403
GET    /v1/ledger/proofs/inclusion                    401 401 403  403 403 403 403 403 200 403 403  403 404 403 403
GET    /v1/ledger/proofs/consistency                  401 401 403  403 403 403 403 403 200 403 403  403 200 403 200
GET    /v1/ledger/tile/entries/{tile}                 401 401 403  403 403 403 403 403 200 403 403  403 200 403 403
GET    /v1/ledger/tile/{level}/{tile}                 401 401 403  403 403 403 403 403 200 403 403  403 200 403 403
"""  # fmt: skip

# What one address makes of other bodies: by the name of the body in `WISHES`, all POSTed.
WISHES_TABLE = """
own-word              401 401 404  201 201 201 422 404 403 404 404  404 404 404 404
word-of-another       401 401 404  403 403 403 403 404 403 404 404  404 404 404 404
relayed-no-source     401 401 404  422 422 422 422 404 403 404 404  404 404 404 404
refusal-for-another   401 401 404  403 403 403 403 404 403 404 404  404 404 404 404
refusal-relayed       401 401 404  201 201 201 201 404 403 404 404  404 404 404 404
own-refusal           401 401 404  201 201 201 422 404 403 404 404  404 404 404 404
to-agreed             401 401 404  409 403 403 403 404 403 404 404  404 404 404 404
to-confirmed          401 401 404  409 403 403 403 404 403 404 404  404 404 404 404
to-completed          401 401 404  422 403 403 403 404 403 404 404  404 404 404 404
to-superseded         401 401 404  422 403 403 403 404 403 404 404  404 404 404 404
to-expired            401 401 404  409 403 403 403 404 403 404 404  404 404 404 404
to-rejected           401 401 404  409 409 403 403 404 403 404 404  404 404 404 404
to-withdrawn          401 401 404  409 403 403 403 404 403 404 404  404 404 404 404
to-declared           401 401 404  409 409 409 409 404 403 404 404  404 404 404 404
corridor-to-open      401 401 404  409 403 403 403 404 403 403 403  404 404 404 404
corridor-to-agreed    401 401 404  409 403 403 403 404 403 403 403  404 404 404 404
"""  # fmt: skip

OPEN = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/start.js", "/problems",
        "/problems/not-found")  # fmt: skip
"""What answers everybody, whatever token comes along."""

pytestmark = pytest.mark.signs


@dataclass(kw_only=True)
class Stage:
    """What the requests of the table are about, and who sends them."""

    world: World
    operation: str
    case: Case
    source: str
    ids: dict[str, str] = field(default_factory=dict)

    def address(self, template: str) -> str:
        """Fill a template with ids of things that are there."""
        address = template
        for name, value in self.ids.items():
            address = address.replace(f"{{{name}}}", value)
        return address

    def tag(self, address: str, voice: str) -> str:
        """Give the present ETag of what is changed there, as its author sees it."""
        for who in (voice, "matrix-ocha", "administrator"):
            answer = self.world.by(who).get(address)
            if answer.status_code == 200:
                return answer.headers["ETag"]
        raise LookupError(address)


def _rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line.strip()]


EXPECTED = {(method, path): list(map(int, cells)) for method, path, *cells in _rows(TABLE)}
EXPECTED_OF_WISHES = {name: list(map(int, cells)) for name, *cells in _rows(WISHES_TABLE)}


def given_stage(world: World) -> Stage:
    """Give an operation with an agreement in force, and a token of each column."""
    if "matrix" not in world.kept:
        world.kept["matrix"] = _new_stage(world)
    stage: Stage = world.kept["matrix"]
    return stage


def _new_stage(world: World) -> Stage:
    members = [OCHA, ICRC, MOD, UKRAINE, MARIUPOL, MSF]
    slug = world.operation(*members, UNHCR)
    tokens = {
        "revoked": (OCHA, "coordinator"),
        "ocha": (OCHA, "coordinator"),
        "mod": (MOD, "coordinator"),
        "ukraine": (UKRAINE, "coordinator"),
        "icrc": (ICRC, "coordinator"),
        "mariupol": (MARIUPOL, "coordinator"),
        "msf": (MSF, "coordinator"),
        "left": (UNHCR, "coordinator"),
        "auditor": (OCHA, "auditor"),
        "icrc-map": (ICRC, "map_client"),
        "msf-map": (MSF, "map_client"),
    }
    ids = {
        name: world.token(f"matrix-{name}", *whose, f"{name}-desk", operations=[slug])
        for name, whose in tokens.items()
    }
    elsewhere = {"nrc": "coordinator", "nrc-auditor": "auditor", "nrc-map": "map_client"}
    for name, role in elsewhere.items():
        there = ["kherson-2022"]
        world.token(f"matrix-{name}", NRC, role, f"{name}-desk", operations=there)
    world.token("matrix-witness", ICRC, "witness", "icrc-witness")
    admin = world.by("administrator")
    token = f"/v1/tokens/{ids['revoked']}"
    admin.call("DELETE", token, if_match=admin.get(token).headers["ETag"])
    address = f"/v1/operations/{slug}"
    operation = next(
        o["id"] for o in admin.read("/v1/operations", limit=1000)["items"] if o["slug"] == slug
    )
    address = f"/v1/operations/{operation}"
    tag = admin.get(address).headers["ETag"]
    read(admin.call("PATCH", address, {"members": members}, if_match=tag), 200)
    return _filled(world, slug, operation, ids)


def _filled(world: World, slug: str, operation: str, tokens: dict[str, str]) -> Stage:
    """Take an agreement to `in_force` in the operation of the table."""
    names = ("ocha", "mod", "ukraine", "icrc")
    usual = {name: world.tokens[name] for name in names}
    evidence = world.kept.pop("source mariupol-2022", None)
    try:
        for name in names:
            world.tokens[name] = world.tokens[f"matrix-{name}"]
        source = world.source(slug)
        world.kept["source mariupol-2022"] = source
        case = given_case(world, operation=slug)
        relayed = read(case.relay("ocha", MOD, sources=[source]), 201)["id"]
        below = f"/positions/{relayed}/attestations"
        attested = read(case.post(below, {}, who="icrc"), 201)["id"]
        talks = {"participants": [{"organisation": OCHA}], "channel": "meeting"}
        contact = read(case.post("/contacts", talks), 201)["id"]
        place = given_site(world, operation=slug)
        way = given_way(case, ends=False)
        span = {"starts_at": "2022-05-08T03:00:00Z", "ends_at": "2022-05-08T17:00:00Z"}
        voice, path = world.by("ocha"), f"{way.path}/windows"
        window = read(voice.call("POST", path, span, if_match=case.tag()), 201)["id"]
        ids = {
            "operation_id": operation,
            "organisation_id": world.organisations[MSF],
            "source_id": source,
            "agreement_id": case.id,
            "contact_id": contact,
            "position_id": relayed,
            "attestation_id": attested,
            "key": "routes",
            "window_id": case.read("/windows")["items"][0]["id"],
            "site_id": place,
            "corridor_id": way.id,
            "collection_id": "corridors",
            "feature_id": way.id,
            "corridor_change_id": way.read("/status-changes")["items"][0]["id"],
            "corridor_window_id": window,
            "change_id": case.read("/status-changes")["items"][0]["id"],
            "token_id": tokens["msf"],
            "event_id": contact,
            "level": "0",
            "tile": "000.p/1",
            "z": "6",
            "y": "22",
            "x": "38",
        }
    finally:
        world.tokens |= usual
        world.kept.pop("source mariupol-2022", None)
        if evidence is not None:
            world.kept["source mariupol-2022"] = evidence
    history = world.by("matrix-auditor").read("/v1/history", subject=case.id)["items"]
    ids["event_id"] = history[0]["id"]
    return Stage(world=world, operation=slug, case=case, source=source, ids=ids)


_PARTIES = [{"organisation": name, "role": "required_party"} for name in (MOD, UKRAINE)]


def _redaction(stage: Stage) -> dict[str, Any]:
    """Erase something that is still there."""
    event = stage.world.by("matrix-auditor").read(f"/v1/history/{stage.ids['event_id']}")
    left = sorted({"actor", "reason", "warnings"} - event["redacted"].keys())
    return {"fields": left[:1], "reason": "names_a_person"}


BODIES: dict[tuple[str, str], Callable[[Stage], Any]] = {
    ("POST", "/v1/history/{event_id}/redactions"): _redaction,
    ("POST", "/v1/operations"): lambda s: {
        "slug": f"new-{uuid4().hex[:12]}",
        "name": "New",
        "countries": ["UKR"],
        "tz": "Europe/Kyiv",
    },
    ("PATCH", "/v1/operations/{operation_id}"): lambda s: {"name": f"Name {uuid4().hex[:8]}"},
    ("POST", "/v1/organisations"): lambda s: {
        "name": "New",
        "short_name": f"New {uuid4().hex[:8]}",
        "kind": "ngo",
    },
    ("PATCH", "/v1/organisations/{organisation_id}"): lambda s: {"name": f"N {uuid4().hex[:8]}"},
    ("POST", "/v1/tokens"): lambda s: {
        "organisation": MSF,
        "role": "coordinator",
        "operations": [s.operation],
        "holder": "somebody",
    },
    ("POST", "/v1/sources"): lambda s: {
        "operation": s.operation,
        "publisher": "UN",
        "title": "Readout",
        "kind": "un",
    },
    ("PATCH", "/v1/sources/{source_id}"): lambda s: {"title": f"Readout {uuid4().hex[:8]}"},
    ("POST", "/v1/sites"): lambda s: site(operation=s.operation),
    ("PATCH", "/v1/sites/{site_id}"): lambda s: {"capacity": uuid4().int % 10**6},
    ("POST", "/v1/corridors"): lambda s: corridor(s.case),
    ("PATCH", "/v1/corridors/{corridor_id}"): lambda s: {"name": f"Way {uuid4().hex[:8]}"},
    ("POST", "/v1/corridors/{corridor_id}/status-changes"): lambda s: {"to": "cancelled"},
    ("POST", "/v1/corridors/{corridor_id}/windows"): lambda s: {
        "starts_at": "2022-05-10T03:00:00Z",
        "ends_at": "2022-05-10T17:00:00Z",
    },
    ("PATCH", "/v1/corridors/{corridor_id}/windows/{corridor_window_id}"): lambda s: {
        "as_announced": f"at dawn {uuid4().hex[:8]}"
    },
    ("POST", "/v1/agreements"): lambda s: {
        "operation": s.operation,
        "title": "Another",
        "kind": "evacuation",
        "laterality": "bilateral",
        "purpose": "Evacuation",
        "parties": _PARTIES,
    },
    ("PATCH", "/v1/agreements/{agreement_id}"): lambda s: {"title": f"T {uuid4().hex[:8]}"},
    ("POST", "/v1/agreements/{agreement_id}/contacts"): lambda s: {
        "participants": [{"organisation": OCHA}],
        "channel": "call",
    },
    ("PATCH", "/v1/agreements/{agreement_id}/contacts/{contact_id}"): lambda s: {
        "summary": f"Summary {uuid4().hex[:8]}"
    },
    ("POST", "/v1/agreements/{agreement_id}/positions"): lambda s: {
        "organisation": UKRAINE,
        "position": "considering",
        "relayed_by": OCHA,
        "sources": [s.source],
    },
    ("POST", "/v1/agreements/{agreement_id}/positions/{position_id}/attestations"): lambda s: {},
    ("PUT", "/v1/agreements/{agreement_id}/terms"): lambda s: {"terms": {"routes": {"state": "open"}}},
    ("PUT", "/v1/agreements/{agreement_id}/terms/{key}"): lambda s: {"state": "open"},
    ("POST", "/v1/agreements/{agreement_id}/windows"): lambda s: {
        "starts_at": "2022-05-09T03:00:00Z",
        "ends_at": "2022-05-09T17:00:00Z",
    },
    ("PATCH", "/v1/agreements/{agreement_id}/windows/{window_id}"): lambda s: {
        "as_announced": f"at dawn {uuid4().hex[:8]}"
    },
    ("POST", "/v1/agreements/{agreement_id}/status-changes"): lambda s: {"to": "suspended"},
    ("POST", "/v1/ledger/cosignatures"): lambda s: offer(
        checkpoint(s.world, "matrix-witness"), given_key()
    ),
}  # fmt: skip

OWN = {"mod": MOD, "mariupol": MARIUPOL, "msf": MSF, "left": UNHCR, "nrc": NRC}
"""Of which organisation a column is; the others are OCHA's."""

_POSITIONS = "/v1/agreements/{agreement_id}/positions"
_CHANGES = "/v1/agreements/{agreement_id}/status-changes"
_CORRIDOR_CHANGES = "/v1/corridors/{corridor_id}/status-changes"


def _said(position: str, **more: Any) -> Callable[[Stage, str], Any]:
    return lambda s, who: {"organisation": UKRAINE, "position": position} | more


def _own(position: str) -> Callable[[Stage, str], Any]:
    return lambda s, who: {"organisation": OWN.get(who, OCHA), "position": position}


def _to(status: str) -> Callable[[Stage, str], Any]:
    return lambda s, who: {"to": status, "sources": [s.source]}


WISHES: dict[str, tuple[str, Callable[[Stage, str], Any]]] = {
    "own-word": (_POSITIONS, _own("considering")),
    "own-refusal": (_POSITIONS, _own("withdrawn")),
    "word-of-another": (_POSITIONS, _said("considering")),
    "relayed-no-source": (_POSITIONS, _said("in_principle", relayed_by=ICRC)),
    "refusal-for-another": (_POSITIONS, _said("rejected")),
    "refusal-relayed": (_POSITIONS, _said("withdrawn", relayed_by=ICRC)),
    "to-agreed": (_CHANGES, _to("agreed_in_principle")),
    "to-confirmed": (_CHANGES, _to("confirmed")),
    "to-completed": (_CHANGES, _to("completed")),
    "to-superseded": (_CHANGES, _to("superseded")),
    "to-expired": (_CHANGES, _to("expired")),
    "to-rejected": (_CHANGES, _to("rejected")),
    "to-withdrawn": (_CHANGES, _to("withdrawn")),
    "to-declared": (_CHANGES, _to("declared")),
    "corridor-to-open": (_CORRIDOR_CHANGES, _to("open")),
    "corridor-to-agreed": (_CORRIDOR_CHANGES, _to("agreed")),
}

QUERIES: dict[tuple[str, str], Callable[[Stage], dict[str, Any]]] = {
    ("GET", "/v1/ledger/proofs/inclusion"): lambda s: {"event": s.ids["event_id"]},
    ("GET", "/v1/ledger/proofs/consistency"): lambda s: {"from": 1},
}

_OF_THE_AGREEMENT = ("/terms", "/windows", "/status-changes")


def answers(stage: Stage, method: str, template: str) -> dict[str, int]:
    """Send the request of a row as everybody of the columns; give the status of each answer."""
    return {who: _ask(stage, method, template, who) for who in COLUMNS}


def _ask(stage: Stage, method: str, template: str, who: str) -> int:
    address = stage.address(template)
    if method == "DELETE" and who == "administrator":
        spare = stage.world.token("spare", MSF, "coordinator", "spare-desk")
        address = template.replace("{token_id}", spare)
    name = who if who in ("anonymous", "administrator") else f"matrix-{who}"
    headers = version_headers(stage, method, template, address, name)
    body = BODIES[(method, template)](stage) if (method, template) in BODIES else None
    params = QUERIES[(method, template)](stage) if (method, template) in QUERIES else None
    voice = stage.world.by(name)
    return voice.call(method, address, body, params=params, **headers).status_code


def version_headers(
    stage: Stage, method: str, template: str, address: str, voice: str
) -> dict[str, str]:
    """Name the present version of what a request changes, where that is asked for."""
    of_corridor = template.startswith("/v1/corridors/") and "/windows" not in template
    adds = template.endswith("/windows") or (of_corridor and template.endswith("/status-changes"))
    if method not in ("PATCH", "PUT", "DELETE") and not adds:
        return {}
    if of_corridor:
        return {"if_match": stage.tag(stage.address("/v1/corridors/{corridor_id}"), voice)}
    is_part = any(part in template for part in _OF_THE_AGREEMENT)
    return {"if_match": stage.tag(stage.case.path if is_part else address, voice)}


@pytest.mark.parametrize(("method", "template"), list(EXPECTED))
def test_every_caller_gets_the_answer_of_the_table(
    world: World, method: str, template: str
) -> None:
    stage = given_stage(world)
    expected = dict(zip(COLUMNS, EXPECTED[(method, template)], strict=True))
    assert answers(stage, method, template) == expected


@pytest.mark.parametrize("wish", list(EXPECTED_OF_WISHES))
def test_every_caller_gets_the_answer_of_the_table_for_other_bodies(
    world: World, wish: str
) -> None:
    stage = given_stage(world)
    template, body = WISHES[wish]
    found = {who: _wished(stage, template, body(stage, who), who) for who in COLUMNS}
    assert found == dict(zip(COLUMNS, EXPECTED_OF_WISHES[wish], strict=True))


def _wished(stage: Stage, template: str, body: Any, who: str) -> int:
    name = who if who in ("anonymous", "administrator") else f"matrix-{who}"
    address = stage.address(template)
    headers = version_headers(stage, "POST", template, address, name)
    if template == _CHANGES:
        headers = {"if_match": stage.tag(stage.case.path, name)}
    return stage.world.by(name).call("POST", address, body, **headers).status_code


def test_every_wish_has_a_row() -> None:
    assert WISHES.keys() == EXPECTED_OF_WISHES.keys()


def test_every_route_of_the_description_has_a_row(world: World) -> None:
    paths = world.by("anonymous").read("/openapi.json")["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert {(m, shape(path)) for m, path in described} == {(m, shape(path)) for m, path in EXPECTED}


def test_every_rule_of_the_policy_is_in_the_table_or_open_to_all() -> None:
    rows = {(method, shape(path)) for method, path in EXPECTED}
    outside = {path for method, path in RULES if (method, shape(path)) not in rows}
    assert outside == {
        "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/{asset}",
        "/problems", "/problems/{slug}",
    }  # fmt: skip


@pytest.mark.parametrize("path", OPEN)
def test_what_is_open_answers_everybody(world: World, path: str) -> None:
    given_stage(world)
    names = [w if w in ("anonymous", "administrator") else f"matrix-{w}" for w in COLUMNS]
    found = {who: world.by(who).get(path).status_code for who in names}
    assert set(found.values()) == {200}


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("method", "template"), list(EXPECTED))
def test_head_is_judged_as_get_and_other_methods_are_not_there(
    world: World, method: str, template: str
) -> None:
    stage = given_stage(world)
    voice = world.by("matrix-auditor")
    address = stage.address(template)
    if method == "GET":
        assert voice.call("HEAD", address).status_code == voice.get(address).status_code
    taken = {m for m, path in EXPECTED if path == template}
    for other in {"PUT", "DELETE", "PATCH", "POST"} - taken:
        answer = voice.call(other, address)
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) >= taken


WITH_IDS = [t for m, t in EXPECTED if m == "GET" and t.endswith("}") and "{key}" not in t]


@pytest.mark.parametrize("template", WITH_IDS)
def test_what_may_not_be_known_is_answered_as_what_does_not_exist(
    world: World, template: str
) -> None:
    stage = given_stage(world)
    parent, _, last = template.rpartition("/")
    hidden, unknown = stage.address(template), f"{stage.address(parent)}/{uuid4()}"
    expected = dict(zip(COLUMNS, EXPECTED[("GET", template)], strict=True))
    for who in ("left", "nrc", "nrc-auditor", "nrc-map"):
        if expected[who] == 200:
            continue
        one, other = (world.by(f"matrix-{who}").get(path) for path in (hidden, unknown))
        assert one.status_code == other.status_code == expected[who], last
        assert (one.content, dict(one.headers)) == (other.content, dict(other.headers))
