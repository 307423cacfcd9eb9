from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.services.backtest.panels import some_bars

import hindcast as hc
from hindcast.engine import layout
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.engine.trade_engine import TradeEngine
from hindcast.services.backtest.tables import as_frame, positions_table, run_tables

DAY = np.timedelta64(1, "D")


def split_bars() -> hc.Bars:
    """Two symbols over eight days; AAA splits 2:1 on the third and the sixth day."""
    close = np.full((8, 2), 100.0)
    split = np.ones((8, 2))
    split[[2, 5], 0] = 2.0
    close[2:, 0] = 50.0
    close[5:, 0] = 25.0
    stamps = np.arange("2020-01-01", 8, dtype="M8[D]")
    return hc.Bars.from_numpy(stamps, ("AAA", "BBB"), close, close, close, close, split=split)


def simulated(bars: hc.Bars, buys: list[tuple[int, int]], sells: Sequence[tuple[int, int]] = ()) -> PortfolioHistory:
    buy, sell = np.zeros(bars.shape, dtype=bool), np.zeros(bars.shape, dtype=bool)
    for place in buys:
        buy[place] = True
    for place in sells:
        sell[place] = True
    return TradeEngine().simulate(
        hc.Signals.from_entries(buy, sell), bars, hc.BacktestConfig(initial_capital=10_000, sizing=hc.FixedQuantity(8))
    )


def test_the_equity_table_begins_with_the_initial_capital_before_the_first_bar() -> None:
    bars = some_bars(5)
    tables = run_tables(simulated(bars, [(1, 0)]), bars)
    equity = tables["equity"]
    assert len(equity["timestamp"]) == 6
    assert equity["timestamp"][0] == np.datetime64("2019-12-31")
    assert [equity[name][0] for name in ("equity", "cash", "gross_exposure", "net_exposure")] == [10_000.0] * 2 + [
        0.0
    ] * 2
    assert equity["cash"] + equity["net_exposure"] == pytest.approx(equity["equity"], rel=1e-12)


def test_tables_have_the_columns_that_every_reader_counts_on() -> None:
    bars = some_bars(5)
    history = simulated(bars, [(0, 0)], [(2, 0)])
    benchmark = BenchmarkSeries(symbol="AAA", timestamps=bars.timestamps, values=bars.panel.close[:, 0])
    tables = run_tables(history, bars, benchmark)
    trade = "symbol side quantity entry_time entry_price exit_time exit_price pnl return commission mae mfe".split()
    assert {name: list(columns) for name, columns in tables.items()} == {
        "equity": ["timestamp", "equity", "cash", "gross_exposure", "net_exposure"],
        "fills": "timestamp symbol side quantity price commission slippage order_id reason ambiguous".split(),
        "trades": trade,
        "open_trades": trade,
        "orders": (
            "order_id parent_id symbol side type quantity filled_quantity limit stop time_in_force status reason "
            "created_at closed_at"
        ).split(),
        "positions": ["timestamp", "symbol", "quantity", "average_cost"],
        "bars": ["timestamp", "symbol", "open", "high", "low", "close", "volume"],
        "benchmark": ["timestamp", "value"],
    }
    assert tables["fills"]["side"].tolist() == ["buy", "sell"]
    assert tables["trades"]["side"].tolist() == ["long"]
    assert tables["orders"]["status"].tolist() == ["filled", "filled"]
    assert tables["fills"]["timestamp"].dtype == "M8[ns]"


def test_an_order_that_still_works_at_the_end_has_no_closing_time() -> None:
    bars = some_bars(5)
    orders = run_tables(simulated(bars, [(4, 0)]), bars)["orders"]
    assert np.isnat(orders["closed_at"]).all()
    assert orders["created_at"].tolist() == bars.timestamps[4:].tolist()


def test_bars_are_long_and_leave_out_what_has_no_price() -> None:
    close = np.array([[1.0, np.nan], [2.0, 3.0]])
    bars = hc.Bars.from_numpy(["2020-01-01", "2020-01-02"], ["A", "B"], close, close, close, close)
    table = run_tables(simulated(bars, []), bars)["bars"]
    assert table["symbol"].tolist() == ["A", "A", "B"]
    assert table["close"].tolist() == [1.0, 2.0, 3.0]


def test_positions_tell_of_fills_and_of_splits_between_them() -> None:
    bars = split_bars()
    table = positions_table(simulated(bars, [(0, 0), (3, 1)], [(6, 0)]), bars)
    rows = list(
        zip(
            ((table["timestamp"] - np.datetime64("2020-01-01")) // DAY).tolist(),
            table["symbol"].tolist(),
            table["quantity"].tolist(),
            table["average_cost"].tolist(),
            strict=True,
        )
    )
    assert rows == [
        (1, "AAA", 8.0, 100.0),
        (2, "AAA", 16.0, 50.0),
        (4, "BBB", 8.0, 100.0),
        (5, "AAA", 32.0, 25.0),
        (7, "AAA", 0.0, 0.0),
    ]


def test_a_split_on_the_bar_of_a_fill_is_told_once() -> None:
    bars = split_bars()
    table = positions_table(simulated(bars, [(0, 0)], [(1, 0)]), bars)
    assert table["quantity"].tolist() == [8.0, 0.0]


def test_adjusted_bars_split_no_positions() -> None:
    bars = split_bars()
    panel = bars.panel
    adjusted = hc.Bars.from_numpy(
        bars.timestamps,
        bars.symbols,
        panel.open,
        panel.high,
        panel.low,
        panel.close,
        panel.volume,
        panel.split,
        None,
        True,
    )
    assert positions_table(simulated(adjusted, [(0, 0)]), adjusted)["quantity"].tolist() == [8.0]


def test_of_several_fills_on_one_bar_the_last_is_the_position() -> None:
    history = simulated(some_bars(4), [])
    fills = np.zeros(5, dtype=layout.FILL_DTYPE)
    fills["bar"] = [0, 0, 1, 1, 1]
    fills["symbol"] = [1, 0, 1, 1, 0]
    fills["position"] = [10.0, 20.0, 30.0, 40.0, 50.0]
    fills["average_cost"] = [1.0, 2.0, 3.0, 4.0, 5.0]
    table = positions_table(with_fills(history, fills), some_bars(4))
    assert table["symbol"].tolist() == ["AAA", "BBB", "AAA", "BBB"]
    assert table["quantity"].tolist() == [20.0, 10.0, 50.0, 40.0]
    assert table["average_cost"].tolist() == [2.0, 1.0, 5.0, 4.0]


def test_a_run_without_fills_has_empty_tables_of_the_right_types() -> None:
    bars = some_bars(4)
    tables = run_tables(simulated(bars, []), bars)
    for name in ("fills", "trades", "open_trades", "orders", "positions"):
        assert all(len(values) == 0 for values in tables[name].values())
    assert as_frame(tables["positions"]).dtypes["quantity"] == np.float64


def test_a_million_fills_become_positions_in_a_second() -> None:
    bars = some_bars(5000, tuple(f"S{place:03d}" for place in range(200)))
    fills = np.zeros(1_000_000, dtype=layout.FILL_DTYPE)
    fills["bar"] = np.repeat(np.arange(5000), 200)
    fills["symbol"] = np.tile(np.arange(200), 5000)
    fills["position"] = np.arange(1_000_000)
    history = with_fills(simulated(bars, []), fills)
    started = time.perf_counter()
    table = positions_table(history, bars)
    assert time.perf_counter() - started < 1.0
    assert len(table["quantity"]) == 1_000_000


def test_positions_of_thousands_of_millions_of_cells_stay_in_order() -> None:
    bars = some_bars(4, tuple(f"S{place:03d}" for place in range(100)))
    fills = np.zeros(3, dtype=layout.FILL_DTYPE)
    fills["bar"] = [0, 20_000_000, 30_000_000]
    fills["position"] = [1.0, 2.0, 3.0]
    history = with_fills(simulated(bars, []), fills)
    stamps = np.broadcast_to(np.int64(0), (30_000_001,))  # takes no memory
    assert positions_table(replace(history, timestamps=stamps), bars)["quantity"].tolist() == [1.0, 2.0, 3.0]


def with_fills(history: PortfolioHistory, fills: np.ndarray) -> PortfolioHistory:
    return replace(history, fills=fills)


def test_names_of_ones_own_stand_in_the_orders_table() -> None:
    class AtClose(hc.OrderExecutor):
        order_type = "at_close"

        def execute(self, order: Any, bar: Any, portfolio: Any) -> hc.Execution:
            return hc.Execution(bar.close, order.remaining)

    def on_bar(context: hc.Context) -> None:
        if context.index == 1:
            context.submit("at_close", "AAA", "buy", quantity=1)
            context.buy("ZZZ", 1)

    bars = some_bars(5)
    history = TradeEngine().play(on_bar, bars, hc.BacktestConfig(), executors=[AtClose()])
    orders = run_tables(history, bars)["orders"]
    assert orders["type"].tolist() == ["at_close", "market"]
    assert orders["symbol"].tolist() == ["AAA", "ZZZ"]
    assert orders["reason"].tolist() == ["", "unknown_symbol"]
