from __future__ import annotations

import subprocess
import sys

import pytest

import hindcast

NAMES = """
AccessError AuthenticationError BacktestConfig BacktestOutcome BacktestRequest BacktestResult BacktestRun Bars
BarsError BaseStrategy BenchmarkError Commission CommissionModel ConfigError ConflictError Context CorruptDataError
CredentialError DataError DataVersion DateRangeError EntitlementError EventStrategy Execution Field Fill FixedCash
FixedQuantity HalfSpreadSlippage HindcastError ImportRefusedError ImportReport InputError Kelly MemoryLimitError
MissingDataError NotFoundError Order OrderExecutor OrderSide OrderStatus OrderType ParallelBacktestExecutor
ParameterError PartialDataWarning PerformanceMetrics PermissionDeniedError PluginError Portfolio Position
PositionSizer ProviderError ProviderResponseError ProviderUnavailableError QuotaError RateLimitError RiskPerTrade
SignalType Signals SimulationError SizeRequest Slippage SlippageModel SquareRootSlippage StorageError
StoreUnavailableError StoredData StoredResults StrategyConfig StrategyError StrategyExitError StrategyFactory
StrategySignal SymbolError TargetWeight TimeInForce TimeLimitError Trade TradingStrategy UnknownStrategyError
UnknownSymbolError Verification VolatilityTarget VolumeShareSlippage WorkLostError WorkNotBegunError
WorkStoppedError align_benchmark analyze_curves analyze_performance as_known import_bars load_bars open_data
open_results resample run_backtest
"""

HEAVY = (
    "numba pandas plotly scipy duckdb pyarrow talib jinja2 rich typer fastapi uvicorn httpx beanie pymongo redis "
    "optuna distributed polars pydantic numpy"
).split()

SERVER = "fastapi uvicorn httpx beanie pymongo redis pandas plotly pyarrow".split()


def fresh(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True, timeout=120
    ).stdout


def test_the_public_names_are_these_and_sorted() -> None:
    assert hindcast.__all__ == NAMES.split()
    assert hindcast.__all__ == sorted(hindcast.__all__)


@pytest.mark.parametrize("name", NAMES.split())
def test_each_public_name_is_there_and_documented(name: str) -> None:
    found = getattr(hindcast, name)
    assert getattr(hindcast, name) is found
    assert (found.__doc__ or "").strip()


def test_every_error_of_the_tree_is_public() -> None:
    from hindcast.domain import errors

    tree = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert tree <= set(hindcast.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'hindcast' has no attribute 'run_backtets'"):
        hindcast.run_backtets  # noqa: B018  # asking is the test
    assert not hasattr(hindcast, "__wrapped__")


def test_dir_shows_the_public_names() -> None:
    assert set(NAMES.split()) <= set(dir(hindcast))


def test_the_import_alone_loads_no_library() -> None:
    program = f"import sys, hindcast; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert fresh(program).strip() == "[]"


def test_everything_can_be_imported_by_star_and_nothing_of_a_server_comes_with_it() -> None:
    program = f"""
import sys
from hindcast import *
print([name for name in {SERVER!r} if name in sys.modules])
"""
    assert fresh(program).strip() == "[]"


def test_a_run_by_the_door_needs_neither_plotly_nor_duckdb_nor_pandas_until_a_frame_is_read() -> None:
    program = """
import sys
import hindcast as hc
made = hc.run_backtest("sma_crossover", hc.load_bars("SPX"), benchmark="SPX")
made.metrics.sharpe_ratio, made.manifest.id, repr(made), made.tables
print([name for name in ("pandas", "plotly", "fastapi", "duckdb") if name in sys.modules])
made.equity
print("pandas" in sys.modules)
"""
    assert fresh(program).split("\n")[:2] == ["[]", "True"]


def test_type_checkers_see_every_name() -> None:
    """What `__getattr__` finds at run time stands in the imports for type checkers too."""
    import ast
    from pathlib import Path

    tree = ast.parse(Path(hindcast.__file__).read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name for node in guarded.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == set(hindcast.__all__)
