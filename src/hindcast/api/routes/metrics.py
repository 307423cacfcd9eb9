"""What Prometheus reads."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from hindcast.api.deps import Reader, Services
from hindcast.api.meters import MEDIA_TYPE
from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.users import Scope

router = APIRouter(tags=["service"])
_COUNTED: Final = 200  # jobs are counted up to here: the number tells "many" beyond it


@router.get(
    "/metrics",
    summary="Meters for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus's format."}},
)
def metrics(who: Reader, request: Request, services: Services) -> Response:
    """Requests by route and the queue, as Prometheus reads them (in server mode: admins)."""
    if services.settings.mode == "server":
        who.require(Scope.ADMIN)
    jobs = {
        str(status).lower(): services.jobs.count(status, most=_COUNTED)
        for status in (BacktestStatus.QUEUED, BacktestStatus.RUNNING)
    }
    return Response(request.app.state.meters.exposition(jobs), media_type=MEDIA_TYPE)
