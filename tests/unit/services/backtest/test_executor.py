from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.unit.services.backtest.panels import processed, some_bars

from hindcast.domain.errors import SimulationError, StorageError, StrategyError
from hindcast.domain.signals import SignalType, StrategySignal
from hindcast.engine import layout
from hindcast.engine.signals import Signals
from hindcast.services.backtest.executor import Execution, StrategyExecutor, execute
from hindcast.strategies.protocol import BaseStrategy

DATA = processed()
SHAPE = DATA.bars.shape


def executed(strategy: Any, data: Any) -> Execution:
    """What a vectorised strategy decided."""
    found = execute(strategy, data)
    assert isinstance(found, Execution)
    return found


class Scripted(BaseStrategy):
    """A strategy whose steps are handed in."""

    STRATEGY_TYPE = "scripted"
    DATA_FORMAT = "bars"

    def __init__(
        self,
        signals: Callable[[Any], Any] = lambda data: Signals.hold(data.shape),
        *,
        indicators: Callable[[Any], Any] = lambda data: {},
        initialize: Callable[[Any], Any] = lambda data: None,
        warm_up: Callable[[], Any] = lambda: 0,
    ) -> None:
        super().__init__()
        self._steps = signals, indicators, initialize, warm_up

    @property
    def warm_up(self) -> int:
        return self._steps[3]()

    def initialize(self, data: Any) -> None:
        self._steps[2](data)

    def calculate_indicators(self, data: Any) -> Any:
        return self._steps[1](data)

    def generate_signals(self, data: Any) -> Any:
        return self._steps[0](data)


def raising(error: BaseException) -> Callable[..., Any]:
    def step(*arguments: object) -> Any:
        raise error

    return step


def test_steps_run_in_order_and_indicators_reach_the_signals() -> None:
    seen: list[str] = []

    def indicators(data: Any) -> dict[str, Any]:
        seen.append("indicators")
        return {"mine": data.panel.close * 2.0}

    def signals(data: Any) -> Signals:
        seen.append("signals")
        assert np.array_equal(data.indicators["mine"], data.panel.close * 2.0)
        assert data.indicators["sma_10"].shape == SHAPE
        return Signals.from_entries(data.panel.close > 100.0, data.panel.close < 90.0)

    found = executed(
        Scripted(
            signals,
            initialize=lambda data: seen.append("initialize"),
            indicators=indicators,
            warm_up=lambda: 7,
        ),
        DATA,
    )
    assert seen == ["initialize", "indicators", "signals"]
    assert found.warm_up == 7
    assert np.array_equal(found.signals.side == layout.SIGNAL_BUY, DATA.bars.panel.close > 100.0)


@pytest.mark.parametrize(
    ("step", "said"),
    [("signals", "generate_signals"), ("indicators", "calculate_indicators"), ("initialize", "initialize")],
)
def test_a_step_that_raises_is_named_with_its_strategy_error_and_line(step: str, said: str) -> None:
    error = ZeroDivisionError("division\nby zero")
    strategy = Scripted(**{step: raising(error)})
    with pytest.raises(StrategyError) as caught:
        execute(strategy, DATA)
    line = raising.__code__.co_firstlineno + 2
    assert str(caught.value) == (
        f"scripted.{said} raised ZeroDivisionError: division by zero (test_executor.py, line {line})"
    )
    assert caught.value.__cause__ is error


def test_the_line_is_the_strategys_own_even_where_a_library_raised() -> None:
    def signals(data: Any) -> Any:
        return np.linalg.inv(np.zeros((2, 2)))

    with pytest.raises(StrategyError, match=rf"test_executor.py, line {signals.__code__.co_firstlineno + 1}\)"):
        execute(Scripted(signals), DATA)


def test_an_error_without_a_message_is_named_by_its_class() -> None:
    with pytest.raises(StrategyError, match=r"generate_signals raised AssertionError \(test_executor"):
        execute(Scripted(raising(AssertionError())), DATA)


def test_an_error_that_cannot_even_be_printed_is_still_a_strategy_error() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    with pytest.raises(StrategyError, match="generate_signals raised MuteError"):
        execute(Scripted(raising(MuteError())), DATA)


def test_a_strategy_that_exits_fails_instead_of_ending_the_process() -> None:
    with pytest.raises(StrategyError, match="generate_signals raised SystemExit: 3"):
        execute(Scripted(lambda data: sys.exit(3)), DATA)


def test_endless_recursion_is_a_strategy_error() -> None:
    def signals(data: Any) -> Any:
        return signals(data)

    with pytest.raises(StrategyError, match="raised RecursionError"):
        execute(Scripted(signals), DATA)


def test_an_interrupt_by_the_user_passes_the_fence() -> None:
    with pytest.raises(KeyboardInterrupt):
        execute(Scripted(raising(KeyboardInterrupt())), DATA)


@pytest.mark.parametrize("error", [SimulationError("books"), StorageError("disk")])
def test_what_hindcast_itself_finds_broken_is_not_blamed_on_the_strategy(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        execute(Scripted(raising(error)), DATA)
    assert caught.value is error


def test_a_symbol_that_the_bars_do_not_hold_is_the_strategys_error() -> None:
    with pytest.raises(StrategyError, match="scripted.generate_signals raised SymbolError: no symbol 'ZZZ'"):
        execute(Scripted(lambda data: data.column_of("ZZZ")), DATA)


def test_a_strategys_own_strategy_error_keeps_its_words() -> None:
    with pytest.raises(StrategyError, match="^scripted.generate_signals: too hot$"):
        execute(Scripted(raising(StrategyError("too hot"))), DATA)


def test_a_strategy_cannot_write_to_the_bars_it_is_given() -> None:
    before = DATA.bars.fingerprint, DATA.bars.panel.close.copy()

    def signals(data: Any) -> Any:
        data.panel.close[0, 0] = 1.0

    with pytest.raises(StrategyError, match="read-only"):
        execute(Scripted(signals), DATA)
    assert np.array_equal(DATA.bars.panel.close, before[1])


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "it returned None; expected Signals, a DataFrame of target weights, or a list"),
        (Signals.hold((3, 2)), r"\(3, 2\).*\(60, 2\)"),
        (np.zeros((60, 3)), r"\(60, 3\); expected \(60, 2\)"),
        (np.zeros(60), r"\(60,\); expected \(60, 2\)"),
        (np.full((60, 2), np.inf), "AAA on 2020-01-01.*inf"),
        ("buy", "generate_signals"),
        (object(), "generate_signals"),
        (True, "generate_signals"),
        ([1.0, 2.0], "signal 1 is a float"),
        ({"AAA": 1.0}, "generate_signals"),
        (pd.DataFrame(np.zeros((60, 2)), columns=["AAA", "CCC"]), "generate_signals"),
        (Signals(side=np.full((60, 2), 9, dtype=np.int8)), "AAA on 2020-01-01"),
        (Signals(side=np.zeros((60, 2))), "float64; expected whole-number"),  # type: ignore[arg-type]  # on purpose
        (Signals(side=np.ones((60, 2), dtype=np.int8), strength=np.full((60, 2), np.nan)), "strength nan"),
        (Signals(side=np.full((60, 2), 3, dtype=np.int8)), "no `weight`"),
    ],
)
def test_signals_that_do_not_fit_are_refused_in_one_sentence(found: object, said: str) -> None:
    with pytest.raises(StrategyError, match=said) as caught:
        execute(Scripted(lambda data: found), DATA)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("scripted.generate_signals")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([1.0], "it returned a list; expected a mapping"),
        ({"mine": np.zeros((60, 3))}, r"indicator 'mine' has shape \(60, 3\); expected \(60, 2\)"),
        ({"mine": np.zeros(60)}, r"indicator 'mine' has shape \(60,\)"),
        ({"mine": 3.0}, r"indicator 'mine' has shape \(\)"),
        ({"mine": [[1.0], [1.0, 2.0]]}, "raised ValueError"),
    ],
)
def test_indicators_that_do_not_fit_are_refused(found: object, said: str) -> None:
    with pytest.raises(StrategyError, match=f"^scripted.calculate_indicators.*{said}"):
        execute(Scripted(indicators=lambda data: found), DATA)


def test_no_indicators_may_be_none() -> None:
    assert executed(Scripted(indicators=lambda data: None), DATA).signals.shape == SHAPE


def test_one_symbol_may_have_flat_columns() -> None:
    data = processed(some_bars(5, ("AAA",)))
    found = executed(Scripted(lambda bars: np.ones(5), indicators=lambda bars: {"mine": np.ones(5)}), data)
    assert found.signals.weight is not None
    assert found.signals.weight.tolist() == [[1.0]] * 5


@pytest.mark.parametrize("warm_up", [-1, 1.5, True, "3", np.nan])
def test_a_warm_up_that_is_no_count_is_refused(warm_up: object) -> None:
    with pytest.raises(StrategyError, match="warm_up is .*; expected a number of bars >= 0"):
        execute(Scripted(warm_up=lambda: warm_up), DATA)


def test_a_warm_up_that_raises_is_named() -> None:
    with pytest.raises(StrategyError, match="scripted.warm_up raised KeyError"):
        execute(Scripted(warm_up=raising(KeyError("window"))), DATA)


def test_a_numpy_warm_up_is_a_number_of_bars() -> None:
    assert execute(Scripted(warm_up=lambda: np.int64(3)), DATA).warm_up == 3


def test_a_frame_a_list_and_signals_say_the_same() -> None:
    index = DATA.bars.index
    frame = pd.DataFrame(np.nan, index=index, columns=["BBB", "AAA"])
    frame.loc[index[4], "AAA"] = 0.5
    decision = StrategySignal(symbol="AAA", timestamp=index[4].to_pydatetime(), target_weight=0.5)
    weight = np.full(SHAPE, np.nan)
    weight[4, 0] = 0.5
    wanted = executed(Scripted(lambda data: Signals.from_targets(weight)), DATA).signals
    assert wanted.weight is not None
    for found in (frame, [decision], (decision,), weight):
        made = executed(Scripted(lambda data, found=found: found), DATA).signals  # type: ignore[misc]  # binds the loop's value
        assert made.weight is not None
        assert np.array_equal(made.side, wanted.side)
        assert np.array_equal(made.weight[4], wanted.weight[4], equal_nan=True)


def test_an_empty_list_decides_nothing() -> None:
    assert not executed(Scripted(lambda data: []), DATA).signals.side.any()


def test_a_signal_on_a_date_without_a_bar_names_symbol_and_date() -> None:
    odd = StrategySignal(symbol="AAA", signal_type=SignalType.BUY, timestamp=datetime(1990, 1, 1, tzinfo=UTC))
    with pytest.raises(StrategyError, match="signal for AAA at 1990-01-01"):
        execute(Scripted(lambda data: [odd]), DATA)


def test_a_strategy_of_the_original_design_gets_one_long_frame() -> None:
    class Original:
        def initialize(self, data: pd.DataFrame) -> None:
            self.columns = list(data.columns)

        def calculate_indicators(self, data: pd.DataFrame) -> pd.DataFrame:
            return data.assign(above=data["close"] > data["sma_10"])

        def generate_signals(self, data: pd.DataFrame) -> list[StrategySignal]:
            first = data[data["above"]].iloc[0]
            return [StrategySignal(symbol=first["symbol"], signal_type=SignalType.BUY, timestamp=first["date"])]

        def validate_parameters(self) -> bool:
            return True

    strategy = Original()
    found = executed(strategy, DATA)
    assert np.count_nonzero(found.signals.side) == 1
    assert strategy.columns[:7] == ["symbol", "date", "open", "high", "low", "close", "volume"]
    assert {"sma_10", "sma_30", "sma_50", "daily_return", "volatility_20d"} <= set(strategy.columns)


def test_a_stored_strategy_is_built_and_run() -> None:
    class Source:
        def get_instance(self, strategy_id: str) -> Any:
            assert strategy_id == "s7"
            return Scripted(warm_up=lambda: 2)

    assert StrategyExecutor(Source()).generate_signals("s7", DATA).warm_up == 2


def test_a_plain_class_may_leave_out_the_steps_that_prepare() -> None:
    class Plain:
        DATA_FORMAT = "bars"

        def generate_signals(self, data: Any) -> Signals:
            side = np.full(data.shape, layout.SIGNAL_BUY, dtype=np.int8)
            return Signals(side=side)

    bars = some_bars()
    found = executed(Plain(), processed(bars))
    assert (found.signals.side == layout.SIGNAL_BUY).all()


def test_without_a_word_on_it_the_warm_up_is_what_the_indicators_need():
    column = np.where(np.arange(SHAPE[0])[:, None] < 3, np.nan, 1.0) * np.ones(SHAPE)

    class Quiet(BaseStrategy):
        STRATEGY_TYPE = "quiet"
        DATA_FORMAT = "bars"

        def calculate_indicators(self, data: Any) -> dict[str, Any]:
            return {"late": column, "early": np.ones(SHAPE), "words": np.full(SHAPE, True)}

        def generate_signals(self, data: Any) -> Signals:
            return Signals.hold(data.shape)

    class Eager(Quiet):
        warm_up = 0

    assert executed(Quiet(), DATA).warm_up == 3
    assert executed(Eager(), DATA).warm_up == 0
