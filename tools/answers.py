"""Examples of answers, as the service gives them for the case; for the description of the API.

Ids, hashes and times of recording differ from one database to the next; stand-ins take their place.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from starlette.testclient import TestClient

from tools.case import served

Answer = Any
Ask = Callable[..., Answer]

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HASH = re.compile(r"\b([0-9a-f]{64}|[0-9a-f]{12}(?=…))")
_RECORDED = re.compile(r"20(?:2[3-9]|[3-9]\d)-\d\d-\d\dT[\d:.]+Z")
_TITLE = "Evacuation of civilians from the Azovstal steelworks"
_PROMISED, _OPEN = "2022-04-27T00:00:00Z", "2022-04-30T12:00:00Z"
_TOKEN = {
    "organisation": "UN OCHA",
    "role": "coordinator",
    "operations": ["mariupol-2022"],
    "holder": "ocha-night-desk",
}
_TERM = {"state": "proposed", "text": "Checks on the way, at Manhush among other places"}
_WINDOW = {
    "starts_at": "2022-05-10T03:00:00Z",
    "ends_at": "2022-05-10T17:00:00Z",
    "tz": "Europe/Kyiv",
    "as_announced": "06:00 local time",
    "direction": "out",
}


def text() -> str:
    """Give the examples as JSON, by the name of their schema."""
    with served() as (client, tokens):
        asked = partial(_asked, client, tokens["coordinator-ocha"])
        administrator = partial(_asked, client, tokens["administrator"])
        found = {
            **_of_the_case(asked),
            **_of_changes(asked, partial(_asked, client, None)),
            **_beside_it(asked, administrator),
            "EventOut": _event(partial(_asked, client, tokens["auditor"])),
        }
    return _with_stand_ins(json.dumps(found, ensure_ascii=False, indent=1)) + "\n"


def _asked(
    client: TestClient, token: str | None, path: str, body: Any = None, **more: str
) -> Answer:
    """Ask for `path`, or send a body there; `if_match` and `method` say how."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if "if_match" in more:
        headers["If-Match"] = more["if_match"]
    method = more.get("method", "GET" if body is None else "POST")
    answer = client.request(method, path, json=body, headers=headers).raise_for_status()
    return answer.json() | ({"etag": answer.headers["ETag"]} if more.get("tagged") else {})


def _of_the_case(asked: Ask) -> Mapping[str, Answer]:
    """Ask what the coordinator of OCHA is shown of the agreement and of its corridor."""
    [agreement] = asked(f"/v1/agreements?title={_TITLE}")["items"]
    path = f"/v1/agreements/{agreement['id']}"
    [corridor] = asked("/v1/corridors?consent_basis=mutual")["items"]
    way = f"/v1/corridors/{corridor['id']}"
    position = asked(f"{path}/positions?position=confirmed")["items"][0]
    return {
        "Corridor": asked(f"{way}?as_of={_OPEN}"),
        "Contact": asked(f"{path}/contacts?as_of={_OPEN}")["items"][0],
        "AgreementOut": asked(f"{path}?as_of={_OPEN}"),
        "ReadinessOut": asked(f"{path}/readiness?as_of={_PROMISED}"),
        "TransitionsOut": asked(f"{path}/transitions?as_of={_PROMISED}"),
        "StatusChangeOut": asked(f"{path}/status-changes?to=in_force")["items"][0],
        "PositionOut": asked(f"{path}/positions/{position['id']}?as_of={_OPEN}"),
        "AttestationOut": position["attestations"][0],
        "TermsOut": asked(f"{path}/terms?as_of={_OPEN}"),
        "TermOut": asked(f"{path}/terms/destinations_and_free_choice?as_of={_OPEN}"),
        "WindowOut": asked(f"{path}/windows?as_of={_OPEN}")["items"][0],
        "RoutesOut": asked(f"{path}/routes?as_of={_OPEN}"),
        "CorridorReadiness": asked(f"{way}/readiness?as_of={_OPEN}"),
        "CorridorTransitions": asked(f"{way}/transitions?as_of={_OPEN}"),
        "CorridorStatusChangeOut": asked(f"{way}/status-changes?to=open")["items"][0],
    }


def _beside_it(asked: Ask, administrator: Ask) -> Mapping[str, Answer]:
    """Ask for the operation, for one of its sites and sources, and for who holds its tokens."""
    issued = administrator("/v1/tokens", _TOKEN)
    organisations = {each["short_name"]: each for each in asked("/v1/organisations")["items"]}
    sites = {each["kind"]: each for each in asked("/v1/sites")["items"]}
    [operation] = asked("/v1/operations")["items"]
    return {
        "Organisation": organisations["UN OCHA"],
        "Operation": operation,
        "Source": asked("/v1/sources")["items"][0],
        "Site": sites["besieged_site"],
        "Token": administrator(f"/v1/tokens/{issued['id']}"),
        "IssuedToken": issued | {"token": "the token itself, to be kept like a key"},
        "Principal": asked(f"/v1/operations/{operation['id']}/principals")["items"][0],
    }


def _event(auditor: Ask) -> Answer:
    """Ask for an event that says why, with the bytes of its record."""
    found = auditor("/v1/history?subject_kind=agreement&limit=1000")["items"]
    return next(
        event for event in found if event["aspects"].get("status", {}).get("to") == "in_force"
    )


def _of_changes(asked: Ask, anybody: Ask) -> Mapping[str, Answer]:
    """Propose an agreement that everybody may know of, and change its terms."""
    proposal = {
        "operation": "mariupol-2022",
        "title": _TITLE,
        "kind": "evacuation",
        "laterality": "bilateral",
        "purpose": "A further convoy",
        "sensitivity": "low",
        "parties": [
            {"organisation": "Russian MoD", "role": "required_party"},
            {"organisation": "Government of Ukraine", "role": "required_party"},
            {"organisation": "UN OCHA", "role": "facilitator"},
        ],
    }
    path = f"/v1/agreements/{asked('/v1/agreements', proposal)['id']}"

    def changed(method: str, below: str, body: Any) -> Answer:
        tag = asked(path, tagged="yes")["etag"]
        return asked(f"{path}/{below}", body, method=method, if_match=tag)

    return {
        "AgreementOutline": anybody(path),
        "TermsChanged": changed("PUT", "terms/checks", _TERM),
        "WindowChanged": changed("POST", "windows", _WINDOW),
    }


def _with_stand_ins(text: str) -> str:
    ids = _numbered(_ID, text)
    text = _ID.sub(lambda found: str(uuid5(NAMESPACE_URL, f"example {ids[found[0]]}")), text)
    hashes = _numbered(_HASH, text, lambda word: word[:12])
    text = _HASH.sub(lambda found: _hash(hashes[found[0][:12]])[: len(found[0])], text)
    return _RECORDED.sub("2022-05-09T09:00:00.000000Z", text)


def _hash(number: int) -> str:
    return sha256(f"example {number}".encode()).hexdigest()


def _numbered(
    pattern: re.Pattern[str], text: str, key: Callable[[str], str] = str
) -> dict[str, int]:
    """Number what is found, in the order of its first appearance."""
    found = dict.fromkeys(key(match) for match in pattern.findall(text))
    return {word: number for number, word in enumerate(found)}
