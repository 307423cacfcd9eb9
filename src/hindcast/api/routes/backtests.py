"""`/backtests`: made, listed, read, changed, run, watched, stopped, deleted."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from hindcast.api.deps import (
    Cursor,
    IdempotencyHeader,
    IfMatch,
    Limit,
    Reader,
    Services,
    Writer,
    etag,
    expected_revision,
    is_still_known,
)
from hindcast.api.idempotent import claimed_id, claimed_name
from hindcast.api.problem import problems
from hindcast.api.progress_stream import MEDIA_TYPE, EventStream, ProgressStreams, has_ended, seen_version
from hindcast.api.schemas.backtests import BacktestAnswer, BacktestBody, BacktestChanges, BacktestPage, StatusAnswer
from hindcast.domain.backtest import Backtest, BacktestStatus
from hindcast.services.backtest.service import BacktestService, Sighting

router = APIRouter(prefix="/backtests", tags=["backtests"])

BacktestId = Annotated[str, Path(description="Of the backtest", examples=["6f1d2c3b4a594e8f9a0b1c2d3e4f5a6b"])]
_ETAG: Final = {"description": "The revision of the question", "schema": {"type": "string", "examples": ['"1"']}}
_PLACE: Final = {"schema": {"type": "string"}}
_MADE: Final[dict[int | str, dict[str, Any]]] = {
    201: {
        "description": "Made.",
        "headers": {"Location": {"description": "The new backtest's path", **_PLACE}, "ETag": _ETAG},
    }
}
_SHOWN: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "The backtest.", "headers": {"ETag": _ETAG}}}
_ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "description": "Queued, and kept whatever happens to this server.",
        "headers": {"Location": {"description": "Where its status is", **_PLACE}, "ETag": _ETAG},
    }
}
_READ: Final = problems(401, 403, 404, 422, 429)
_WRITTEN: Final = problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
_TEXT: Final = {"type": "string"}
_EVENT: Final = {  # what each event is
    "type": "object",
    "properties": {
        "event": {"const": "status", **_TEXT},
        "id": {"description": "`Last-Event-ID` takes it", **_TEXT},
        "data": {"description": "The body of `/status`, as JSON", **_TEXT},
        "retry": {"type": "integer", "description": "Milliseconds to wait before coming again"},
    },
}
_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "`status` events, each with the body of `/status`: the present one at once, then each change, "
        "until the backtest has ended",
        "content": {MEDIA_TYPE: {"schema": _EVENT}},
    },
    204: {"description": "It has ended, and `Last-Event-ID` says that the client knows: it need not come again"},
}


@router.post("", status_code=201, summary="Make a backtest", responses={**_MADE, **_WRITTEN})
def create_backtest(
    body: BacktestBody,
    request: Request,
    response: Response,
    services: Services,
    who: Writer,
    key: IdempotencyHeader = None,
) -> BacktestAnswer:
    """Keep a backtest, PENDING. What could only fail when it is run is refused at once."""
    made_id = claimed_id(request, who, key, body)
    made = services.backtest_service.create(body.question(), owner=who.owner, backtest_id=made_id)
    response.headers["Location"] = f"{request.url.path}/{made.id}"
    return _answer(made, response)


@router.get("", summary="List backtests", responses=problems(401, 403, 422, 429))
def list_backtests(
    services: Services,
    who: Reader,
    status: Annotated[BacktestStatus | None, Query(description="Only those that are in this state")] = None,
    strategy_id: Annotated[str | None, Query(max_length=128, description="Only those of this strategy")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> BacktestPage:
    """Give a page of your backtests, newest first."""
    page = services.backtest_service.page(
        owner=who.owner, status=status, strategy_id=strategy_id, cursor=cursor, limit=limit
    )
    items = [BacktestAnswer.of(each) for each in page.items]
    return BacktestPage(items=items, next_cursor=page.next_cursor, damaged=list(page.damaged))


@router.get("/{backtest_id}", summary="Read a backtest", responses={**_SHOWN, **_READ})
def get_backtest(backtest_id: BacktestId, response: Response, services: Services, who: Reader) -> BacktestAnswer:
    """Give a backtest: what was asked, and how far it is."""
    return _answer(services.backtest_service.get(backtest_id, owner=who.owner), response)


@router.put("/{backtest_id}", summary="Replace a backtest", responses={**_SHOWN, **_WRITTEN})
def replace_backtest(
    backtest_id: BacktestId,
    body: BacktestBody,
    response: Response,
    services: Services,
    who: Writer,
    if_match: IfMatch = None,
) -> BacktestAnswer:
    """Ask something else in the place of a PENDING backtest."""
    question = body.question()
    changes = {name: getattr(question, name) for name in type(body).model_fields}
    changed = services.backtest_service.update(
        backtest_id, owner=who.owner, changes=changes, revision=expected_revision(if_match)
    )
    return _answer(changed, response)


@router.patch("/{backtest_id}", summary="Change a backtest", responses={**_SHOWN, **_WRITTEN})
def change_backtest(
    backtest_id: BacktestId,
    body: BacktestChanges,
    response: Response,
    services: Services,
    who: Writer,
    if_match: IfMatch = None,
) -> BacktestAnswer:
    """Change the fields that are named of a PENDING backtest."""
    changes = body.changes()
    changed = services.backtest_service.update(
        backtest_id, owner=who.owner, changes=changes, revision=expected_revision(if_match)
    )
    return _answer(changed, response)


@router.delete("/{backtest_id}", status_code=204, summary="Delete a backtest", responses=_WRITTEN)
def delete_backtest(backtest_id: BacktestId, services: Services, who: Writer, if_match: IfMatch = None) -> None:
    """Delete a backtest and its result; one that is queued or runs has to be cancelled first."""
    services.backtest_service.delete(backtest_id, owner=who.owner, revision=expected_revision(if_match))


@router.post("/{backtest_id}/execute", status_code=202, summary="Run a backtest", responses={**_ACCEPTED, **_WRITTEN})
def execute_backtest(
    backtest_id: BacktestId,
    request: Request,
    response: Response,
    services: Services,
    who: Writer,
    key: IdempotencyHeader = None,
) -> BacktestAnswer:
    """Queue a backtest, with its strategy as it is now. A FAILED or CANCELLED one can be executed again."""
    name = claimed_name(request, who, key) or ""
    queued = services.backtest_service.execute(backtest_id, owner=who.owner, key=name)
    response.headers["Location"] = f"{request.url.path.removesuffix('/execute')}/status"
    return _answer(queued, response)


@router.post("/{backtest_id}/cancel", summary="Stop a backtest", responses={**_SHOWN, **_WRITTEN})
def cancel_backtest(backtest_id: BacktestId, response: Response, services: Services, who: Writer) -> BacktestAnswer:
    """Cancel a backtest that is queued or runs; its process ends within seconds."""
    return _answer(services.backtest_service.cancel(backtest_id, owner=who.owner), response)


@router.get("/{backtest_id}/status", summary="How far a backtest is", responses=_READ)
def get_backtest_status(backtest_id: BacktestId, services: Services, who: Reader) -> StatusAnswer:
    """Give state, progress, times, and why it failed."""
    return StatusAnswer.of(services.backtest_service.get(backtest_id, owner=who.owner))


@router.get(
    "/{backtest_id}/events",
    summary="Watch a backtest",
    response_class=StreamingResponse,
    responses={**_EVENTS, **_READ},
)
async def watch_backtest(
    backtest_id: BacktestId,
    request: Request,
    services: Services,
    who: Reader,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", max_length=40, description="The last event that was seen")
    ] = None,
) -> Response:
    """Send the status as server-sent events: at once, and each time that it changes, until the backtest has ended."""
    streams = _streams(request, services.backtest_service)
    sighting = await run_in_threadpool(_sighting, services.backtest_service, backtest_id, who.owner)
    seen = seen_version(last_event_id)
    if sighting.version == seen and has_ended(sighting.backtest):
        return Response(status_code=204)
    streams.admit(who.owner)
    events = streams.events(sighting, seen=seen, allowed=lambda: is_still_known(request))
    return EventStream(events, lambda: streams.leave(who.owner))


def _answer(backtest: Backtest, response: Response) -> BacktestAnswer:
    response.headers["ETag"] = etag(backtest.revision)
    return BacktestAnswer.of(backtest)


def _sighting(service: BacktestService, backtest_id: str, owner: str) -> Sighting:
    service.get(backtest_id, owner=owner)
    found = service.look(backtest_id)
    assert found is not None  # no document has the version 0
    return found


def _streams(request: Request, service: BacktestService) -> ProgressStreams:
    """The application's streams; this runs on its event loop, so that there are only one."""
    state = request.app.state
    if not hasattr(state, "progress"):
        state.progress = ProgressStreams(lambda name, version: service.look(name, known=version))
    streams: ProgressStreams = state.progress
    return streams
