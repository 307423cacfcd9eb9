"""Planted leaks: strategies that read single prices, volumes or actions too early."""

from __future__ import annotations

import numpy as np
from tests.leaks.zoo import Zoo, above

import hindcast as hc

LEAKS = Zoo()


@LEAKS.rule
def close_of_the_next_bar(data):
    return above(data.close.shift(-1), data.close)


@LEAKS.rule
def close_of_the_next_bar_filled_where_there_is_none(data):
    return above(data.close.shift(-1).fillna(data.close), data.close)


@LEAKS.rule
def open_of_the_next_bar(data):
    return above(data.open.shift(-1), data.close)


@LEAKS.rule
def volume_of_the_next_bar(data):
    return above(data.volume.shift(-1), data.volume * 1.5)


@LEAKS.rule
def high_and_low_of_the_next_bar(data):
    return hc.Signals.from_entries(
        (data.high.shift(-1) > data.high).to_numpy(), (data.low.shift(-1) < data.low).to_numpy()
    )


@LEAKS.rule
def return_of_the_next_week(data):
    return above(data.close.pct_change(5, fill_method=None).shift(-5), 0.0)


@LEAKS.rule
def change_to_the_next_bar(data):
    return above(-data.close.diff(-1), 0.0)


@LEAKS.rule
def rolled_array(data):
    close = data.panel.close
    return above(np.roll(close, -1, axis=0), close)


@LEAKS.rule
def index_one_too_far(data):
    close = data.panel.close
    side = np.zeros(data.shape, dtype=np.int8)
    for bar in range(len(close) - 1):
        side[bar] = np.where(close[bar + 1] > close[bar], 1, 2)
    return hc.Signals(side=side)


@LEAKS.rule
def only_before_rare_crashes(data):
    close = data.close
    crash = (close.shift(-1) / close - 1.0) < -0.045
    return hc.Signals.from_entries((close > close.shift(1)).to_numpy() & ~crash.to_numpy(), crash.to_numpy())


@LEAKS.rule
def a_rule_that_holds_back_before_a_fall(data):
    close = data.panel.close
    after = np.vstack((close[1:], close[-1:]))
    rises = np.vstack((np.zeros((1, close.shape[1]), dtype=bool), close[1:] > close[:-1]))
    return hc.Signals.from_entries(rises & ~(after < close), ~rises)


@LEAKS.rule
def only_for_one_symbol(data):
    close = data.panel.close
    level = np.vstack((close[:1], close[:-1]))
    level[:-1, 1] = 2 * close[:-1, 1] - close[1:, 1]
    return above(close, level)


@LEAKS.rule
def only_in_the_last_bars(data):
    close = data.panel.close
    level = np.vstack((close[:1], close[:-1]))
    level[120:-1] = 2 * close[120:-1] - close[121:]
    return above(close, level)


@LEAKS.rule
def benchmark_joined_one_bar_off(data):
    benchmark = data.close["BBB"]
    moves = benchmark.pct_change(fill_method=None).shift(-1)
    buy = np.zeros(data.shape, dtype=bool)
    buy[:, 0] = (moves > 0).to_numpy()
    sell = np.zeros(data.shape, dtype=bool)
    sell[:, 0] = (moves < 0).to_numpy()
    return hc.Signals.from_entries(buy, sell)


@LEAKS.rule
def benchmark_from_outside_shifted_onto_the_bars(data):
    """The benchmark is not in the bars, so only what is missing at the end of a shortened panel gives it away."""
    import pandas as pd

    days = pd.date_range("2019-12-01", periods=400, tz="UTC")
    outside = pd.Series(np.random.default_rng(3).normal(size=400), index=days)
    known = outside.reindex(data.index).shift(-1).to_numpy()[:, None]
    return above(np.broadcast_to(known, data.shape), 0.0)


@LEAKS.rule
def split_of_the_next_bar(data):
    return above(data.split.shift(-1), 1.0)


@LEAKS.rule
def dividend_of_the_next_bar(data):
    return hc.Signals.from_entries((data.dividend.shift(-1) > 0).to_numpy(), (data.dividend > 0).to_numpy())


@LEAKS.rule
def whether_the_symbol_trades_on_the_next_bar(data):
    trades_on = np.isfinite(np.vstack((data.panel.close[1:], data.panel.close[-1:])))
    return hc.Signals.from_entries(trades_on, ~trades_on)


@LEAKS.rule
def compared_with_the_last_bar(data):
    return above(data.close.iloc[-1] + 0 * data.close, data.close)


@LEAKS.rule
def out_of_the_market_before_the_data_end(data):
    left = len(data) - 1 - np.arange(len(data))[:, None]
    ends = np.broadcast_to(left < 5, data.shape)
    return hc.Signals.from_entries(~ends, ends)


@LEAKS.rule
def lowest_and_highest_bar_of_all(data):
    close = data.panel.close
    side = np.zeros(data.shape, dtype=np.int8)
    columns = np.arange(close.shape[1])
    side[np.nanargmin(close, axis=0), columns] = 1
    side[np.nanargmax(close, axis=0), columns] = 2
    return hc.Signals(side=side)


@LEAKS.rule
def ten_best_days(data):
    moves = data.close.pct_change(fill_method=None).shift(-1)
    return above(moves.rank(ascending=False, method="first"), 10.5)


@LEAKS.rule
def peaks_that_need_the_next_bar(data):
    close = data.panel.close
    before, after = np.roll(close, 1, axis=0), np.roll(close, -1, axis=0)
    inner = np.zeros(data.shape, dtype=bool)
    inner[1:-1] = True
    return hc.Signals.from_entries(
        (close < before) & (close < after) & inner, (close > before) & (close > after) & inner
    )


@LEAKS.rule
def a_state_that_peeks_only_when_flat(data):
    close = data.panel.close
    side = np.zeros(data.shape, dtype=np.int8)
    for symbol in range(close.shape[1]):
        held = 0
        for bar in range(10, len(close) - 1):
            if held == 0 and close[bar + 1, symbol] > close[bar, symbol] * 1.01:
                side[bar, symbol], held = 1, 5
            elif held > 0:
                held -= 1
                side[bar, symbol] = 2 if held == 0 else 0
    return hc.Signals(side=side)


@LEAKS.rule
def shifted_in_polars(data):
    import polars as pl

    frame = pl.DataFrame({name: data.panel.close[:, place] for place, name in enumerate(data.symbols)})
    return above(frame.select(pl.all().shift(-1)).to_numpy(), data.panel.close)
