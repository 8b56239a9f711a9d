"""One visit to a thread for the whole work of an endpoint: call it, write its answer, commit.

The framework by itself goes to a thread for the call, for the answer and for the commit, each time
through two queues, and writes long answers where all others wait for it.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from anyio.to_thread import run_sync
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.responses import Response

from app.http import transaction

_REQUEST, _RESPONSE = "_request", "_response"
Writer = Callable[[Any, Response], Any]


Visit = Callable[[dict[str, Any]], Any]
"""What a thread does with the values that a route asks for."""


def in_one_visit(visit: Visit) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Give what the framework calls in place of a route's endpoint, which is not a coroutine."""

    async def endpoint(**values: Any) -> Any:
        return await run_sync(visit, values)

    return endpoint


def visitor(route: APIRoute) -> Visit:
    """Give the whole work of a route's endpoint.

    The transaction of the request ends as soon as the answer is written, so that nothing that fails
    before can follow a commit.
    """
    call, write = route.endpoint, _writer(route)
    request, response = _ask_for_both(route.dependant)

    def visit(values: dict[str, Any]) -> Any:
        of = values[request] if request != _REQUEST else values.pop(_REQUEST)
        given = values[response] if response != _RESPONSE else values.pop(_RESPONSE)
        told = call(**values)
        answer = told if isinstance(told, Response) else write(told, given)
        transaction.end(of)
        return answer

    return visit


def _ask_for_both(dependant: Dependant) -> tuple[str, str]:
    """Have the request and its headers handed in, and tell under which names."""
    dependant.request_param_name = dependant.request_param_name or _REQUEST
    dependant.response_param_name = dependant.response_param_name or _RESPONSE
    return dependant.request_param_name, dependant.response_param_name


def _writer(route: APIRoute) -> Writer:
    """Give what writes the answers of a route; those without a model are left to the framework."""
    if route.response_model is None or not isinstance(route.response_class, DefaultPlaceholder):
        return lambda told, _: told
    model: TypeAdapter[Any] = TypeAdapter(route.response_model)
    usual = route.status_code or 200

    def write(told: Any, given: Response) -> Response:
        body = model.dump_json(
            model.validate_python(told, from_attributes=True),
            by_alias=route.response_model_by_alias,
            exclude_unset=route.response_model_exclude_unset,
            exclude_none=route.response_model_exclude_none,
        )
        answer = Response(body, given.status_code or usual, media_type="application/json")
        answer.headers.raw.extend(given.headers.raw)
        return answer

    return write
