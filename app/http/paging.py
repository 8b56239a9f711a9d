"""Lists in pages by key: opaque cursors that any process can read."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from app.http.problems import Fault, Problem, unreadable

Item = TypeVar("Item")
Shown = TypeVar("Shown")
_LONGEST = 2000


class Listing(BaseModel, Generic[Item]):
    """One page of a list."""

    model_config = ConfigDict(frozen=True)

    items: list[Item]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class PageWish:
    """Which page is asked for.

    Attributes:
        limit: items at most; ask the store for one more, to see whether a page follows.
        after: the key after which the page begins, None for the first.
    """

    limit: int
    after: tuple[Any, ...] | None = None

    def key(self, *kinds: Callable[[Any], Any]) -> tuple[Any, ...] | None:
        """Give `after` with each part read by its kind, such as `parse_instant, UUID`.

        Raises:
            Problem: 400 where the cursor is not one of this list.
        """
        if self.after is None:
            return None
        if len(self.after) != len(kinds):
            raise bad_cursor()
        try:
            return tuple(kind(part) for kind, part in zip(kinds, self.after, strict=True))
        except (ValueError, TypeError, AttributeError, OverflowError):
            raise bad_cursor() from None


def bad_cursor() -> Problem:
    """A cursor that this service did not make for this list."""
    message = "found a cursor that is not of this list; follow next of its pages"
    return unreadable(Fault(pointer="query/cursor", message=message))


def write_cursor(key: Sequence[str | int]) -> str:
    """Make the opaque text of a key."""
    return base64.urlsafe_b64encode(orjson.dumps(list(key))).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str | int, ...]:
    """Read the opaque text of a key.

    Raises:
        Problem: 400 where it is none.
    """
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise bad_cursor()
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise bad_cursor() from None
    if not isinstance(key, list) or not all(_is_part(part) for part in key):
        raise bad_cursor()
    return tuple(key)


def _is_part(part: Any) -> bool:
    return isinstance(part, str) or (isinstance(part, int) and not isinstance(part, bool))


def page_of(
    request: Request,
    response: Response,
    wish: PageWish,
    found: Sequence[Item],
    *,
    key: Callable[[Item], Sequence[str | int]],
    show: Callable[[Item], Shown],
) -> Listing[Shown]:
    """Make a page of what the store found, one more than `wish.limit` if another follows.

    The address of the next page is relative to the host: the same query, another cursor.
    It is also in the header `Link`.
    """
    page = found[: wish.limit]
    following = next_page(request, key(page[-1])) if len(found) > wish.limit else None
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return Listing(items=[show(item) for item in page], next=following)


def next_page(request: Request, key: Sequence[str | int]) -> str:
    """Give the address of the page after `key`, relative to the host: the same query."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
    path = request.scope["path"]
    return f"{path}?{urlencode([*kept, ('cursor', write_cursor(key))])}"


def fitting(items: Sequence[Item], **wanted: Any) -> Sequence[Item]:
    """Give the items of a short list whose fields are what is asked for; None asks for nothing."""
    asked = {name: value for name, value in wanted.items() if value is not None}
    return [each for each in items if all(getattr(each, n) == v for n, v in asked.items())]


def after_key(
    items: Sequence[Item], wish: PageWish, *, key: Callable[[Item], Sequence[str | int]]
) -> Sequence[Item]:
    """Give the items of a short list, held whole, that follow the cursor.

    Raises:
        Problem: 400 where the item of the cursor is no longer on the list.
    """
    if wish.after is None:
        return items
    for index, item in enumerate(items):
        if tuple(key(item)) == wish.after:
            return items[index + 1 :]
    raise bad_cursor()
