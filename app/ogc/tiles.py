"""Vector tiles of a collection: what a reader sees of it in one piece of the map."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from typing_extensions import override

from app.access.caller import CurrentCaller
from app.access.resource import Asked
from app.disclosure import tiles
from app.disclosure.mark import mark, mark_cell
from app.disclosure.reading import Question
from app.disclosure.releases import Released
from app.disclosure.tiles import Drawn
from app.domain.tiles.address import DEEPEST, Tile, read_tile
from app.domain.tiles.cell import cell_of
from app.http.deps import Db, Now
from app.http.gates import Pace
from app.http.problems import Fault, unreadable
from app.ogc.answers import VARY
from app.ogc.asked import AskedTime
from app.ogc.collections import Named
from app.ogc.filtering import AskedFilter, read_filter
from app.ogc.links import ROOT, TILE
from app.ogc.matrices import ID
from app.ogc.text import TextRoute, Values
from app.ogc.unchanged import NOT_MODIFIED, Had, standing, tag
from app.operations import service as operations

_COARSE = 8


class _TileRoute(TextRoute):
    """A tile of a coarse zoom is heavy: it may show all there is."""

    @override
    def pace(self, meant: Values) -> Pace:
        return Pace.HEAVY if meant["tile"].zoom <= _COARSE else Pace.USUAL


router = APIRouter(route_class=_TileRoute, tags=["OGC API"])
TILES = f"{ROOT}/collections/{{collection_id}}/tiles"
_FORM = "mvt"


async def _tile(
    z: Annotated[str, Path(description=f"the zoom, from 0 to {DEEPEST}")],
    y: Annotated[str, Path(description="the row, from 0 in the north")],
    x: Annotated[str, Path(description="the column, from 0 at longitude -180 eastward")],
) -> Tile:
    try:
        return read_tile(z, y, x)
    except ValueError as error:
        raise unreadable(Fault(pointer="path", message=str(error))) from None


AskedTile = Annotated[Tile, Depends(_tile)]
"""The tile of the path: zoom, row and column, in this order."""


@router.get(
    f"{TILES}/{ID}/{{z}}/{{y}}/{{x}}",
    response_class=Response,
    responses=NOT_MODIFIED | {200: {"content": {TILE: {"schema": {"type": "string"}}}}},
)
def read_tile_of_collection(
    _: Released,
    request: Request,
    db: Db,
    caller: CurrentCaller,
    now: Now,
    collection: Named,
    tile: AskedTile,
    when: AskedTime,
    wanted: AskedFilter,
    had: Had,
    operation: Annotated[Asked | None, Query(description="id or slug")] = None,
) -> Response:
    """Draw a tile: each feature that you may see in it once, as exactly as you may see it.

    Nobody may move along a corridor that has `do_not_move_codes`, or has none but was read after
    its `do_not_move_until`. Severe places are drawn as their cell. A tile that cannot hold all says
    so in `Tile-Incomplete` (held/found) and in a layer `incomplete`. Where there is nothing the tile
    is empty, of no bytes.
    """
    question = Question(
        collection=collection.id,
        caller=caller,
        now=now,
        reading=when.reading,
        since=when.since,
        filter=read_filter(wanted, collection.id, caller),
        operation=operations.asked(db, caller, operation),
    )
    cell = cell_of(tile)
    marked, question = mark(db, question) if cell is None else mark_cell(db, question, cell)
    tagged = tag(marked, _FORM, caller)

    def make() -> Response:
        drawn = tiles.draw(db, question, tile, collection.nested)
        return Response(drawn.content, headers=_headers(drawn, tagged), media_type=TILE)

    return standing(request, had, marked, tagged, make)


def _headers(drawn: Drawn, tagged: str) -> dict[str, str]:
    headers = {"ETag": tagged, **VARY}
    if drawn.held < drawn.found:
        headers["Tile-Incomplete"] = f"{drawn.held}/{drawn.found}"
    return headers
