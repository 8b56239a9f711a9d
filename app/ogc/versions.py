"""The versions of one feature, on the axes of validity and of record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from app.access.caller import CurrentCaller
from app.disclosure import past
from app.disclosure.mark import mark
from app.disclosure.past import Version
from app.disclosure.reading import Question
from app.disclosure.releases import Released
from app.disclosure.tables import FOREVER
from app.domain.instant import format_instant, parse_instant
from app.domain.interval import Interval, read_interval
from app.http.deps import Db, Now, PathId
from app.http.paging import PageWish, next_page
from app.http.problems import Fault, not_found, unreadable
from app.ogc import memento
from app.ogc.answers import answer
from app.ogc.asked import AnswerForm, AskedForm
from app.ogc.collections import Named
from app.ogc.crs import AskedCrs, Crs
from app.ogc.items import ITEMS, AskedPage
from app.ogc.links import GEOJSON, Links, itself, link
from app.ogc.shown import shown
from app.ogc.text import TextRoute
from app.ogc.unchanged import NOT_MODIFIED, Had, standing, tag

router = APIRouter(route_class=TextRoute, tags=["OGC API"])
_INTERVAL = "2022-04-26T00:00:00Z/.."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which versions are wanted.

    Attributes:
        valid: those that held at some instant of it; None for all.
        known: those that were on record at some instant of it; None for those that are now.
    """

    valid: Interval | None
    known: Interval | None

    @property
    def known_by(self) -> datetime:
        """The last instant of the record that is asked about."""
        return (self.known and self.known.end) or FOREVER

    def wants(self, version: Version) -> bool:
        """Tell whether a version is among them."""
        if self.valid is not None and not past.meets(version.valid, self.valid):
            return False
        if self.known is None:
            return version.recorded.end == FOREVER
        return past.meets(version.recorded, self.known)


async def _times(
    datetime_: Annotated[
        str | None,
        Query(
            alias="datetime",
            description="versions that held then: an instant, or an interval with /",
            examples=["2022-04-30T12:00:00Z", _INTERVAL],
        ),
    ] = None,
    known_at: Annotated[
        str | None,
        Query(
            alias="known-at",
            description="versions that were on record then: an instant, or an interval with / to "
            "have also those that were replaced in it; without it those that are on record now",
            examples=["2022-05-01T12:00:00Z", _INTERVAL],
        ),
    ] = None,
) -> Asked:
    return Asked(valid=_read("datetime", datetime_), known=_read("known-at", known_at))


def _read(name: str, text: str | None) -> Interval | None:
    try:
        return None if text is None else read_interval(text)
    except ValueError as error:
        raise unreadable(Fault(pointer=f"query/{name}", message=str(error))) from None


@router.get(ITEMS + "/{feature_id}/versions", responses=NOT_MODIFIED)
def list_versions(
    _: Released,
    request: Request,
    db: Db,
    caller: CurrentCaller,
    now: Now,
    collection: Named,
    feature_id: PathId,
    asked: Annotated[Asked, Depends(_times)],
    wish: AskedPage,
    crs: AskedCrs,
    form: AskedForm,
    had: Had,
) -> Response:
    """Give the versions of one feature that you may see, by when they held and were recorded.

    Each is what the single feature shows at `valid_from` as known at `recorded_from`, where its
    link leads. A severe place is shown roughly here, and exactly there.
    """
    question = Question(collection=collection.id, caller=caller, now=now, place=feature_id)
    marked, question = mark(db, question)
    tagged = tag(marked, form, caller)

    def make() -> Response:
        every = past.versions(db, question)
        if not every:
            raise not_found()
        wanted = _after([one for one in every if asked.wants(one)], wish)
        page = Page(collection=collection.id, every=every, shown=wanted[: wish.limit])
        links = page.links(request, form)
        headers = {"ETag": tagged, **crs.header}
        if len(wanted) > wish.limit:
            key = [format_instant(at) for at in page.shown[-1].key]
            links.append(link(request, "next", next_page(request, key), links[0]["type"], "More"))
            headers["Link"] = f'<{links[-1]["href"]}>; rel="next"'
        document = {
            "type": "FeatureCollection",
            "features": page.features(request, db, asked, crs, form),
            "numberReturned": len(page.shown),
            "links": links,
        }
        return answer(form, document, headers, geojson=True)

    return standing(request, had, marked, tagged, make)


def _after(versions: list[Version], wish: PageWish) -> list[Version]:
    key = wish.key(parse_instant, parse_instant)
    return versions if key is None else [one for one in versions if one.key > key]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some of the versions of a feature, each with links to itself and to those beside it."""

    collection: str
    every: Sequence[Version]
    shown: Sequence[Version]

    def links(self, request: Request, form: AnswerForm) -> Links:
        """Link the page to itself, to the feature as it is now, and to each version on it."""
        now = memento.original(self.collection, self.every[0].found)
        return [
            *itself(request, form, GEOJSON),
            link(request, "original", now, GEOJSON, "As it is now"),
            link(request, "latest-version", now, GEOJSON, "As it is now"),
            *(self._to(request, "memento", one) for one in self.shown),
        ]

    def features(
        self, request: Request, db: Session, asked: Asked, crs: Crs, form: AnswerForm
    ) -> list[dict[str, Any]]:
        """Give the versions as features of GeoJSON, which all have the same id."""
        return [
            _feature(version, shown(found, crs, form))
            | {"links": self._around(request, version, asked)}
            for version, found in zip(self.shown, past.drawn(db, self.shown), strict=True)
        ]

    def _around(self, request: Request, version: Version, asked: Asked) -> Links:
        before, after = past.beside(version, self.every, asked.known_by)
        near = {"self": version, "predecessor-version": before, "successor-version": after}
        return [self._to(request, rel, one) for rel, one in near.items() if one is not None]

    def _to(self, request: Request, rel: str, version: Version) -> dict[str, Any]:
        since = version.found.valid_from
        address = memento.item(self.collection, version.found, version.recorded.start)
        title = f"As it was from {format_instant(since)} on"
        to = link(request, rel, address, GEOJSON, title)
        return to | {"datetime": memento.http_date(since)} if rel == "memento" else to


def _feature(version: Version, feature: dict[str, Any]) -> dict[str, Any]:
    start, end = version.recorded
    record = {
        "recorded_from": format_instant(start),
        "recorded_until": None if end == FOREVER else format_instant(end),
    }
    return feature | {"properties": feature["properties"] | record}
