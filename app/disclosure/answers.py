"""Answers about places: lists and single ones, as JSON or as GeoJSON, as one reader sees them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Header, Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from app.access.caller import Caller
from app.access.resource import State
from app.disclosure import reading
from app.disclosure.reading import Found, Question
from app.disclosure.versions import Head, heads
from app.domain.geometry.box import Box, read_box
from app.domain.instant import format_instant
from app.http.deps import AskedTimes
from app.http.paging import PageWish, next_page
from app.http.problems import Fault, unreadable
from app.http.versions import etag, etag_then
from app.ledger.reading import Reading

GEOJSON = "application/geo+json"
FEATURES: dict[int | str, dict[str, Any]] = {
    200: {"content": {GEOJSON: {"schema": {"type": "object"}}}}
}
"""What routes of places answer besides JSON, for the description of the API."""
_VARY = {"Vary": "Accept, Authorization"}


async def _box(
    bbox: Annotated[
        str | None,
        Query(
            description="west,south,east,north in degrees (OGC CRS84), or six numbers with "
            "heights; west greater than east crosses the antimeridian. Tested on the geometry "
            "that you may see",
            examples=["34.9,46.5,38.1,48.0"],
        ),
    ] = None,
) -> Box | None:
    try:
        return read_box(bbox) if bbox is not None else None
    except ValueError as error:
        raise unreadable(Fault(pointer="query/bbox", message=str(error))) from None


AskedBox = Annotated[Box | None, Depends(_box)]
"""The box of a question, `?bbox=`."""


async def _as_geojson(
    accept: Annotated[
        str, Header(description="application/geo+json gives what map clients read")
    ] = "",
) -> bool:
    return prefers_geojson(accept)


AsGeojson = Annotated[bool, Depends(_as_geojson)]
"""Whether the reader asks for GeoJSON."""


def prefers_geojson(accept: str) -> bool:
    """Tell whether an Accept header asks for GeoJSON rather than for plain JSON."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (each.strip().lower() for each in part.split(";"))
        weights[kind] = min((_weight(p) for p in parameters if p.startswith("q=")), default=1.0)
    return weights.get(GEOJSON, 0.0) > weights.get("application/json", 0.0)


def _weight(parameter: str) -> float:
    try:
        return float(parameter.removeprefix("q="))
    except ValueError:
        return 0.0


def page(
    request: Request, db: Session, question: Question, wish: PageWish, *, geojson: bool
) -> Response:
    """Answer a page of places by their ids."""
    key = wish.key(UUID)
    question = replace(question, after=key[0] if key else None)
    if geojson:
        return _features(request, db, question, wish)
    found = reading.find(db, question, limit=wish.limit + 1)
    shown = found[: wish.limit]
    known = heads(db, shown, question.reading)
    items = [document(one, known[one.id]) for one in shown]
    following = next_page(request, [str(shown[-1].id)]) if len(found) > wish.limit else None
    body = orjson.dumps({"items": items, "next": following})
    return Response(body, headers=_headers(following), media_type="application/json")


def _features(request: Request, db: Session, question: Question, wish: PageWish) -> Response:
    found = reading.features(db, question, limit=wish.limit)
    following = next_page(request, [str(found.next)]) if found.next else None
    links = [{"rel": "next", "type": GEOJSON, "href": following}] if following else []
    text = (
        f'{{"type":"FeatureCollection","features":[{found.features}],'
        f'"numberReturned":{found.count},"links":{orjson.dumps(links).decode()}}}'
    )
    return Response(text, headers=_headers(following), media_type=GEOJSON)


def _headers(following: str | None) -> dict[str, str]:
    return _VARY | ({"Link": f'<{following}>; rel="next"'} if following else {})


def one(
    db: Session,
    question: Question,
    found: Found,
    times: AskedTimes,
    *,
    geojson: bool,
    **more: Any,
) -> Response:
    """Answer one place.

    Args:
        more: members that only a single place shows, in JSON.
    """
    head = heads(db, [found], question.reading)[found.id]
    headers = {"ETag": etag_then(head.version, as_of=times.as_of, known_at=times.known_at)}
    if geojson:
        return Response(
            orjson.dumps(as_feature(found, orjson.Fragment)),
            headers=headers | _VARY,
            media_type=GEOJSON,
        )
    return about(db, question, found, times, {**document(found, head), **more})


def about(
    db: Session, question: Question, found: Found, times: AskedTimes, body: dict[str, Any]
) -> Response:
    """Answer something about one place, under the version of that place."""
    head = heads(db, [found], question.reading)[found.id]
    headers = {"ETag": etag_then(head.version, as_of=times.as_of, known_at=times.known_at)}
    return Response(orjson.dumps(body), headers=headers | _VARY, media_type="application/json")


def as_feature(found: Found, shape: Callable[[str], Any] = orjson.loads) -> dict[str, Any]:
    """Give a place as a GeoJSON feature.

    Args:
        shape: makes its geometry of the text; `orjson.Fragment` where that is to be written as it is.
    """
    until = found.valid_until
    properties: dict[str, Any] = {
        **_fields(found),
        "valid_from": format_instant(found.valid_from),
        "valid_until": format_instant(until) if until else None,
    }
    if found.do_not_move is not None:
        properties["do_not_move"] = _members(found.do_not_move)
    return {
        "type": "Feature",
        "id": str(found.id),
        "geometry": shape(found.geojson),
        "properties": properties,
    }


def _fields(found: Found) -> dict[str, Any]:
    if found.do_not_move is None:
        return _members(found.properties)
    agreement = str(found.agreement) if found.agreement else None
    return {**_members(found.properties), "agreement": agreement}


def document(found: Found, head: Head) -> dict[str, Any]:
    """Show a place as JSON: its fields, its geometry, and which version this is."""
    shown: dict[str, Any] = {"id": str(found.id), **_fields(found)}
    shown["geometry"] = orjson.loads(found.geojson)
    if found.do_not_move is not None:
        shown["do_not_move"] = _members(found.do_not_move)
    shown["version"] = head.version
    shown["recorded_at"] = format_instant(head.recorded_at)
    if head.recorded_by is not None:
        shown["recorded_by"] = str(head.recorded_by)
    return shown


def changed(
    db: Session,
    caller: Caller,
    collection: str,
    state: State,
    find: Callable[[Session, Question], Found | None],
    *,
    at: str | None = None,
) -> Response:
    """Answer a change with what it left, as its author may see it.

    Args:
        at: the address of the collection where the change made a new place.
    """
    question = Question(
        collection=collection,
        caller=caller,
        now=max(datetime.now(UTC), state.recorded_at),
        reading=Reading(as_of=state.recorded_at, known_at=state.recorded_at),
        place=state.id,
    )
    found = find(db, question)
    head = heads(db, [found], question.reading)[state.id] if found else None
    shown: dict[str, Any] = document(found, head) if found and head else {"id": str(state.id)}
    shown["warnings"] = [{"code": w.code, "message": w.message} for w in state.warnings]
    headers = {"ETag": etag(head.version if head else 1), **_VARY}
    if at is not None:
        headers["Location"] = f"{at}/{state.id}"
    return Response(
        orjson.dumps(shown),
        status_code=200 if at is None else 201,
        headers=headers,
        media_type="application/json",
    )


def _members(text: str) -> dict[str, Any]:
    members: dict[str, Any] = orjson.loads(f"{{{text}}}")
    return members
