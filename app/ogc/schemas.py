"""What features of a collection hold, and what filters may ask about, as JSON Schema."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request, Response

from app.access.caller import CurrentCaller
from app.disclosure.fields import Field, readable
from app.http.route import StrictRoute
from app.ogc.answers import answer
from app.ogc.asked import AskedForm
from app.ogc.collections import Collection, Named
from app.ogc.links import ROOT, SCHEMA, base

router = APIRouter(route_class=StrictRoute, tags=["OGC API"])
_AT = f"{ROOT}/collections/{{collection_id}}"


@router.get(f"{_AT}/queryables")
async def read_queryables(
    request: Request, collection: Named, caller: CurrentCaller, form: AskedForm
) -> Response:
    """List what your filters may ask about: properties that you may be shown, whatever is stored."""
    fields = [each for each in readable(collection.fields, caller) if each.kind is not None]
    document = _schema(request, collection, "queryables", f"What to ask of: {collection.title}")
    return answer(form, document | {"properties": _properties(fields)}, kind=SCHEMA)


@router.get(f"{_AT}/schema")
async def read_schema(
    request: Request, collection: Named, caller: CurrentCaller, form: AskedForm
) -> Response:
    """Describe the features of a collection, as far as you may be shown them, whatever is stored."""
    fields = readable(collection.fields, caller)
    document = _schema(request, collection, "schema", collection.title)
    return answer(form, document | {"properties": _properties(fields, readOnly=True)}, kind=SCHEMA)


def _schema(request: Request, collection: Collection, name: str, title: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base(request)}{ROOT}/collections/{collection.id}/{name}",
        "title": title,
        "description": collection.description,
        "type": "object",
        "additionalProperties": False,
    }


def _properties(fields: Iterable[Field], **more: Any) -> dict[str, Any]:
    return {
        each.name: {"title": each.title, **each.schema, "x-ogc-propertySeq": number, **more}
        for number, each in enumerate(fields, start=1)
    }
