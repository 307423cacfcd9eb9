"""Metrics of several results side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hindcast.cli.views.tables import plain_table
from hindcast.reporting.compare import ComparisonRow
from hindcast.reporting.formatting import metric
from hindcast.reporting.metric_table import GROUP_TITLES

if TYPE_CHECKING:
    from rich.console import Console


def print_comparison(screen: Console, names: Sequence[str], rows: Sequence[ComparisonRow]) -> None:
    """A column per result; the leader of a row carries a star."""
    from rich.text import Text

    table = plain_table("Metric", *(f">{name}" for name in names))
    for column in table.columns[1:]:
        column.no_wrap = False
        column.overflow = "fold"
    group = ""
    for row in rows:
        if all(value is None for value in row.values):
            continue
        if row.group != group:
            group = row.group
            table.add_row(Text(GROUP_TITLES[group], style="bold"))
        cells = [
            Text(
                f"{metric(value, row.unit)} {'*' if place in row.best else ' '}",
                style="bold" if place in row.best else "",
            )
            for place, value in enumerate(row.values)
        ]
        table.add_row(f"  {row.label}", *cells)
    screen.print(table)
    screen.print("* leads by this metric; which metric matters is yours to say.", style="dim")
