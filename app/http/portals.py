"""Maps in the pages of other origins: browsers let those read `/ogc` that the operator names.

There are no cookies, so a page can read no more than the token that its user gave it, or the public.
"""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_ASKED = ("Authorization", "If-None-Match")
_SHOWN = (
    "Content-Crs",
    "Content-Disposition",
    "ETag",
    "Link",
    "Memento-Datetime",
    "Retry-After",
    "Tile-Incomplete",
    "Vary",
)
_MOST_S = 600
"""So long a browser may go on without asking again whether it may ask."""


class Portals:
    """Answers what browsers ask before they let a page read (CORS); for `/ogc` alone."""

    def __init__(self, app: ASGIApp, root: str, origins: Sequence[str]) -> None:
        self._app = app
        self._root = root
        self._open = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "HEAD"),
            allow_headers=_ASKED,
            expose_headers=_SHOWN,
            max_age=_MOST_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = scope["type"] == "http" and f"{scope['path']}/".startswith(f"{self._root}/")
        await (self._open if is_open else self._app)(scope, receive, send)
