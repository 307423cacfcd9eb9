"""The stored results as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hindcast.cli.screen import program
from hindcast.cli.views.tables import plain_table
from hindcast.domain.backtest import BacktestResult
from hindcast.reporting.formatting import percent, ratio

if TYPE_CHECKING:
    from rich.console import Console


def print_results(screen: Console, results: Sequence[BacktestResult], *, total: int) -> None:
    """One row a result; where there is none, how to make one."""
    if not results:
        screen.print(f"No result is stored yet. `{program()} demo` makes the first one.")
        return
    table = plain_table(
        "ID", "Strategy", "Symbols", "Years", ">Return", ">Sharpe", ">Max fall", wrapped=("Strategy", "Symbols")
    )
    for result in results:
        performance = result.performance
        years = f"{result.start_date:%Y}-{result.end_date:%y}"
        table.add_row(
            result.backtest_id,
            result.strategy_type,
            _symbols(result.symbols),
            years,
            percent(performance.total_return),
            ratio(performance.sharpe_ratio),
            percent(performance.max_drawdown),
        )
    screen.print(table)
    if total > len(results):
        screen.print(f"The newest {len(results)} of {total}; --limit {total} shows all.")
    screen.print(f"\n  {program()} report ID        its report; the beginning of an id is enough", soft_wrap=True)
    screen.print(f"  {program()} compare ID ID    two side by side", soft_wrap=True)


def _symbols(symbols: tuple[str, ...]) -> str:
    return symbols[0] if len(symbols) == 1 else f"{symbols[0]} +{len(symbols) - 1}"
