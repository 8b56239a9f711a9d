"""The route that every endpoint uses: strict bodies, strict queries."""

from collections.abc import Callable, Coroutine, Iterable
from inspect import iscoroutinefunction
from typing import Any

from anyio.to_thread import run_sync
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from app.http.problems import Fault, Problem, unreadable
from app.http.strict_json import MAX_BYTES, JsonRefused, read_json
from app.http.visit import Visit, in_one_visit, visitor

_LARGE = 64 * 1024  # a thread reads what is larger, so that others are not kept waiting
_BODYLESS = {"GET", "HEAD"}
_TYPES = {"application/json"}
_PATCH_TYPES = _TYPES | {"application/merge-patch+json"}


class StrictRoute(APIRoute):
    """A route that refuses what it does not understand: nothing is guessed or passed over.

    Attributes:
        visit: the work of its endpoint; None where that is a coroutine.
    """

    visit: Visit | None = None

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        if not iscoroutinefunction(self.endpoint):
            self.visit = visitor(self)
            self.dependant.call = in_one_visit(self.visit)
        answer = super().get_route_handler()
        names = frozenset(_query_names(self.dependant))
        takes_body = self.body_field is not None

        async def strictly(request: Request) -> Response:
            if request.scope["query_string"]:
                _check_query(request, names)
            if request.method not in _BODYLESS:
                await _read_body(request, takes_body)
            return await answer(request)

        return strictly


def raw_body(request: Request) -> bytes:
    """Give the body as it came; empty for a route without one."""
    raw = getattr(request.state, "raw_body", b"")
    return raw if isinstance(raw, bytes) else b""


def dependants(dependant: Dependant) -> Iterable[Dependant]:
    """Walk a route's dependant and all that it depends on."""
    yield dependant
    for below in dependant.dependencies:
        yield from dependants(below)


def _query_names(dependant: Dependant) -> Iterable[str]:
    for one in dependants(dependant):
        for field in one.query_params:
            yield field.alias


def _check_query(request: Request, names: frozenset[str]) -> None:
    faults = query_faults(request, names)
    if faults:
        raise unreadable(*faults[:20])


def query_faults(request: Request, names: frozenset[str]) -> list[Fault]:
    """Tell what of a query cannot be meant: what is unknown, repeated, empty or no text."""
    faults: list[Fault] = []
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        said = _query_fault(name, value, names, seen)
        seen.add(name)
        if said:
            place = f"query/{name}" if name in names else "query"
            faults.append(Fault(pointer=place, message=said))
    return faults


def _query_fault(name: str, value: str, names: frozenset[str], seen: set[str]) -> str | None:
    if name not in names:
        known = ", ".join(sorted(names)) or "none"
        return f"found an unknown parameter; known here: {known}"
    if name in seen:
        return "found more than once, expected once"
    if not value:
        return "found no value; leave the parameter out or give it one"
    if "\ufffd" in value or "\0" in value:
        return "found bytes that are not text in UTF-8"
    return None


async def _read_body(request: Request, takes_body: bool) -> None:
    """Read the body once, within bounds, and leave it where the framework looks for it."""
    _check_length(request)
    raw = await _collect(request)
    request.state.raw_body = raw
    request._body = raw
    if not raw:
        return
    if not takes_body:
        raise Problem("unreadable-json", "this address takes no body; expected none")
    _check_type(request)
    try:
        large = len(raw) > _LARGE
        request._json = await run_sync(read_json, raw) if large else read_json(raw)
    except JsonRefused as error:
        fault = Fault(pointer=error.pointer, message=error.reason)
        raise Problem("unreadable-json", error.reason, errors=[fault]) from None


def _too_large() -> Problem:
    detail = f"the body is larger than {MAX_BYTES} bytes; expected at most that"
    return Problem("too-large", detail, headers={"Connection": "close"})


def _check_length(request: Request) -> None:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and (len(declared) > 12 or int(declared) > MAX_BYTES):
        raise _too_large()


async def _collect(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise _too_large()
        parts.append(part)
    return b"".join(parts)


def _check_type(request: Request) -> None:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Problem("wrong-type", "the body is compressed; expected it as it is")
    given = request.headers.get("content-type", "")
    kind, *parameters = (part.strip().lower() for part in given.split(";"))
    taken = _PATCH_TYPES if request.method == "PATCH" else _TYPES
    charsets = {p.partition("=")[2].strip('"') for p in parameters if p.startswith("charset=")}
    if kind not in taken or not charsets <= {"utf-8", "utf8"}:
        raise Problem("wrong-type", f"expected Content-Type {' or '.join(sorted(taken))} in UTF-8")
