"""The description of `/ogc` in OpenAPI 3.0: what the test suites and most map clients read.

The framework writes 3.1. Of what it writes about these routes only the places differ in which 3.1
took over JSON Schema; they are turned back here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from fastapi import FastAPI

from app.http.openapi import description
from app.ogc.collections import COLLECTIONS
from app.ogc.forms import CONTENT
from app.ogc.links import GEOJSON, HTML, JSON, ROOT, SCHEMA, TILE, TILEJSON
from app.ogc.matrices import ID

_NAME = "collection_id"
_BOX = {
    "type": "array",
    "minItems": 4,
    "maxItems": 6,
    "items": {"type": "number"},
    "example": [34.9, 46.5, 38.1, 48.0],
}
_LICENSE = {"name": "As agreed with the operator of this service"}


def described(app: FastAPI) -> bytes:
    """Describe the routes under `/ogc` as JSON; made once."""
    made: bytes | None = getattr(app.state, "ogc_description", None)
    if made is None:
        made = app.state.ogc_description = orjson.dumps(_of(orjson.loads(description(app))))
    return made


def _of(whole: dict[str, Any]) -> dict[str, Any]:
    own = {path: about for path, about in whole["paths"].items() if path.startswith(ROOT)}
    paths: dict[str, Any] = {}
    for path, operations in own.items():
        for operation in operations.values():
            operation["responses"]["200"]["content"] = _contents(path)
        paths |= dict(_of_each_collection(path.removeprefix(ROOT) or "/", operations))
    components = whole["components"]
    schemas = components["schemas"]
    return {
        "openapi": "3.0.3",
        "info": {**whole["info"], "license": _LICENSE},
        "servers": [{"url": ROOT}],
        "paths": _turned(paths, schemas),
        "components": {
            "schemas": {"Problem": _turned(schemas["Problem"], schemas)},
            "securitySchemes": components["securitySchemes"],
        },
    }


def _contents(path: str) -> dict[str, Any]:
    if path.endswith("/{x}"):
        return {TILE: {"schema": {"type": "string", "format": "binary"}}}
    kind = GEOJSON if "/items" in path else JSON
    kind = SCHEMA if path.endswith(("/queryables", "/schema")) else kind
    document = {"schema": {"type": "object"}}
    text = {"schema": {"type": "string"}}
    files = CONTENT if path.endswith(("/items", "/{feature_id}")) else {}
    if path.endswith(f"/tiles/{ID}"):
        files = {TILEJSON: document}
    return {kind: document, HTML: text, **files}


def _of_each_collection(path: str, operations: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give a path for each collection by its name: so GDAL and OGC's tests look for parameters."""
    if _NAME not in path:
        yield path, {name: _for(each, "") for name, each in operations.items()}
        return
    for id in COLLECTIONS:
        its = {name: _for(each, id) for name, each in operations.items()}
        yield path.replace(f"{{{_NAME}}}", id), its


def _for(operation: dict[str, Any], collection: str) -> dict[str, Any]:
    """Describe an operation on one collection, its parameters in the words of the standard."""
    asked = [
        _in_standard_words(each)
        for each in operation.get("parameters", ())
        if each["name"] != _NAME
    ]
    named = "_".join(filter(None, (operation["operationId"], collection)))
    return {**operation, "operationId": named, "parameters": asked}


def _in_standard_words(parameter: dict[str, Any]) -> dict[str, Any]:
    """Say that numbers of a box come with commas (requirement /req/core/fc-bbox-definition)."""
    if parameter["in"] != "query":
        return parameter
    schema = _BOX if parameter["name"] == "bbox" else parameter["schema"]
    return {**parameter, "schema": schema, "style": "form", "explode": False}


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
