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


def unless_had(had: str, tagged: str, make: Callable[[], Response]) -> Response:
    """Answer who has what stands with 304, others anew; what they are shown is kept nowhere."""
    return _if_had(had, tagged) or make()


def standing(request: Request, had: str, tagged: str, make: Callable[[], Response]) -> Response:
    """Answer who has what stands with 304, others as somebody was answered before, or anew.

    Args:
        make: is called where neither can be done; what it raises is kept for nobody.
    """
    if same := _if_had(had, tagged):
        return same
    kept: Kept = request.app.state.kept
    query = request.scope["query_string"].decode("latin-1")
    key = (tagged, base(request), request.scope["path"], query)
    return kept.get(key) or kept.keep(key, make())


def _if_had(had: str, tagged: str) -> Response | None:
    if had and names(had, tagged.removeprefix("W/")):
        return Response(status_code=304, headers={"ETag": tagged, **VARY})
    return None
