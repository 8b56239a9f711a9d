"""Questions that were asked before: answered by what has moved since, without reading them anew.

What a question means, but for who asks it and when, lies in its text, and reading that takes longer
than asking the database whether anything has moved. So that much is kept in memory, for the same
text with the same token. Who that is, what it may see and the tag are read anew each time.
"""

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from threading import Lock
from typing import Any

from anyio.to_thread import run_sync
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from app.access.caller import caller_in
from app.disclosure.mark import Mark, mark
from app.disclosure.reading import Question
from app.disclosure.releases import Releases
from app.http import transaction
from app.http.deps import in_transaction
from app.http.route import StrictRoute
from app.ogc.asked import AnswerForm
from app.ogc.unchanged import had_in, standing_already, tag

Key = tuple[bytes, ...]
_MOST = 4096
_LONGEST = 2048
"""So many questions, each of so many bytes at most, are some megabytes."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the text of a question means.

    Attributes:
        question: no more of it than its mark depends on.
        who: as whom it was asked; others may not be allowed to ask it.
    """

    question: Question
    form: AnswerForm
    who: str


class Asked:
    """Questions by their text; those that nobody asked for longest make room."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, Known] = OrderedDict()
        self._turn = Lock()

    def get(self, key: Key) -> Known | None:
        """Give what a text means, if that is here."""
        with self._turn:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
            return known

    def keep(self, key: Key, known: Known) -> None:
        """Keep what a text means, unless it is very long."""
        if sum(map(len, key)) > _LONGEST:
            return
        with self._turn:
            self._known[key] = known
            self._known.move_to_end(key)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)


def remember(request: Request, question: Question, marked: Mark, form: AnswerForm) -> None:
    """Keep what the text of a request means, which its reader was allowed to ask.

    One about an operation by name is left out: whether its reader may know of that can change
    where nothing that it sees does.
    """
    if question.operation is None:
        bare = Question(
            collection=question.collection,
            caller=question.caller,
            now=question.now,
            reading=question.reading,
        )
        asked: Asked = request.app.state.asked
        asked.keep(_key(request), Known(question=bare, form=form, who=marked.who))


class AskedAgain(StrictRoute):
    """A route that answers what was asked before without reading it anew, where that will do."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        anew = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return await _again(request) or await anew(request)

        return handler


async def _again(request: Request) -> Response | None:
    asked: Asked = request.app.state.asked
    known = asked.get(_key(request))
    if known is None:
        return None
    releases: Releases = request.app.state.releases
    await releases.come()
    async with in_transaction(request) as db:
        return await run_sync(_standing, db, request, known)


def _standing(db: Session, request: Request, known: Known) -> Response | None:
    question = replace(known.question, caller=caller_in(db, request), now=datetime.now(UTC))
    marked, _ = mark(db, question)
    transaction.end(request)
    if marked.who != known.who:
        return None
    return standing_already(request, had_in(request), tag(marked, known.form))


def _key(request: Request) -> Key:
    headers = request.headers
    given = "\n".join((*headers.getlist("authorization"), "", *headers.getlist("accept")))
    path: str = request.scope["path"]
    digest = sha256(given.encode("latin-1")).digest()
    return (path.encode(), request.scope["query_string"], digest)
