"""A strategy as it was before its run, asked again on other bars."""

from __future__ import annotations

from copy import copy, deepcopy
from typing import Any, Final

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.certificate import Certificate
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.trade_engine import TradeEngine
from hindcast.services.backtest.executor import EventExecution, Execution, execute, simulate
from hindcast.services.backtest.proof import prove
from hindcast.services.backtest.proof_commands import CommandDecisions
from hindcast.services.backtest.proof_comparison import SignalDecisions
from hindcast.services.market_data.data_processor import ProcessedData
from hindcast.strategies.configs import StrategyConfig

_PLAIN: Final = (bool, int, float, str, type(None))
_FILLS_ON_CLOSE: Final = (
    'That is proven of the decisions only: fill_on="close" fills them at the very prices that they were made from.'
)


class LookAheadProof:
    """The proof of one run. Made before the run: afterwards the strategy may hold what it saw."""

    def __init__(self, strategy: Any, data: ProcessedData, config: BacktestConfig) -> None:
        self._untouched = strategy if config.proof == "off" else _copy(strategy)
        self._data = data
        self._config = config

    def certify(self, execution: Execution | EventExecution, history: PortfolioHistory, seed: int) -> Certificate:
        """What the replays tell of the run that decided this, with these orders."""
        bars, level = self._data.bars, self._config.proof
        if isinstance(execution, Execution):
            found = prove(self._signals_on, bars, _signals(execution), level, seed)
        else:
            found = prove(self._commands_on, bars, CommandDecisions.of(history), level, seed)
        if self._config.fill_on == "close" and found.passed:
            return found.model_copy(update={"explanation": f"{found.explanation} {_FILLS_ON_CLOSE}"})
        return found

    def _signals_on(self, bars: Bars, known: int) -> SignalDecisions:
        """What a fresh copy of the strategy decides, its ready-made columns altered as the bars are."""
        found = execute(_copy(self._untouched), self._data.altered(bars, known))
        assert isinstance(found, Execution)
        return _signals(found)

    def _commands_on(self, bars: Bars, known: int) -> CommandDecisions:
        """What a fresh copy of the strategy orders, bar by bar, its fills made from these bars as well."""
        found = execute(_copy(self._untouched), self._data.altered(bars, known))
        return CommandDecisions.of(simulate(TradeEngine(), found, bars, self._config))


def _signals(execution: Execution) -> SignalDecisions:
    return SignalDecisions(signals=execution.signals, warm_up=execution.warm_up)


def _copy(strategy: Any) -> Any:
    config = getattr(strategy, "config", None)
    shared = {id(config): config} if isinstance(config, StrategyConfig) else {}  # frozen: no strategy can write to it
    state = getattr(strategy, "__dict__", {"unknown": strategy})
    try:
        if all(id(value) in shared or isinstance(value, _PLAIN) for value in state.values()):
            return copy(strategy)
        return deepcopy(strategy, shared)
    except Exception:  # noqa: BLE001  # the strategy fence: what it holds (a lock, a connection) may refuse
        return strategy
