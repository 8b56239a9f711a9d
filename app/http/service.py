"""Routes about the service itself: is it well, what does it offer, what do its problems mean."""

from functools import cache
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from app.http import metrics, openapi, pages
from app.http.kinds import KINDS
from app.http.problems import Problem, not_found
from app.http.route import StrictRoute

router = APIRouter(route_class=StrictRoute, include_in_schema=False)

_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_START = b"""window.onload = () => SwaggerUIBundle({
  url: "../openapi.json", dom_id: "#docs", validatorUrl: null, deepLinking: true
});
"""
_DOCS = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Safe Passage: API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="docs">The description of the API is at <a href="/openapi.json">/openapi.json</a>.
</div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>
"""
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@router.get("/healthz")
async def alive() -> PlainTextResponse:
    """Tell that the process answers."""
    return PlainTextResponse("alive\n")


@router.get("/readyz")
async def ready(request: Request) -> PlainTextResponse:
    """Tell whether the database, its schema and its guards are as they must be."""
    missing = await request.app.state.readiness.missing()
    if missing:
        detail = "something that the service needs is missing; see missing"
        raise Problem("not-ready", detail, more={"missing": missing}, headers={"Retry-After": "5"})
    return PlainTextResponse("ready\n")


@router.get("/metrics")
async def counts(request: Request) -> Response:
    """Count requests by route and status."""
    return Response(request.app.state.metrics.text(), media_type=metrics.MEDIA_TYPE)


@router.get("/openapi.json")
def description(request: Request) -> Response:
    """Describe the API."""
    return Response(openapi.description(request.app), media_type="application/json")


@router.get("/docs")
async def docs() -> HTMLResponse:
    """Show the API, without any request to the outside."""
    return HTMLResponse(_DOCS, headers={"Content-Security-Policy": _DOCS_POLICY})


@router.get("/docs/{asset}")
def docs_asset(asset: Annotated[str, Path()]) -> Response:
    """Give a part of the page of the API."""
    if asset == "start.js":
        return Response(_START, media_type="text/javascript")
    if asset not in _ASSETS:
        raise not_found()
    return Response(_asset(asset), media_type=_ASSETS[asset])


@cache
def _asset(name: str) -> bytes:
    return files("fastapi_swagger.resources").joinpath(name).read_bytes()


@router.get("/problems")
async def problems() -> HTMLResponse:
    """List the kinds of problem."""
    return _page(pages.all_problems())


@router.get("/problems/{slug}")
async def problem(slug: Annotated[str, Path()]) -> HTMLResponse:
    """Explain one kind of problem."""
    if slug not in KINDS:
        raise not_found()
    return _page(pages.problem_page(KINDS[slug]))


def _page(text: str) -> HTMLResponse:
    return HTMLResponse(text, headers={"Content-Security-Policy": pages.POLICY})
