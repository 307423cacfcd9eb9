"""Hindcast: backtests that can be believed.

>>> import hindcast as hc
>>> bars = hc.load_bars(["SPX"], start="1999-01-04", end="2018-12-31")
>>> result = hc.run_backtest("sma_crossover", bars, parameters={"short_window": 10, "long_window": 30})
>>> result.metrics.total_trades
88
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import Field

    from hindcast.domain.backtest import BacktestResult
    from hindcast.domain.backtest_config import BacktestConfig
    from hindcast.domain.costs import (
        Commission,
        HalfSpreadSlippage,
        Slippage,
        SquareRootSlippage,
        VolumeShareSlippage,
    )
    from hindcast.domain.errors import (
        AccessError,
        AuthenticationError,
        BarsError,
        BenchmarkError,
        ConfigError,
        ConflictError,
        CorruptDataError,
        CredentialError,
        DataError,
        DateRangeError,
        EntitlementError,
        HindcastError,
        ImportRefusedError,
        InputError,
        MemoryLimitError,
        MissingDataError,
        NotFoundError,
        ParameterError,
        PartialDataWarning,
        PermissionDeniedError,
        PluginError,
        ProviderError,
        ProviderResponseError,
        ProviderUnavailableError,
        QuotaError,
        RateLimitError,
        SimulationError,
        StorageError,
        StoreUnavailableError,
        StrategyError,
        StrategyExitError,
        SymbolError,
        TimeLimitError,
        UnknownStrategyError,
        UnknownSymbolError,
        WorkLostError,
        WorkNotBegunError,
        WorkStoppedError,
    )
    from hindcast.domain.market_data import DataVersion
    from hindcast.domain.models import CommissionModel, PositionSizer, SizeRequest, SlippageModel
    from hindcast.domain.orders import Fill, Order, OrderSide, OrderStatus, OrderType, TimeInForce, Trade
    from hindcast.domain.performance import PerformanceMetrics
    from hindcast.domain.portfolio import Portfolio, Position
    from hindcast.domain.signals import SignalType, StrategySignal
    from hindcast.domain.sizing import (
        FixedCash,
        FixedQuantity,
        Kelly,
        RiskPerTrade,
        TargetWeight,
        VolatilityTarget,
    )
    from hindcast.domain.verification import Verification
    from hindcast.engine.bars import Bars
    from hindcast.engine.context import Context
    from hindcast.engine.curve_input import analyze_performance
    from hindcast.engine.curves import analyze_curves
    from hindcast.engine.order_executors import Execution, OrderExecutor
    from hindcast.engine.signals import Signals
    from hindcast.library.alignment import align_benchmark
    from hindcast.library.backtest import load_bars, run_backtest
    from hindcast.library.data import StoredData, open_data
    from hindcast.library.imports import import_bars
    from hindcast.library.parallel import ParallelBacktestExecutor
    from hindcast.library.resampling import as_known, resample
    from hindcast.library.run import BacktestRun
    from hindcast.library.stored import StoredResults, open_results
    from hindcast.services.backtest.parallel import BacktestOutcome
    from hindcast.services.backtest.request import BacktestRequest
    from hindcast.services.market_data.intake.import_report import ImportReport
    from hindcast.strategies.configs import StrategyConfig
    from hindcast.strategies.events import EventStrategy
    from hindcast.strategies.factory import StrategyFactory
    from hindcast.strategies.protocol import BaseStrategy, TradingStrategy

__all__ = [
    "AccessError",
    "AuthenticationError",
    "BacktestConfig",
    "BacktestOutcome",
    "BacktestRequest",
    "BacktestResult",
    "BacktestRun",
    "Bars",
    "BarsError",
    "BaseStrategy",
    "BenchmarkError",
    "Commission",
    "CommissionModel",
    "ConfigError",
    "ConflictError",
    "Context",
    "CorruptDataError",
    "CredentialError",
    "DataError",
    "DataVersion",
    "DateRangeError",
    "EntitlementError",
    "EventStrategy",
    "Execution",
    "Field",
    "Fill",
    "FixedCash",
    "FixedQuantity",
    "HalfSpreadSlippage",
    "HindcastError",
    "ImportRefusedError",
    "ImportReport",
    "InputError",
    "Kelly",
    "MemoryLimitError",
    "MissingDataError",
    "NotFoundError",
    "Order",
    "OrderExecutor",
    "OrderSide",
    "OrderStatus",
    "OrderType",
    "ParallelBacktestExecutor",
    "ParameterError",
    "PartialDataWarning",
    "PerformanceMetrics",
    "PermissionDeniedError",
    "PluginError",
    "Portfolio",
    "Position",
    "PositionSizer",
    "ProviderError",
    "ProviderResponseError",
    "ProviderUnavailableError",
    "QuotaError",
    "RateLimitError",
    "RiskPerTrade",
    "SignalType",
    "Signals",
    "SimulationError",
    "SizeRequest",
    "Slippage",
    "SlippageModel",
    "SquareRootSlippage",
    "StorageError",
    "StoreUnavailableError",
    "StoredData",
    "StoredResults",
    "StrategyConfig",
    "StrategyError",
    "StrategyExitError",
    "StrategyFactory",
    "StrategySignal",
    "SymbolError",
    "TargetWeight",
    "TimeInForce",
    "TimeLimitError",
    "Trade",
    "TradingStrategy",
    "UnknownStrategyError",
    "UnknownSymbolError",
    "Verification",
    "VolatilityTarget",
    "VolumeShareSlippage",
    "WorkLostError",
    "WorkNotBegunError",
    "WorkStoppedError",
    "align_benchmark",
    "analyze_curves",
    "analyze_performance",
    "as_known",
    "import_bars",
    "load_bars",
    "open_data",
    "open_results",
    "resample",
    "run_backtest",
]

# Where each public name lives: nothing is imported before it is used.
_HOMES: Final = {
    "hindcast.domain.backtest": ("BacktestResult",),
    "hindcast.domain.backtest_config": ("BacktestConfig",),
    "hindcast.domain.costs": (
        "Commission",
        "HalfSpreadSlippage",
        "Slippage",
        "SquareRootSlippage",
        "VolumeShareSlippage",
    ),
    "hindcast.domain.errors": tuple(name for name in __all__ if name.endswith(("Error", "Warning"))),
    "hindcast.domain.market_data": ("DataVersion",),
    "hindcast.domain.models": ("CommissionModel", "PositionSizer", "SizeRequest", "SlippageModel"),
    "hindcast.domain.orders": ("Fill", "Order", "OrderSide", "OrderStatus", "OrderType", "TimeInForce", "Trade"),
    "hindcast.domain.performance": ("PerformanceMetrics",),
    "hindcast.domain.portfolio": ("Portfolio", "Position"),
    "hindcast.domain.signals": ("SignalType", "StrategySignal"),
    "hindcast.domain.sizing": (
        "FixedCash",
        "FixedQuantity",
        "Kelly",
        "RiskPerTrade",
        "TargetWeight",
        "VolatilityTarget",
    ),
    "hindcast.domain.verification": ("Verification",),
    "hindcast.engine.context": ("Context",),
    "hindcast.engine.curve_input": ("analyze_performance",),
    "hindcast.engine.curves": ("analyze_curves",),
    "hindcast.engine.order_executors": ("Execution", "OrderExecutor"),
    "hindcast.engine.signals": ("Signals",),
    "hindcast.library.alignment": ("align_benchmark",),
    "hindcast.library.backtest": ("load_bars", "run_backtest"),
    "hindcast.library.data": ("StoredData", "open_data"),
    "hindcast.library.imports": ("import_bars",),
    "hindcast.library.parallel": ("ParallelBacktestExecutor",),
    "hindcast.library.resampling": ("as_known", "resample"),
    "hindcast.services.backtest.parallel": ("BacktestOutcome",),
    "hindcast.services.backtest.request": ("BacktestRequest",),
    "hindcast.services.market_data.intake.import_report": ("ImportReport",),
    "hindcast.library.bars": ("Bars",),
    "hindcast.library.run": ("BacktestRun",),
    "hindcast.library.stored": ("StoredResults", "open_results"),
    "hindcast.strategies.configs": ("StrategyConfig",),
    "hindcast.strategies.events": ("EventStrategy",),
    "hindcast.strategies.factory": ("StrategyFactory",),
    "hindcast.strategies.protocol": ("BaseStrategy", "TradingStrategy"),
    "pydantic": ("Field",),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'hindcast' has no attribute '{name}'")
    found = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__name__"]
