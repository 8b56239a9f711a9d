"""The landing page, what it conforms to, and which collections there are."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from app.access.caller import Caller, CurrentCaller
from app.disclosure.mark import mark
from app.disclosure.overall import extent
from app.disclosure.reading import Question
from app.disclosure.releases import Released
from app.domain.instant import format_instant
from app.http.deps import Db, Now
from app.http.route import StrictRoute
from app.ogc import description, matrices
from app.ogc.answers import answer
from app.ogc.asked import AskedForm
from app.ogc.collections import COLLECTIONS, CONFORMS_TO, Collection, Named
from app.ogc.crs import CRS84, SUPPORTED
from app.ogc.forms import alternates
from app.ogc.links import GEOJSON, HTML, JSON, OPENAPI, RELATION, ROOT, SCHEMA, Links, itself, link
from app.ogc.unchanged import NOT_MODIFIED, Had, standing, tag

router = APIRouter(route_class=StrictRoute, tags=["OGC API"])
_ANY = next(iter(COLLECTIONS))
"""What is counted for a reader is counted for all collections."""


@router.get(ROOT)
@router.get(f"{ROOT}/")
async def read_landing_page(request: Request, form: AskedForm) -> Response:
    """Start here: links to everything that map clients read."""
    return answer(
        form,
        {
            "title": "Safe Passage",
            "description": "Humanitarian corridors and evacuation sites, each as its reader may "
            "see it, on the axes of validity and of record.",
            "links": [
                *itself(request, form),
                link(request, "service-desc", f"{ROOT}/api", OPENAPI, "This API in OpenAPI 3.0"),
                link(request, "service-doc", "/docs", HTML, "The API for people"),
                link(request, "conformance", f"{ROOT}/conformance", JSON, "What it conforms to"),
                link(request, "data", f"{ROOT}/collections", JSON, "The collections"),
                link(
                    request,
                    f"{RELATION}/tiling-schemes",
                    matrices.AT,
                    JSON,
                    "How the world is cut into tiles",
                ),
            ],
        },
    )


@router.get(f"{ROOT}/conformance")
async def read_conformance(form: AskedForm) -> Response:
    """List the conformance classes that are met."""
    return answer(form, {"title": "Conformance", "conformsTo": CONFORMS_TO})


@router.get(f"{ROOT}/api")
def read_description(request: Request) -> Response:
    """Describe this API in OpenAPI 3.0, which map clients read; `/openapi.json` is 3.1."""
    return Response(description.described(request.app), media_type=OPENAPI)


@router.get(f"{ROOT}/collections", responses=NOT_MODIFIED)
def list_collections(
    _: Released,
    request: Request,
    db: Db,
    caller: CurrentCaller,
    now: Now,
    form: AskedForm,
    had: Had,
) -> Response:
    """List the collections, each with what encloses the features that you may see now."""
    marked, question = mark(db, Question(collection=_ANY, caller=caller, now=now))
    tagged = tag(marked, form, caller)

    def make() -> Response:
        collections = [
            _about(request, each, _to(request, each, caller), _extent(db, question, each))
            for each in COLLECTIONS.values()
        ]
        document = {
            "title": "Collections",
            "links": itself(request, form),
            "crs": SUPPORTED,
            "collections": collections,
        }
        return answer(form, document, {"ETag": tagged})

    return standing(request, had, marked, tagged, make)


@router.get(f"{ROOT}/collections/{{collection_id}}", responses=NOT_MODIFIED)
def read_collection(
    _: Released,
    request: Request,
    db: Db,
    collection: Named,
    caller: CurrentCaller,
    now: Now,
    form: AskedForm,
    had: Had,
) -> Response:
    """Show one collection, with what encloses the features that you may see now."""
    marked, question = mark(db, Question(collection=collection.id, caller=caller, now=now))
    tagged = tag(marked, form, caller)

    def make() -> Response:
        links = [*itself(request, form), *_to(request, collection, caller)[1:]]
        document = _about(request, collection, links, _extent(db, question, collection))
        return answer(form, document, {"ETag": tagged})

    return standing(request, had, marked, tagged, make)


def _about(
    request: Request, collection: Collection, links: Links, extent: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "id": collection.id,
        "title": collection.title,
        "description": collection.description,
        "itemType": "feature",
        **extent,
        "crs": SUPPORTED,
        "storageCrs": CRS84,
        "links": links,
    }


def _extent(db: Session, question: Question, collection: Collection) -> dict[str, Any]:
    """Give it as /req/core/fc-md-extent asks; nothing where the reader sees no place."""
    found = extent(db, replace(question, collection=collection.id))
    shown: dict[str, Any] = {}
    if found.box is not None:
        shown["spatial"] = {"bbox": [found.box], "crs": CRS84}
    if found.since is not None:
        shown["temporal"] = {"interval": [[format_instant(found.since), None]]}
    return {"extent": shown} if shown else {}


def _to(request: Request, collection: Collection, caller: Caller) -> Links:
    at = f"{ROOT}/collections/{collection.id}"
    return [
        link(request, "self", at, JSON, collection.title),
        link(request, "items", f"{at}/items", GEOJSON, f"{collection.title} as GeoJSON"),
        link(request, "items", f"{at}/items?f=html", HTML, f"{collection.title} for people"),
        *alternates(request, caller, f"{at}/items", rel="items"),
        link(request, f"{RELATION}/schema", f"{at}/schema", SCHEMA, "What the features hold"),
        link(request, f"{RELATION}/queryables", f"{at}/queryables", SCHEMA, "What filters may ask"),
        link(request, f"{RELATION}/tilesets-vector", f"{at}/tiles", JSON, "Vector tiles"),
    ]
