"""What can be done with a result: printed under it, so that nobody has to look it up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hindcast.cli.screen import program
from hindcast.domain.backtest import BacktestResult

if TYPE_CHECKING:
    from rich.console import Console


def print_next_steps(screen: Console, result: BacktestResult) -> None:
    """The result's id, and the commands that take it."""
    screen.print(f"\nStored as {result.backtest_id} (manifest {result.manifest.id[:12]})")
    print_commands(
        screen,
        (f"report {result.backtest_id} --open", "its HTML report, in the browser"),
        (f"verify {result.backtest_id}", "run it again: does it give the same?"),
        (f"compare {result.backtest_id} ID", "beside another; `report` lists the ids"),
    )


def print_written(screen: Console, path: Path) -> None:
    """Where a report is, and how to open it."""
    screen.print(f"\nReport: {path}", style="bold", soft_wrap=True)
    screen.print(f"  open it in any browser: {path.resolve().as_uri()}", soft_wrap=True)


def print_demo_steps(screen: Console) -> None:
    """How to go on after the demo."""
    screen.print("\nGo on", style="bold")
    print_commands(
        screen,
        ("run sma_crossover --symbols SPX --param short_window=50 --param long_window=200", "slower averages"),
        ("run momentum --symbols AAPL,KO,XOM --report momentum.html", "another strategy, three shares"),
        ("strategies list", "what can be run; a Python file in plugins/strategies adds yours"),
        ("data list", "the symbols and dates that there are"),
        ("data import FOLDER --as mine", "your own CSV or Parquet files, checked and stored; then --provider mine"),
    )
    screen.print("  In Python: README.md, 'Twelve lines to an equity curve'. Parameter sweeps are the next release's.")


def print_commands(screen: Console, *commands: tuple[str, str]) -> None:
    """Commands with their purposes beside them, or below where one of them is too long for that."""
    lines = [f"  {program()} {command}" for command, _ in commands]
    longest = max(len(line) for line in lines)
    beside = all(longest + 3 + len(purpose) <= screen.width for _, purpose in commands)
    for line, (_, purpose) in zip(lines, commands, strict=True):
        screen.print(f"{line:<{longest}}   {purpose}" if beside else f"{line}\n      {purpose}", soft_wrap=True)
