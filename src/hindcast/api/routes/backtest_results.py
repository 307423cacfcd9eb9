"""`/backtests/{backtest_id}/…`: what came of a backtest, as a summary, tables, and a report."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.responses import HTMLResponse, StreamingResponse

from hindcast.api.csv_tables import MEDIA_TYPE, csv_lines
from hindcast.api.deps import Cursor, Limit, Reader, Services
from hindcast.api.problem import problems
from hindcast.api.routes.backtests import BacktestId
from hindcast.api.schemas.results import EquityPage, FillPage, OrderPage, ResultAnswer, TradePage
from hindcast.api.table_rows import page_of_rows
from hindcast.api.turns import Turns
from hindcast.bootstrap import ServiceFactory

router = APIRouter(prefix="/backtests/{backtest_id}", tags=["results"])

# The report's own policy names the hashes of its scripts. This one gives it an origin of its own: no cookie is sent
# with what it might ask for, and it can't read the pages of the service.
REPORT_POLICY: Final = "sandbox allow-scripts; frame-ancestors 'self'"
_READ: Final = problems(401, 403, 404, 409, 422, 429)
_TABLE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A page of rows; or the whole table as CSV, with `format=csv` or `Accept: text/csv`",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    },
    **_READ,
}
_REPORT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "One HTML file that opens offline", "content": {"text/html": {"schema": {"type": "string"}}}},
    **_READ,
}


class TableRequest:
    """Which part of a table is wanted, and how it is written."""

    def __init__(
        self,
        backtest_id: BacktestId,
        cursor: Cursor = None,
        limit: Limit = 50,
        written: Annotated[
            Literal["json", "csv"] | None, Query(alias="format", description="By default what `Accept` prefers")
        ] = None,
        accept: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> None:
        self.backtest_id = backtest_id
        self.cursor = cursor
        self.limit = limit
        self.as_csv = written == "csv" or (written is None and _prefers_csv(accept or ""))


Wanted = Annotated[TableRequest, Depends()]


@router.get("/result", summary="What came of a backtest", responses=_READ)
def get_result(backtest_id: BacktestId, services: Services, who: Reader) -> ResultAnswer:
    """Give the result of a COMPLETED backtest: figures, proofs, and what it depends on."""
    return ResultAnswer.of(services.backtest_service.result(backtest_id, owner=who.owner))


@router.get("/trades", summary="The trades of a backtest", response_model=TradePage, responses=_TABLE)
def list_trades(wanted: Wanted, services: Services, who: Reader) -> Any:
    """Give closed round trips, in the order in which they ended."""
    return _table("trades", wanted, services, who)


@router.get("/fills", summary="The fills of a backtest", response_model=FillPage, responses=_TABLE)
def list_fills(wanted: Wanted, services: Services, who: Reader) -> Any:
    """Give executions, in the order in which they happened."""
    return _table("fills", wanted, services, who)


@router.get("/orders", summary="The orders of a backtest", response_model=OrderPage, responses=_TABLE)
def list_orders(wanted: Wanted, services: Services, who: Reader) -> Any:
    """Give orders, filled or not, each with its end state and its reason."""
    return _table("orders", wanted, services, who)


@router.get("/equity", summary="The equity of a backtest", response_model=EquityPage, responses=_TABLE)
def list_equity(wanted: Wanted, services: Services, who: Reader) -> Any:
    """Give the books at each close; the first row is the initial capital before the first bar."""
    return _table("equity", wanted, services, who)


@router.get("/report", summary="The report of a backtest", response_class=HTMLResponse, responses=_REPORT)
async def get_report(
    backtest_id: BacktestId,
    request: Request,
    services: Services,
    who: Reader,
    download: Annotated[Literal["0", "1", "false", "true"], Query(description="`1`: as a file to be saved")] = "0",
) -> Response:
    """Give the HTML report: figures, plots, trades, proofs. A few are made at a time; others wait for their turn."""
    reports: Turns = request.app.state.reports
    with reports.admitted(who.owner):
        report = await reports.take(lambda: _report(backtest_id, services, who.owner))
    headers = {"Content-Security-Policy": REPORT_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    if download in ("1", "true"):
        headers["Content-Disposition"] = f'attachment; filename="hindcast-report-{backtest_id}.html"'
    return HTMLResponse(report, headers=headers)


def _report(backtest_id: str, services: ServiceFactory, owner: str) -> str:
    from hindcast.reporting.report import build_report

    service = services.backtest_service
    result = service.result(backtest_id, owner=owner)
    tables = {artefact.name: service.table(result, artefact.name) for artefact in result.artefacts}
    return build_report(result, tables)


def _table(name: str, wanted: TableRequest, services: Services, who: Reader) -> Any:
    service = services.backtest_service
    result = service.result(wanted.backtest_id, owner=who.owner)
    columns = service.table(result, name)
    if wanted.as_csv:
        disposition = f'attachment; filename="{wanted.backtest_id}-{name}.csv"'
        return StreamingResponse(
            csv_lines(columns), media_type=MEDIA_TYPE, headers={"Content-Disposition": disposition}
        )
    table_hash = next(artefact.content_hash for artefact in result.artefacts if artefact.name == name)
    page = page_of_rows(columns, table_hash=table_hash, cursor=wanted.cursor, limit=wanted.limit)
    return {"items": page.items, "next_cursor": page.next_cursor, "total": page.total}


def _prefers_csv(accept: str) -> bool:
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return "text/csv" in kinds and not {"application/json", "*/*"} & set(kinds[: kinds.index("text/csv")])
