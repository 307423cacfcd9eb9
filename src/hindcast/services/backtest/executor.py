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

from hindcast.domain.errors import SimulationError, StorageError, StrategyError
from hindcast.engine.bars import Bars
from hindcast.engine.signals import Signals
from hindcast.services.market_data.data_processor import ProcessedData
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
    """What a strategy decided, and from which bar on its decisions count."""

    signals: Signals
    warm_up: int


class StrategyExecutor:
    """Runs strategies on processed data."""

    def __init__(self, strategies: StrategySource) -> None:
        self._strategies = strategies

    def generate_signals(self, strategy_id: str, data: ProcessedData) -> Execution:
        """Decisions of a stored strategy. Raises NotFoundError, ParameterError, StrategyError."""
        return execute(self._strategies.get_instance(strategy_id), data)


def execute(strategy: TradingStrategy, data: ProcessedData) -> Execution:
    """Run a strategy's steps: initialize, calculate_indicators, generate_signals. Raises StrategyError."""
    bars = data.bars
    steps = _on_long_frame if wants_long_frame(type(strategy)) else _on_bars
    found = steps(strategy, data)
    with _fence(strategy, "warm_up"):
        warm_up = getattr(strategy, "warm_up", 0)
    if isinstance(warm_up, bool) or not isinstance(warm_up, int | np.integer) or warm_up < 0:
        raise StrategyError(f"{_name(strategy)}.warm_up is {warm_up!r}; expected a number of bars >= 0")
    return Execution(signals=_as_signals(strategy, found, bars), warm_up=int(warm_up))


def _on_bars(strategy: TradingStrategy, data: ProcessedData) -> object:
    """A strategy of this design: Bars in, columns out."""
    bars = data.bars.with_indicators(data.features)
    _prepare(strategy, "initialize", bars)
    indicators = _prepare(strategy, "calculate_indicators", bars)
    with _fence(strategy, "calculate_indicators"):
        columns = _checked_indicators(indicators, data.bars)
    with _fence(strategy, "generate_signals"):
        return strategy.generate_signals(bars.with_indicators(ChainMap(columns, data.features)))  # type: ignore[arg-type]  # a ChainMap reads only


def _on_long_frame(strategy: TradingStrategy, data: ProcessedData) -> object:
    """A strategy of the original design: one long pandas frame in, a list of signals out."""
    frame = to_long_frame(data.bars, data.features)
    _prepare(strategy, "initialize", frame)
    enriched = _prepare(strategy, "calculate_indicators", frame)
    with _fence(strategy, "generate_signals"):
        return strategy.generate_signals(frame if enriched is None else enriched)


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
