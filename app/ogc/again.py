"""Questions that are asked again in the state in which they were answered: nothing is read for them.

The answer to a question depends on its text, on who asks, on the data and on the boundaries of
validity that have passed; so where all of these are the same, its tag is the same.
"""

from collections import OrderedDict
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from app.db.state import State, States
from app.disclosure.mark import Mark
from app.ogc.links import base
from app.ogc.unchanged import before, had_in, stands

_MOST = 8_192
_LONG = 16  # bytes
_SAID = ("accept", "authorization")
Digest = bytes


class _Answered(NamedTuple):
    """How a question was answered in a state."""

    state: State
    mark: Mark
    tagged: str

    def stands(self, state: State | None) -> bool:
        """Tell whether it would be answered so again."""
        return state == self.state and self.mark.since <= datetime.now(UTC) < self.mark.until


class Again:
    """What was asked lately, and how that was answered; of other questions nothing is kept."""

    def __init__(self, states: States) -> None:
        self._states = states
        self._asked: OrderedDict[Digest, _Answered | None] = OrderedDict()

    async def state(self, key: Digest, request: Request) -> State | None:
        """Give the present state for a question that is asked again; None for one that is new.

        And for the public: how long an answer takes would tell it that somebody wrote something.
        """
        if "authorization" not in request.headers:
            return None
        if key not in self._asked:
            self._note(key, None)
            return None
        self._asked.move_to_end(key)
        return await self._states.look()

    def answer(self, key: Digest, state: State | None, request: Request) -> Response | None:
        """Answer as it was answered in this state; None where it was not, or that is not kept."""
        found = self._asked.get(key)
        if found is None or not found.stands(state):
            return None
        return before(request, had_in(request), found.tagged)

    def remember(self, key: Digest, state: State | None, request: Request) -> None:
        """Keep how a question was answered that was asked after the database was in a state."""
        found = stands(request)
        if state is not None and found is not None:
            self._note(key, _Answered(state, *found))

    def _note(self, key: Digest, answered: _Answered | None) -> None:
        self._asked[key] = answered
        if len(self._asked) > _MOST:
            self._asked.popitem(last=False)


def key_of(request: Request) -> Digest:
    """Tell questions apart by all that is said in them; a digest, since a token is among it."""
    said = (base(request), request.scope["path"], request.scope["query_string"])
    told = repr((*said, *(request.headers.getlist(name) for name in _SAID)))
    return blake2b(told.encode(errors="surrogatepass"), digest_size=_LONG).digest()
