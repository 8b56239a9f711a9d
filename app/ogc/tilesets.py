"""What tiles of a collection there are: for clients of OGC API – Tiles, and as TileJSON 3.0."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query, Request, Response

from app.access.caller import Caller, CurrentCaller
from app.access.resource import Asked
from app.disclosure.fields import Field, readable
from app.domain.tiles.address import DEEPEST, NORTHERNMOST
from app.domain.tiles.properties import CODES, UNTIL
from app.http.route import StrictRoute
from app.ogc.answers import answer
from app.ogc.asked import AnswerForm, AskedForm, AskedTime, prefers_html
from app.ogc.collections import Collection, Named
from app.ogc.crs import WEB_MERCATOR
from app.ogc.filtering import AskedFilter, read_filter
from app.ogc.links import JSON, RELATION, ROOT, TILE, TILEJSON, Links, base, itself, link
from app.ogc.matrices import AT as MATRICES
from app.ogc.matrices import ID, URI
from app.ogc.matrices import TITLE as MATRIX_SET
from app.ogc.tiles import TILES

router = APIRouter(route_class=StrictRoute, tags=["OGC API"])
_BOX = [-180.0, -NORTHERNMOST, 180.0, NORTHERNMOST]
"""All of it: a smaller box would keep a client from looking where something is drawn later."""
_KINDS = {"number": "Number", "integer": "Number", "boolean": "Boolean"}


class TilesetForm(StrEnum):
    """A form in which a tileset is described."""

    JSON = "json"
    HTML = "html"
    TILEJSON = "tilejson"


@router.get(TILES)
async def list_tilesets(
    request: Request, collection: Named, _: CurrentCaller, form: AskedForm
) -> Response:
    """List the tilesets of a collection; there is one."""
    at = f"{ROOT}/collections/{collection.id}/tiles/{ID}"
    own = _about(collection) | {
        "links": [
            link(request, "self", at, JSON, _title(collection)),
            *_links(request, collection),
        ]
    }
    document = {"title": f"Tiles of: {collection.title}", "links": itself(request, form)}
    return answer(form, document | {"tilesets": [own]})


@router.get(f"{TILES}/{ID}")
async def read_tileset(
    request: Request,
    collection: Named,
    caller: CurrentCaller,
    wanted: AskedFilter,
    _: AskedTime,
    operation: Annotated[Asked | None, Query(description="id or slug")] = None,
    f: Annotated[
        TilesetForm | None, Query(description="json, html or tilejson, whatever Accept says")
    ] = None,
    accept: Annotated[str, Header(description="text/html gives a page for people")] = "",
) -> Response:
    """Describe the tiles of a collection; what you ask for beside `f` goes into the links to tiles."""
    read_filter(wanted, collection.id, caller)
    if f is TilesetForm.TILEJSON:
        return answer(AnswerForm.JSON, _tilejson(request, collection, caller), kind=TILEJSON)
    is_page = f is TilesetForm.HTML or (f is None and prefers_html(accept))
    form = AnswerForm.HTML if is_page else AnswerForm.JSON
    layer = {
        "id": collection.id,
        "title": collection.title,
        "dataType": "vector",
        "propertiesSchema": {
            "type": "object",
            "properties": {each.name: each.schema for each in _told(collection, caller)},
        },
    }
    links = [*itself(request, form), *_links(request, collection)]
    return answer(form, _about(collection) | {"layers": [layer], "links": links})


def _about(collection: Collection) -> dict[str, Any]:
    return {
        "title": _title(collection),
        "dataType": "vector",
        "crs": WEB_MERCATOR,
        "tileMatrixSetURI": URI,
    }


def _title(collection: Collection) -> str:
    return f"{collection.title} as vector tiles"


def _links(request: Request, collection: Collection) -> Links:
    at = f"{ROOT}/collections/{collection.id}/tiles/{ID}"
    one = _address(request, collection, "{tileMatrix}/{tileRow}/{tileCol}")
    return [
        link(request, f"{RELATION}/tiling-scheme", f"{MATRICES}/{ID}", JSON, MATRIX_SET),
        link(request, "item", one, TILE, "A tile: zoom, row, column") | {"templated": True},
        link(request, "describedby", f"{at}?f=tilejson", TILEJSON, "As TileJSON"),
    ]


def _address(request: Request, collection: Collection, tile: str) -> str:
    """Give the template of tiles, with what the client asks for beside the form."""
    pairs = [pair for pair in request.query_params.multi_items() if pair[0] != "f"]
    path = f"{ROOT}/collections/{collection.id}/tiles/{ID}/{tile}"
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _tilejson(request: Request, collection: Collection, caller: Caller) -> dict[str, Any]:
    layer = {
        "id": collection.id,
        "description": collection.description,
        "minzoom": 0,
        "maxzoom": DEEPEST,
        "fields": {each.name: _kind(each) for each in _told(collection, caller)},
    }
    return {
        "tilejson": "3.0.0",
        "name": _title(collection),
        "description": collection.description,
        "scheme": "xyz",
        "tiles": [base(request) + _address(request, collection, "{z}/{y}/{x}")],
        "minzoom": 0,
        "maxzoom": DEEPEST,
        "bounds": _BOX,
        "vector_layers": [layer],
    }


def _told(collection: Collection, caller: Caller) -> Iterable[Field]:
    """Give what features of a tile may hold: no geometry among it, and nothing nested."""
    for each in readable(collection.fields, caller):
        if each.name == "geometry":
            continue
        yield each
        if each.name == "do_not_move":
            yield Field(name=CODES, title="Codes of why nobody may move, with commas between")
            yield Field(name=UNTIL, title="Until when it is known whether people may move")


def _kind(field: Field) -> str:
    return _KINDS.get(str(field.schema.get("type")), "String")
