"""Answers that were made before, kept in memory for whoever asks the same at the same mark.

Never stale: the mark is read anew for each request, or is known to stand (`app.ogc.again`), and an
answer is only found under the one at which it was made, of a reader with the same rights.
"""

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from starlette.responses import Response

Key = tuple[str, ...]
_MOST_BYTES = 16 * 2**20
_LARGEST = 2**20


class _Made(NamedTuple):
    body: bytes
    headers: dict[str, str]


class Kept:
    """Answers by their keys; those that nobody asked for longest make room."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._made: OrderedDict[Key, _Made] = OrderedDict()
        self._turn = Lock()

    def get(self, key: Key) -> Response | None:
        """Give an answer again, if it is here."""
        with self._turn:
            found = self._made.get(key)
            if found is None:
                return None
            self._made.move_to_end(key)
        return Response(found.body, headers=found.headers)

    def keep(self, key: Key, answer: Response) -> Response:
        """Keep an answer, unless it is very large, and give it back."""
        made = _Made(bytes(answer.body), dict(answer.headers))
        if len(made.body) > _LARGEST:
            return answer
        with self._turn:
            self._drop(key)
            self._made[key] = made
            self._bytes += len(made.body)
            while self._bytes > self._most:
                self._drop(next(iter(self._made)))
        return answer

    def _drop(self, key: Key) -> None:
        dropped = self._made.pop(key, None)
        if dropped is not None:
            self._bytes -= len(dropped.body)
