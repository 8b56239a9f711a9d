"""Questions that were asked before: what their text means is not read anew.

For the framework that is more work than all that the database does to tell that nothing has moved.
What depends on nothing but address, query and `Accept` is kept in memory. Who asks, what it may see,
what time it is and what the answer is are found out anew each time.
"""

from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from anyio.to_thread import run_sync
from fastapi.dependencies.models import Dependant
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from app.access.caller import caller_in, current_caller
from app.disclosure.releases import come
from app.http.deps import db as session
from app.http.deps import in_transaction, present
from app.http.route import StrictRoute, dependants
from app.ogc.unchanged import had, had_in

Values = Mapping[str, Any]
Key = tuple[Any, ...]
_MOST = 2048
_LONGEST = 2048
"""So many questions, of so many bytes each at most, are a few megabytes."""
_FRESH: Mapping[Any, Callable[[Session, Request], Any]] = {
    come: lambda _, __: None,  # has been waited for
    session: lambda db, _: db,
    current_caller: caller_in,
    present: lambda _, __: datetime.now(UTC),
    had: lambda _, request: had_in(request),
}
"""What a route may ask for that is found out anew each time, and how."""


class Asked:
    """What questions mean, by their text; those that nobody asked for longest make room."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, Values] = OrderedDict()
        self._turn = Lock()

    def get(self, key: Key) -> Values | None:
        """Give what a text means, if that is here."""
        with self._turn:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
            return known

    def keep(self, key: Key, meant: Values) -> None:
        """Keep what a text means, unless it is very long."""
        if sum(map(len, key)) > _LONGEST:
            return
        with self._turn:
            self._known[key] = meant
            self._known.move_to_end(key)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)


class AskedAgain(StrictRoute):
    """A route that reads the text of a question once.

    Raises:
        RuntimeError: it asks for something that depends on more than the text, in a way that is not
            known here.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        anew = super().get_route_handler()
        assert self.visit is not None
        visit, call = self.visit, self.dependant.call
        assert call is not None
        fresh = _fresh(self.dependant)
        of, given = self.dependant.request_param_name, self.dependant.response_param_name
        apart = {of, given, *fresh}

        async def first(**values: Any) -> Any:
            meant = {name: value for name, value in values.items() if name not in apart}
            request: Request = values[str(of)]
            answer = await call(**values)
            request.app.state.asked.keep(_key(request), meant)
            return answer

        def again(db: Session, request: Request, meant: Values) -> Any:
            found = {name: find(db, request) for name, find in fresh.items()}
            return visit({**meant, **found, str(of): request, str(given): Response()})

        async def handler(request: Request) -> Response:
            meant = request.app.state.asked.get(_key(request))
            if meant is None:
                return await anew(request)
            await come(request)
            async with in_transaction(request) as db:
                answer: Response = await run_sync(again, db, request, meant)
                return answer

        self.dependant.call = first
        return handler


def _fresh(dependant: Dependant) -> dict[str, Callable[[Session, Request], Any]]:
    """Give what must be found out anew, by the names of the endpoint's parameters."""
    fresh: dict[str, Callable[[Session, Request], Any]] = {}
    for one in dependant.dependencies:
        if one.call in _FRESH:
            fresh[str(one.name)] = _FRESH[one.call]
        elif not all(map(_is_text, dependants(one))):
            raise RuntimeError(f"{one.name} depends on more than the text of a question")
    return fresh


def _is_text(dependant: Dependant) -> bool:
    """Tell whether a dependency reads nothing but address, query and `Accept`."""
    headers = {field.alias for field in dependant.header_params}
    handed = (dependant.request_param_name, dependant.cookie_params, dependant.body_params)
    return headers <= {"accept"} and not any(handed) and dependant.call not in _FRESH


def _key(request: Request) -> Key:
    path: str = request.scope["path"]
    accept = "\n".join(request.headers.getlist("accept"))
    return (path, request.scope["query_string"], accept)
