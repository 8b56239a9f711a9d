"""Puts the service together, and refuses to start where something that it rests on is missing."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog
import uvicorn
from anyio.to_thread import run_sync
from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine

from app.access.coverage import check_routes
from app.agreements import routes as agreements
from app.corridors import routes as corridors
from app.db.engine import make_engine
from app.db.state import States
from app.disclosure.releases import Releases
from app.following import put_together
from app.history import routes as history
from app.http import problems, service
from app.http.envelope import Envelope
from app.http.gates import Gates
from app.http.health import Readiness, one_role, what_is_missing
from app.http.logs import configure_logs
from app.http.metrics import Metrics
from app.http.portals import Portals
from app.http.streamed import Places
from app.log import routes as log
from app.log import witnessing
from app.log.keeper import Keeper
from app.log.keys import Files
from app.log.signing import Desk
from app.memory import give_back, spare_the_collector
from app.ogc import items, landing, matrices, schemas, tiles, tilesets, versions
from app.ogc.again import Again
from app.ogc.kept import Kept
from app.ogc.links import ROOT
from app.operations import routes as operations
from app.organisations import routes as organisations
from app.settings import Settings, secret_key
from app.sites import routes as sites
from app.sources import routes as sources
from app.tokens import routes as tokens

ROUTERS: tuple[APIRouter, ...] = (
    items.router,  # these two are asked most by far, and routes are looked through in this order
    tiles.router,
    organisations.router,
    operations.router,
    tokens.router,
    sources.router,
    sites.router,
    *agreements.ROUTERS,
    *corridors.ROUTERS,
    landing.router,
    schemas.router,
    versions.router,
    matrices.router,
    tilesets.router,
    history.router,
    log.router,
    witnessing.router,
)
"""The features, each with its routes; order matters where one address could fit two routes."""

_log = structlog.get_logger("passage")
_ABOUT = "Agreements on humanitarian corridors, from proposed to in force, on record."


def create_app(
    settings: Settings | None = None, *, routers: Iterable[APIRouter] | None = None
) -> FastAPI:
    """Make the application.

    Args:
        routers: what to mount in place of `ROUTERS`; tests mount routes of their own.

    Raises:
        RuntimeError: a route has no rule, does not ask who calls, or a rule has no route.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="Safe Passage",
        description=_ABOUT,
        version="1",
        lifespan=_lifespan(settings),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for router in (*(ROUTERS if routers is None else routers), service.router):
        app.router.routes.extend(router.routes)
    check_routes(app.router.routes, complete=routers is None)
    put_together()
    app.state.metrics = Metrics()
    app.state.places = Places()
    app.state.kept = Kept()
    app.state.public_url = settings.public_url
    if settings.map_origins:
        app.add_middleware(Portals, root=ROOT, origins=settings.map_origins)
    app.add_middleware(Envelope, metrics=app.state.metrics)
    problems.register(app)
    return app


def _lifespan(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = make_engine(settings.database_url, pool_size=settings.pool_size)
        app.state.engine = engine
        app.state.gates = Gates(engine, settings.pool_size)
        states = States(make_engine(settings.database_url, pool_size=1))
        app.state.again = Again(states)
        app.state.readiness = Readiness(engine)
        app.state.releases = Releases(engine)
        app.state.secret = await run_sync(secret_key, settings.data_dir)
        app.state.log_files = Files(settings.data_dir)
        keeper = _keeper(settings, engine, app.state.log_files)
        try:
            missing = await run_sync(what_is_missing, engine)
            if missing:
                raise RuntimeError("will not start: " + "; ".join(missing))
            _warn_of_one_role(settings)
            keeper.start()
            yield
            await run_sync(keeper.stop)
        finally:
            await run_sync(states.close)
            await run_sync(engine.dispose)

    return lifespan


def _keeper(settings: Settings, engine: Engine, files: Files) -> Keeper:
    return Keeper(engine, Desk(files, settings.log_name) if settings.log_signs else None)


def _warn_of_one_role(settings: Settings) -> None:
    if one_role(settings.database_url, settings.migration_database_url):
        _log.warning(
            "ONE DATABASE ROLE BOTH SERVES AND OWNS THE TABLES: whoever takes over the service "
            "could drop the guards of the history. Set PASSAGE_MIGRATION_DATABASE_URL to the "
            "owner and PASSAGE_DATABASE_URL to a role that owns nothing."
        )


def serve(settings: Settings) -> None:
    """Serve until stopped."""
    give_back()
    configure_logs()
    app = create_app(settings)
    spare_the_collector()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        ws="none",
    )
