"""Answers that are sent while they are made: how many at once, for how long, and no fault is an end."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, contextmanager
from typing import cast
from uuid import UUID

import anyio
from anyio.to_thread import run_sync
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from app.http.problems import Problem

AT_ONCE = 8
"""So many are sent at once by one worker."""
OF_ONE_READER = AT_ONCE // 2
"""So many of them to one token, or to all who have none together."""
MOST_S = 3600.0
"""So long one may take; a client that takes nothing would hold its place for ever."""
_RETRY_S = 30
_SLICE = 64 * 1024
"""So much is on its way at most when a client takes no more."""


class Places:
    """Who is being sent such an answer: each takes memory, a thread now and then, and its turns."""

    def __init__(self) -> None:
        self._taken: Counter[UUID | None] = Counter()

    @contextmanager
    def place(self, reader: UUID | None) -> Iterator[None]:
        """Hold the place of one answer.

        Args:
            reader: the principal; None without a token.

        Raises:
            Problem: 503 where none is left.
        """
        if self._taken.total() >= AT_ONCE or self._taken[reader] >= OF_ONE_READER:
            raise Problem(
                "too-many-files",
                f"this worker sends {AT_ONCE} files at once, {OF_ONE_READER} of them to one token or "
                "to all without one together, and has no place left; nothing was sent: wait until "
                "one has ended",
                headers={"Retry-After": str(_RETRY_S)},
            )
        self._taken[reader] += 1
        try:
            yield
        finally:
            self._taken[reader] -= 1
            self._taken += Counter()  # forgets those who hold none


class Streamed(StreamingResponse):
    """Begins once there is something to send, so that a fault before it is answered as any other.

    After that a fault is raised on, as is the end of its time: the server closes the connection once
    what is on its way was taken, without the chunk that ends it.
    """

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        headers: Mapping[str, str],
        media_type: str,
        reader: UUID | None,
    ) -> None:
        super().__init__(pieces, headers=headers, media_type=media_type)
        self._pieces = cast(AsyncGenerator[bytes, None], pieces)
        self._reader = reader
        self._is_bodyless = False

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._is_bodyless = bool(scope.get("bodyless"))
        places: Places = scope["app"].state.places
        async with aclosing(self._pieces):
            with places.place(self._reader), anyio.fail_after(MOST_S):
                await super().__call__(scope, receive, send)

    @override
    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._pieces) as pieces:
            first = b"" if self._is_bodyless else await _next(pieces)
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            piece = first
            while piece:
                for at in range(0, len(piece), _SLICE):
                    body = piece[at : at + _SLICE]
                    await send({"type": "http.response.body", "body": body, "more_body": True})
                piece = await _next(pieces)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def in_threads(
    make: Callable[[], Generator[bytes]], turn: Callable[[], AbstractAsyncContextManager[None]]
) -> AsyncIterator[bytes]:
    """Take each piece in a thread, in its turn at the database, and end what makes them with them."""
    making = make()
    try:
        while (piece := await _in_its_turn(making, turn)) is not None:
            yield piece
    finally:
        with anyio.CancelScope(shield=True):
            await run_sync(making.close)


async def _in_its_turn(
    making: Generator[bytes], turn: Callable[[], AbstractAsyncContextManager[None]]
) -> bytes | None:
    async with turn():
        return await run_sync(next, making, None)


async def _next(pieces: AsyncIterator[bytes]) -> bytes:
    """Give the next piece that is not empty; an empty one at the end."""
    async for piece in pieces:
        if piece:
            return piece
    return b""
