"""`/strategies`: made, listed, read, changed, deleted, checked, copied."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

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
)
from hindcast.api.idempotent import claimed_id
from hindcast.api.problem import problems
from hindcast.api.schemas.strategies import (
    CloneBody,
    StrategyAnswer,
    StrategyBody,
    StrategyChanges,
    StrategyPage,
    TrialBody,
)
from hindcast.domain.strategy import Strategy
from hindcast.services.strategy.validation import ValidationReport

router = APIRouter(prefix="/strategies", tags=["strategies"])
StrategyId = Annotated[
    str,
    Path(min_length=1, max_length=128, examples=["0b54f1c2a3d94e5f8a7b6c5d4e3f2a1b"], description="A strategy's id"),
]
_ETAG: Final = {"description": "The strategy's revision", "schema": {"type": "string", "examples": ['"1"']}}
_LOCATION: Final = {"description": "The new strategy's path", "schema": {"type": "string"}}
_MADE: Final[dict[int | str, dict[str, Any]]] = {
    201: {"description": "Made.", "headers": {"Location": _LOCATION, "ETag": _ETAG}}
}
_SHOWN: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "The strategy.", "headers": {"ETag": _ETAG}}}
_READ: Final = problems(401, 403, 404, 422, 429)
_WRITTEN: Final = problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503)


@router.post("", status_code=201, summary="Make a strategy", responses={**_MADE, **_WRITTEN})
def create_strategy(
    body: StrategyBody,
    request: Request,
    response: Response,
    services: Services,
    who: Writer,
    key: IdempotencyHeader = None,
) -> StrategyAnswer:
    """Keep a strategy, once it was built with these parameters; a plug-in's is built in a process of its own."""
    strategy = services.strategies.create_from_template(
        body.strategy_type,
        body.parameters,
        name=body.name,
        description=body.description,
        owner=who.owner,
        strategy_id=claimed_id(request, who, key, body),
    )
    return _made(strategy, request, response)


@router.get("", summary="List strategies", responses=problems(401, 403, 422, 429))
def list_strategies(
    services: Services,
    who: Reader,
    cursor: Cursor = None,
    limit: Limit = 50,
    strategy_type: Annotated[
        str | None, Query(min_length=1, max_length=200, description="Those of this type only")
    ] = None,
) -> StrategyPage:
    """Give a page of your strategies, newest first."""
    page = services.strategy_service.page(owner=who.owner, cursor=cursor, limit=limit, strategy_type=strategy_type)
    items = [StrategyAnswer.of(each) for each in page.items]
    return StrategyPage(items=items, next_cursor=page.next_cursor, damaged=list(page.damaged))


@router.post("/validate", summary="Check a strategy that is not stored", responses=_WRITTEN)
def validate_trial(body: TrialBody, services: Services, who: Writer) -> ValidationReport:
    """Build it in a process of its own, run it on 300 sample bars with the full look-ahead proof, and tell all.

    What is wrong with the strategy is a finding, with field and remedy; the answer is a report all the same.
    """
    return services.strategies.validate(body.strategy_type, body.parameters)


@router.get("/{strategy_id}", summary="Show a strategy", responses={**_SHOWN, **_READ})
def show_strategy(strategy_id: StrategyId, response: Response, services: Services, who: Reader) -> StrategyAnswer:
    """Give one of your strategies."""
    return _shown(services.strategy_service.get(strategy_id, owner=who.owner), response)


@router.put("/{strategy_id}", summary="Replace a strategy", responses={**_SHOWN, **_WRITTEN})
def replace_strategy(
    strategy_id: StrategyId,
    body: StrategyBody,
    response: Response,
    services: Services,
    who: Writer,
    if_match: IfMatch = None,
) -> StrategyAnswer:
    """Put another in its place, under the same id. Backtests that are queued or done keep the one that they ran."""
    changed = services.strategies.change(
        strategy_id, owner=who.owner, changes=body.model_dump(), revision=expected_revision(if_match)
    )
    return _shown(changed, response)


@router.patch("/{strategy_id}", summary="Change a strategy", responses={**_SHOWN, **_WRITTEN})
def change_strategy(
    strategy_id: StrategyId,
    body: StrategyChanges,
    response: Response,
    services: Services,
    who: Writer,
    if_match: IfMatch = None,
) -> StrategyAnswer:
    """Change the fields that are named. Backtests that are queued or done keep the one that they ran."""
    changes = body.changes()
    changed = services.strategies.change(
        strategy_id, owner=who.owner, changes=changes, revision=expected_revision(if_match)
    )
    return _shown(changed, response)


@router.delete(
    "/{strategy_id}",
    status_code=204,
    summary="Delete a strategy",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
def delete_strategy(strategy_id: StrategyId, services: Services, who: Writer, if_match: IfMatch = None) -> None:
    """Take it away. Backtests that are queued or done keep the one that they ran."""
    services.strategy_service.delete(strategy_id, owner=who.owner, revision=expected_revision(if_match))


@router.post("/{strategy_id}/validate", summary="Check a strategy", responses=problems(401, 403, 404, 422, 429, 503))
def validate_strategy(strategy_id: StrategyId, services: Services, who: Writer) -> ValidationReport:
    """Build it in a process of its own, run it on 300 sample bars with the full look-ahead proof, and tell all.

    What is wrong with the strategy is a finding, with field and remedy; the answer is a report all the same.
    """
    strategy = services.strategy_service.get(strategy_id, owner=who.owner)
    return services.strategies.validate(strategy.strategy_type, strategy.parameters)


@router.post("/{strategy_id}/clone", status_code=201, summary="Copy a strategy", responses={**_MADE, **_WRITTEN})
def clone_strategy(
    strategy_id: StrategyId,
    request: Request,
    response: Response,
    services: Services,
    who: Writer,
    body: CloneBody | None = None,
    key: IdempotencyHeader = None,
) -> StrategyAnswer:
    """Keep a copy under another name."""
    wanted = body or CloneBody()
    copy = services.strategies.clone(
        strategy_id, owner=who.owner, name=wanted.name, new_id=claimed_id(request, who, key, wanted)
    )
    return _made(copy, request, response)


def _made(strategy: Strategy, request: Request, response: Response) -> StrategyAnswer:
    response.headers["Location"] = request.app.url_path_for("show_strategy", strategy_id=strategy.id)
    return _shown(strategy, response)


def _shown(strategy: Strategy, response: Response) -> StrategyAnswer:
    response.headers["ETag"] = etag(strategy.revision)
    return StrategyAnswer.of(strategy)
