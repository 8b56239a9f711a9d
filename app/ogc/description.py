"""The description of `/ogc` in OpenAPI 3.0: what the test suites and most map clients read.

The framework writes 3.1. Of what it writes about these routes only the places differ in which 3.1
took over JSON Schema; they are turned back here.
"""

from typing import Any

import orjson
from fastapi import FastAPI

from app.http.openapi import description
from app.ogc.links import GEOJSON, HTML, JSON, ROOT

_LICENSE = {"name": "As agreed with the operator of this service"}


def described(app: FastAPI) -> bytes:
    """Describe the routes under `/ogc` as JSON; made once."""
    made: bytes | None = getattr(app.state, "ogc_description", None)
    if made is None:
        made = app.state.ogc_description = orjson.dumps(_of(orjson.loads(description(app))))
    return made


def _of(whole: dict[str, Any]) -> dict[str, Any]:
    paths = {path: about for path, about in whole["paths"].items() if path.startswith(ROOT)}
    for path, operations in paths.items():
        for operation in operations.values():
            operation["responses"]["200"]["content"] = _contents(path)
    components = whole["components"]
    return {
        "openapi": "3.0.3",
        "info": {**whole["info"], "license": _LICENSE},
        "paths": _turned(paths),
        "components": {
            "schemas": {"Problem": _turned(components["schemas"]["Problem"])},
            "securitySchemes": components["securitySchemes"],
        },
    }


def _contents(path: str) -> dict[str, Any]:
    kind = GEOJSON if "/items" in path else JSON
    document = {"schema": {"type": "object"}}
    return {kind: document, HTML: {"schema": {"type": "string"}}}


def _turned(value: Any) -> Any:
    """Turn what 3.1 says in another way: null among types, and examples."""
    match value:
        case {"anyOf": [*kinds], **rest} if {"type": "null"} in kinds:
            (kind,) = [each for each in kinds if each != {"type": "null"}]
            return _turned({**rest, **kind, "nullable": True})
        case {"examples": [example, *_], **rest}:
            return _turned({**rest, "example": example})
        case {"const": only, **rest}:
            return _turned({**rest, "enum": [only]})
        case dict():
            return {name: _turned(each) for name, each in value.items()}
        case list():
            return [_turned(each) for each in value]
        case _:
            return value
