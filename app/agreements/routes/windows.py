"""Windows: the days and hours in which people may move, and what became of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.agreements.held import Done, HeldAgreement
from app.agreements.schemas.common import warnings_out
from app.agreements.schemas.window import WindowChanged, WindowIn, WindowOut, WindowPatch
from app.agreements.seen import WholeAgreement
from app.agreements.services import settling
from app.agreements.showing import windows_out
from app.domain.window import Direction, WindowOutcome, WindowStatus
from app.http.deps import Page, PathId
from app.http.paging import Listing, after_key, fitting, page_of
from app.http.problems import erased, not_found
from app.http.route import StrictRoute
from app.http.schema import IdIn, one_of
from app.http.versions import etag

router = APIRouter(
    prefix="/v1/agreements/{agreement_id}/windows", tags=["windows"], route_class=StrictRoute
)


@router.post("", status_code=201)
def add_window(held: HeldAgreement, body: WindowIn, response: Response) -> WindowChanged:
    """Add a window `[starts_at, ends_at)`. Windows are part of what the parties consent to.

    One that begins when all others are over extends the revision before: what was confirmed goes
    on counting, and the new window counts once everybody has confirmed it.
    """
    made, window = settling.add_window(held, body)
    response.headers["Location"] = f"/v1/agreements/{made.recorded.id}/windows/{window}"
    return changed(made, window, response)


@router.patch("/{window_id}")
def patch_window(
    held: HeldAgreement, window_id: PathId, body: WindowPatch, response: Response
) -> WindowChanged:
    """Change a window, or report that it opened, closed or never opened, and how it went."""
    if all(window.id != window_id for window in held.present.windows):
        raise not_found()
    return changed(settling.patch_window(held, window_id, body), window_id, response)


def changed(made: Done, window: UUID, response: Response) -> WindowChanged:
    """Answer a change of a window with what it did to the terms."""
    agreement, event = made.agreement, made.event
    response.headers["ETag"] = etag(event.sequence)
    shown = next((w for w in windows_out(agreement, event.recorded_at) if w.id == window), None)
    if shown is None:
        raise erased()
    codes = {warning.code for warning in event.fact.warnings}
    return WindowChanged(
        **shown.model_dump(),
        revision=agreement.revision.number,
        terms_hash=agreement.revision.terms_hash,
        extends=agreement.revision.extends,
        confirmations_voided="confirmations_voided" in codes,
        agreement_status=agreement.status.to,
        warnings=warnings_out(event.fact.warnings),
    )


@router.get("")
def list_windows(
    request: Request,
    response: Response,
    seen: WholeAgreement,
    page: Page,
    status: Annotated[WindowStatus | None, one_of(WindowStatus), Query()] = None,
    outcome: Annotated[WindowOutcome | None, one_of(WindowOutcome), Query()] = None,
    direction: Annotated[Direction | None, one_of(Direction), Query()] = None,
    corridor: IdIn | None = None,
) -> Listing[WindowOut]:
    """List the windows by their start."""
    seen.tag(response)
    items = fitting(
        windows_out(seen.agreement, seen.at),
        status=status,
        outcome=outcome,
        direction=direction,
        corridor=corridor,
    )
    rest = after_key(items, page, key=_key)
    return page_of(request, response, page, rest, key=_key, show=lambda item: item)


def _key(item: WindowOut) -> tuple[str]:
    return (str(item.id),)


@router.get("/{window_id}")
def read_window(seen: WholeAgreement, window_id: PathId, response: Response) -> WindowOut:
    """Read one window."""
    seen.tag(response)
    for item in windows_out(seen.agreement, seen.at):
        if item.id == window_id:
            return item
    raise not_found()
