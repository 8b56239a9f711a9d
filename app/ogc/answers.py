"""Answers in the form that was asked for."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import HTMLResponse, Response

from app.ogc import pages
from app.ogc.asked import AnswerForm
from app.ogc.links import GEOJSON, JSON

VARY = {"Vary": "Accept, Authorization"}


def answer(
    form: AnswerForm,
    document: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    *,
    geojson: bool = False,
    kind: str | None = None,
) -> Response:
    """Give a document as JSON or GeoJSON, or as a page that shows the same.

    Args:
        kind: the media type of the document where it is neither.
    """
    sent = {**VARY, **(headers or {})}
    if form is AnswerForm.HTML:
        sent["Content-Security-Policy"] = pages.POLICY
        return HTMLResponse(pages.page(document), headers=sent)
    kind = kind or (GEOJSON if geojson else JSON)
    return Response(orjson.dumps(document), headers=sent, media_type=kind)


def written(text: str, headers: Mapping[str, str]) -> Response:
    """Give GeoJSON that is text already."""
    return Response(text, headers={**VARY, **headers}, media_type=GEOJSON)
