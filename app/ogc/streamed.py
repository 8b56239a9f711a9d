"""Answers that are sent while they are made: a fault in between is never an end."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import cast

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override


class Streamed(StreamingResponse):
    """Begins once there is something to send, so that a fault before it is answered as any other.

    After that a fault is raised on: the server cuts the connection, without the chunk that ends it.
    """

    def __init__(
        self, pieces: AsyncIterator[bytes], headers: Mapping[str, str], media_type: str
    ) -> None:
        super().__init__(pieces, headers=headers, media_type=media_type)
        self._pieces = cast(AsyncGenerator[bytes, None], pieces)
        self._is_bodyless = False

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._is_bodyless = bool(scope.get("bodyless"))
        await super().__call__(scope, receive, send)

    @override
    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._pieces) as pieces:
            first = b"" if self._is_bodyless else await _next(pieces)
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            piece = first
            while piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await _next(pieces)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _next(pieces: AsyncIterator[bytes]) -> bytes:
    """Give the next piece that is not empty; an empty one at the end."""
    async for piece in pieces:
        if piece:
            return piece
    return b""
