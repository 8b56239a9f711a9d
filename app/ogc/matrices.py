"""Which tile matrix sets there are: one, WebMercatorQuad, as OGC 17-083r4 registers it."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.domain.geometry.mercator import HALF_M
from app.domain.tiles.address import DEEPEST
from app.http.route import StrictRoute
from app.ogc.answers import answer
from app.ogc.asked import AskedForm
from app.ogc.crs import WEB_MERCATOR
from app.ogc.links import JSON, ROOT, itself, link

router = APIRouter(route_class=StrictRoute, tags=["OGC API"])
ID = "WebMercatorQuad"
URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{ID}"
TITLE = "Web Mercator, the square world in tiles"
AT = f"{ROOT}/tileMatrixSets"
_PIXELS = 256  # by which the standard tells scales; a tile of vectors has none
_PIXEL_M = 0.00028
_SCALES = "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"


@router.get(AT)
async def list_tile_matrix_sets(request: Request, form: AskedForm) -> Response:
    """List the ways in which the world is cut into tiles."""
    own = {
        "id": ID,
        "title": TITLE,
        "uri": URI,
        "crs": WEB_MERCATOR,
        "links": [link(request, "self", f"{AT}/{ID}", JSON, TITLE)],
    }
    document = {"title": "Tile matrix sets", "links": itself(request, form)}
    return answer(form, document | {"tileMatrixSets": [own]})


@router.get(f"{AT}/{ID}")
async def read_tile_matrix_set(request: Request, form: AskedForm) -> Response:
    """Describe WebMercatorQuad: row 0 is in the north, column 0 begins at longitude -180."""
    document = {
        "id": ID,
        "title": TITLE,
        "uri": URI,
        "crs": WEB_MERCATOR,
        "orderedAxes": ["E", "N"],
        "wellKnownScaleSet": _SCALES,
        "tileMatrices": [_matrix(zoom) for zoom in range(DEEPEST + 1)],
        "links": itself(request, form),
    }
    return answer(form, document)


def _matrix(zoom: int) -> dict[str, Any]:
    many = 2**zoom
    size = 2 * HALF_M / _PIXELS / many
    return {
        "id": str(zoom),
        "scaleDenominator": size / _PIXEL_M,
        "cellSize": size,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-HALF_M, HALF_M],
        "tileWidth": _PIXELS,
        "tileHeight": _PIXELS,
        "matrixWidth": many,
        "matrixHeight": many,
    }
