"""StrategyExecutor: the fence around strategy code.

It builds the instance, runs its steps, checks what comes back, and turns whatever goes wrong into a StrategyError.
"""

from __future__ import annotations

import sys
import traceback
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import SimulationError, StorageError, StrategyError
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.signals import Signals
from hindcast.engine.trade_engine import TradeEngine
from hindcast.services.market_data.data_processor import ProcessedData
from hindcast.strategies.events import is_event_strategy
from hindcast.strategies.long_frame import to_long_frame, wants_long_frame
from hindcast.strategies.protocol import TradingStrategy
from hindcast.strategies.signal_frames import checked_signals, signals_from_frame
from hindcast.strategies.signal_list import signals_from_list


class StrategySource(Protocol):
    """Where instances of stored strategies come from."""

    def get_instance(self, strategy_id: str) -> Any:
        """A fresh instance of a stored strategy."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What a vectorised strategy decided, and from which bar on its decisions count."""

    signals: Signals
    warm_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventExecution:
    """An event-driven strategy, ready to be called at each bar: what it decides depends on what its orders do."""

    strategy: Any
    indicators: Mapping[str, Any]  # (T, S) columns, its own before the ready-made ones
    warm_up: int  # bars before the first call


class StrategyExecutor:
    """Runs strategies on processed data."""

    def __init__(self, strategies: StrategySource) -> None:
        self._strategies = strategies

    def generate_signals(self, strategy_id: str, data: ProcessedData) -> Execution | EventExecution:
        """Decisions of a stored strategy, or itself where it decides bar by bar.

        Raises NotFoundError, ParameterError, StrategyError.
        """
        return execute(self._strategies.get_instance(strategy_id), data)


def execute(strategy: Any, data: ProcessedData) -> Execution | EventExecution:
    """Run a strategy's steps: initialize, calculate_indicators, generate_signals; without the last where it has on_bar.

    Raises StrategyError.
    """
    strategy_class: type = type(strategy)
    if is_event_strategy(strategy_class):
        return _prepared(strategy, data)
    steps = _on_long_frame if wants_long_frame(strategy_class) else _on_bars
    found, columns = steps(strategy, data)
    warm_up = _warm_up(strategy)
    return Execution(
        signals=_as_signals(strategy, found, data.bars),
        warm_up=_needed_by(columns, len(data.bars)) if warm_up is None else warm_up,
    )


def simulate(
    engine: TradeEngine, execution: Execution | EventExecution, bars: Bars, config: BacktestConfig
) -> PortfolioHistory:
    """Trade what a strategy decided, in the lane that it is made for. Raises StrategyError, SimulationError."""
    if isinstance(execution, Execution):
        return engine.simulate(execution.signals, bars, config, warm_up=execution.warm_up)
    strategy = execution.strategy
    with _fence(strategy, "on_bar"):
        return engine.play(
            strategy.on_bar,
            bars,
            config,
            indicators=execution.indicators,
            warm_up=execution.warm_up,
            executors=getattr(strategy, "executors", ()),
        )


def _prepared(strategy: Any, data: ProcessedData) -> EventExecution:
    """A strategy of the event lane, its indicators computed."""
    bars = data.bars.with_indicators(data.features)
    _prepare(strategy, "initialize", bars)
    indicators = _prepare(strategy, "calculate_indicators", bars)
    with _fence(strategy, "calculate_indicators"):
        columns = _checked_indicators(indicators, data.bars)
    warm_up = _warm_up(strategy)
    return EventExecution(
        strategy=strategy,
        indicators=ChainMap(columns, data.features),  # type: ignore[arg-type]  # a ChainMap reads only
        warm_up=_needed_by(columns, len(bars)) if warm_up is None else warm_up,
    )


def _warm_up(strategy: Any) -> int | None:
    """What a strategy declares; None where it leaves that to its indicators."""
    with _fence(strategy, "warm_up"):
        warm_up = getattr(strategy, "warm_up", None)
    if warm_up is None:
        return None
    if isinstance(warm_up, bool) or not isinstance(warm_up, int | np.integer) or warm_up < 0:
        raise StrategyError(f"{_name(strategy)}.warm_up is {warm_up!r}; expected a number of bars >= 0")
    return int(warm_up)


def _needed_by(columns: Mapping[str, Any], bars: int) -> int:
    """The bars before each column has held a value for at least one symbol; all, where one never does."""
    needed = 0
    for column in columns.values():
        values = np.asarray(column)
        if values.dtype.kind == "f":
            has_value = ~np.isnan(values).reshape(bars, -1).all(axis=1)
            needed = max(needed, int(np.argmax(has_value)) if has_value.any() else bars)
    return needed


def _on_bars(strategy: TradingStrategy, data: ProcessedData) -> tuple[object, Mapping[str, Any]]:
    """A strategy of this design: Bars in, columns out; and its own indicators."""
    bars = data.bars.with_indicators(data.features)
    _prepare(strategy, "initialize", bars)
    indicators = _prepare(strategy, "calculate_indicators", bars)
    with _fence(strategy, "calculate_indicators"):
        columns = _checked_indicators(indicators, data.bars)
    with _fence(strategy, "generate_signals"):
        found = strategy.generate_signals(bars.with_indicators(ChainMap(columns, data.features)))  # type: ignore[arg-type]  # a ChainMap reads only
    return found, columns


def _on_long_frame(strategy: TradingStrategy, data: ProcessedData) -> tuple[object, Mapping[str, Any]]:
    """A strategy of the original design: one long pandas frame in, a list of signals out; its indicators stay there."""
    frame = to_long_frame(data.bars, data.features)
    _prepare(strategy, "initialize", frame)
    enriched = _prepare(strategy, "calculate_indicators", frame)
    with _fence(strategy, "generate_signals"):
        return strategy.generate_signals(frame if enriched is None else enriched), {}


def _prepare(strategy: TradingStrategy, step: str, data: object) -> object:
    """Run a step that a plain class may leave out."""
    with _fence(strategy, step):
        method = getattr(strategy, step, None)
        return None if method is None else method(data)


def _as_signals(strategy: TradingStrategy, found: object, bars: Bars) -> Signals:
    with _fence(strategy, "generate_signals"):
        if isinstance(found, Signals):
            return checked_signals(found, bars)
        if isinstance(found, list | tuple):
            return checked_signals(signals_from_list(list(found), bars), bars)
        if found is None:
            raise StrategyError("it returned None; expected Signals, a DataFrame of target weights, or a list")
        return checked_signals(signals_from_frame(found, bars), bars)


def _checked_indicators(found: object, bars: Bars) -> dict[str, Any]:
    """The indicators by name, each of the panel's shape. Raises StrategyError."""
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise StrategyError(
            f"it returned a {type(found).__name__}; expected a mapping of names to columns of shape {bars.shape}"
        )
    for name, column in found.items():
        shape = np.shape(column)
        if shape != bars.shape and not (bars.shape[1] == 1 and shape == (bars.shape[0],)):
            raise StrategyError(f"indicator {name!r} has shape {shape}; expected {bars.shape} (bars, symbols)")
    return dict(found)


@contextmanager
def _fence(strategy: TradingStrategy, step: str) -> Iterator[None]:
    """Turn what strategy code raises, an exit included, into a StrategyError that says where.

    What Hindcast itself finds broken (its books, its stored files) and an interrupt by the user pass.
    """
    try:
        yield
    except (SimulationError, StorageError):
        raise
    except StrategyError as error:
        raise type(error)(f"{_name(strategy)}.{step}: {error}") from error
    except (Exception, SystemExit) as error:
        told = traceback.TracebackException.from_exception(error)
        said = " ".join(str(told).split())
        raise StrategyError(
            f"{_name(strategy)}.{step} raised {type(error).__name__}{': ' if said else ''}{said} "
            f"({_place(strategy, told.stack)})"
        ) from error


def _place(strategy: TradingStrategy, stack: traceback.StackSummary) -> str:
    """The innermost line of the strategy's own file, else of whatever file raised."""
    own = getattr(sys.modules.get(type(strategy).__module__), "__file__", None)
    frame = next((frame for frame in reversed(stack) if frame.filename == own), stack[-1])
    return f"{Path(frame.filename).name}, line {frame.lineno}"


def _name(strategy: TradingStrategy) -> str:
    return getattr(type(strategy), "STRATEGY_TYPE", "") or type(strategy).__name__
