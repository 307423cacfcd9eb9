"""Bringing bars of one's own in: the body is streamed into a file, and the file is read in a child."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

from blake3 import blake3
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from hindcast.api.deps import IdempotencyHeader, Services, Writer
from hindcast.api.errors import problem_of, request_id_of
from hindcast.api.idempotent import claimed_name
from hindcast.api.problem import FieldProblem, ProblemResponse, problems
from hindcast.api.schemas.bar_imports import ImportAnswer, ImportQuery
from hindcast.api.turns import Turns
from hindcast.bootstrap import ServiceFactory
from hindcast.domain.errors import ImportRefusedError, StrategyError
from hindcast.services.ports import ChildLimits

router = APIRouter(prefix="/market-data", tags=["market data"])

IMPORT_TASK: Final = "import_bars"
LIMITS: Final = ChildLimits(seconds=300.0, memory_bytes=2 * 1024**3)
ENDINGS: Final = {"text/csv": ".csv", "application/vnd.apache.parquet": ".parquet"}
_STEM: Final = "request-body"  # what reports call the file
_SHOWN: Final = 50  # findings of a refused import
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "CSV or Parquet; columns are recognised by name. At most 64 MiB",
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "date,symbol,open,high,low,close,volume\n2020-01-02,ACME,10,11,9.5,10.5,1200\n",
            },
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class _Sent(BaseModel):
    """What tells one import from another."""

    asked: ImportQuery
    media_type: str
    content: str  # BLAKE3 of the body


@router.post(
    "/import",
    summary="Bring in bars of your own",
    response_model=ImportAnswer,
    responses=problems(409),
    openapi_extra=_BODY,
)
async def import_bars(
    request: Request,
    services: Services,
    who: Writer,
    asked: Annotated[ImportQuery, Query()],
    key: IdempotencyHeader = None,
) -> ImportAnswer | ProblemResponse:
    """Check bars, and store all of them in one step, or none.

    The same rows once more change nothing; other rows for known days make a new version, and the old one stays. A
    refused import answers 422, with its findings. Market data is shared by all users of a service.
    """
    media_type = _media_type(request)
    imports: Turns = request.app.state.imports
    with imports.admitted(who.owner), tempfile.TemporaryDirectory(prefix="hindcast-import-") as folder:
        file = Path(folder) / f"{_STEM}{ENDINGS[media_type]}"
        digest = await _received(request, file)
        sent = _Sent(asked=asked, media_type=media_type, content=digest)
        await run_in_threadpool(claimed_name, request, who, key, sent)
        answer = await imports.take(lambda: _imported(services, file, asked))
    if answer.refused and not asked.dry_run:
        return _refused(request, answer)
    return answer


def _media_type(request: Request) -> str:
    """Raises HTTPException 415."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in ENDINGS:
        raise HTTPException(415, f"the body is sent as {given[:100] or 'nothing'}; expected {' or '.join(ENDINGS)}")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HTTPException(415, "the body is sent compressed; send it as it is")
    return given


async def _received(request: Request, file: Path) -> str:
    """The body's BLAKE3; the body is in the file."""
    digest = blake3()
    with file.open("wb") as written:
        async for part in request.stream():
            digest.update(part)
            await run_in_threadpool(written.write, part)
    return digest.hexdigest()


def _imported(services: ServiceFactory, file: Path, asked: ImportQuery) -> ImportAnswer:
    """Raises InputError, StorageError; ImportRefusedError where a file can't be read within the limits."""
    found: Any
    try:
        found = services.children.run(
            IMPORT_TASK,
            {
                "path": str(file),
                "home": str(services.settings.home.absolute()),
                "terms": asked.terms(),
                "dry_run": asked.dry_run,
            },
            limits=LIMITS,
        )
    except StrategyError as error:  # the child's limits, in the words of a file
        raise ImportRefusedError(f"the file can't be read here: {error}") from error
    return ImportAnswer.model_validate({**found["report"], "refusal": found["refusal"]})


def _refused(request: Request, answer: ImportAnswer) -> ProblemResponse:
    """The report of an import that stored nothing, as a problem."""
    findings = [
        FieldProblem(
            field=f"row {row.row}" + (f" ({row.symbol} {row.stamp}".rstrip() + ")" if row.symbol else ""),
            message=", ".join(row.reasons) + (f": {row.said}" if row.said else ""),
            remedy="Mend the row at its source.",
        )
        for row in answer.bad_rows
    ]
    problem = problem_of(
        ImportRefusedError(answer.refusal),
        path=request.url.path,
        request_id=request_id_of(request),
        errors=findings[:_SHOWN],
    )
    return ProblemResponse(problem, status_code=problem.status)
