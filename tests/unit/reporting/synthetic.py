"""Runs made of seeded random prices and a moving-average rule, in the shape that the reports read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from hindcast.domain.backtest import BacktestResult, RunManifest
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.performance import PerformanceMetrics

DAY = np.timedelta64(1, "D")
FEE = 0.001


@dataclass(kw_only=True)
class Book:
    """One symbol's books while the rule trades it."""

    cash: float
    held: float = 0.0
    entry: tuple[int, float] | None = None


def weekdays(count, start="1999-01-04"):
    stamps = np.busday_offset(start, np.arange(count), roll="forward")
    return stamps.astype("datetime64[ns]")


def random_bars(count, seed, when, drift=0.0003):
    generator = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(generator.normal(drift, 0.011, count)))
    opened = np.concatenate((close[:1], close[:-1])) * np.exp(generator.normal(0, 0.003, count))
    spread = np.abs(generator.normal(0, 0.006, (2, count)))
    high = np.maximum(opened, close) * (1 + spread[0])
    low = np.minimum(opened, close) * (1 - spread[1])
    return {"timestamp": when, "open": opened, "high": high, "low": low, "close": close, "volume": np.full(count, 1e6)}


def text(values):
    return np.array(list(values), dtype=object)


def concatenated(parts):
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def trade_symbol(symbol, bars, capital, first_order):
    """Hold the symbol while its 10-bar mean is above its 30-bar mean; fills at the next open."""
    close, opened, when = bars["close"], bars["open"], bars["timestamp"]
    sums = np.concatenate(([0.0], np.cumsum(close)))
    wanted = np.zeros(len(close), dtype=bool)
    ends = np.arange(30, len(close) + 1)
    wanted[29:] = (sums[ends] - sums[ends - 10]) / 10 > (sums[ends] - sums[ends - 30]) / 30
    flips = np.flatnonzero(wanted[1:] != wanted[:-1]) + 2
    book, start = Book(cash=capital), 0
    fills: list[tuple[Any, ...]] = []
    trades: list[tuple[Any, ...]] = []
    cash, held = np.full(len(close), capital), np.zeros(len(close))
    for bar in flips[flips < len(close)]:
        cash[start:bar], held[start:bar] = book.cash, book.held
        start, price = bar, float(opened[bar])
        if book.held:
            fee = book.held * price * FEE
            fills.append((when[bar], symbol, "sell", book.held, price, fee, 0.0, first_order + len(fills), "", False))
            book.cash += book.held * price - fee
            assert book.entry is not None
            since, paid = book.entry
            fees = fee + book.held * paid * FEE
            pnl = book.held * (price - paid) - fees
            worst = min(0.0, float(bars["low"][since : bar + 1].min()) / paid - 1)
            best = max(0.0, float(bars["high"][since : bar + 1].max()) / paid - 1)
            share = pnl / (paid * book.held)
            trades.append(
                (symbol, "long", book.held, when[since], paid, when[bar], price, pnl, share, fees, worst, best)
            )
            book.held = 0.0
        else:
            quantity = book.cash / (price * (1 + FEE))
            fee = quantity * price * FEE
            fills.append((when[bar], symbol, "buy", quantity, price, fee, 0.0, first_order + len(fills), "", False))
            book.cash -= quantity * price + fee
            book.held, book.entry = quantity, (int(bar), price)
    cash[start:], held[start:] = book.cash, book.held
    still = []
    if book.held and book.entry:
        since, paid = book.entry
        last = float(close[-1])
        pnl = book.held * (last - paid)
        still.append(
            (symbol, "long", book.held, when[since], paid, when[-1], last, pnl, last / paid - 1, 0.0, -0.01, 0.05)
        )
    return cash, held * close, fills, trades, still


FILLS = "timestamp symbol side quantity price commission slippage order_id reason ambiguous".split()
TRADES = "symbol side quantity entry_time entry_price exit_time exit_price pnl return commission mae mfe".split()
ORDERS = (
    "order_id parent_id symbol side type quantity filled_quantity limit stop time_in_force status reason "
    "created_at closed_at"
).split()
_STAMPS = {"timestamp", "entry_time", "exit_time", "created_at", "closed_at"}
_TEXTS = {"symbol", "side", "reason", "type", "time_in_force", "status"}


def as_table(rows, names):
    """Rows of tuples as the contract's columns."""
    columns: dict[str, Any] = {}
    for place, name in enumerate(names):
        values = [row[place] for row in rows]
        if name in _STAMPS:
            columns[name] = np.array(values, dtype="datetime64[ns]")
        elif name in _TEXTS:
            columns[name] = text(values)
        else:
            columns[name] = np.array(values, dtype=bool if name == "ambiguous" else float)
    return columns


def performance_of(equity, trades, *, periods_per_year=252.0, common=0):
    """The metrics that the page words specially; the others stay undefined."""
    returns = equity[1:] / equity[:-1] - 1 if len(equity) > 1 else np.empty(0)
    peak = np.maximum.accumulate(equity)
    profit = np.array([trade[7] for trade in trades])
    years = max(len(returns), 1) / periods_per_year
    varies = len(returns) > 1 and returns.std() > 0
    values = {
        "total_return": equity[-1] / equity[0] - 1,
        "annualized_return": (equity[-1] / equity[0]) ** (1 / years) - 1 if equity[-1] > 0 else -1.0,
        "volatility": returns.std(ddof=1) * np.sqrt(periods_per_year) if varies else None,
        "sharpe_ratio": returns.mean() / returns.std(ddof=1) * np.sqrt(periods_per_year) if varies else None,
        "max_drawdown": float((1 - equity / peak).max()),
        "total_trades": len(trades),
        "win_rate": float((profit > 0).mean()) if len(profit) else None,
        "total_commission": float(sum(trade[9] for trade in trades)),
        "periods_per_year": periods_per_year,
        "risk_free_rate": 0.0,
        "observations": len(returns),
        "start": datetime(1999, 1, 4, tzinfo=UTC),
        "end": datetime(2018, 12, 31, tzinfo=UTC),
        "benchmark_common_observations": common,
        "benchmark_dropped_dates": 0,
        "ruined": False,
    }
    for name, field in PerformanceMetrics.model_fields.items():
        if name not in values and field.is_required():
            values[name] = None
    return PerformanceMetrics(**values)


def make_run(
    *,
    symbols=("SPX",),
    bars=1_000,
    seed=7,
    benchmark=True,
    name="",
    strategy_type="sma_crossover",
    parameters=None,
    notes=(),
    provider="sample",
    when=None,
):
    """A run of the rule over random bars: `(result, tables)` by the contract."""
    when = weekdays(bars) if when is None else when
    capital = 100_000.0
    parts: list[dict[str, Any]] = []
    fills: list[tuple[Any, ...]] = []
    trades: list[tuple[Any, ...]] = []
    still: list[tuple[Any, ...]] = []
    cash, value = np.zeros(bars), np.zeros(bars)
    for place, symbol in enumerate(symbols):
        panel = random_bars(bars, seed + place, when)
        own_cash, own_value, own_fills, own_trades, own_still = trade_symbol(
            symbol, panel, capital / len(symbols), 1 + len(fills)
        )
        cash, value = cash + own_cash, value + own_value
        fills, trades, still = fills + own_fills, trades + own_trades, still + own_still
        parts.append(panel | {"symbol": text([symbol] * bars)})
    fills.sort(key=lambda row: row[0])
    trades.sort(key=lambda row: row[5])
    spacing = when[1] - when[0] if bars > 1 else DAY
    equity = np.concatenate(([capital], cash + value))
    zero = np.zeros(1)
    tables = {
        "equity": {
            "timestamp": np.concatenate((when[:1] - spacing, when)),
            "equity": equity,
            "cash": np.concatenate(([capital], cash)),
            "gross_exposure": np.concatenate((zero, value)),
            "net_exposure": np.concatenate((zero, value)),
        },
        "fills": as_table(fills, FILLS),
        "trades": as_table(trades, TRADES),
        "open_trades": as_table(still, TRADES),
        "orders": as_table(
            [
                (f[7], 0, f[1], f[2], "market", f[3], f[3], np.nan, np.nan, "GTC", "filled", "", f[0], f[0])
                for f in fills
            ],
            ORDERS,
        ),
        "bars": concatenated(parts),
    }
    if benchmark:
        held = random_bars(bars, seed, when)
        tables["benchmark"] = {"timestamp": when, "value": held["close"]}
    result = BacktestResult(
        backtest_id="bt-0001",
        name=name,
        strategy_type=strategy_type,
        symbols=symbols,
        start_date=when[0].astype("datetime64[D]").item(),
        end_date=when[-1].astype("datetime64[D]").item(),
        provider=provider,
        benchmark_symbol=symbols[0] if benchmark else None,
        created_at=datetime(2024, 5, 1, 12, 0, tzinfo=UTC),
        performance=performance_of(equity, trades, common=bars if benchmark else 0),
        final_portfolio_value=float(equity[-1]),
        total_trades=len(trades),
        manifest=make_manifest(strategy_type, parameters),
        notes=notes,
    )
    return result, tables


def make_manifest(strategy_type="sma_crossover", parameters=None):
    return RunManifest(
        id="6f1c0d9a" * 8,
        data_hash="0a" * 32,
        strategy_type=strategy_type,
        strategy_hash="1b" * 32,
        parameters=parameters if parameters is not None else {"short_window": 10, "long_window": 30},
        config=BacktestConfig(commission={"rate": FEE}).model_dump(mode="json"),
        engine_version="0.1.0",
        engine_hash="2c" * 32,
        environment={"python": "3.11.9", "numpy": "2.3.0", "platform": "linux-x86_64"},
    )
