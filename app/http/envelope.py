"""Around every answer: safe headers, one log line, one count, and no insides of an error."""

import traceback
from pathlib import Path
from time import perf_counter

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.metrics import Metrics
from app.http.problems import internal_error

_log = structlog.get_logger("passage.http")
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Envelope:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        inner = {**scope, "method": "GET", "bodyless": True} if is_head else scope
        answer = _Answer(send, bodyless=is_head)
        began = perf_counter()
        try:
            await self._app(inner, receive, answer.send)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception as error:
            _log.error("request failed", route=route_of(inner), **_where(error))
            if answer.status:
                raise  # the answer has begun; the server cuts the connection
            await internal_error().response()(inner, receive, answer.send)
        finally:
            self._note(scope["method"], route_of(inner), answer.status, perf_counter() - began)

    def _note(self, method: str, route: str, status: int, took_s: float) -> None:
        if status:
            self._metrics.count(method, route, status)
        _log.info("request", method=method, route=route, status=status, ms=round(took_s * 1000, 1))


class _Answer:
    """Passes an answer on, with the headers that every answer has."""

    def __init__(self, send: Send, *, bodyless: bool) -> None:
        self._send = send
        self._bodyless = bodyless
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        elif self._bodyless and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)


def _where(error: Exception) -> dict[str, object]:
    """Tell which exception it was and where; its text may hold data and stays out of the log."""
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    return {
        "error": type(error).__qualname__,
        "at": [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames],
    }


def route_of(scope: Scope) -> str:
    """Name the route that matched by its template; never the address as it was sent."""
    template = getattr(scope.get("route"), "path_format", None)
    return template if isinstance(template, str) else "none"
