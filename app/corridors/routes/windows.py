"""Windows of a corridor: those of its agreement that name it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.agreements.routes.windows import changed
from app.agreements.schemas.window import WindowChanged, WindowIn, WindowOut, WindowPatch
from app.agreements.services import settling
from app.agreements.showing import windows_out
from app.corridors.held import HeldCorridor
from app.corridors.seen import Seen, WholeCorridor
from app.domain.errors import Unacceptable
from app.domain.window import Direction, WindowOutcome, WindowStatus
from app.http.deps import Page, PathId
from app.http.paging import Listing, after_key, fitting, page_of
from app.http.problems import not_found
from app.http.route import StrictRoute
from app.http.schema import one_of
from app.http.versions import etag_then

router = APIRouter(
    prefix="/v1/corridors/{corridor_id}/windows", tags=["corridors"], route_class=StrictRoute
)


@router.post("", status_code=201)
def add_window(held: HeldCorridor, body: WindowIn, response: Response) -> WindowChanged:
    """Add a window for this corridor to its agreement. Needs the ETag of the agreement."""
    corridor = held.subject.id
    if body.corridor not in (None, corridor):
        raise Unacceptable("/corridor", "This address adds windows for its own corridor only.")
    named = body.model_copy(update={"corridor": corridor})
    made, window = settling.add_window(held.agreement, named)
    response.headers["Location"] = f"/v1/corridors/{corridor}/windows/{window}"
    return changed(made, window, response)


@router.patch("/{window_id}")
def patch_window(
    held: HeldCorridor, window_id: PathId, body: WindowPatch, response: Response
) -> WindowChanged:
    """Change a window of this corridor, or report what became of it."""
    windows = held.agreement.present.windows
    if all((window.id, window.corridor) != (window_id, held.subject.id) for window in windows):
        raise not_found()
    return changed(settling.patch_window(held.agreement, window_id, body), window_id, response)


@router.get("")
def list_windows(
    request: Request,
    response: Response,
    whole: WholeCorridor,
    page: Page,
    status: Annotated[WindowStatus | None, one_of(WindowStatus), Query()] = None,
    outcome: Annotated[WindowOutcome | None, one_of(WindowOutcome), Query()] = None,
    direction: Annotated[Direction | None, one_of(Direction), Query()] = None,
) -> Listing[WindowOut]:
    """List the windows that name this corridor, by their start."""
    _tag(whole, response)
    items = fitting(_windows(whole), status=status, outcome=outcome, direction=direction)
    rest = after_key(items, page, key=_key)
    return page_of(request, response, page, rest, key=_key, show=lambda item: item)


@router.get("/{window_id}")
def read_window(whole: WholeCorridor, window_id: PathId, response: Response) -> WindowOut:
    """Read one window of this corridor."""
    _tag(whole, response)
    for item in _windows(whole):
        if item.id == window_id:
            return item
    raise not_found()


def _windows(whole: Seen) -> list[WindowOut]:
    shown = windows_out(whole.agreement, whole.at)
    return [window for window in shown if window.corridor == whole.recorded.id]


def _tag(whole: Seen, response: Response) -> None:
    """Set the ETag of the agreement, which a change of a window must name."""
    response.headers["ETag"] = etag_then(
        whole.of.version, as_of=whole.times.as_of, known_at=whole.times.known_at
    )


def _key(item: WindowOut) -> tuple[str]:
    return (str(item.id),)
