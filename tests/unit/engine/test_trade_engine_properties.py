"""The engine against the oracle, and the accounting identities, on random inputs."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle.agreement import differences, with_excursions
from tests.oracle.inputs import Case, cases
from tests.oracle.simulator import simulate

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.sizing import FixedCash
from hindcast.engine import layout
from hindcast.engine.bars import Bars, Panel
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.signals import Signals
from hindcast.engine.trade_engine import TradeEngine

MONEY_OF_COMMISSION = ("per_order", "per_share", "minimum", "maximum")
RUINED = layout.REASON_NAMES.index("ruined")


def run(case: Case) -> PortfolioHistory:
    history = TradeEngine().simulate(case.signals, case.bars, case.config, warm_up=case.warm_up)
    return with_excursions(history, case.bars)


def assert_agreement(case: Case) -> None:
    outcome = simulate(case.signals, case.bars, case.config, warm_up=case.warm_up)
    assert differences(run(case), outcome) == []


@settings(max_examples=300)
@given(cases())
def test_the_engine_does_what_the_oracle_does(case: Case) -> None:
    assert_agreement(case)


@pytest.mark.slow
@settings(max_examples=6_000)
@given(cases())
def test_the_engine_does_what_the_oracle_does_on_thousands_of_runs(case: Case) -> None:
    assert_agreement(case)


@pytest.mark.slow
@settings(max_examples=300)
@given(cases(max_bars=60))
def test_the_engine_does_what_the_oracle_does_on_long_runs(case: Case) -> None:
    assert_agreement(case)


def positions(history: PortfolioHistory, bars: Bars) -> np.ndarray:
    """Signed quantities after each bar, shape (T, S), from the fills and the splits alone."""
    split = np.ones(bars.shape) if bars.panel.split is None or bars.adjusted else bars.panel.split
    held = np.zeros(bars.shape)
    current = np.zeros(bars.shape[1])
    for bar in range(len(bars)):
        current = current * split[bar]
        for fill in history.fills[history.fills["bar"] == bar]:
            current[fill["symbol"]] += fill["side"] * fill["quantity"]
        held[bar] = current
    return held


def marks(bars: Bars) -> np.ndarray:
    """The last close seen, in the units of its bar, shape (T, S); 0 before the first."""
    split = np.ones(bars.shape) if bars.panel.split is None or bars.adjusted else bars.panel.split
    seen = np.zeros(bars.shape)
    current = np.zeros(bars.shape[1])
    for bar in range(len(bars)):
        close = bars.panel.close[bar]
        current = np.where(np.isnan(close), current / split[bar], close)
        seen[bar] = current
    return seen


def scale_of(history: PortfolioHistory) -> float:
    """Starting equity, traded notional and the largest books: what rounding is measured against."""
    notional = float(np.sum(history.fills["quantity"] * history.fills["price"]))
    return history.initial_capital + notional + float(np.max(np.abs(history.gross_exposure), initial=0.0))


@settings(max_examples=150)
@given(cases())
def test_equity_is_cash_plus_positions_at_their_marks(case: Case) -> None:
    history = run(case)
    value = positions(history, case.bars) * marks(case.bars)
    allowed = 1e-9 * scale_of(history)
    assert history.equity == pytest.approx(history.cash + value.sum(axis=1), rel=1e-9, abs=allowed)
    assert history.net_exposure == pytest.approx(value.sum(axis=1), rel=1e-9, abs=allowed)
    assert history.gross_exposure == pytest.approx(np.abs(value).sum(axis=1), rel=1e-9, abs=allowed)


@settings(max_examples=150)
@given(cases())
def test_the_change_of_equity_is_what_was_earned_less_what_was_paid(case: Case) -> None:
    history = run(case)
    last_cost: dict[int, float] = {}
    split = np.ones(case.bars.shape) if case.bars.panel.split is None or case.bars.adjusted else case.bars.panel.split
    for fill in history.fills:
        later = float(np.prod(split[fill["bar"] + 1 :, fill["symbol"]]))
        last_cost[int(fill["symbol"])] = float(fill["average_cost"]) / later
    held, mark = positions(history, case.bars)[-1], marks(case.bars)[-1]
    unrealised = sum(held[s] * (mark[s] - cost) for s, cost in last_cost.items())
    earned = float(np.sum(history.fills["realised"])) + unrealised + history.total_dividends
    paid = float(np.sum(history.fills["commission"])) + history.total_financing
    change = float(history.equity[-1]) - history.initial_capital
    assert change == pytest.approx(earned - paid, abs=1e-9 * scale_of(history))


@settings(max_examples=150)
@given(cases())
def test_fills_sum_to_the_position_and_trades_to_the_realised_profit(case: Case) -> None:
    history = run(case)
    held = positions(history, case.bars)
    scale = scale_of(history)
    for s in range(case.bars.shape[1]):
        fills = history.fills[history.fills["symbol"] == s]
        trades = history.trades[history.trades["symbol"] == s]
        traded = float(np.sum(fills["quantity"]))
        for number, fill in enumerate(fills):
            last_of_bar = number + 1 == len(fills) or fills[number + 1]["bar"] > fill["bar"]
            if last_of_bar:
                assert fill["position"] == pytest.approx(held[fill["bar"], s], rel=1e-9, abs=1e-9 * traded)
        flat = [number for number, fill in enumerate(fills) if fill["position"] == 0]
        if flat:
            until = fills[: flat[-1] + 1]
            last_bar = until["bar"][-1]
            booked = float(np.sum(until["realised"]) - np.sum(until["commission"]))
            closed = trades[trades["exit_bar"] <= last_bar] if flat[-1] + 1 < len(fills) else trades
            if not np.any(fills["bar"][flat[-1] + 1 :] == last_bar):
                assert float(np.sum(closed["pnl"])) == pytest.approx(booked, abs=1e-9 * scale)


@settings(max_examples=150)
@given(cases())
def test_no_buy_takes_the_cash_of_an_unlevered_long_account_below_zero(case: Case) -> None:
    config = case.config.model_copy(update={"allow_short": False, "max_leverage": 1.0, "maintenance_margin": None})
    history = run(replace(case, config=config))
    cash = history.initial_capital
    bar = -1
    for fill in history.fills:
        if fill["bar"] != bar:
            bar = int(fill["bar"])
            at_close = config.fill_on == "close"
            # What is not a fill (dividends) moves cash at the bar's start: read it off the books.
            here = history.fills[history.fills["bar"] == bar]
            moved = float(np.sum(here["side"] * here["quantity"] * here["price"] + here["commission"]))
            cash = float(history.cash[bar]) + moved
            assert at_close or bar > 0
        cash -= float(fill["side"] * fill["quantity"] * fill["price"] + fill["commission"])
        if fill["side"] == layout.BUY:
            assert cash >= -1e-9 * scale_of(history)


@settings(max_examples=150)
@given(cases())
def test_no_fill_before_slippage_lies_outside_its_bar(case: Case) -> None:
    history = run(case)
    panel = case.bars.panel
    for fill in history.fills[history.fills["reason"] != RUINED]:
        cell = int(fill["bar"]), int(fill["symbol"])
        unslipped = fill["price"] - fill["side"] * fill["slippage"] / fill["quantity"]
        assert panel.low[cell] * (1 - 1e-9) <= unslipped <= panel.high[cell] * (1 + 1e-9)


def events(history: PortfolioHistory, bars: int) -> list[tuple[object, ...]]:
    """What the order log says up to a bar: an order that ends later is still open."""
    told: list[tuple[object, ...]] = []
    for order in history.orders[history.orders["created"] < bars]:
        ended = 0 <= order["closed"] < bars
        end = (int(order["status"]), int(order["reason"]), int(order["closed"])) if ended else None
        told.append((int(order["order_id"]), int(order["symbol"]), int(order["created"]), end))
    return told


@settings(max_examples=150)
@given(cases(), st.data())
def test_the_first_bars_give_the_first_rows_bit_for_bit(case: Case, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(case.bars)), label="bars seen")
    signals = Signals(
        side=case.signals.side[:count].copy(),
        strength=None if case.signals.strength is None else case.signals.strength[:count].copy(),
        weight=None if case.signals.weight is None else case.signals.weight[:count].copy(),
    )
    whole, part = run(case), run(replace(case, bars=case.bars.head(count), signals=signals))
    for name in ("equity", "cash", "gross_exposure", "net_exposure"):
        assert getattr(part, name).tobytes() == getattr(whole, name)[:count].tobytes()
    assert part.fills.tobytes() == whole.fills[whole.fills["bar"] < count].tobytes()
    assert events(part, count) == events(whole, count)


def scaled(case: Case, factor: float) -> Case:
    """The same run in other money."""
    old, panel = case.config, case.bars.panel
    fees = {name: getattr(old.commission, name) for name in MONEY_OF_COMMISSION}
    fees = {name: None if value is None else value * factor for name, value in fees.items()}
    sizing = FixedCash(old.sizing.cash * factor) if isinstance(old.sizing, FixedCash) else old.sizing
    config = BacktestConfig(
        **{
            **{name: getattr(old, name) for name in type(old).model_fields},
            "initial_capital": old.initial_capital * factor,
            "commission": old.commission.model_copy(update=fees),
            "sizing": sizing,
        }
    )
    money = {name: getattr(panel, name) * factor for name in ("open", "high", "low", "close")}
    bars = Bars(
        case.bars.timestamps.copy(),
        case.bars.symbols,
        Panel(
            **money,
            volume=panel.volume.copy(),
            split=None if panel.split is None else panel.split.copy(),
            dividend=None if panel.dividend is None else panel.dividend * factor,
        ),
        adjusted=case.bars.adjusted,
    )
    return replace(case, bars=bars, config=config)


@settings(max_examples=150)
@given(cases(), st.sampled_from((-20, -3, 1, 7, 30)))
def test_scaling_all_money_by_a_power_of_two_scales_equity_exactly(case: Case, power: int) -> None:
    factor = 2.0**power
    plain, other = run(case), run(scaled(case, factor))
    assert other.equity.tobytes() == (plain.equity * factor).tobytes()
    assert other.cash.tobytes() == (plain.cash * factor).tobytes()
    assert other.fills["quantity"].tobytes() == plain.fills["quantity"].tobytes()
    for name in ("status", "reason", "closed"):
        assert other.orders[name].tolist() == plain.orders[name].tolist()


@settings(max_examples=150)
@given(cases(), st.data())
def test_permuting_columns_permutes_results_exactly(case: Case, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(case.bars.shape[1])), label="columns")
    signals = Signals(
        side=np.ascontiguousarray(case.signals.side[:, order]),
        strength=None if case.signals.strength is None else np.ascontiguousarray(case.signals.strength[:, order]),
        weight=None if case.signals.weight is None else np.ascontiguousarray(case.signals.weight[:, order]),
    )
    symbols = [case.bars.symbols[s] for s in order]
    plain, other = run(case), run(replace(case, bars=case.bars.select(symbols), signals=signals))
    for name in ("equity", "cash", "gross_exposure", "net_exposure"):
        assert getattr(other, name).tobytes() == getattr(plain, name).tobytes()
    for log, theirs in ((plain.fills, other.fills), (plain.orders, other.orders)):
        same = theirs.copy()
        same["symbol"] = [order[s] for s in theirs["symbol"]]
        assert same.tobytes() == log.tobytes()
    assert other.stale_symbols == plain.stale_symbols


@settings(max_examples=100)
@given(cases())
def test_the_same_inputs_give_the_same_bytes(case: Case) -> None:
    once, again = run(case), run(case)
    for name in ("equity", "cash", "gross_exposure", "net_exposure", "orders", "fills", "trades", "open_lots"):
        assert getattr(once, name).tobytes() == getattr(again, name).tobytes()


@settings(max_examples=100)
@given(cases())
def test_every_order_has_an_end_state_that_its_fills_explain(case: Case) -> None:
    history = run(case)
    assert history.orders["order_id"].tolist() == list(range(1, len(history.orders) + 1))
    for order in history.orders:
        fills = history.fills[history.fills["order_id"] == order["order_id"]]
        status, reason = layout.STATUS_NAMES[order["status"]], layout.REASON_NAMES[order["reason"]]
        assert (status == "open") == (order["closed"] == -1)
        assert status != "filled" or len(fills)
        assert status != "rejected" or (reason and not len(fills))
        assert status != "cancelled" or reason
        assert order["charged"] == pytest.approx(np.sum(fills["commission"]), rel=1e-9, abs=1e-9)
        last = max(fills["bar"], default=-inf)
        assert status == "open" or last <= order["closed"]
