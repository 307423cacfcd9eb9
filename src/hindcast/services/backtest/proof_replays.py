"""A strategy as it was before its run, asked again on other bars."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hindcast.domain.certificate import Certificate
from hindcast.engine.bars import Bars
from hindcast.services.backtest.executor import Execution, execute
from hindcast.services.backtest.proof import Level, prove
from hindcast.services.backtest.proof_comparison import SignalDecisions
from hindcast.services.market_data.data_processor import ProcessedData
from hindcast.strategies.configs import StrategyConfig


class LookAheadProof:
    """The proof of one run. Made before the run: afterwards the strategy may hold what it saw."""

    def __init__(self, strategy: Any, data: ProcessedData, level: Level) -> None:
        self._untouched = strategy if level == "off" else _copy(strategy)
        self._data = data
        self._level = level

    def certify(self, execution: Execution, seed: int) -> Certificate:
        """What the replays tell of the run that decided this."""
        return prove(self._decide, self._data.bars, _decisions(execution), self._level, seed)

    def _decide(self, bars: Bars) -> SignalDecisions:
        """What a fresh copy of the strategy decides, its ready-made columns computed from these bars."""
        return _decisions(execute(_copy(self._untouched), self._data.on(bars)))


def _decisions(execution: Execution) -> SignalDecisions:
    return SignalDecisions(signals=execution.signals, warm_up=execution.warm_up)


def _copy(strategy: Any) -> Any:
    config = getattr(strategy, "config", None)
    shared = {id(config): config} if isinstance(config, StrategyConfig) else {}  # frozen: no strategy can write to it
    try:
        return deepcopy(strategy, shared)
    except Exception:  # noqa: BLE001  # the strategy fence: what it holds (a lock, a connection) may refuse
        return strategy
