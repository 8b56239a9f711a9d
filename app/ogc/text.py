"""Routes whose questions are read here: from the text alone, and no more of it than was sent.

The framework solves some twenty parameters in ten steps for each request, and most are not sent.
What a route asks for is declared to it all the same: for the description of the API, and so that
it refuses, in its own words and in the usual order, what cannot be read here.
"""

from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from fastapi.dependencies.models import Dependant
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from app.access.caller import caller_in, current_caller
from app.db.at_once import at_once
from app.disclosure.releases import come
from app.http.deps import db as session
from app.http.deps import in_transaction, present
from app.http.gates import Pace
from app.http.problems import Problem
from app.http.route import StrictRoute, dependants, query_faults
from app.ogc.again import Again, key_of
from app.ogc.unchanged import had, had_in

Values = dict[str, Any]
_FRESH: Mapping[Any, Callable[[Session, Request], Any]] = {
    come: lambda _, __: None,  # has been waited for
    session: lambda db, _: db,
    current_caller: caller_in,
    present: lambda _, __: datetime.now(UTC),
    had: lambda _, request: had_in(request),
}
"""What a route may ask for that is found out by itself, and how."""


class TextRoute(StrictRoute):
    """A route that reads the text of a question by itself.

    Raises:
        RuntimeError: it asks for something that depends on more than the text, in a way that is not
            known here.
    """

    def pace(self, _: Values) -> Pace:
        """Tell how long a question takes, by what it means."""
        return Pace.USUAL

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        by_framework = super().get_route_handler()
        assert self.visit is not None
        visit = self.visit
        of, given = self.dependant.request_param_name, self.dependant.response_param_name
        fresh, meaning = _fresh(self.dependant), _Meaning(self.dependant)

        def answer(db: Session, request: Request, meant: Values) -> Any:
            found = {name: find(db, request) for name, find in fresh.items()}
            return visit({**meant, **found, str(of): request, str(given): Response()})

        async def handler(request: Request) -> Response:
            again: Again = request.app.state.again
            key = key_of(request)
            await come(request)
            state = await again.state(key, request)
            if same := again.answer(key, state, request):
                return same
            meant = await meaning.read(request)
            if meant is None:
                return await by_framework(request)
            pace = self.pace(meant)
            async with in_transaction(request, pace=pace) as db:
                answered: Response = await _where(request, pace)(answer, db, request, meant)
            again.remember(key, state, request)
            return answered

        return handler


def _where(request: Request, pace: Pace) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Give what does the work of a request: in a thread, but for what a thread takes longer for."""
    return partial(at_once, request.app.state.engine) if pace is Pace.AT_ONCE else run_sync


def _fresh(dependant: Dependant) -> dict[str, Callable[[Session, Request], Any]]:
    """Give what depends on more than the text, by the names of the endpoint's parameters."""
    fresh: dict[str, Callable[[Session, Request], Any]] = {}
    for one in dependant.dependencies:
        if one.call in _FRESH:
            fresh[str(one.name)] = _FRESH[one.call]
        elif not _is_text(one):
            raise RuntimeError(f"{one.name} depends on more than the text of a question")
    return fresh


def _is_text(dependant: Dependant) -> bool:
    """Tell whether a dependency reads nothing but address, query and `Accept`, and all by itself."""
    headers = {field.alias for field in dependant.header_params}
    handed = (dependant.request_param_name, dependant.cookie_params, dependant.body_params)
    return headers <= {"accept"} and not any(handed) and not dependant.dependencies


class _Meaning:
    """What the text of a question means to one route."""

    def __init__(self, dependant: Dependant) -> None:
        below = [each for each in dependant.dependencies if each.call not in _FRESH]
        self._parts = [_Part(each) for each in (dependant, *below)]
        self._asked = {alias: part for part in self._parts for alias in part.query}
        self._names = frozenset(f.alias for one in dependants(dependant) for f in one.query_params)
        self._unsaid: Values | None = None

    async def read(self, request: Request) -> Values | None:
        """Give the values of the endpoint's parameters; None where there is something to refuse."""
        sent = request.query_params if request.scope["query_string"] else {}
        if sent and query_faults(request, self._names):
            return None
        told = {self._asked[name] for name in sent}
        told.update(part for part in self._parts if part.is_told(request))
        try:
            values = dict(await self._of_nothing())
            for part in told:
                values |= await part.read(request, sent)
        except (Problem, _Unread):
            return None
        return values

    async def _of_nothing(self) -> Values:
        """Give what parameters mean that are not sent; found once, since no value ever changes."""
        if self._unsaid is None:
            unsaid: Values = {}
            for part in self._parts:
                unsaid |= await part.unsaid()
            self._unsaid = unsaid
        return self._unsaid


class _Unread(Exception):
    """A value is not of the type that was declared."""


class _Part:
    """Some parameters of a question, and what is made of them: a value, or each its own.

    Attributes:
        query: those of the query, each of one value, by their names there.
    """

    def __init__(self, dependant: Dependant) -> None:
        self._name, self._call = dependant.name, dependant.call
        self._path = {field.alias: field for field in dependant.path_params}
        self.query = {field.alias: field for field in dependant.query_params}
        self._headers = {field.alias: field for field in dependant.header_params}
        named = (*self.query.values(), *self._headers.values())
        self._defaults: Values = {field.name: field.get_default() for field in named}
        if any(field.field_info.is_required() for field in named):
            raise RuntimeError(f"{self._name} must not depend on what may be left out")

    def is_told(self, request: Request) -> bool:
        """Tell whether address or headers say anything of it."""
        return bool(self._path) or any(name in request.headers for name in self._headers)

    async def unsaid(self) -> Values:
        """Give its value where nothing is sent; none where something always is."""
        return {} if self._path else await self._made(self._defaults)

    async def read(self, request: Request, sent: Mapping[str, str]) -> Values:
        """Give its value, of parameters of the types that were declared.

        Raises:
            _Unread: one is of another.
        """
        values = dict(self._defaults)
        for fields, given in (
            (self._path, request.path_params),
            (self.query, sent),
            (self._headers, request.headers),
        ):
            for name, field in fields.items():
                if name in given:
                    value, errors = field.validate(given[name], {}, loc=())
                    if errors:
                        raise _Unread
                    values[field.name] = value
        return await self._made(values)

    async def _made(self, values: Values) -> Values:
        if self._name is None:  # the endpoint itself
            return values
        assert self._call is not None
        return {self._name: await self._call(**values)}
