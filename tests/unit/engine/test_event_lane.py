from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.unit.engine.event_runs import at_bars, bars_of, played

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import ConfigError, PluginError, SimulationError, StorageError, StrategyError
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.context import Context
from hindcast.engine.event_lane import play

FLAT = bars_of([10.0] * 6)


def indices(bars: Bars, *, calls: dict[int, Callable[[Context], object]] | None = None, **more: Any) -> list[int]:
    """The bars at which `on_bar` is called."""
    found: list[int] = []
    others = at_bars(calls or {})

    def on_bar(context: Context) -> None:
        found.append(context.index)
        others(context)

    config = BacktestConfig(initial_capital=1_000.0, **more.pop("config", {}))
    play(on_bar, bars, config, **more)
    return found


def test_it_is_called_once_at_each_bar() -> None:
    assert indices(FLAT) == [0, 1, 2, 3, 4, 5]


def test_it_is_not_called_within_the_warm_up() -> None:
    assert indices(FLAT, warm_up=4) == [4, 5]
    assert indices(FLAT, warm_up=9) == []


def test_bars_before_the_first_call_are_simulated_all_the_same() -> None:
    history = play(lambda c: None, FLAT, BacktestConfig(), warm_up=9)
    assert history.equity.tolist() == [100_000.0] * 6


def test_an_order_fills_on_the_next_bar() -> None:
    history = played(bars_of([10.0, 11, 12, 13]), {1: lambda c: c.buy("AAA", 10)})
    assert (history.fills["bar"].tolist(), history.fills["price"].tolist()) == ([2], [12.0])


def test_with_fill_on_close_it_fills_at_the_close_of_the_decision() -> None:
    history = played(bars_of([10.0, 11, 12, 13]), {1: lambda c: c.buy("AAA", 10)}, fill_on="close")
    assert (history.fills["bar"].tolist(), history.fills["price"].tolist()) == ([1], [11.0])


def test_what_waits_for_a_close_is_seen_the_bar_after_it_fills() -> None:
    closes = np.array([[10.0, 10.0], [np.nan, 10.0], [np.nan, 10.0], [12.0, 10.0], [12.0, 10.0], [12.0, 10.0]])
    days = np.arange("2020-01-01", 6, dtype="M8[D]")
    bars = Bars.from_numpy(days, ["AAA", "BBB"], closes, closes, closes, closes)
    held: list[float] = []

    def on_bar(context: Context) -> None:
        if context.index == 1:
            context.buy("AAA", 10)
        held.append(context.position("AAA").quantity)

    play(on_bar, bars, BacktestConfig(fill_on="close"))
    assert held == [0.0, 0.0, 0.0, 0.0, 10.0, 10.0]


def test_what_is_ordered_on_the_last_bar_stays_open() -> None:
    history = played(FLAT, {5: lambda c: c.buy("AAA", 10)})
    assert history.orders["status"].tolist() == [layout.STATUS_OPEN]
    assert len(history.fills) == 0


def test_after_ruin_there_are_no_more_calls() -> None:
    bars = bars_of([10.0, 10, 10, 40, 40, 40])
    calls: Any = {0: lambda c: c.sell("AAA", 60)}
    assert indices(bars, calls=calls, config={"allow_short": True}) == [0, 1, 2]


def test_a_margin_call_is_seen_on_its_bar() -> None:
    bars = bars_of([10.0, 10, 10, 17, 17, 17])
    orders: list[Any] = []
    calls: Any = {0: lambda c: c.sell("AAA", 80), 3: lambda c: orders.extend(c.orders)}
    history = played(bars, calls, allow_short=True)
    assert [(order.type, order.reason, order.side.value) for order in orders] == [("market", "margin", "buy")]
    assert history.fills["bar"].tolist() == [1, 4]


def test_a_split_is_seen_on_its_bar() -> None:
    held: list[float] = []
    bars = bars_of([10.0, 10, 10, 5, 5, 5], split=[[1.0], [1], [1], [2], [1], [1]])
    played(
        bars, {0: lambda c: c.buy("AAA", 10)} | {t: lambda c: held.append(c.position("AAA").quantity) for t in (2, 3)}
    )
    assert held == [10.0, 20.0]


def test_the_history_names_its_lane_and_keeps_the_commands() -> None:
    history = played(FLAT, {1: lambda c: (c.buy("AAA", 3, limit=5.0), c.cancel(1)), 2: lambda c: c.target("AAA", 0.5)})
    assert history.lane == "event"
    assert history.commands["bar"].tolist() == [1, 1, 2]
    assert history.commands["kind"].tolist() == [layout.COMMAND_ORDER, layout.COMMAND_CANCEL, layout.COMMAND_ORDER]
    assert history.commands["order"].tolist() == [0, 0, 1]
    assert history.commands["quantity"][0] == 3.0
    assert not history.commands.flags.writeable


def test_more_commands_than_there_was_room_for_are_kept() -> None:
    history = played(FLAT, {1: lambda c: [c.buy("AAA", 0.01) for _ in range(1_000)]})
    assert len(history.commands) == len(history.orders) == len(history.fills) == 1_000


def test_orders_looked_at_one_by_one_are_all_there_however_many() -> None:
    counted: list[int] = []

    def on_bar(context: Context) -> None:
        if context.index == 2:
            for number in range(1, 201):
                assert context.buy("AAA", 0.01, limit=5.0) == number
                counted.append(len(context.orders))
            counted.append(sum(context.cancel(number) for number in range(1, 201)))

    history = play(on_bar, FLAT, BacktestConfig())
    assert counted == [*range(1, 201), 200]
    assert set(history.orders["status"].tolist()) == {layout.STATUS_CANCELLED}


def test_runs_of_the_same_calls_give_the_same_bytes() -> None:
    calls: Any = {0: lambda c: c.buy("AAA", 5, stop_loss=9), 3: lambda c: c.close("AAA")}
    first = played(FLAT, calls)
    for _ in range(20):
        again = played(FLAT, calls)
        assert again.equity.tobytes() == first.equity.tobytes()
        assert again.orders.tobytes() == first.orders.tobytes()
        assert again.commands.tobytes() == first.commands.tobytes()


def fail(_: Context) -> None:
    raise ZeroDivisionError("one\nby nothing")


def test_what_is_raised_names_bar_error_file_and_line() -> None:
    def on_bar(context: Context) -> None:
        if context.index == 3:
            fail(context)

    line = fail.__code__.co_firstlineno + 1
    with pytest.raises(StrategyError) as caught:
        play(on_bar, FLAT, BacktestConfig())
    assert str(caught.value) == (
        f"bar 3 (2020-01-04): ZeroDivisionError: one by nothing (test_event_lane.py, line {line})"
    )
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_the_line_is_the_strategys_own_even_where_a_library_raised() -> None:
    def on_bar(context: Context) -> None:
        np.linalg.inv(np.zeros((2, 2)))

    with pytest.raises(StrategyError, match=rf"test_event_lane.py, line {on_bar.__code__.co_firstlineno + 1}\)"):
        play(on_bar, FLAT, BacktestConfig())


def test_an_exit_is_told_like_any_error() -> None:
    with pytest.raises(StrategyError, match="bar 0 .*SystemExit: 3"):
        played(FLAT, {0: lambda c: (_ for _ in ()).throw(SystemExit(3))})


@pytest.mark.parametrize("error", [SimulationError("books"), StorageError("disk"), KeyboardInterrupt()])
def test_what_is_not_the_strategys_fault_passes(error: BaseException) -> None:
    def on_bar(context: Context) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        play(on_bar, FLAT, BacktestConfig())
    assert caught.value is error


def test_a_kind_of_strategy_error_stays_what_it_is() -> None:
    def on_bar(context: Context) -> None:
        raise PluginError("mine")

    with pytest.raises(PluginError, match=r"bar 0 \(2020-01-01\): mine"):
        play(on_bar, FLAT, BacktestConfig())


@pytest.mark.parametrize("answer", [None, 3, np.int64(3), True])
def test_it_may_return_nothing_or_what_a_call_gave(answer: object) -> None:
    assert len(play(lambda c: answer, FLAT, BacktestConfig()).orders) == 0


@pytest.mark.parametrize("answer", [["AAA"], "buy", 0.5, {}])
def test_signals_that_nobody_would_act_on_are_told(answer: object) -> None:
    with pytest.raises(StrategyError, match=r"on_bar returned a \w+; expected nothing: orders are made with context"):
        play(lambda c: answer, FLAT, BacktestConfig())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # with the compiler off, numpy warns as well
def test_prices_too_large_for_the_books_are_no_result() -> None:
    bars = bars_of([1e300, 1e300, 1e300, 1.7e308])
    with pytest.raises(SimulationError, match="exceed float64"):
        play(at_bars({0: lambda c: c.buy("AAA", 100)}), bars, BacktestConfig(initial_capital=1e303))


def test_executors_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="expected instances of OrderExecutor classes"):
        play(lambda c: None, FLAT, BacktestConfig(), executors=["midpoint"])  # type: ignore[list-item]  # the mistake


def test_a_margin_order_that_the_strategy_cancels_is_made_again_at_the_same_close():
    bars = bars_of([100.0, 108.74, 108.74, 108.74])
    config = BacktestConfig(initial_capital=10_000.0, allow_short=True, maintenance_margin=0.9, fill_on="close")

    def on_bar(context: Context) -> None:
        if context.index == 0:
            context.sell("AAA", weight=2.0)
        elif context.index == 1:
            context.cancel(2)

    orders = play(on_bar, bars, config).orders
    assert orders["created"].tolist() == [0, 1, 1]
    assert [layout.REASON_NAMES[reason] for reason in orders["reason"]] == ["insufficient_cash", "user", "margin"]
