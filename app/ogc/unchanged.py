"""Answers that their reader has already: told by what moved for it, before anything is read.

The tag is that of the reader and of all that it sees, not of one answer: it may change where the
answer does not, and never stays where the answer does.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from app.access.caller import Caller
from app.disclosure.mark import Mark
from app.http.versions import names
from app.ogc.answers import VARY
from app.ogc.forms import FileForm, may_have
from app.ogc.kept import Kept
from app.ogc.links import base

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What you have, by If-None-Match, still stands"}
}
_STANDS = "passage.stands"
"""Where a request keeps at which mark, and under which tag, it is answered."""
_MADE = "2"
"""Of which make answers are; another one where the same rows are shown in another way."""


async def had(
    request: Request,
    _: Annotated[
        str | None,
        Header(alias="If-None-Match", description="the ETag of what you have; 304 if it stands"),
    ] = None,
) -> str:
    return had_in(request)


def had_in(request: Request) -> str:
    """Give the tags of the answers that who asks has."""
    return ",".join(request.headers.getlist("if-none-match"))


Had = Annotated[str, Depends(had)]
"""The tags of answers that the reader has."""


def tag(mark: Mark, form: str, caller: Caller) -> str:
    """Give the tag of answers at a mark, in one form.

    Who may have files for devices is shown links to them. The tag of a file is weak: its pages are
    read one after another, and it says when.
    """
    links = ".d" if may_have(caller, FileForm.KML) else ""
    weak = "W/" if isinstance(form, FileForm) else ""
    return f'{weak}"{_MADE}.{mark.text}{links}.{form}"'


def unless_had(
    request: Request, had: str, at: Mark, tagged: str, make: Callable[[], Response]
) -> Response:
    """Answer who has what stands with 304, others anew; what they are shown is kept nowhere."""
    answered = _if_had(had, tagged) or make()
    request.scope[_STANDS] = at, tagged
    return answered


def standing(
    request: Request, had: str, at: Mark, tagged: str, make: Callable[[], Response]
) -> Response:
    """Answer who has what stands with 304, others as somebody was answered before, or anew.

    Args:
        make: is called where neither can be done; what it raises is kept for nobody.
    """
    answered = before(request, had, tagged)
    if answered is None:
        kept: Kept = request.app.state.kept
        answered = kept.keep(_key(request, tagged), make())
    request.scope[_STANDS] = at, tagged
    return answered


def before(request: Request, had: str, tagged: str) -> Response | None:
    """Answer who has what stands with 304, others as somebody was answered before."""
    kept: Kept = request.app.state.kept
    return _if_had(had, tagged) or kept.get(_key(request, tagged))


def stands(request: Request) -> tuple[Mark, str] | None:
    """Tell at which mark, and under which tag, a request was answered; of others than these, None."""
    found: tuple[Mark, str] | None = request.scope.get(_STANDS)
    return found


def _key(request: Request, tagged: str) -> tuple[str, ...]:
    query = request.scope["query_string"].decode("latin-1")
    return tagged, base(request), request.scope["path"], query


def _if_had(had: str, tagged: str) -> Response | None:
    if had and names(had, tagged.removeprefix("W/")):
        return Response(status_code=304, headers={"ETag": tagged, **VARY})
    return None
