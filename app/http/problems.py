"""Problem documents (RFC 9457): what an answer says when it cannot do what was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.db.errors import DatabaseUnavailable, OutcomeUnknown
from app.domain.errors import (
    GuardsUnmet,
    MoveUnknown,
    NotEligible,
    OutOfOrder,
    RuleRefused,
    Unacceptable,
)
from app.domain.unmet import Unmet
from app.http.complaints import complaints
from app.http.kinds import KINDS
from app.http.methods import allowed_methods

MEDIA_TYPE = "application/problem+json"
MAX_FAULTS = 50


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong with a request, and where.

    Attributes:
        pointer: RFC 6901 pointer into the body (`/windows/0/starts_at`, empty: the whole), or
            `query/<name>`, `header/<name>`.
    """

    pointer: str
    message: str


class Problem(Exception):
    """An answer that is a problem document.

    Args:
        slug: a key of `KINDS`; it gives status, title and the page that explains it.
        detail: a sentence for this case: what was found, what was expected, what to do next.
    """

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        errors: Sequence[Fault] = (),
        unmet: Sequence[Unmet] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = KINDS[slug]
        self.detail = detail
        self.errors = tuple(errors)
        self.unmet = tuple(unmet)
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.kind.status

    def document(self) -> dict[str, Any]:
        """The members of the problem document."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [asdict(fault) for fault in self.errors]
        if self.unmet:
            document["unmet"] = [unmet_document(unmet) for unmet in self.unmet]
        return document | self.more

    def response(self) -> Response:
        """The whole answer."""
        body = orjson.dumps(self.document())
        return Response(body, self.status, self.headers, media_type=MEDIA_TYPE)


def unmet_document(unmet: Unmet) -> dict[str, Any]:
    """Show a missing condition with what it names, and without what it does not."""
    shown = asdict(unmet)
    return {name: value for name, value in shown.items() if value is not None}


def not_found() -> Problem:
    """The one answer about what does not exist or may not be known; it repeats nothing."""
    return Problem("not-found", "nothing is known here under this address")


def not_allowed(detail: str) -> Problem:
    """The caller may know of it, but not do this."""
    return Problem("not-allowed", detail)


def conflict(detail: str) -> Problem:
    """The record stands against it."""
    return Problem("conflict", detail)


def erased() -> Problem:
    """What a repeated request made is gone, so its answer cannot be given again."""
    return conflict(
        "this request was carried out, and what it recorded has been erased since; an auditor "
        "finds in the history why. Record it anew, under a new Idempotency-Key, if it must stand"
    )


def invalid(*faults: Fault, unshown: int = 0) -> Problem:
    """The body is readable, but wrong: every fault with its place.

    Args:
        unshown: how many faults there are besides.
    """
    return Problem(
        "invalid",
        _count(faults, unshown, "member of the body is", "members of the body are"),
        errors=faults,
    )


def unreadable(*faults: Fault, unshown: int = 0) -> Problem:
    """A query parameter or header is wrong: every fault with its place.

    Args:
        unshown: how many faults there are besides.
    """
    return Problem(
        "unreadable-request",
        _count(faults, unshown, "parameter or header is", "parameters or headers are"),
        errors=faults,
    )


def _count(faults: Sequence[Fault], unshown: int, one: str, many: str) -> str:
    number = len(faults) + unshown
    rest = f", which shows the first {len(faults)}; there are {unshown} more" if unshown else ""
    return f"{number} {one if number == 1 else many} not right; see errors{rest}"


# Which kind of problem each refusal of the domain is. The most special class that fits wins.
REFUSALS: dict[type[RuleRefused], str] = {
    RuleRefused: "refused-by-rule",
    MoveUnknown: "conflict",
    OutOfOrder: "conflict",
    NotEligible: "not-allowed",
    GuardsUnmet: "unmet-conditions",
    Unacceptable: "invalid",
}


def refusal(error: RuleRefused) -> Problem:
    """Tell a refusal of the domain as a problem."""
    slug = next(REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS)
    errors = (
        [Fault(pointer=error.pointer, message=error.message)]
        if isinstance(error, Unacceptable)
        else ()
    )
    unmet = error.unmet if isinstance(error, GuardsUnmet) else ()
    return Problem(slug, error.message, errors=errors, unmet=unmet)


def outcome_unknown() -> Problem:
    """A change that may be stored or not."""
    return Problem(
        "outcome-unknown",
        "outcome unknown: repeat the request with the same Idempotency-Key, "
        "or read the history of the subject",
        headers={"Retry-After": "1"},
    )


def unavailable(error: DatabaseUnavailable) -> Problem:
    """The database could not be asked, or not soon; it says why."""
    return Problem(
        "unavailable", f"{error}; nothing was stored; try again", headers={"Retry-After": "1"}
    )


def internal_error() -> Problem:
    """A mistake of the service; it says nothing of its insides."""
    return Problem("internal-error", "something went wrong inside the service")


def misread(error: RequestValidationError) -> Problem:
    """Tell what the declared types refused: a path that cannot be is a thing that is not."""
    places = {str(item["loc"][0]) for item in error.errors() if item["loc"]}
    if "path" in places:
        return not_found()
    asked = [item for item in error.errors() if item["loc"] and item["loc"][0] != "body"]
    wrong = asked or error.errors()
    faults = [Fault(pointer=p, message=m) for p, m in complaints(wrong[:MAX_FAULTS])]
    tell = unreadable if asked else invalid
    return tell(*faults, unshown=len(wrong) - len(faults))


_HTTP = {
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "wrong-type",
}


def http_problem(error: HTTPException) -> Problem:
    """Tell what the framework itself refused."""
    if error.status_code == 404:
        return not_found()
    if error.status_code >= 500:
        return internal_error()
    slug = _HTTP.get(error.status_code, "unreadable-request")
    return Problem(slug, KINDS[slug].meaning, headers=error.headers)


def problem_of(error: Exception) -> Problem:
    """Tell any exception as a problem; what nobody foresaw is a mistake of the service."""
    told: Problem
    match error:
        case Problem():
            told = error
        case RuleRefused():
            told = refusal(error)
        case RequestValidationError():
            told = misread(error)
        case HTTPException():
            told = http_problem(error)
        case OutcomeUnknown():
            told = outcome_unknown()
        case DatabaseUnavailable():
            told = unavailable(error)
        case _:
            told = internal_error()
    return told


FORESEEN: tuple[type[Exception], ...] = (
    Problem,
    RuleRefused,
    RequestValidationError,
    HTTPException,
    OutcomeUnknown,
    DatabaseUnavailable,
)


async def _answer(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    if problem.status == 405:
        routes = request.app.router.routes
        problem.headers["Allow"] = allowed_methods(routes, request.scope["path"])
    return problem.response()


def register(app: FastAPI) -> None:
    """Let `app` answer every foreseen exception with its problem document."""
    for kind in FORESEEN:
        app.add_exception_handler(kind, _answer)
