"""A verification in the terminal: what the run stands on, what was compared, what differs, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import JsonValue

from hindcast.cli.views.tables import plain_table
from hindcast.domain.backtest import BacktestResult
from hindcast.domain.verification import METRICS, Difference, TableComparison, Verification

if TYPE_CHECKING:
    from rich.console import Console

_KINDS: Final = {
    "data": "data",
    "benchmark": "benchmark",
    "strategy": "strategy code",
    "parameters": "parameter",
    "config": "configuration",
    "engine": "engine",
    "environment": "environment",
    "decisions": "strategy",
}
_COMPARISONS: Final = {
    "byte_for_byte": "byte for byte: platform and packages are those of then",
    "within_tolerance": "within {tolerance:g}: platform or packages are not those of then",
}
_HASH: Final = 64  # characters; more than a screen needs of them
_MOST_METRICS: Final = 6
_ALL_CELLS: Final = 90  # the width of a screen from which on the number of rows is shown
_CLOSE: Final = 1e-6  # below it, numbers are shown with all their digits


def print_verification(screen: Console, result: BacktestResult, found: Verification) -> None:
    """Changed data first, then the tables, then what differs, why, and the verdict."""
    from rich.text import Text

    screen.print(Text(f"{result.strategy_type} on {', '.join(result.symbols[:6])}", style="bold"))
    screen.print(f"  {result.backtest_id} · manifest {found.manifest_id[:12]}", style="dim", soft_wrap=True)
    for cause in found.causes:
        if cause.kind == "data":
            screen.print(
                f"\nThe data have changed: {_shown(cause.then)} then, {_shown(cause.now)} now. "
                "They are compared all the same.",
                style="bold yellow",
            )
    if found.comparison is not None:
        screen.print(f"\nCompared {_COMPARISONS[found.comparison].format(tolerance=found.tolerance)}")
        screen.print(_compared(found))
    _print_differences(screen, found)
    _print_causes(screen, found)
    screen.print(
        f"\n{found.summary[:1].upper()}{found.summary[1:]}", style="bold green" if found.reproduced else "bold red"
    )


def _compared(found: Verification) -> object:
    table = plain_table("Table", ">Rows", ">Columns", "Verdict")
    for each in found.tables:
        table.add_row(each.name, _rows(each), str(each.columns), each.verdict.replace("_", " "))
    return table


def _rows(table: TableComparison) -> str:
    if table.name == METRICS:
        return ""
    return f"{table.rows:,}" if table.rows == table.new_rows else f"{table.rows:,}, now {table.new_rows:,}"


def _print_differences(screen: Console, found: Verification) -> None:
    """Where each table first differs, then the metrics."""
    if not found.differences:
        return
    screen.print("\nWhere each table first differs; rows count from 0", style="bold")
    table = plain_table("Table", "Column", ">Row", ">Stored", ">New", ">Relative", ">Rows")
    if screen.width < _ALL_CELLS:
        table.columns.pop()
    metrics = [difference for difference in found.differences if difference.table == METRICS]
    for each in found.tables:
        own = [difference for difference in found.differences if difference.table == each.name != METRICS]
        if own:
            table.add_row(*_cells(min(own, key=_place))[: len(table.columns)])
    for difference in metrics[:_MOST_METRICS]:
        table.add_row(*_cells(difference)[: len(table.columns)])
    screen.print(table)
    if len(metrics) > _MOST_METRICS:
        screen.print(f"and {len(metrics) - _MOST_METRICS} more metrics; --json lists every difference", style="dim")


def _place(difference: Difference) -> tuple[bool, bool, float]:
    """What counts before what does not, columns before the number of rows, then the first row."""
    return difference.tolerated, not difference.column, -1 if difference.row is None else difference.row


def _cells(difference: Difference) -> tuple[str, ...]:
    close = difference.relative is not None and difference.relative < _CLOSE
    return (
        difference.table,
        difference.column or "number of rows",
        "" if difference.row is None else f"{difference.row:,}",
        _shown(difference.stored, whole=close),
        _shown(difference.new, whole=close),
        "" if difference.relative is None else f"{difference.relative:.1e}",
        "" if difference.table == METRICS else f"{difference.count:,}",
    )


def _print_causes(screen: Console, found: Verification) -> None:
    if not found.causes:
        return
    screen.print(
        "\nWhat has changed since" if found.verdict != "identical" else "\nWhat has changed since, without effect",
        style="bold",
    )
    table = plain_table("What", "Name", "Then", "Now", wrapped=("Name", "Then", "Now"))
    for cause in found.causes:
        if cause.kind != "decisions":
            table.add_row(_KINDS[cause.kind], cause.name, _shown(cause.then), _shown(cause.now))
    if table.row_count:
        screen.print(table)
    for cause in found.causes:
        if cause.said and cause.kind in ("environment", "decisions"):
            screen.print(f"  {cause.name} {cause.said}", soft_wrap=True)


def _shown(value: JsonValue, *, whole: bool = False) -> str:
    """A value as a person reads it: hashes by their beginnings, midnights as dates, numbers to eight digits."""
    if value is None:
        return "-"
    if isinstance(value, float) and not whole:
        return f"{value:.8g}"
    text = str(value)
    return text[:12] if len(text) == _HASH and text.isalnum() else text.removesuffix("T00:00:00.000000000Z")
