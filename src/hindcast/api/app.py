"""The service as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI

from hindcast.api.errors import handle_errors
from hindcast.services.users.access import AccessControl

if TYPE_CHECKING:
    from fastapi.routing import APIRoute

    from hindcast.bootstrap import ServiceFactory

PREFIX: Final = "/api/v1"
ROUTES: Final = (
    "strategies.template",
    "strategies.strategy",
    "backtests",
    "backtest_results",
    "market_data",
    "auth",
    "users",
    "health",
    "metrics",
)


def create_app(services: ServiceFactory, *, access: AccessControl | None = None) -> FastAPI:
    """The service over these services; `access` is by default what the settings ask for."""
    app = FastAPI(
        title="Hindcast",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
    )
    app.state.services = services
    app.state.access = access or services.access
    handle_errors(app)
    for name in ROUTES:
        module = f"hindcast.api.routes.{name}"
        if _exists(module):
            app.include_router(import_module(module).router, prefix=PREFIX)
    return app


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: ServiceFactory = app.state.services
    services.databases.open()
    yield


def _operation_id(route: APIRoute) -> str:
    return route.name
