"""How a feature and its versions name one another: RFC 5829 and RFC 7089, in the way of OGC's draft.

Requirement numbers are not given: "Versioned Features" is a proposal yet. It asks for the version of
a time by `datetime`, where RFC 7089 has a header, and knows one axis of time; `known-at` is ours.
"""

from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from starlette.requests import Request

from app.disclosure.reading import Found, Question
from app.domain.instant import format_instant
from app.ogc.links import GEOJSON, ROOT, Links, link


def item(collection: str, found: Found, known_at: datetime | None = None) -> str:
    """Give the address of a version: of its first instant, as the record stood then."""
    asked = {"datetime": found.valid_from, "known-at": known_at}
    times = {name: format_instant(at) for name, at in asked.items() if at is not None}
    return f"{original(collection, found)}?{urlencode(times)}"


def original(collection: str, found: Found) -> str:
    """Give the address of the feature as it is now."""
    return f"{ROOT}/collections/{collection}/items/{found.id}"


def relations(request: Request, question: Question, found: Found) -> Links:
    """Link one feature, as it is shown, to its versions and to what it is now.

    What is shown of a time that lies ahead is no version: it says that it is not known yet.
    """
    now = original(question.collection, found)
    as_of = question.reading.as_of
    links = [
        link(request, "original", now, GEOJSON, "As it is now"),
        link(request, "latest-version", now, GEOJSON, "As it is now"),
        link(request, "timemap", f"{now}/versions", GEOJSON, "All versions"),
        link(request, "version-history", f"{now}/versions", GEOJSON, "All versions"),
    ]
    if as_of is not None and as_of > question.now:
        return links
    version = item(question.collection, found, question.reading.known_at)
    return [link(request, "canonical", version, GEOJSON, "This version"), *links]


def headers(found: Found, links: Links) -> dict[str, str]:
    """Repeat the links, and say since when a version held."""
    named = ", ".join(
        f'<{each["href"]}>; rel="{each["rel"]}"; type="{each["type"]}"' for each in links
    )
    is_version = any(each["rel"] == "canonical" for each in links)
    since = {"Memento-Datetime": http_date(found.valid_from)} if is_version else {}
    return {"Link": named, **since}


def http_date(at: datetime) -> str:
    """Write an instant as HTTP does, without parts of a second."""
    return format_datetime(at, usegmt=True)
