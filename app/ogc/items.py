"""Features of a collection: a page of them, or one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from typing_extensions import override

from app.access.caller import Caller, CurrentCaller
from app.access.resource import Asked, Truth
from app.disclosure import reading
from app.disclosure.mark import mark
from app.disclosure.overall import MOST_COUNTED, count
from app.disclosure.reading import FeatureText, Found, Question
from app.disclosure.releases import Released
from app.domain.instant import format_instant, parse_instant
from app.http.deps import Db, Now, PathId
from app.http.gates import Pace
from app.http.paging import PageWish, bad_cursor, next_page, read_cursor
from app.http.problems import not_found
from app.ogc import files, memento
from app.ogc.answers import answer, written
from app.ogc.asked import USUAL_LIMIT, AnswerForm, AskedLimit, AskedTime
from app.ogc.collections import Named
from app.ogc.crs import AskedBox, AskedCrs, Crs
from app.ogc.filtering import AskedFilter, read_filter
from app.ogc.forms import CONTENT, AskedFeatureForm, FileForm, alternates, may_have, require_form
from app.ogc.links import GEOJSON, HTML, JSON, ROOT, Links, itself, link
from app.ogc.shown import shown
from app.ogc.text import TextRoute, Values
from app.ogc.unchanged import NOT_MODIFIED, Had, standing, tag, unless_had
from app.operations import service as operations


class _ItemsRoute(TextRoute):
    """A feature is found at once, and a usual page of the present is brief.

    A filter and a count may look at all places there are, another time too where it finds nothing.
    """

    @override
    def pace(self, meant: Values) -> Pace:
        if isinstance(meant["form"], FileForm):
            return Pace.USUAL
        if "wish" in meant:
            return Pace.USUAL if self._is_slow(meant) else Pace.BRIEF
        is_plain = meant["form"] is AnswerForm.JSON and meant["crs"].is_stored
        return Pace.AT_ONCE if is_plain else Pace.BRIEF

    def _is_slow(self, page: Values) -> bool:
        picky = page["wanted"].text is not None or page["number_matched"] is not None
        return picky or page["wish"].limit > USUAL_LIMIT or not page["when"].is_now


router = APIRouter(route_class=_ItemsRoute, tags=["OGC API"])
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {GEOJSON: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}}
        | CONTENT
    },
    **NOT_MODIFIED,
}
"""What both routes answer, for the description of the API."""
ITEMS = f"{ROOT}/collections/{{collection_id}}/items"


async def _page(
    limit: AskedLimit = USUAL_LIMIT,
    cursor: Annotated[str | None, Query(description="from the link `next` of a page")] = None,
) -> PageWish:
    return PageWish(limit=limit, after=read_cursor(cursor) if cursor else None)


AskedPage = Annotated[PageWish, Depends(_page)]
"""Which page is asked for, `?limit=` and `?cursor=`."""


@router.get(ITEMS, responses=ANSWERS)
def list_items(
    _: Released,
    request: Request,
    db: Db,
    caller: CurrentCaller,
    now: Now,
    collection: Named,
    when: AskedTime,
    box: AskedBox,
    wanted: AskedFilter,
    wish: AskedPage,
    crs: AskedCrs,
    form: AskedFeatureForm,
    had: Had,
    operation: Annotated[Asked | None, Query(description="id or slug")] = None,
    number_matched: Annotated[
        Truth | None,
        Query(
            alias="number-matched",
            description=f"true: say how many there are in all, if at most {MOST_COUNTED}",
        ),
    ] = None,
) -> Response:
    """Give the features that you may see, each at most once and as exactly as you may see it.

    Nobody may move along a corridor whose `do_not_move` has reasons, or has none but was read
    after its `until`. The pages that follow show the state of the first one, but for `do_not_move`,
    which is always that of now. A file holds all features, or as many as `limit` says. KML and GPX
    are for the devices of drivers.
    """
    if isinstance(form, FileForm):
        require_form(caller, form)
        files.check(request, crs)
    after, pin = wish.key(UUID, parse_instant) or (None, None)
    question = Question(
        collection=collection.id,
        caller=caller,
        now=now,
        reading=when.reading,
        since=when.since,
        box=box,
        filter=read_filter(wanted, collection.id, caller),
        operation=operations.asked(db, caller, operation),
        after=after,
        pin=pin,
    )
    marked, question = mark(db, question)
    if pin is not None and pin > question.now:
        raise bad_cursor()  # none of ours is; it would make a past of what lies ahead
    tagged = tag(marked, form, question.caller)
    if isinstance(form, FileForm):
        make_file = partial(files.all_of, request, db, question, marked, form, tagged)
        return unless_had(request, had, marked, tagged, make_file)

    def make() -> Response:
        matched = count(db, replace(question, after=None)) if number_matched else None
        pinned = pin or marked.pin
        page = _Page(request, question.caller, form, crs, tagged, pinned, matched)
        if form is AnswerForm.JSON and crs.is_stored:
            return page.joined(reading.features(db, question, limit=wish.limit))
        return page.one_by_one(reading.find(db, question, limit=wish.limit + 1), wish.limit)

    return standing(request, had, marked, tagged, make)


@dataclass(frozen=True)
class _Page:
    """How a page of features is written.

    Attributes:
        pin: to what the pages after it are pinned.
        matched: how many features there are in all, where that was asked and can be told.
    """

    request: Request
    caller: Caller
    form: AnswerForm
    crs: Crs
    tagged: str
    pin: datetime
    matched: int | None

    def joined(self, page: FeatureText) -> Response:
        """Answer as the database joined it."""
        links = self._links(page.next)
        text = (
            f'{{"type":"FeatureCollection","features":[{page.features}],'
            f'"numberReturned":{page.count},{self._matched()}'
            f'"links":{orjson.dumps(links).decode()}}}'
        )
        return written(text, self._headers(links))

    def one_by_one(self, found: Sequence[Found], limit: int) -> Response:
        """Answer in another form or system, one by one; one more was looked for than is shown."""
        page = found[:limit]
        links = self._links(page[-1].id if len(found) > limit else None)
        document = {
            "type": "FeatureCollection",
            "features": [shown(one, self.crs, self.form) for one in page],
            "numberReturned": len(page),
            **({} if self.matched is None else {"numberMatched": self.matched}),
            "links": links,
        }
        return answer(self.form, document, self._headers(links), geojson=True)

    def _matched(self) -> str:
        return "" if self.matched is None else f'"numberMatched":{self.matched},'

    def _headers(self, links: Links) -> dict[str, str]:
        headers = {"ETag": self.tagged, **self.crs.header}
        last = links[-1]
        return (
            headers
            if last["rel"] != "next"
            else headers | {"Link": f'<{last["href"]}>; rel="next"'}
        )

    def _links(self, following: UUID | None) -> Links:
        links = itself(self.request, self.form, GEOJSON)
        links += alternates(self.request, self.caller)
        if following is not None:
            path = next_page(self.request, [str(following), format_instant(self.pin)])
            links.append(link(self.request, "next", path, links[0]["type"], "More"))
        return links


@router.get(ITEMS + "/{feature_id}", responses=ANSWERS)
def read_item(
    _: Released,
    request: Request,
    db: Db,
    caller: CurrentCaller,
    now: Now,
    collection: Named,
    feature_id: PathId,
    when: AskedTime,
    crs: AskedCrs,
    form: AskedFeatureForm,
    had: Had,
) -> Response:
    """Give one feature, as it is or as it was. A severe place is shown exactly only here.

    KML and GPX are for the devices of drivers.
    """
    if isinstance(form, FileForm):
        files.check(request, crs)
    question = Question(
        collection=collection.id,
        caller=caller,
        now=now,
        reading=when.reading,
        since=when.since,
        place=feature_id,
    )
    marked, question = mark(db, question)
    tagged = tag(marked, form, question.caller)

    def make() -> Response:
        found = collection.find(db, question)
        if found is None:
            raise not_found()
        require_form(question.caller, form)
        if isinstance(form, FileForm):
            return files.single(found, question, marked, form, tagged)
        at = f"{ROOT}/collections/{collection.id}"
        versions = memento.relations(request, question, found)
        links = [
            *itself(request, form, GEOJSON),
            *alternates(request, question.caller),
            link(request, "collection", at, JSON, collection.title),
            *versions,
        ]
        headers = {"ETag": tagged, **crs.header, **memento.headers(found, versions)}
        return answer(form, {**shown(found, crs, form), "links": links}, headers, geojson=True)

    its = had if may_have(question.caller, form) else ""
    return unless_had(request, its, marked, tagged, make)
