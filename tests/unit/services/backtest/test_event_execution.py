"""Event-driven strategies behind the fence: their steps, their warm-up, their run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.unit.services.backtest.panels import processed, some_bars

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import StrategyError
from hindcast.engine.context import Context
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.order_executors import Bar, Execution, OrderExecutor, OrderLike, PortfolioLike
from hindcast.engine.trade_engine import TradeEngine
from hindcast.services.backtest.executor import EventExecution, execute, simulate
from hindcast.strategies.events import EventStrategy

DATA = processed()


class Scripted(EventStrategy):
    """Writes down its steps."""

    STRATEGY_TYPE = "scripted_events"

    def __init__(self, indicators: Any = None, warm_up: Any = None, on_bar: Any = None) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self._indicators = indicators or {}
        self._warm_up = warm_up
        self._on_bar = on_bar

    @property
    def warm_up(self) -> Any:
        return self._warm_up

    def initialize(self, data: Any) -> None:
        self.seen.append(("initialize", len(data)))

    def calculate_indicators(self, data: Any) -> Any:
        self.seen.append(("indicators", sorted(data.indicators)))
        return self._indicators

    def on_bar(self, context: Context) -> object:
        self.seen.append(context.index)
        return None if self._on_bar is None else self._on_bar(context)


def prepared(strategy: Any) -> EventExecution:
    found = execute(strategy, DATA)
    assert isinstance(found, EventExecution)
    return found


def run(strategy: Any) -> PortfolioHistory:
    return simulate(TradeEngine(), prepared(strategy), DATA.bars, BacktestConfig())


def late(first: int, *columns: int) -> np.ndarray[Any, Any]:
    """A column of two symbols that holds values from bar `first` on, or from each symbol's own."""
    values = np.ones(DATA.bars.shape)
    for symbol, start in enumerate((first, *columns) if columns else (first, first)):
        values[:start, symbol] = np.nan
    return values


def test_the_steps_come_before_the_first_bar() -> None:
    strategy = Scripted()
    history = run(strategy)
    assert [step[0] for step in strategy.seen[:2]] == ["initialize", "indicators"]
    assert "sma_10" in strategy.seen[1][1]
    assert strategy.seen[2:] == list(range(len(DATA.bars)))
    assert history.lane == "event"


@pytest.mark.parametrize(
    ("indicators", "declared", "first"),
    [
        ({}, None, 0),
        ({"mean": late(9)}, None, 9),
        ({"mean": late(9), "other": late(14)}, None, 14),
        ({"mean": late(9, 20)}, None, 9),
        ({"mean": late(9).tolist()}, None, 9),
        ({"count": np.ones(DATA.bars.shape, dtype=int)}, None, 0),
        ({"mean": late(60)}, None, 60),
        ({"mean": late(9)}, 0, 0),
        ({"mean": late(9)}, 30, 30),
        ({}, np.int64(3), 3),
    ],
)
def test_the_warm_up_is_declared_or_measured(indicators: Any, declared: Any, first: int) -> None:
    strategy = Scripted(indicators, declared)
    assert prepared(strategy).warm_up == first
    run(strategy)
    assert [step for step in strategy.seen if isinstance(step, int)] == list(range(first, len(DATA.bars)))


@pytest.mark.parametrize("warm_up", [-1, 2.5, True, "3"])
def test_a_warm_up_that_is_no_number_of_bars_is_told(warm_up: Any) -> None:
    with pytest.raises(StrategyError, match="scripted_events.warm_up is .*; expected a number of bars >= 0"):
        execute(Scripted(warm_up=warm_up), DATA)


def test_indicators_stand_before_the_ready_made_ones() -> None:
    def look(context: Context) -> None:
        shown.append((context.indicators["sma_10"][-1, "AAA"], context.indicators["sma_30"]["AAA"][-1]))

    shown: list[tuple[float, float]] = []
    run(Scripted({"sma_10": late(0) * 7}, on_bar=look))
    assert shown[-1] == (7.0, DATA.features["sma_30"][-1, 0])


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        (Scripted({"mean": np.ones(3)}), r"scripted_events.calculate_indicators: indicator 'mean' has shape \(3,\)"),
        (Scripted([1]), "scripted_events.calculate_indicators: it returned a list"),
        (Scripted(on_bar=lambda c: 1 / 0), r"scripted_events.on_bar: bar 0 \(2020-01-01\): ZeroDivisionError"),
        (Scripted(on_bar=lambda c: c.bars.close[9]), r"on_bar: bar 0 .*bars.close\[9\] is not known yet"),
        (Scripted(on_bar=lambda c: ["AAA"]), "on_bar: bar 0 .*on_bar returned a list"),
    ],
)
def test_what_goes_wrong_names_strategy_and_step(strategy: Any, said: str) -> None:
    with pytest.raises(StrategyError, match=said):
        run(strategy)


def test_a_plain_class_with_on_bar_will_do() -> None:
    class Plain:
        def on_bar(self, context: Context) -> None:
            if context.index == 3:
                context.buy("AAA", 1)

    assert len(run(Plain()).fills) == 1


def test_order_types_of_its_own_come_with_the_strategy() -> None:
    class AtLow(OrderExecutor):
        order_type = "at_low"

        def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
            return Execution(bar.low, order.remaining)

    class Lows(Scripted):
        executors = (AtLow(),)

    history = run(Lows(on_bar=lambda c: c.submit("at_low", "AAA", "buy", quantity=1) if c.index == 3 else None))
    assert history.fills["price"].tolist() == [DATA.bars.panel.low[4, 0]]


def test_a_vectorised_strategy_runs_in_its_own_lane() -> None:
    from hindcast.strategies.builtin.buy_and_hold import BuyAndHold

    bars = some_bars()
    assert simulate(TradeEngine(), execute(BuyAndHold(), processed(bars)), bars, BacktestConfig()).lane == "vectorised"
