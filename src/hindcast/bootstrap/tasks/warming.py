"""What a warm parent does before it forks: everything imported, kernels loaded, hashes of sources known."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from hindcast.bootstrap.tasks.pipeline import run_once, stored_market_data
from hindcast.domain.backtest import Backtest
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.strategy import StrategySnapshot
from hindcast.engine.bars import Bars
from hindcast.engine.context import Context
from hindcast.engine.stamps import DAY_NS
from hindcast.engine.trade_engine import TradeEngine
from hindcast.infrastructure.memory.artefacts import MemoryArtefactStore
from hindcast.services.ports import PanelTable, SymbolInfo
from hindcast.strategies.builtin import BUILTIN_STRATEGIES

_BARS: Final = 300
_NAME: Final = "warm-up"
# Imported only: to call them would start threads
_MODULES: Final = ("duckdb", "exchange_calendars", "pandas", "pyarrow", "pyarrow.parquet")


class _WavyBars:
    """A source with one symbol, whose price goes up and down."""

    name: Final = _NAME

    def symbols(self) -> tuple[SymbolInfo, ...]:
        """The one symbol."""
        return (
            SymbolInfo(
                symbol=_NAME, name=_NAME, exchange="XNYS", currency="USD", kind="index", first="", last="", bars=_BARS
            ),
        )

    def read(self, symbols: Sequence[str], start: int | None = None, end: int | None = None) -> PanelTable:
        """All its bars."""
        del symbols, start, end
        close = (100.0 + 10.0 * np.sin(np.arange(_BARS) / 8.0)).reshape(-1, 1)
        return PanelTable(
            timestamps=np.arange(_BARS, dtype=np.int64) * DAY_NS,
            symbols=(_NAME,),
            open=close - 0.1,
            high=close + 1.0,
            low=close - 1.0,
            close=close.copy(),
            volume=np.full_like(close, 1e6),
        )


def warm_up_backtests() -> None:
    """Run a small backtest of each built-in strategy, and one that decides bar by bar, all in memory."""
    for module in _MODULES:
        importlib.import_module(module)
    source = _WavyBars()
    market_data = stored_market_data(Path("/nonexistent"), [source])
    for strategy_type in BUILTIN_STRATEGIES:
        backtest = Backtest(
            id=_NAME,
            name=_NAME,
            strategy_id=_NAME,
            symbols=(_NAME,),
            provider=_NAME,
            benchmark_symbol=_NAME,
            strategy=StrategySnapshot(strategy_type=strategy_type),
        )
        run_once(backtest, market_data, MemoryArtefactStore(), lambda step, share: None)
    table = source.read([_NAME])
    bars = Bars.from_numpy(table.timestamps, _NAME, table.open, table.high, table.low, table.close, table.volume)
    TradeEngine().play(_hold, bars, BacktestConfig())


def _hold(context: Context) -> None:
    context.target(_NAME, 1.0)
