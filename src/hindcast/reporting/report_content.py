"""What the report says, ready for its template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hindcast.domain.backtest import BacktestResult
from hindcast.reporting.curves import drawdowns
from hindcast.reporting.figures import equity_and_drawdown, exposure, monthly_returns, rolling_sharpe
from hindcast.reporting.figures.candles import draw_candles
from hindcast.reporting.formatting import money, percent
from hindcast.reporting.headline import Tile, headline
from hindcast.reporting.metric_table import MetricGroup, metric_groups
from hindcast.reporting.order_summary import OrderSummary, order_summary
from hindcast.reporting.proof_summary import ProofSummary, books_line, proof_summary
from hindcast.reporting.reproduction import reproduction_script
from hindcast.reporting.run_tables import Tables, floats, rows_by_word, stamp_texts, stamps, words
from hindcast.reporting.safe_json import escape_json, script_json
from hindcast.reporting.theme import LIGHT, colour_swap
from hindcast.reporting.trade_rows import trade_columns

if TYPE_CHECKING:
    from markupsafe import Markup
    from plotly.graph_objects import Figure

    from hindcast.engine.bounds import Bounds

MAX_SYMBOLS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class CandlePanel:
    """The candles of one symbol."""

    symbol: str
    fills: int
    json: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """Everything that the template shows."""

    title: str
    tiles: tuple[Tile, ...]
    cautions: tuple[str, ...]
    equity_summary: str
    log_possible: bool
    figures: dict[str, Markup]
    heights: dict[str, int]
    candles: tuple[CandlePanel, ...]
    symbols_left_out: int
    trades: Markup
    orders: OrderSummary
    metrics: tuple[MetricGroup, ...]
    metrics_basis: str
    proof: ProofSummary
    config: tuple[tuple[str, str], ...]
    manifest: tuple[tuple[str, str], ...]
    environment: tuple[tuple[str, str], ...]
    script: str
    colour_swap: Markup


def report_content(
    result: BacktestResult, tables: Tables, *, title: str | None = None, bounds: Bounds | None = None
) -> ReportContent:
    """Draw the figures and word the sentences of a result's report."""
    from markupsafe import Markup

    drawn = {
        "equity": equity_and_drawdown(result, tables),
        "months": monthly_returns(result, tables),
        "sharpe": rolling_sharpe(result, tables),
        "exposure": exposure(result, tables),
    }
    candles = _candle_panels(result, tables)
    equity = floats(tables, "equity", "equity")
    manifest = result.manifest
    trades = {"closed": trade_columns(tables, "trades"), "open": trade_columns(tables, "open_trades")}
    return ReportContent(
        title=title or _title(result),
        tiles=headline(result, tables),
        cautions=_cautions(result, bounds),
        equity_summary=_equity_summary(tables),
        log_possible=bool(len(equity)) and bool(np.nanmin(equity, initial=np.inf) > 0),
        figures={name: _figure_json(drawing) for name, drawing in drawn.items()},
        heights={name: int(drawing.layout.height) for name, drawing in drawn.items()},
        candles=candles,
        symbols_left_out=len(result.symbols) - len(candles),
        trades=Markup(script_json(trades)),
        orders=order_summary(tables),
        metrics=metric_groups(result.performance),
        metrics_basis=_metrics_basis(result),
        proof=proof_summary(result.certificate),
        config=_flat(manifest.config),
        manifest=_identity(result),
        environment=_flat(dict(manifest.environment)),
        script=reproduction_script(result),
        colour_swap=Markup(script_json(colour_swap())),
    )


def _title(result: BacktestResult) -> str:
    """The name that someone chose; one that only repeats the strategy's says nothing of what was traded."""
    if result.name and result.name != result.strategy_type:
        return result.name
    return f"{result.strategy_type} on {_some(result.symbols)}"


def _some(symbols: tuple[str, ...]) -> str:
    shown = ", ".join(symbols[:3])
    return shown if len(symbols) <= 3 else f"{shown} and {len(symbols) - 3} more"


def _cautions(result: BacktestResult, bounds: Bounds | None) -> tuple[str, ...]:
    said = list(result.notes)
    if result.ruined:
        said.insert(0, "The account was ruined: equity reached zero, and trading stopped there.")
    if bounds is not None and bounds.lower < bounds.upper:
        said.append(
            "Depending on how the bars that don't tell the order of their prices are read, the same orders end between "
            f"{money(bounds.lower)} and {money(bounds.upper)}; this run ended at {money(bounds.run)}."
        )
    dropped = result.performance.benchmark_dropped_dates
    if result.benchmark_symbol and dropped:
        said.append(f"Dates that only the run or only the benchmark has are left out of their comparison: {dropped:,}.")
    return tuple(said)


def _equity_summary(tables: Tables) -> str:
    when, equity = stamps(tables, "equity"), floats(tables, "equity", "equity")
    known = np.isfinite(equity)
    when, equity = when[known], equity[known]
    if not len(equity):
        return "The run has no equity."
    said = f"{money(equity[0])} became {money(equity[-1])}."
    falls = drawdowns(equity)
    if falls.min() < 0:
        deepest = int(falls.argmin())
        said += f" Deepest fall: {percent(-falls[deepest])}, reached on {stamp_texts(when[[deepest]])[0]}."
    return said


def _metrics_basis(result: BacktestResult) -> str:
    performance = result.performance
    return (
        f"The risk-free rate is {percent(performance.risk_free_rate, digits=2)} a year; "
        f"a year has {performance.periods_per_year:g} bars."
    )


def _figure_json(drawing: Figure) -> Markup:
    from markupsafe import Markup

    return Markup(escape_json(str(drawing.to_json(validate=False))))


def _candle_panels(result: BacktestResult, tables: Tables) -> tuple[CandlePanel, ...]:
    """The symbols with the most fills, in the run's order."""
    fills = rows_by_word(words(tables, "fills", "symbol"), result.symbols)
    most = sorted(result.symbols, key=lambda symbol: -len(fills[symbol]))[:MAX_SYMBOLS]
    shown = [symbol for symbol in result.symbols if symbol in set(most)]
    rows = rows_by_word(words(tables, "bars", "symbol"), shown)
    return tuple(
        CandlePanel(
            symbol=symbol,
            fills=len(fills[symbol]),
            json=_figure_json(draw_candles(tables, symbol, rows[symbol], fills[symbol], LIGHT)),
        )
        for symbol in shown
    )


def _identity(result: BacktestResult) -> tuple[tuple[str, str], ...]:
    manifest = result.manifest
    return (
        ("manifest id", manifest.id),
        ("backtest id", result.backtest_id),
        ("data", manifest.data_hash),
        ("benchmark data", manifest.benchmark_hash or "none"),
        ("strategy", manifest.strategy_type),
        ("strategy code", manifest.strategy_hash),
        ("engine version", manifest.engine_version),
        ("engine code", manifest.engine_hash),
        ("books", books_line(result) or "not checked"),
        ("created", result.created_at.isoformat(timespec="seconds")),
    )


def _flat(values: object, prefix: str = "") -> tuple[tuple[str, str], ...]:
    """Nested settings as `commission.rate`, `0.001` pairs."""
    if isinstance(values, dict):
        return tuple(
            pair for name, value in values.items() for pair in _flat(value, f"{prefix}.{name}" if prefix else name)
        )
    return ((prefix, "none" if values is None else str(values).lower() if isinstance(values, bool) else str(values)),)
