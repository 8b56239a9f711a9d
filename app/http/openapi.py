"""The description of the API (OpenAPI 3.1), made at the first request for it."""

from typing import Any

import orjson
from fastapi import FastAPI

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
        made = app.state.openapi = orjson.dumps(_with_problems(app.openapi()))
    return made


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
