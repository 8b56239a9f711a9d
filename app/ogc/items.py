"""Features of a collection: a page of them, or one."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from app.access.caller import CurrentCaller
from app.access.resource import Asked
from app.disclosure import reading
from app.disclosure.answers import as_feature
from app.disclosure.reading import Found, Question
from app.disclosure.releases import Released
from app.http.deps import Db, Now, PathId
from app.http.paging import PageWish, next_page, read_cursor
from app.http.problems import not_found
from app.http.route import StrictRoute
from app.ogc.answers import answer, written
from app.ogc.asked import USUAL_LIMIT, AnswerForm, AskedForm, AskedLimit, AskedTime
from app.ogc.collections import Named
from app.ogc.crs import AskedBox, AskedCrs, Crs
from app.ogc.filtering import AskedFilter, read_filter
from app.ogc.links import GEOJSON, JSON, ROOT, Links, itself, link
from app.operations import service as operations

router = APIRouter(route_class=StrictRoute, tags=["OGC API"])
ITEMS = f"{ROOT}/collections/{{collection_id}}/items"


async def _asked(collection: Named, caller: CurrentCaller, now: Now, when: AskedTime) -> Question:
    return Question(
        collection=collection.id,
        caller=caller,
        now=now,
        reading=when.reading,
        since=when.since,
    )


AskedQuestion = Annotated[Question, Depends(_asked)]
"""What both routes ask: of which collection, by whom, and about which time."""


async def _page(
    limit: AskedLimit = USUAL_LIMIT,
    cursor: Annotated[str | None, Query(description="from the link `next` of a page")] = None,
) -> PageWish:
    return PageWish(limit=limit, after=read_cursor(cursor) if cursor else None)


@router.get(ITEMS)
def list_items(
    _: Released,
    request: Request,
    db: Db,
    question: AskedQuestion,
    box: AskedBox,
    wanted: AskedFilter,
    wish: Annotated[PageWish, Depends(_page)],
    crs: AskedCrs,
    form: AskedForm,
    operation: Annotated[Asked | None, Query(description="id or slug")] = None,
) -> Response:
    """Give the features that you may see, each at most once and as exactly as you may see it.

    Nobody may move along a corridor whose `do_not_move` has reasons, or has none but was read
    after its `until`.
    """
    key = wish.key(UUID)
    question = replace(
        question,
        box=box,
        filter=read_filter(wanted, question.collection, question.caller),
        operation=operations.asked(db, question.caller, operation),
        after=key[0] if key else None,
    )
    if form is AnswerForm.JSON and crs.is_stored:
        return _joined(request, db, question, wish, crs)
    found = reading.find(db, question, limit=wish.limit + 1)
    shown = found[: wish.limit]
    links = _links(request, form, shown[-1].id if len(found) > wish.limit else None)
    document = {
        "type": "FeatureCollection",
        "features": [_feature(one, crs) for one in shown],
        "numberReturned": len(shown),
        "links": links,
    }
    return answer(form, document, _headers(crs, links), geojson=True)


def _joined(request: Request, db: Db, question: Question, wish: PageWish, crs: Crs) -> Response:
    """Answer as the database joined it."""
    page = reading.features(db, question, limit=wish.limit)
    links = _links(request, AnswerForm.JSON, page.next)
    text = (
        f'{{"type":"FeatureCollection","features":[{page.features}],'
        f'"numberReturned":{page.count},"links":{orjson.dumps(links).decode()}}}'
    )
    return written(text, _headers(crs, links))


def _headers(crs: Crs, links: Links) -> dict[str, str]:
    last = links[-1]
    if last["rel"] != "next":
        return crs.header
    return {**crs.header, "Link": f'<{last["href"]}>; rel="next"'}


def _links(request: Request, form: AnswerForm, following: UUID | None) -> Links:
    links = itself(request, form, GEOJSON)
    if following is not None:
        kind = links[0]["type"]
        links.append(link(request, "next", next_page(request, [str(following)]), kind, "More"))
    return links


@router.get(ITEMS + "/{feature_id}")
def read_item(
    _: Released,
    request: Request,
    db: Db,
    collection: Named,
    feature_id: PathId,
    question: AskedQuestion,
    crs: AskedCrs,
    form: AskedForm,
) -> Response:
    """Give one feature, as it is or as it was. A severe place is shown exactly only here."""
    found = collection.find(db, replace(question, place=feature_id))
    if found is None:
        raise not_found()
    links = [
        *itself(request, form, GEOJSON),
        link(request, "collection", f"{ROOT}/collections/{collection.id}", JSON, collection.title),
    ]
    document = {**_feature(found, crs), "links": links}
    return answer(form, document, crs.header, geojson=True)


def _feature(found: Found, crs: Crs) -> dict[str, Any]:
    feature = as_feature(found)
    return {**feature, "geometry": crs.show(feature["geometry"])}
