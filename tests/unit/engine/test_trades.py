"""Matching of fills into trades: worked examples, a naive twin on random fills, and the accounting identity."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hindcast.domain.errors import SimulationError
from hindcast.engine.layout import BUY, FILL_DTYPE, SELL, TRADE_DTYPE
from hindcast.engine.trades import match_trades

NAN = float("nan")


def fills_of(*rows):
    """Fills from (bar, symbol, side, quantity, price, commission)."""
    fills = np.zeros(len(rows), FILL_DTYPE)
    fills["position"] = NAN  # not known: lots are matched by quantities alone
    for fill, row in zip(fills, rows, strict=True):
        for name, value in zip(("bar", "symbol", "side", "quantity", "price", "commission"), row, strict=True):
            fill[name] = value
    return fills


def flat_panel(bars, symbols=1, price=100.0):
    return np.full((bars, symbols), price)


def match(fills, *, high=None, low=None, close=None, split=None, bars=10):
    close = flat_panel(bars) if close is None else close
    return match_trades(
        fills, high=close if high is None else high, low=close if low is None else low, close=close, split=split
    )


def naive_match(fills, high, low, close, split):
    """Lists and loops: each lot walks through its own bars again for its extremes."""
    bars = close.shape[0]
    lots: list[dict] = []
    trades = []

    def outcome(lot, quantity, exit_bar, exit_price, commission):
        factor = lot["factor"]
        entry = lot["price"] / factor
        lows, highs = [], []
        for t in range(lot["bar"], exit_bar + 1):
            ahead = math.prod(split[lot["bar"] + 1 : exit_bar + 1, lot["symbol"]])
            so_far = math.prod(split[lot["bar"] + 1 : t + 1, lot["symbol"]])
            if not math.isnan(low[t, lot["symbol"]]):
                lows.append(low[t, lot["symbol"]] * so_far / ahead)
                highs.append(high[t, lot["symbol"]] * so_far / ahead)
        pnl = lot["side"] * (exit_price - entry) * quantity - commission
        worst, best = (lows, highs) if lot["side"] == BUY else (highs, lows)
        moves = [
            NAN if not lows else min([0.0, *[lot["side"] * (price / entry - 1) for price in worst]]),
            NAN if not lows else max([0.0, *[lot["side"] * (price / entry - 1) for price in best]]),
        ]
        return (
            lot["symbol"], lot["side"], quantity, lot["bar"], entry, exit_bar, exit_price,
            pnl, pnl / (entry * quantity), commission, *moves,
        )  # fmt: skip

    for t in range(bars):
        for lot in lots:
            lot["quantity"] *= split[t, lot["symbol"]]
            lot["factor"] *= split[t, lot["symbol"]]
        for fill in fills[fills["bar"] == t]:
            rest, cost = float(fill["quantity"]), float(fill["commission"])
            for lot in [lot for lot in lots if lot["symbol"] == fill["symbol"] and lot["side"] != fill["side"]]:
                if rest <= 1e-9 * fill["quantity"]:
                    break
                matched = min(lot["quantity"], rest)
                if abs(lot["quantity"] - rest) <= 1e-9 * fill["quantity"]:
                    matched = lot["quantity"]
                entry_share = lot["commission"] * matched / lot["quantity"]
                exit_share = float(fill["commission"]) * matched / float(fill["quantity"])
                trades.append(outcome(lot, matched, t, float(fill["price"]), entry_share + exit_share))
                rest, cost = rest - matched, cost - exit_share
                lot["quantity"] -= matched
                lot["commission"] -= entry_share
            lots = [lot for lot in lots if lot["quantity"] > 0]
            if rest > 1e-9 * fill["quantity"]:
                lots.append(
                    {
                        "symbol": int(fill["symbol"]), "side": int(fill["side"]), "bar": t, "quantity": rest,
                        "price": float(fill["price"]), "commission": cost, "factor": 1.0,
                    }
                )  # fmt: skip
    still_open = []
    for lot in lots:
        seen = [t for t in range(bars) if not math.isnan(close[t, lot["symbol"]])]
        mark = close[seen[-1], lot["symbol"]] / math.prod(split[seen[-1] + 1 :, lot["symbol"]])
        still_open.append(outcome(lot, lot["quantity"], bars - 1, mark, lot["commission"]))
    return trades, still_open


@st.composite
def histories(draw):
    """A panel with gaps and splits, and fills on bars that have prices."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    bars, symbols = draw(st.integers(2, 25)), draw(st.integers(1, 3))
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.05, (bars, symbols)), axis=0))
    high, low = close * (1 + rng.random((bars, symbols)) * 0.03), close * (1 - rng.random((bars, symbols)) * 0.03)
    gaps = rng.random((bars, symbols)) < draw(st.sampled_from([0.0, 0.2]))
    for prices in (close, high, low):
        prices[gaps] = NAN
    split = np.where(rng.random((bars, symbols)) < draw(st.sampled_from([0.0, 0.1])), 2.0, 1.0)
    split[rng.random((bars, symbols)) < draw(st.sampled_from([0.0, 0.05]))] = 1.5
    rows = []
    lots = draw(st.sampled_from([1.0, 0.1]))
    for t in range(1, bars):
        for s in range(symbols):
            for _ in range(rng.integers(0, 3) if not gaps[t, s] else 0):
                side = BUY if rng.random() < 0.5 else SELL
                rows.append((t, s, side, lots * int(rng.integers(1, 9)), close[t, s] * rng.uniform(0.98, 1.02), 0.3))
    return fills_of(*rows), high, low, close, split


@given(histories())
def test_matching_equals_its_naive_twin_on_random_fills(history):
    fills, high, low, close, split = history
    for found, expected in zip(
        match_trades(fills, high=high, low=low, close=close, split=split),
        naive_match(fills, high, low, close, split),
        strict=True,
    ):
        assert found.size == len(expected)
        for trade, row in zip(found, expected, strict=True):
            assert trade.tolist() == pytest.approx(row, rel=1e-9, abs=1e-9, nan_ok=True)


@given(histories())
def test_profit_of_trades_and_open_lots_is_the_cash_that_came_in_plus_what_is_held(history):
    fills, high, low, close, split = history
    trades, open_lots = match_trades(fills, high=high, low=low, close=close, split=split)
    cash = float((-fills["side"] * fills["quantity"] * fills["price"] - fills["commission"]).sum())
    worth = float((open_lots["side"] * open_lots["quantity"] * open_lots["exit_price"]).sum())
    traded = float((fills["quantity"] * fills["price"]).sum())
    assert float(trades["pnl"].sum() + open_lots["pnl"].sum()) == pytest.approx(cash + worth, abs=1e-9 * (1 + traded))
    charged = float(trades["commission"].sum() + open_lots["commission"].sum())
    assert charged == pytest.approx(float(fills["commission"].sum()))


@given(histories())
def test_open_lots_sum_to_the_position_after_later_splits(history):
    fills, high, low, close, split = history
    _, open_lots = match_trades(fills, high=high, low=low, close=close, split=split)
    for s in range(close.shape[1]):
        mine = fills[fills["symbol"] == s]
        position = sum(
            float(fill["side"] * fill["quantity"]) * math.prod(split[int(fill["bar"]) + 1 :, s]) for fill in mine
        )
        lots = open_lots[open_lots["symbol"] == s]
        assert float((lots["side"] * lots["quantity"]).sum()) == pytest.approx(position, abs=1e-6)


@given(histories())
def test_no_split_panel_is_the_same_as_a_panel_of_ones(history):
    fills, high, low, close, _ = history
    without = match_trades(fills, high=high, low=low, close=close)
    ones = match_trades(fills, high=high, low=low, close=close, split=np.ones_like(close))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(without, ones, strict=True))


def test_no_fills_make_no_trades():
    trades, open_lots = match(np.zeros(0, FILL_DTYPE))
    assert trades.size == open_lots.size == 0
    assert trades.dtype == open_lots.dtype == TRADE_DTYPE


def test_the_oldest_lot_is_sold_first_and_commissions_are_shared_by_quantity():
    fills = fills_of((1, 0, BUY, 10.0, 100.0, 1.0), (2, 0, BUY, 10.0, 110.0, 2.0), (3, 0, SELL, 15.0, 120.0, 3.0))
    trades, open_lots = match(fills)
    assert trades["quantity"].tolist() == [10.0, 5.0]
    assert trades["entry_price"].tolist() == [100.0, 110.0]
    assert trades["commission"].tolist() == pytest.approx([1.0 + 2.0, 1.0 + 1.0])
    assert trades["pnl"].tolist() == pytest.approx([200.0 - 3.0, 50.0 - 2.0])
    assert trades["return"].tolist() == pytest.approx([197.0 / 1000.0, 48.0 / 550.0])
    assert open_lots["quantity"].tolist() == [5.0]
    assert open_lots["commission"].tolist() == pytest.approx([1.0])


def test_a_fill_that_crosses_zero_closes_one_trade_and_opens_another():
    fills = fills_of((1, 0, BUY, 10.0, 100.0, 1.0), (2, 0, SELL, 25.0, 90.0, 5.0), (4, 0, BUY, 15.0, 80.0, 3.0))
    trades, open_lots = match(fills)
    assert trades["side"].tolist() == [BUY, SELL]
    assert trades["commission"].tolist() == pytest.approx([1.0 + 2.0, 3.0 + 3.0])
    assert trades["pnl"].tolist() == pytest.approx([-100.0 - 3.0, 150.0 - 6.0])
    assert open_lots.size == 0


def test_a_trade_over_a_split_is_in_the_units_of_its_exit():
    split = np.ones((10, 1))
    split[3] = 4.0
    close = flat_panel(10)
    close[3:] = 25.0
    fills = fills_of((1, 0, BUY, 10.0, 100.0, 0.0), (5, 0, SELL, 40.0, 30.0, 0.0))
    trades, open_lots = match(fills, close=close, split=split)
    assert (trades[0]["quantity"], trades[0]["entry_price"], trades[0]["pnl"]) == (40.0, 25.0, 200.0)
    assert (trades[0]["mae"], trades[0]["mfe"]) == (0.0, 0.0)
    assert open_lots.size == 0


def test_a_split_on_the_bar_of_a_fill_comes_before_the_fill():
    split = np.ones((10, 1))
    split[3] = 2.0
    fills = fills_of((1, 0, BUY, 10.0, 100.0, 0.0), (3, 0, SELL, 20.0, 60.0, 0.0), (3, 0, BUY, 5.0, 61.0, 0.0))
    trades, open_lots = match(fills, split=split)
    assert trades["quantity"].tolist() == [20.0]
    assert open_lots["quantity"].tolist() == [5.0]


def test_excursions_take_in_the_bars_of_entry_and_exit_and_nothing_outside():
    low = np.array([[1.0], [95.0], [90.0], [97.0], [1.0]])
    high = np.array([[999.0], [101.0], [103.0], [120.0], [999.0]])
    close = np.array([[100.0], [99.0], [95.0], [110.0], [100.0]])
    rows = (1, 0, BUY, 1.0, 100.0, 0.0), (3, 0, SELL, 1.0, 98.0, 0.0)
    trade = match(fills_of(*rows), high=high, low=low, close=close)[0][0]
    assert (trade["mae"], trade["mfe"]) == pytest.approx((-0.1, 0.2))
    short = [(bar, s, -side, *rest) for bar, s, side, *rest in rows]
    trade = match(fills_of(*short), high=high, low=low, close=close)[0][0]
    assert (trade["mae"], trade["mfe"]) == pytest.approx((-0.2, 0.1))


def test_excursions_of_a_later_lot_leave_out_the_bars_before_it():
    low = np.array([[100.0], [50.0], [100.0], [90.0], [100.0]])
    fills = fills_of((1, 0, BUY, 1.0, 100.0, 0.0), (2, 0, BUY, 1.0, 100.0, 0.0), (3, 0, SELL, 2.0, 100.0, 0.0))
    trades, _ = match(fills, high=np.full((5, 1), 100.0), low=low, close=np.full((5, 1), 100.0))
    assert trades["mae"].tolist() == pytest.approx([-0.5, -0.1])


def test_an_open_lot_is_marked_at_the_last_close_in_the_units_of_the_last_bar():
    close = np.array([[100.0], [100.0], [110.0], [NAN], [NAN]])
    split = np.array([[1.0], [1.0], [1.0], [2.0], [1.0]])
    _, open_lots = match(fills_of((1, 0, BUY, 10.0, 100.0, 1.0)), close=close, split=split)
    lot = open_lots[0]
    assert (lot["exit_bar"], lot["exit_price"], lot["quantity"], lot["pnl"]) == (4, 55.0, 20.0, 99.0)


def test_a_rest_within_rounding_error_leaves_no_lot_behind():
    fills = fills_of(*[(bar, 0, BUY, 0.1, 100.0, 0.0) for bar in range(1, 4)], (5, 0, SELL, 0.3, 100.0, 0.0))
    trades, open_lots = match(fills)
    assert 0.1 + 0.1 + 0.1 != 0.3
    assert trades.size == 3
    assert open_lots.size == 0


def test_symbols_do_not_mix_and_trades_come_in_the_order_of_their_exits():
    fills = fills_of(
        (1, 1, BUY, 1.0, 100.0, 0.0), (1, 0, BUY, 1.0, 100.0, 0.0), (2, 0, SELL, 1.0, 100.0, 0.0),
        (3, 1, SELL, 1.0, 100.0, 0.0), (3, 0, BUY, 2.0, 100.0, 0.0), (4, 1, SELL, 2.0, 100.0, 0.0),
    )  # fmt: skip
    trades, open_lots = match(fills, close=flat_panel(6, 2))
    assert trades["symbol"].tolist() == [0, 1]
    assert open_lots["symbol"].tolist() == [0, 1]
    assert open_lots["side"].tolist() == [BUY, SELL]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(3, 0, BUY, 1.0, 1.0, 0.0), (2, 0, SELL, 1.0, 1.0, 0.0)], "must not decrease"),
        ([(10, 0, BUY, 1.0, 1.0, 0.0)], r"0\.\.9"),
        ([(1, 1, BUY, 1.0, 1.0, 0.0)], r"symbols 1\.\.1 must lie within 0\.\.0"),
    ],
)
def test_fills_outside_the_panel_or_out_of_order_are_refused(rows, said):
    with pytest.raises(SimulationError, match=said):
        match(fills_of(*rows))


def test_what_rounding_leaves_of_large_lots_is_no_lot_once_the_books_are_flat():
    fills = fills_of(
        (0, 0, BUY, 1000.1, 100.0, 0.0), (1, 0, SELL, 1000.1 - 1e-13, 100.0, 0.0), (2, 0, SELL, 1e-20, 90.0, 0.0)
    )
    fills["quantity"][1] = 1000.0999
    _, open_lots = match(fills)
    assert open_lots["quantity"].tolist() == pytest.approx([1e-4], rel=1e-6)
    fills["position"] = [1000.1, 1e-20, 0.0]
    trades, open_lots = match(fills)
    assert open_lots.size == 0
    assert trades["quantity"].tolist() == [1000.0999, 1e-20]
