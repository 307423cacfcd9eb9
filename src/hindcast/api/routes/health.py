"""Whether the service lives, and whether it can work. Needs no credentials."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Response

from hindcast.api.deps import Services
from hindcast.api.schemas.service import HealthAnswer, ReadyAnswer
from hindcast.bootstrap import ServiceFactory
from hindcast.domain.errors import StorageError

open_router = APIRouter(tags=["service"])
root_router = APIRouter(include_in_schema=False)
_LOG: Final = logging.getLogger(__name__)


@root_router.get("/")
def service_index() -> dict[str, str]:
    """Where to go on from the bare address."""
    return {"service": "Hindcast", "api": "/api/v1", "openapi": "/api/v1/openapi.json", "health": "/api/v1/health"}


@open_router.get("/health", summary="Does it live")
async def health() -> HealthAnswer:  # a coroutine: it waits for no thread, however busy all of them are
    """Whether the service lives; asks nothing else. Needs no credentials."""
    return HealthAnswer(status="ok")


@open_router.get(
    "/ready",
    summary="Is it ready",
    responses={503: {"model": ReadyAnswer, "description": "Not ready; `parts` says why."}},
)
def ready(services: Services, response: Response) -> ReadyAnswer:
    """Whether the stores answer. Needs no credentials."""
    parts = {
        "documents": _state(services.databases.documents.ping),
        "data folder": _state(lambda: _write_something(services)),
    }
    works = set(parts.values()) == {"ok"}
    if services.settings.redis_url is not None:
        parts["cache"] = "ok" if _remembers(services) else "does not answer"
    if not works:
        response.status_code = 503
        response.headers["Retry-After"] = "2"
    return ReadyAnswer(status="ready" if works else "not ready", parts=parts)


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except (StorageError, OSError) as error:
        _LOG.warning("not ready: %s", error)  # the message may hold an address or a path: it stays in the log
        return "does not answer" if isinstance(error, StorageError) else "can't be written"
    return "ok"


def _remembers(services: ServiceFactory) -> bool:
    services.cache.set("ready", "yes", ttl_seconds=60.0)
    return services.cache.get("ready") == "yes"


def _write_something(services: ServiceFactory) -> None:
    with tempfile.TemporaryFile(dir=services.settings.home) as file:
        file.write(b"ready")
