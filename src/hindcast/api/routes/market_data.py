"""Market data: symbols, what is known of them, their bars; and having a vendor asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from hindcast.api.csv_tables import MEDIA_TYPE as CSV
from hindcast.api.csv_tables import csv_lines
from hindcast.api.deps import Cursor, IdempotencyHeader, Limit, Reader, Services, Writer
from hindcast.api.idempotent import claimed_name
from hindcast.api.problem import problems
from hindcast.api.schemas.market_data import (
    BarPageAnswer,
    BarRow,
    CoverageAnswer,
    FetchAnswer,
    FetchBody,
    FetchedSymbol,
    ProviderAnswer,
    ProviderPage,
    SymbolAnswer,
    SymbolPage,
    VersionAnswer,
    VersionPage,
)
from hindcast.api.schemas.strict import Interval, IsoDate, Provider, Symbol
from hindcast.api.table_rows import rows
from hindcast.api.turns import Turns
from hindcast.bootstrap import ServiceFactory
from hindcast.domain.errors import ProviderUnavailableError
from hindcast.domain.intervals import DAILY
from hindcast.services.market_data.bars_request import BarsRequest
from hindcast.services.market_data.long_bars import bar_columns, bar_places
from hindcast.services.ports import PanelTable

router = APIRouter(prefix="/market-data", tags=["market data"])

FETCH_SECONDS: Final = 120.0
_ROWS_AT_ONCE: Final = 20_000
_FILE: Final = 'attachment; filename="bars.csv"'

ProviderName = Annotated[Provider, Query(description="The name of a source", examples=["sample"])]
IntervalName = Annotated[Interval, Query(description="How long a bar is")]
SymbolNames = Annotated[
    list[Symbol], Query(min_length=1, max_length=1_000, description="Each once; may be given again", examples=[["SPX"]])
]
_BARS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The bars", "content": {"text/csv": {"schema": {"type": "string"}}}}
}


@router.get("/providers", summary="List the sources of bars")
def list_providers(services: Services, who: Reader, cursor: Cursor = None, limit: Limit = 50) -> ProviderPage:
    """The sample data, the vendors, and the names that bars were imported under."""
    page = services.market_data_browser.providers(cursor=cursor, limit=limit)
    return ProviderPage(items=[ProviderAnswer.of(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/symbols", summary="List the symbols of a source")
def list_symbols(
    services: Services,
    who: Reader,
    provider: ProviderName,
    search: Annotated[str, Query(max_length=100, description="Words in symbol or name")] = "",
    interval: Annotated[Interval | None, Query(description="Only of this length")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> SymbolPage:
    """What a source has here; of a vendor, what was fetched from it."""
    page = services.market_data_browser.symbols(provider, search=search, interval=interval, cursor=cursor, limit=limit)
    return SymbolPage(items=[SymbolAnswer.of(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/coverage", summary="Tell which days of a symbol are known")
def get_coverage(
    services: Services,
    who: Reader,
    provider: ProviderName,
    symbol: Annotated[Symbol, Query(examples=["SPX"])],
    interval: IntervalName = DAILY,
) -> CoverageAnswer:
    """The days that the source has answered for, and those that it was asked for and did not give."""
    return CoverageAnswer.of(services.market_data_browser.coverage(provider, symbol, interval))


@router.get("/versions", summary="List the versions of a source's bars")
def list_versions(
    services: Services,
    who: Reader,
    provider: ProviderName,
    interval: IntervalName = DAILY,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> VersionPage:
    """When each became known, by what, and what it restated; the newest first."""
    page = services.market_data_browser.versions(provider, interval, cursor=cursor, limit=limit)
    return VersionPage(items=[VersionAnswer.of(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/bars", summary="Read bars", response_model=BarPageAnswer, responses=_BARS | problems(404))
def read_bars(  # the question, word by word
    services: Services,
    who: Reader,
    provider: ProviderName,
    symbols: SymbolNames,
    start: Annotated[IsoDate | None, Query(description="The first day; none: from the first bar on")] = None,
    end: Annotated[IsoDate | None, Query(description="The last day; none: to the last bar")] = None,
    interval: IntervalName = DAILY,
    adjusted: Annotated[bool, Query(description="Prices with splits and dividends worked in")] = False,
    version: Annotated[
        str | None, Query(max_length=200, pattern="^[0-9a-f]{1,64}$", description="Its id; none: the newest")
    ] = None,
    format: Annotated[  # the name that clients know
        Literal["json", "csv"], Query(description="`csv`: all bars at once, as a stream")
    ] = "json",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> BarPageAnswer | StreamingResponse:
    """Bars by time, then by symbol. No vendor is asked: POST /market-data/fetch does that."""
    pins = [] if version is None else [f"{provider}/{interval}@{version}"]
    request = BarsRequest.of(
        symbols, start, end, provider=provider, interval=interval, adjusted=adjusted, versions=pins
    )
    if format == "csv":
        table = services.market_data_browser.bars(request)
        return StreamingResponse(_csv(table), media_type=CSV, headers={"Content-Disposition": _FILE})
    page = services.market_data_browser.page_of_bars(request, cursor=cursor, limit=limit)
    columns = bar_columns(page.table, page.places)
    return BarPageAnswer(
        provider=provider,
        interval=request.interval,
        adjusted=page.table.adjusted,
        version=page.table.version,
        notes=list(page.table.notes),
        items=[BarRow.model_validate(row) for row in rows(columns, 0, len(page.places))],
        next_cursor=page.next_cursor,
    )


@router.post("/fetch", summary="Have a vendor asked for bars", responses=problems(409, 502))
async def fetch_bars(
    body: FetchBody, request: Request, services: Services, who: Writer, key: IdempotencyHeader = None
) -> FetchAnswer:
    """Fetch what is missing of these symbols, and store it; what is known is not asked for.

    Symbol after symbol: the first failure ends it, and what came before it is stored.
    """
    fetches: Turns = request.app.state.fetches
    with fetches.admitted(who.owner):
        await run_in_threadpool(claimed_name, request, who, key, body)
        return await fetches.take(lambda: _fetched(body, services))


def _fetched(body: FetchBody, services: ServiceFactory) -> FetchAnswer:
    """Have the vendor asked, on an event loop of its own."""
    asked = BarsRequest.of(body.symbols, body.start_date, body.end_date, provider=body.provider, interval=body.interval)

    async def fetch() -> FetchAnswer:
        work = services.market_data.fetch(asked, again=body.again)
        try:
            reports = await asyncio.wait_for(work, FETCH_SECONDS)
        except TimeoutError:
            raise ProviderUnavailableError(
                f"'{body.provider}' took more than {FETCH_SECONDS:g} s for {len(asked.symbols)} symbols; what came is "
                "stored: ask again for the rest"
            ) from None
        return FetchAnswer(reports=[FetchedSymbol.of(report) for report in reports])

    return asyncio.run(fetch())


def _csv(table: PanelTable) -> Iterator[str]:
    """All bars of a table, some thousand at a time."""
    places = bar_places(table)
    for first in range(0, max(len(places), 1), _ROWS_AT_ONCE):
        lines = csv_lines(bar_columns(table, places[first : first + _ROWS_AT_ONCE]))
        heading = next(lines)
        if not first:
            yield heading
        yield from lines
