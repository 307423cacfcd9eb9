"""Results over HTTP: the summary, and the rows of its tables."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from hindcast.domain.backtest import BacktestResult, RunManifest
from hindcast.domain.certificate import Certificate, Verdict
from hindcast.domain.performance import PerformanceMetrics

# Text: a stamp may be finer than the microseconds of a datetime.
Stamp = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["1999-02-17T00:00:00Z"]})]


class ResultAnswer(BaseModel):
    """What came of a backtest."""

    model_config = ConfigDict(frozen=True)

    backtest_id: str
    name: str
    strategy_type: str
    symbols: list[str]
    start_date: date
    end_date: date
    provider: str
    benchmark_symbol: str | None
    interval: str
    adjusted: bool
    data_versions: list[str] = Field(description="Of the bars and of the benchmark, where their source has versions")
    created_at: datetime
    performance: PerformanceMetrics
    final_portfolio_value: float
    total_trades: int
    ruined: bool
    lane: Literal["vectorised", "event"] = Field(description="How the strategy was run")
    verdict: Verdict = Field(description="Of the look-ahead proof")
    certificate: Certificate
    books_deviation: float | None = Field(description="Largest relative deviation of the accounting identities")
    notes: list[str]
    manifest: RunManifest
    tables: dict[str, int] = Field(description="The rows of each table", examples=[{"trades": 118, "fills": 236}])

    @classmethod
    def of(cls, result: BacktestResult) -> Self:
        """A result as an answer."""
        return cls(
            backtest_id=result.backtest_id,
            name=result.name,
            strategy_type=result.strategy_type,
            symbols=list(result.symbols),
            start_date=result.start_date,
            end_date=result.end_date,
            provider=result.provider,
            benchmark_symbol=result.benchmark_symbol,
            interval=result.interval,
            adjusted=result.adjusted,
            data_versions=list(result.data_versions),
            created_at=result.created_at,
            performance=result.performance,
            final_portfolio_value=result.final_portfolio_value,
            total_trades=result.total_trades,
            ruined=result.ruined,
            lane=result.lane,
            verdict=result.certificate.verdict,
            certificate=result.certificate,
            books_deviation=result.books_deviation,
            notes=list(result.notes),
            manifest=result.manifest,
            tables={artefact.name: artefact.rows for artefact in result.artefacts},
        )


class EquityRow(BaseModel):
    """The books at a bar's close; the first row is the initial capital before the first bar."""

    timestamp: Stamp
    equity: float | None
    cash: float | None
    gross_exposure: float | None
    net_exposure: float | None


class FillRow(BaseModel):
    """An execution."""

    timestamp: Stamp
    symbol: str
    side: str
    quantity: float | None
    price: float | None
    commission: float | None
    slippage: float | None
    order_id: int
    reason: str
    ambiguous: bool


class TradeRow(BaseModel):
    """A round trip."""

    symbol: str
    side: str
    quantity: float | None
    entry_time: Stamp
    entry_price: float | None
    exit_time: Stamp | None
    exit_price: float | None
    pnl: float | None
    return_: float | None = Field(alias="return")
    commission: float | None
    mae: float | None
    mfe: float | None


class OrderRow(BaseModel):
    """An order, with its end state and its reason."""

    order_id: int
    parent_id: int
    symbol: str
    side: str
    type: str
    quantity: float | None
    filled_quantity: float | None
    limit: float | None
    stop: float | None
    time_in_force: str
    status: str
    reason: str
    created_at: Stamp | None
    closed_at: Stamp | None


class _RowPage(BaseModel):
    """A page of a table, in the table's order."""

    next_cursor: str | None = Field(description="Asks for the next page; null at the end")
    total: int = Field(description="Rows of the whole table")


class EquityPage(_RowPage):
    """A page of the equity table."""

    items: list[EquityRow]


class FillPage(_RowPage):
    """A page of the fills table."""

    items: list[FillRow]


class TradePage(_RowPage):
    """A page of the trades table."""

    items: list[TradeRow]


class OrderPage(_RowPage):
    """A page of the orders table."""

    items: list[OrderRow]
