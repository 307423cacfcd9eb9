"""The check of a strategy in the terminal: its findings, and what it ran on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hindcast.cli.views.tables import plain_table
from hindcast.domain.certificate import Verdict
from hindcast.services.strategy.validation import ValidationReport

if TYPE_CHECKING:
    from rich.console import Console

_COLOURS: Final = {"error": "bold red", "warning": "yellow", "info": ""}
_NARROW: Final = 90  # below it, a table's columns would be torn to shreds


def print_check(screen: Console, report: ValidationReport) -> None:
    """Findings, worst first, each with what to do; then the run on the sample, and the verdict."""
    from rich.text import Text

    screen.print(Text(report.strategy_type, style="bold"))
    if report.findings:
        if "\n" in "".join(found.message for found in report.findings) or screen.width < _NARROW:
            _print_list(screen, report)
        else:
            _print_table(screen, report)
    if report.bars:
        screen.print(
            f"Run on {report.bars} bars of {', '.join(report.symbols)}: decisions on {report.decision_bars}"
            + ("" if report.seconds is None else f", {_duration(report.seconds)} a run"),
            soft_wrap=True,
        )
    if report.verdict is Verdict.PASSED:
        screen.print(f"Look-ahead proof: passed. {report.explanation}", soft_wrap=True)
    errors = sum(found.severity == "error" for found in report.findings)
    if report.valid:
        screen.print("No error was found.", style="bold green")
    else:
        screen.print("1 error was found." if errors == 1 else f"{errors} errors were found.", style="bold red")


def _print_table(screen: Console, report: ValidationReport) -> None:
    from rich.text import Text

    table = plain_table("", "Where", "What was found", "What to do", wrapped=("What was found", "What to do"))
    for found in report.findings:
        table.add_row(Text(found.severity, style=_COLOURS[found.severity]), found.field, found.message, found.remedy)
    screen.print(table)


def _print_list(screen: Console, report: ValidationReport) -> None:
    """Findings below each other: a traceback is no cell of a table."""
    for found in report.findings:
        screen.print(f"{found.severity}: {found.field}", style=_COLOURS[found.severity])
        screen.print(found.message, soft_wrap=True)
        screen.print(f"-> {found.remedy}", soft_wrap=True)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.2g} ms" if seconds < 1 else f"{seconds:.2g} s"
