"""The description of the API (OpenAPI 3.1), made at the first request for it.

Its examples of answers stand in `answers.json`, as the service gave them for the Azovstal case.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI

ANSWERS = Path(__file__).with_name("answers.json")
"""Examples by the name of their schema."""
_LIST = re.compile(r"Listing_(?:Union_)?([A-Za-z]+)_")
_NAMED = re.compile(r'"#/components/schemas/([^"]+)"')
_PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457); `type` is the page that explains it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/stale-version"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "unmet": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_ANSWER = {
    "description": "A problem; nothing was stored, unless it says that the outcome is unknown",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_FRAMEWORK = ("HTTPValidationError", "ValidationError")


def description(app: FastAPI) -> bytes:
    """Describe the API as JSON; made once."""
    made: bytes | None = getattr(app.state, "openapi", None)
    if made is None:
        made = app.state.openapi = orjson.dumps(_complete(app.openapi()))
    return made


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    return _without_unnamed(_with_answers(_with_problems(document)))


def _without_unnamed(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out schemas that nothing names: what a body is read into, for instance."""
    schemas = document["components"]["schemas"]
    while unnamed := schemas.keys() - set(_NAMED.findall(orjson.dumps(document).decode())):
        for name in unnamed:
            del schemas[name]
    return document


def _with_answers(document: dict[str, Any]) -> dict[str, Any]:
    """Show of every answer how it looks for the case, and of every list a first page."""
    schemas = document["components"]["schemas"]
    shown = orjson.loads(ANSWERS.read_bytes())
    for name in schemas.keys() & shown.keys():  # an application of some routes has some of them
        schemas[name]["examples"] = [shown[name]]
    for name, item in _lists(schemas):
        examples = schemas[item].get("examples", [])[:1]
        schemas[name]["examples"] = [{"items": examples, "next": None}]
    return document


def _lists(schemas: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name the schemas of lists, each with that of its first kind of item."""
    for name in schemas:
        listed = _LIST.match(name)
        if listed:
            yield name, listed[1]


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Say of every operation that its errors are problem documents."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORK:
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _ANSWER
    return document
