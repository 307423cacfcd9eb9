"""`run.verify()`: a run in memory, run again by its own strategy on its own bars."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from tests.unit.services.backtest.panels import some_bars

import hindcast as hc
from hindcast.strategies.events import EventStrategy

# The look-ahead proof runs a strategy more often than the run itself does.
ONCE = hc.BacktestConfig(proof="off")


class Crossing(hc.BaseStrategy):
    class Config(hc.StrategyConfig):
        window: int = 5

    def generate_signals(self, data):
        mean = data.close.rolling(self.parameters["window"]).mean()
        return hc.Signals.from_entries(buy=data.close > mean, sell=data.close < mean)


class Dice(hc.BaseStrategy):
    def generate_signals(self, data):
        thrown = np.random.default_rng().random(data.shape)
        return hc.Signals.from_entries(buy=thrown > 0.7, sell=thrown < 0.3)


class Worn(hc.BaseStrategy):
    """Decides by how often its class has run."""

    runs: ClassVar[int] = 0

    def generate_signals(self, data):
        type(self).runs += 1
        bars = np.arange(len(data))[:, None] + np.zeros(data.shape)
        return hc.Signals.from_entries(buy=bars == min(type(self).runs, 2), sell=bars == 20)


class FailsTheSecondTime(hc.BaseStrategy):
    runs: ClassVar[int] = 0

    def generate_signals(self, data):
        type(self).runs += 1
        if type(self).runs > 1:
            raise RuntimeError("done already")
        return hc.Signals.hold(data.shape)


class Untold(Crossing):
    def __init__(self, level):
        super().__init__()
        self._level = level


class Counting(EventStrategy):
    """Buys on every fifth call, with a bracket; counts its calls in the instance."""

    def initialize(self, data):
        self.calls = 0

    def on_bar(self, context):
        self.calls += 1
        if self.calls % 5 == 0:
            close = float(context.bars.close["AAA"][-1])
            context.buy("AAA", quantity=self.calls, stop_loss=close * 0.95, take_profit=close * 1.05)


class DiceByHand(EventStrategy):
    def on_bar(self, context):
        context.buy("AAA", quantity=float(np.random.default_rng().random()))


@pytest.mark.parametrize(
    ("strategy", "options"),
    [
        ("buy_and_hold", {}),
        ("sma_crossover", {"parameters": {"short_window": 3, "long_window": 8}, "benchmark": "AAA"}),
        (Crossing, {"parameters": {"window": 9}}),
        (Counting, {}),
        (Counting(), {}),
        (Crossing(window=7), {"config": hc.BacktestConfig(allow_short=True, commission=hc.Commission(rate=0.001))}),
    ],
)
def test_a_run_verifies_itself(strategy: Any, options: dict[str, Any]) -> None:
    made = hc.run_backtest(strategy, some_bars(), **options)
    found = made.verify()
    assert (found.verdict, found.comparison, found.causes) == ("identical", "byte_for_byte", ())
    assert found.manifest_id == found.new_manifest_id == made.manifest.id
    assert {table.name for table in found.tables} == {*made.tables, "metrics"}


def test_the_strategy_that_ran_is_not_asked_again() -> None:
    class Stateful(Crossing):
        def initialize(self, data):
            self.calls = getattr(self, "calls", 0) + 1

    built = Stateful()
    made = hc.run_backtest(built, some_bars(), config=ONCE)
    assert made.verify().reproduced
    assert built.calls == 1


@pytest.mark.parametrize("dice", [Dice, DiceByHand])
def test_a_strategy_that_throws_dice_is_not_reproducible_and_is_told_why(dice: type) -> None:
    found = hc.run_backtest(dice, some_bars(), config=ONCE).verify()
    assert found.verdict == "different"
    assert found.unexplained
    assert "gives other decisions on the same input: two runs just now differ from order" in found.causes[0].said


def test_a_strategy_that_depends_on_what_ran_before_is_found_out() -> None:
    found = hc.run_backtest(Worn, some_bars(), config=ONCE).verify()
    assert found.verdict == "different"
    assert "gives other decisions on the same input: from order 1 on they are not those of then" in found.causes[0].said


def test_a_strategy_that_can_not_run_twice_is_not_comparable() -> None:
    found = hc.run_backtest(FailsTheSecondTime, some_bars(), config=ONCE).verify()
    assert (found.verdict, found.reproduced) == ("not_comparable", False)
    assert "done already" in found.reason


def test_a_strategy_that_was_handed_in_and_can_not_be_built_again_says_why() -> None:
    found = hc.run_backtest(Untold(2.0), some_bars()).verify()
    assert found.verdict == "not_comparable"
    assert "does not tell the 'level' that it was built with" in found.reason
    assert "not comparable: " in str(found)


def test_parameters_that_are_changed_after_the_run_change_nothing() -> None:
    parameters = {"window": 9}
    made = hc.run_backtest(Crossing, some_bars(), parameters=parameters)
    parameters["window"] = 3
    assert made.verify().verdict == "identical"


def test_a_number_that_was_changed_afterwards_is_found() -> None:
    made = hc.run_backtest(Crossing, some_bars())
    made.tables["equity"]["equity"][-1] += 1e-9
    found = made.verify()
    (difference,) = found.differences
    assert (difference.table, difference.column, difference.row) == ("equity", "equity", 60)
    assert found.unexplained
