"""The stored results as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hindcast.cli.screen import program
from hindcast.cli.views.tables import plain_table
from hindcast.domain.backtest import BacktestResult
from hindcast.reporting.formatting import percent, ratio

if TYPE_CHECKING:
    from rich.console import Console

# Columns, and the width of the screen from which on they are shown.
LEAST_WIDTHS: Final = {
    "ID": 0,
    "Strategy": 0,
    "Symbols": 70,
    "Years": 84,
    ">Return": 0,
    ">Sharpe": 78,
    ">Drawdown": 0,
}


def print_results(screen: Console, results: Sequence[BacktestResult], *, total: int) -> None:
    """One row a result; where there is none, how to make one."""
    if not results:
        screen.print(f"No result is stored yet. `{program()} demo` makes the first one.")
        return
    headings = [heading for heading, width in LEAST_WIDTHS.items() if screen.width >= width]
    table = plain_table(*headings, wrapped=("Strategy",))
    for result in results:
        cells = _cells(result)
        table.add_row(*(cells[heading.removeprefix(">")] for heading in headings))
    screen.print(table)
    if total > len(results):
        screen.print(f"The newest {len(results)} of {total}; --limit {total} shows all.")
    screen.print(f"\n  {program()} report ID        its report; the beginning of an id is enough", soft_wrap=True)
    screen.print(f"  {program()} compare ID ID    two side by side", soft_wrap=True)


def _cells(result: BacktestResult) -> dict[str, str]:
    performance = result.performance
    return {
        "ID": result.backtest_id,
        "Strategy": result.strategy_type,
        "Symbols": _symbols(result.symbols),
        "Years": f"{result.start_date:%Y}-{result.end_date:%y}",
        "Return": percent(performance.total_return),
        "Sharpe": ratio(performance.sharpe_ratio),
        "Drawdown": percent(performance.max_drawdown),
    }


def _symbols(symbols: tuple[str, ...]) -> str:
    return symbols[0] if len(symbols) == 1 else f"{symbols[0]} +{len(symbols) - 1}"
