"""Bounds: a run's commands replayed give the run itself, and the other readings of its ambiguous bars."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.oracle.engine_side import run_engine
from tests.oracle.inputs import DAY, Case, cases, hand_made

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import InputError
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.bounds import ambiguous_orders, find_bounds, recorded_commands, replay
from hindcast.engine.context import Context
from hindcast.engine.event_lane import play
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.order_executors import Bar, Execution, OrderExecutor, OrderLike, PortfolioLike
from hindcast.engine.signals import Signals
from hindcast.engine.simulation import POLICIES
from hindcast.engine.trade_engine import TradeEngine

CAPITAL = 1_000.0


def bars_of(*rows: tuple[float, float, float, float], split: dict[int, float] | None = None) -> Bars:
    """Daily bars (open, high, low, close) of one symbol."""
    open_, high, low, close = np.array(rows).T[:, :, None]
    splits = np.ones(close.shape)
    for bar, ratio in (split or {}).items():
        splits[bar] = ratio
    stamps = np.arange(1, len(rows) + 1) * DAY
    return Bars.from_numpy(stamps, ["AAA"], open_, high, low, close, split=splits if split else None)


def by_policy(bars: Bars, on_bar: Callable[[Context], object], **config: object) -> dict[str, float]:
    """Final equity of a strategy run under each policy of its own."""
    rules = BacktestConfig(initial_capital=CAPITAL).model_copy(update=config)
    return {
        policy: float(play(on_bar, bars, rules.model_copy(update={"intrabar": policy})).equity[-1])
        for policy in POLICIES
    }


def bracket(context: Context) -> None:
    """Ten units with both exits, on the first bar."""
    if context.index == 0:
        context.buy("AAA", quantity=10, stop_loss=90.0, take_profit=110.0)


BOTH_TOUCHED = bars_of((100, 101, 99, 100), (100, 104, 96, 100), (100, 115, 85, 100), (100, 101, 99, 100))


def test_a_bar_that_touches_both_exits_gives_both_outcomes() -> None:
    history = play(bracket, BOTH_TOUCHED, BacktestConfig(initial_capital=CAPITAL))
    found = find_bounds(history, BOTH_TOUCHED, BacktestConfig(initial_capital=CAPITAL))
    # Bought at 100; the stop-loss sells at 90, the take-profit at 110; both ends are equally far: the low comes first.
    assert found.by_policy == {"pessimistic": 900.0, "optimistic": 1100.0, "ohlc": 900.0}
    assert (found.lower, found.upper, found.run) == (900.0, 1100.0, 900.0)


def test_the_path_takes_the_nearer_end_first() -> None:
    bars = bars_of((100, 101, 99, 100), (100, 104, 96, 100), (100, 112, 85, 100), (100, 101, 99, 100))
    config = BacktestConfig(initial_capital=CAPITAL)
    found = find_bounds(play(bracket, bars, config), bars, config)
    assert found.by_policy == {"pessimistic": 900.0, "optimistic": 1100.0, "ohlc": 1100.0}


def test_the_ambiguous_orders_are_listed_with_what_they_did() -> None:
    history = play(bracket, BOTH_TOUCHED, BacktestConfig(initial_capital=CAPITAL))
    order, bar, filled = ambiguous_orders(history)
    assert (history.orders["order_id"][order].tolist(), bar.tolist(), filled.tolist()) == (
        [2, 3],
        [2, 2],
        [True, False],
    )


def test_one_touched_exit_leaves_nothing_open() -> None:
    bars = bars_of((100, 101, 99, 100), (100, 104, 96, 100), (100, 115, 99, 100))
    config = BacktestConfig(initial_capital=CAPITAL)
    history = play(bracket, bars, config)
    found = find_bounds(history, bars, config)
    assert len(history.ambiguous) == 0
    assert (found.lower, found.upper) == (1100.0, 1100.0)


@pytest.mark.parametrize(
    ("quantity", "weight", "gain"),
    [
        pytest.param(1, None, 20.0, id="one unit"),
        # Half of 900 buys 4.5 units, which gain 20 each, whatever the account holds in the other reading.
        pytest.param(None, 0.5, 90.0, id="half of the equity that the run had"),
    ],
)
def test_the_order_that_follows_is_worked_in_each_reading(
    quantity: float | None, weight: float | None, gain: float
) -> None:
    def again(context: Context) -> None:
        bracket(context)
        if context.index == 2:
            context.buy("AAA", quantity=quantity, weight=weight)

    bars = bars_of(
        (100, 101, 99, 100), (100, 104, 96, 100), (100, 115, 85, 100), (100, 101, 99, 100), (100, 120, 100, 120)
    )
    config = BacktestConfig(initial_capital=CAPITAL)
    found = find_bounds(play(again, bars, config), bars, config)
    assert found.by_policy == {"pessimistic": 900.0 + gain, "optimistic": 1100.0 + gain, "ohlc": 900.0 + gain}


def test_an_exit_that_was_cancelled_is_cancelled_in_each_reading() -> None:
    def without_profit(context: Context) -> None:
        bracket(context)
        if context.index == 1:
            take = next(order for order in context.orders if order.type == "limit")
            context.cancel(take.order_id)

    config = BacktestConfig(initial_capital=CAPITAL)
    assert by_policy(BOTH_TOUCHED, without_profit) == dict.fromkeys(POLICIES, 900.0)
    commands = recorded_commands(play(without_profit, BOTH_TOUCHED, config))
    assert [replay(commands, BOTH_TOUCHED, config, policy) for policy in POLICIES] == [900.0] * 3


def test_an_order_of_ones_own_type_is_refused_by_name() -> None:
    class AtOpen(OrderExecutor):
        order_type = "at_open"

        def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
            return Execution(bar.low, order.remaining)

    def both(context: Context) -> None:
        bracket(context)
        if context.index == 0:
            context.submit("at_open", "AAA", "buy", quantity=1)

    config = BacktestConfig(initial_capital=5_000.0)
    history = play(both, BOTH_TOUCHED, config, executors=[AtOpen()])
    assert len(history.ambiguous) > 0
    with pytest.raises(InputError, match="orders of type 'at_open' can't be replayed"):
        find_bounds(history, BOTH_TOUCHED, config)


def test_signals_with_exits_are_replayed_too() -> None:
    side = np.zeros(BOTH_TOUCHED.shape, dtype=np.int8)
    side[0] = 1
    signals = Signals(side=side, stop_loss=np.full(side.shape, 90.0), take_profit=np.full(side.shape, 110.0))
    config = BacktestConfig(initial_capital=CAPITAL)
    history = TradeEngine().simulate(signals, BOTH_TOUCHED, config)
    found = find_bounds(history, BOTH_TOUCHED, config)
    assert found.by_policy == {"pessimistic": 900.0, "optimistic": 1100.0, "ohlc": 900.0}


def test_a_split_while_an_order_works_is_undone_for_the_replay() -> None:
    bars = bars_of((100, 101, 99, 100), (100, 104, 96, 100), (50, 51, 49, 50), (50, 58, 42, 50), split={2: 2.0})
    side = np.zeros(bars.shape, dtype=np.int8)
    side[1] = 1
    column = {
        name: np.full(bars.shape, price)
        for name, price in (("limit", 88.0), ("stop_loss", 86.0), ("take_profit", 112.0))
    }
    config = BacktestConfig(initial_capital=CAPITAL)
    history = TradeEngine().simulate(Signals(side=side, **column), bars, config)
    assert history.fills["bar"].tolist() == [3, 3]
    found = find_bounds(history, bars, config)
    # 11.36 units of 88, then 22.73 of 44: sold at 43, or at 56.
    assert found.run == found.by_policy["pessimistic"] == pytest.approx(1000 * 43 / 44)
    assert found.upper == found.by_policy["optimistic"] == pytest.approx(1000 * 56 / 44)


# A limit that its splits, undone by multiplication, make one step larger; the splits; the bar whose low touches it.
TOUCHED = {
    "before the split": (96.01, {3: 3.0}, 2),
    "after the first of two splits": (90.13, {2: 3.0, 4: 3.0}, 3),
    "after both of two splits": (96.52, {2: 3.0, 3: 7.0}, 4),
}


@pytest.mark.parametrize("name", TOUCHED)
def test_a_limit_that_is_touched_but_not_traded_through_does_not_fill_in_the_replay(name: str) -> None:
    limit, split, touched = TOUCHED[name]
    rows = []
    for bar in range(6):
        for ratio in (ratio for at, ratio in split.items() if at == bar):
            limit /= ratio
        rows.append((limit * 1.1, limit * 1.2, limit if bar == touched else limit * 1.05, limit * 1.1))
    bars = bars_of(*rows, split=split)
    config = BacktestConfig(initial_capital=CAPITAL, limit_fill="through")
    side = np.zeros(bars.shape, dtype=np.int8)
    side[1] = 1
    limits = np.full(bars.shape, TOUCHED[name][0])
    history = TradeEngine().simulate(Signals(side=side, limit=limits), bars, config)
    assert history.orders["was_split"].tolist() == [1]
    assert len(history.fills) == 0
    commands = recorded_commands(history)
    assert commands["limit"].tolist() == [TOUCHED[name][0]]
    assert {replay(commands, bars, config, policy) for policy in POLICIES} == {CAPITAL}


def test_an_order_keeps_what_it_was_made_with_over_splits() -> None:
    bars = bars_of((100, 101, 99, 100), (100, 101, 99, 100), (33, 34, 32, 33), (5, 5, 5, 5), split={2: 3.0, 3: 7.0})

    def on_bar(context: Context) -> None:
        if context.index == 0:
            context.buy("AAA", weight=0.37, limit=90.13, stop_loss=61.37, take_profit=133.31)
            context.buy("AAA", weight=0.11, trailing=20.03, trailing_stop=3.03)

    history = play(on_bar, bars, BacktestConfig(initial_capital=CAPITAL))
    orders, terms = history.orders, history.terms
    assert orders["was_split"].tolist() == [1, 1]
    assert (orders["limit"][0], terms["made_limit"][0]) == (90.13 / 3 / 7, 90.13)
    assert (orders["quantity"][0], terms["made_quantity"][0]) == (370.0 / 90.13 * 3 * 7, 370.0 / 90.13)
    assert (terms["made_stop_loss"][0], terms["made_take_profit"][0]) == (61.37, 133.31)
    assert terms["made_quantity"][1] == 110.0 / 120.03
    assert (terms["made_trail_amount"][1], terms["made_child_trail_amount"][1]) == (20.03, 3.03)


def test_a_margin_order_that_was_cancelled_is_cancelled_in_each_reading() -> None:
    def on_bar(context: Context) -> None:
        if context.index == 0:
            context.sell("AAA", quantity=1)
            context.sell("BBB", quantity=9, stop_loss=160.0, take_profit=50.0)
        if context.index == 2:
            margin = [order for order in context.orders if order.type == "market"]
            assert [order.symbol for order in margin] == ["BBB"]
            context.cancel(margin[0].order_id)

    close = np.array([[10.0, 100.0], [10.0, 100.0], [10.0, 150.0], [10.0, 120.0], [10.0, 110.0]])
    bars = Bars.from_numpy(np.arange(1, 6) * DAY, ["AAA", "BBB"], close, close + 1.0, close - 1.0, close)
    config = BacktestConfig(initial_capital=CAPITAL, allow_short=True, maintenance_margin=0.5)
    history = play(on_bar, bars, config)
    assert layout.REASON_USER in history.orders["reason"]
    commands = recorded_commands(history)
    assert history.equity[-1] == 910.0  # still short nine units, which have lost ten each
    assert {replay(commands, bars, config, policy) for policy in POLICIES} == {910.0}


def replayed(case: Case, history: PortfolioHistory) -> dict[str, float]:
    commands = recorded_commands(history)
    return {policy: replay(commands, case.bars, case.config, policy) for policy in POLICIES}


def assert_bounded(case: Case) -> None:
    history = run_engine(case)
    final = float(history.equity[-1])
    found = replayed(case, history)
    own = found[case.config.intrabar]
    assert own == final
    if (history.orders["was_split"] == 1).any():
        event("an order worked over a split")
    if len(history.ambiguous) == 0:
        assert set(found.values()) == {own}
    event(f"{len(set(found.values()))} outcomes")
    bounds = find_bounds(history, case.bars, case.config)
    assert bounds.lower <= bounds.run <= bounds.upper
    assert bounds.run == final


@settings(max_examples=100)
@given(cases())
def test_signals_replayed_give_the_run(case: Case) -> None:
    assert_bounded(case)


@settings(max_examples=100)
@given(hand_made())
def test_calls_replayed_give_the_run(case: Case) -> None:
    assert_bounded(case)


@pytest.mark.slow
@settings(max_examples=4_000)
@given(st.one_of(cases(max_bars=30), hand_made(max_bars=30)))
def test_thousands_of_runs_replayed_give_the_run(case: Case) -> None:
    assert_bounded(case)
