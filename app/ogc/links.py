"""Links of OGC APIs: absolute, from the address by which the client reached the service."""

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from app.ogc.asked import AnswerForm

GEOJSON = "application/geo+json"
JSON = "application/json"
HTML = "text/html"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
TILE = "application/vnd.mapbox-vector-tile"
TILEJSON = "application/vnd.mapbox.tile+json"
ROOT = "/ogc"
RELATION = "http://www.opengis.net/def/rel/ogc/1.0"
_HOST = re.compile(r"[A-Za-z0-9.-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
_BASE = "passage.base"
"""Where a request keeps it: a page has a dozen links."""

Links = list[dict[str, Any]]


def base(request: Request) -> str:
    """Give scheme and host, as they are set or else as the client came.

    Nothing, so that links are relative, where its `Host` names none.
    """
    found: str | None = request.scope.get(_BASE)
    if found is None:
        found = request.scope[_BASE] = request.app.state.public_url or _as_it_came(request)
    return found


def _as_it_came(request: Request) -> str:
    host = request.headers.get("host", "")
    return f"{request.scope['scheme']}://{host}" if _HOST.fullmatch(host) else ""


def link(request: Request, rel: str, path: str, kind: str, title: str) -> dict[str, Any]:
    """Make a link to a path of this service."""
    return {"href": base(request) + path, "rel": rel, "type": kind, "title": title}


def itself(request: Request, form: AnswerForm, kind: str = JSON) -> Links:
    """Link an answer to itself and to its other form (requirement /req/core/fc-links).

    Args:
        kind: what it is where it is no page for people.
    """
    kinds = {AnswerForm.JSON: kind, AnswerForm.HTML: HTML}
    other = AnswerForm.JSON if form is AnswerForm.HTML else AnswerForm.HTML
    there = in_form(address(request, without=("f",)), other)
    return [
        link(request, "self", address(request), kinds[form], "This document"),
        link(request, "alternate", there, kinds[other], "In another form"),
    ]


def address(request: Request, *, without: Collection[str] = ()) -> str:
    """Give the address of a request.

    Args:
        without: parameters that are left out.
    """
    pairs = request.query_params.multi_items() if request.scope["query_string"] else []
    query = urlencode([pair for pair in pairs if pair[0] not in without])
    path: str = request.scope["path"]
    return f"{path}?{query}" if query else path


def in_form(address: str, form: StrEnum) -> str:
    """Ask for what is at an address in a form."""
    return f"{address}{'&' if '?' in address else '?'}f={form.value}"
