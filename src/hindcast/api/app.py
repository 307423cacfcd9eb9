"""The service as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from hindcast.api.deps import Reader, limited_by_address, principal
from hindcast.api.errors import handle_errors
from hindcast.api.limits import LoginLimiter, request_limiter
from hindcast.api.meters import Meters
from hindcast.api.middleware.bodies import BodyLimit
from hindcast.api.middleware.heads import HeadAsGet
from hindcast.api.middleware.hosts import HostGuard, allowed_hosts
from hindcast.api.middleware.requests import RequestFrame
from hindcast.api.openapi import describe
from hindcast.api.route_index import RouteIndex
from hindcast.api.routes import health
from hindcast.api.turns import set_up_turns
from hindcast.services.backtest.manifest import engine_version
from hindcast.services.users.access import AccessControl

if TYPE_CHECKING:
    from fastapi.routing import APIRoute

    from hindcast.api.progress_stream import ProgressStreams
    from hindcast.bootstrap import ServiceFactory

PREFIX: Final = "/api/v1"
# The order is the order of the OpenAPI document. A module has a `router`, whose routes need credentials, an
# `open_router`, whose routes need none, or both.
ROUTES: Final = (
    "strategies.template",
    "strategies.strategy",
    "backtests",
    "backtest_results",
    "market_data",
    "bar_imports",
    "auth",
    "users",
    "health",
    "metrics",
)
_DESCRIPTION: Final = """\
Backtests over HTTP: strategies, backtests and their results, market data, users.

Send the local mode's token or an API key as `Authorization: Bearer`. Failures are `application/problem+json` and say
what to do next. Lists come in pages: `next_cursor` of one is `cursor` of the next. Writes that start work take an
`Idempotency-Key`; changes take `If-Match`. A query parameter or field that is unknown is refused.
"""


def create_app(services: ServiceFactory, *, access: AccessControl | None = None) -> FastAPI:
    """The service over these services; `access` is by default what the settings ask for."""
    settings, meters, index = services.settings, Meters(), RouteIndex()
    app = FastAPI(
        title="Hindcast",
        version=engine_version(),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
        middleware=[
            Middleware(RequestFrame, meters=meters, index=index),
            Middleware(HostGuard, allowed=allowed_hosts(settings.mode, settings.allowed_hosts)),
            Middleware(HeadAsGet),
            Middleware(BodyLimit),
        ],
    )
    app.state.services = services
    app.state.access = access or services.access
    app.state.meters = meters
    app.state.limiter = request_limiter(settings.requests_per_second)
    app.state.logins = LoginLimiter()
    set_up_turns(app)
    handle_errors(app, index)
    for name in ROUTES:
        _include(app, import_module(f"hindcast.api.routes.{name}"), index)
    _add_document(app, index)
    for router in (health.root_router, health.open_router):  # where those who watch processes look first
        index.add(router, prefix="")
        app.include_router(router, dependencies=[Depends(limited_by_address)], include_in_schema=False)
    return app


def _include(app: FastAPI, module: Any, index: RouteIndex) -> None:
    queries = Depends(index.check_queries)
    guards = {"open_router": [Depends(limited_by_address), queries], "router": [Depends(principal), queries]}
    for attribute, dependencies in guards.items():
        router: APIRouter | None = getattr(module, attribute, None)
        if router is not None:
            index.add(router, prefix=PREFIX)
            app.include_router(router, prefix=PREFIX, dependencies=dependencies)


def _add_document(app: FastAPI, index: RouteIndex) -> None:
    """Let the OpenAPI document be asked for, and be what `app.openapi()` gives."""
    app.openapi = partial(describe, app)  # type: ignore[method-assign]  # FastAPI's own way to extend the document
    router = APIRouter()

    @router.get("/openapi.json", include_in_schema=False)
    def openapi_document(who: Reader) -> JSONResponse:
        return JSONResponse(app.openapi())

    index.add(router, prefix=PREFIX)
    app.include_router(router, prefix=PREFIX)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: ServiceFactory = app.state.services
    services.databases.open()
    try:
        yield
    finally:
        close_services(services)


def end_streams(app: FastAPI) -> None:
    """End the streams of progress that are open, on the event loop: they would hold up the server's end."""
    streams: ProgressStreams | None = getattr(app.state, "progress", None)
    if streams is not None:
        streams.close()


def close_services(services: ServiceFactory) -> None:
    """End the children and close the stores that were opened."""
    opened = vars(services)
    for part in (opened.get("children"), vars(services.databases).get("documents")):
        if part is not None:
            part.close()


def _operation_id(route: APIRoute) -> str:
    return route.name
