"""What child processes can be asked for, and what their parent has ready before the first one is forked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TASKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "run_backtest": "hindcast.bootstrap.tasks.run_backtest:run_backtest",
        "check_strategy": "hindcast.bootstrap.tasks.check_strategy:check_strategy",
        "discover_strategies": "hindcast.bootstrap.tasks.discover_strategies:discover_strategies",
        "import_bars": "hindcast.bootstrap.tasks.import_bars:import_bars",
    }
)


def warm_up() -> None:
    """Import what backtests need, and have their kernels loaded. Starts no thread that outlives it."""
    from hindcast.bootstrap.tasks.warming import warm_up_backtests

    warm_up_backtests()
