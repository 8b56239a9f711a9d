"""The description of `/ogc` in OpenAPI 3.0: what the test suites and most map clients read.

The framework writes 3.1. Of what it writes about these routes only the places differ in which 3.1
took over JSON Schema; they are turned back here.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI

from app.http.openapi import description
from app.ogc.links import GEOJSON, HTML, JSON, ROOT, SCHEMA

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
    schemas = components["schemas"]
    return {
        "openapi": "3.0.3",
        "info": {**whole["info"], "license": _LICENSE},
        "paths": _turned(paths, schemas),
        "components": {
            "schemas": {"Problem": _turned(schemas["Problem"], schemas)},
            "securitySchemes": components["securitySchemes"],
        },
    }


def _contents(path: str) -> dict[str, Any]:
    kind = GEOJSON if "/items" in path else JSON
    kind = SCHEMA if path.endswith(("/queryables", "/schema")) else kind
    document = {"schema": {"type": "object"}}
    return {kind: document, HTML: {"schema": {"type": "string"}}}


def _turned(value: Any, schemas: Mapping[str, Any]) -> Any:
    """Turn what 3.1 says in another way: null among types, examples, and a reference with more."""
    match value:
        case {"anyOf": [*kinds], **rest} if {"type": "null"} in kinds:
            (kind,) = [each for each in kinds if each != {"type": "null"}]
            return _turned({**rest, **kind, "nullable": True}, schemas)
        case {"$ref": str(address), **rest} if rest:
            return _turned({**schemas[address.rpartition("/")[2]], **rest}, schemas)
        case {"examples": [example, *_], **rest}:
            return _turned({**rest, "example": example}, schemas)
        case dict():
            return {name: _turned(each, schemas) for name, each in value.items()}
        case list():
            return [_turned(each, schemas) for each in value]
        case _:
            return value
