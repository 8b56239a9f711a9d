"""Answers about a resource: its representation, with the headers that go with it."""

from typing import TypeVar

from starlette.responses import Response

from app.access.resource.bodies import Recorded
from app.http.deps import AskedTimes
from app.http.versions import etag, etag_then

Shown = TypeVar("Shown", bound=Recorded)


def shown(response: Response, times: AskedTimes, resource: Shown) -> Shown:
    """Answer a question about one resource."""
    tag = etag_then(resource.version, as_of=times.as_of, known_at=times.known_at)
    response.headers["ETag"] = tag
    return resource


def made(response: Response, resource: Shown, *, at: str | None = None) -> Shown:
    """Answer a change with what it left.

    Args:
        at: the address of the collection where the change made a new resource.
    """
    response.headers["ETag"] = etag(resource.version)
    if at is not None:
        response.headers["Location"] = f"{at}/{resource.id}"
    return resource
