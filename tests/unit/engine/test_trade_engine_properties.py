"""The engine against the oracle, and the accounting identities, on random inputs: signals, and orders by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle.agreement import differences
from tests.oracle.commands import Command
from tests.oracle.engine_side import run_engine
from tests.oracle.inputs import Case, cases, hand_made
from tests.oracle.simulator import simulate

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import HalfSpreadSlippage
from hindcast.domain.sizing import FixedCash
from hindcast.engine import layout
from hindcast.engine.bars import Bars, Panel, as_mapping
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.signals import Signals

ROOT = Path(__file__).parents[3]
MONEY_OF_COMMISSION = ("per_order", "per_share", "minimum", "maximum")
MONEY_OF_ORDERS = ("limit", "stop", "trailing", "stop_loss", "take_profit", "trailing_stop")
RUINED = layout.REASON_NAMES.index("ruined")
ANY_CASE = st.one_of(cases(), hand_made())


def assert_agreement(case: Case) -> None:
    outcome = simulate(case.signals, case.bars, case.config, warm_up=case.warm_up, commands=case.commands)
    found = differences(run_engine(case), outcome)
    assert found == [], f"{found}\nstamps {case.bars.timestamps.tolist()}\n{_numbers(case.bars)}"


def _numbers(bars: Bars) -> str:
    """The whole panel, so that a case can be made again from a log."""
    return "\n".join(f"{name} {array.tolist()}" for name, array in as_mapping(bars.panel).items())


@settings(max_examples=300)
@given(cases())
def test_the_engine_does_with_signals_what_the_oracle_does(case: Case) -> None:
    assert_agreement(case)


@settings(max_examples=300)
@given(hand_made())
def test_the_engine_does_with_orders_by_hand_what_the_oracle_does(case: Case) -> None:
    assert_agreement(case)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@settings(max_examples=6_000)
@given(cases())
def test_the_engine_does_what_the_oracle_does_on_thousands_of_runs(case: Case) -> None:
    assert_agreement(case)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@settings(max_examples=6_000)
@given(hand_made())
def test_the_engine_does_what_the_oracle_does_on_thousands_of_scripts(case: Case) -> None:
    assert_agreement(case)


@pytest.mark.slow
@settings(max_examples=300)
@given(st.one_of(cases(max_bars=60), hand_made(max_bars=60)))
def test_the_engine_does_what_the_oracle_does_on_long_runs(case: Case) -> None:
    assert_agreement(case)


UNCOMPILED = """
import numba
from hypothesis import HealthCheck, given, settings, strategies
from tests.oracle.inputs import cases, hand_made
from tests.unit.engine.test_trade_engine_properties import assert_agreement

assert numba.config.DISABLE_JIT
every = settings(max_examples={count}, deadline=None, database=None, suppress_health_check=list(HealthCheck))
every(given(strategies.one_of(cases(), hand_made()))(assert_agreement))()
print("agreed")
"""


def assert_agreement_without_the_compiler(count: int) -> None:
    script = UNCOMPILED.format(count=count)
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "agreed", done.stderr


def test_the_engine_does_what_the_oracle_does_without_the_compiler() -> None:
    assert_agreement_without_the_compiler(100)


@pytest.mark.slow
def test_the_engine_does_what_the_oracle_does_without_the_compiler_on_hundreds_of_runs() -> None:
    assert_agreement_without_the_compiler(500)


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
@given(ANY_CASE)
def test_equity_is_cash_plus_positions_at_their_marks(case: Case) -> None:
    history = run_engine(case)
    value = positions(history, case.bars) * marks(case.bars)
    allowed = 1e-9 * scale_of(history)
    assert history.equity == pytest.approx(history.cash + value.sum(axis=1), rel=1e-9, abs=allowed)
    assert history.net_exposure == pytest.approx(value.sum(axis=1), rel=1e-9, abs=allowed)
    assert history.gross_exposure == pytest.approx(np.abs(value).sum(axis=1), rel=1e-9, abs=allowed)


@settings(max_examples=150)
@given(ANY_CASE)
def test_the_change_of_equity_is_what_was_earned_less_what_was_paid(case: Case) -> None:
    history = run_engine(case)
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
@given(ANY_CASE)
def test_fills_sum_to_the_position_and_trades_to_the_realised_profit(case: Case) -> None:
    history = run_engine(case)
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
@given(ANY_CASE)
def test_no_buy_takes_the_cash_of_an_unlevered_long_account_below_zero(case: Case) -> None:
    config = case.config.model_copy(update={"allow_short": False, "max_leverage": 1.0, "maintenance_margin": None})
    history = run_engine(replace(case, config=config))
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
@given(ANY_CASE)
def test_no_fill_before_slippage_lies_outside_its_bar(case: Case) -> None:
    history = run_engine(case)
    panel = case.bars.panel
    for fill in history.fills[history.fills["reason"] != RUINED]:
        cell = int(fill["bar"]), int(fill["symbol"])
        unslipped = fill["price"] - fill["side"] * fill["slippage"] / fill["quantity"]
        assert panel.low[cell] * (1 - 1e-9) <= unslipped <= panel.high[cell] * (1 + 1e-9)


def signal_columns(signals: Signals) -> dict[str, Any]:
    """Those that there are."""
    columns = {item.name: getattr(signals, item.name) for item in fields(Signals)}
    return {name: column for name, column in columns.items() if column is not None}


def events(history: PortfolioHistory, bars: int) -> list[tuple[object, ...]]:
    """What the order log says up to a bar: an order that ends later is still open."""
    told: list[tuple[object, ...]] = []
    for order in history.orders[history.orders["created"] < bars]:
        ended = 0 <= order["closed"] < bars
        end = (int(order["status"]), int(order["reason"]), int(order["closed"])) if ended else None
        words = (int(order[name]) for name in ("order_id", "parent_id", "symbol", "type", "created"))
        told.append((*words, end))
    return told


@settings(max_examples=150)
@given(ANY_CASE, st.data())
def test_the_first_bars_give_the_first_rows_bit_for_bit(case: Case, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(case.bars)), label="bars seen")
    seen = replace(
        case,
        bars=case.bars.head(count),
        signals=Signals(**{name: column[:count].copy() for name, column in signal_columns(case.signals).items()}),
        commands=tuple(command for command in case.commands if command.bar < count),
    )
    whole, part = run_engine(case), run_engine(seen)
    for name in ("equity", "cash", "gross_exposure", "net_exposure"):
        assert getattr(part, name).tobytes() == getattr(whole, name)[:count].tobytes()
    assert part.fills.tobytes() == whole.fills[whole.fills["bar"] < count].tobytes()
    assert events(part, count) == events(whole, count)
    assert part.ambiguous.tolist() == [row for row in whole.ambiguous.tolist() if row[1] < count]


def scaled(case: Case, factor: float) -> Case:
    """The same run in other money."""
    old, panel = case.config, case.bars.panel
    fees = {name: getattr(old.commission, name) for name in MONEY_OF_COMMISSION}
    fees = {name: None if value is None else value * factor for name, value in fees.items()}
    sizing = FixedCash(old.sizing.cash * factor) if isinstance(old.sizing, FixedCash) else old.sizing
    slippage = old.slippage
    if isinstance(slippage, HalfSpreadSlippage):
        slippage = HalfSpreadSlippage(slippage.amount * factor)
    config = BacktestConfig(
        **{
            **{name: getattr(old, name) for name in type(old).model_fields},
            "initial_capital": old.initial_capital * factor,
            "commission": old.commission.model_copy(update=fees),
            "sizing": sizing,
            "slippage": slippage,
            "tick_size": None if old.tick_size is None else old.tick_size * factor,
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
    asked: dict[str, Any] = {
        name: column * factor if name in MONEY_OF_ORDERS else column
        for name, column in signal_columns(case.signals).items()
    }
    commands = tuple(scaled_command(command, factor) for command in case.commands)
    return replace(case, bars=bars, config=config, signals=Signals(**asked), commands=commands)


def scaled_command(command: Command, factor: float) -> Command:
    words = command.arguments.items()
    return replace(command, arguments={name: v * factor if name in MONEY_OF_ORDERS else v for name, v in words})


@settings(max_examples=150)
@given(ANY_CASE, st.sampled_from((-20, -3, 1, 7, 30)))
def test_scaling_all_money_by_a_power_of_two_scales_equity_exactly(case: Case, power: int) -> None:
    factor = 2.0**power
    plain, other = run_engine(case), run_engine(scaled(case, factor))
    assert other.equity.tobytes() == (plain.equity * factor).tobytes()
    assert other.cash.tobytes() == (plain.cash * factor).tobytes()
    assert other.fills["quantity"].tobytes() == plain.fills["quantity"].tobytes()
    for name in ("status", "reason", "closed"):
        assert other.orders[name].tolist() == plain.orders[name].tolist()


@settings(max_examples=150)
@given(ANY_CASE, st.data())
def test_permuting_columns_permutes_results_exactly(case: Case, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(case.bars.shape[1])), label="columns")
    columns = {name: np.ascontiguousarray(v[:, order]) for name, v in signal_columns(case.signals).items()}
    symbols = [case.bars.symbols[s] for s in order]
    plain, other = (
        run_engine(case),
        run_engine(replace(case, bars=case.bars.select(symbols), signals=Signals(**columns))),
    )
    for name in ("equity", "cash", "gross_exposure", "net_exposure"):
        assert getattr(other, name).tobytes() == getattr(plain, name).tobytes()
    for log, theirs in ((plain.fills, other.fills), (plain.orders, other.orders)):
        same = theirs.copy()
        same["symbol"] = [order[s] if s < len(order) else s for s in theirs["symbol"]]
        assert same.tobytes() == log.tobytes()
    assert other.stale_symbols == plain.stale_symbols
    assert other.ambiguous.tolist() == plain.ambiguous.tolist()


@settings(max_examples=100)
@given(ANY_CASE)
def test_the_same_inputs_give_the_same_bytes(case: Case) -> None:
    once, again = run_engine(case), run_engine(case)
    for name in (
        "equity",
        "cash",
        "gross_exposure",
        "net_exposure",
        "orders",
        "fills",
        "trades",
        "open_lots",
        "ambiguous",
    ):
        assert getattr(once, name).tobytes() == getattr(again, name).tobytes()


@settings(max_examples=100)
@given(ANY_CASE)
def test_every_order_has_an_end_state_that_its_fills_explain(case: Case) -> None:
    history = run_engine(case)
    assert history.orders["order_id"].tolist() == list(range(1, len(history.orders) + 1))
    for order in history.orders:
        fills = history.fills[history.fills["order_id"] == order["order_id"]]
        status, reason = layout.STATUS_NAMES[order["status"]], layout.REASON_NAMES[order["reason"]]
        assert (status == "open") == (order["closed"] == -1)
        assert status != "filled" or len(fills)
        assert status != "rejected" or (reason and not len(fills))
        assert status not in {"cancelled", "expired"} or reason
        assert not order["parent_id"] or order["parent_id"] < order["order_id"]
        assert order["charged"] == pytest.approx(np.sum(fills["commission"]), rel=1e-9, abs=1e-9)
        last = max(fills["bar"], default=-inf)
        assert status == "open" or last <= order["closed"]
