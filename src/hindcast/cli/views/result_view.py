"""A result in the terminal: headline, curve, metrics, how its orders ended, and what to know before believing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hindcast.cli.screen import ascii_only
from hindcast.domain.backtest import BacktestResult
from hindcast.reporting.formatting import money
from hindcast.reporting.headline import headline
from hindcast.reporting.metric_table import MetricGroup, metric_groups
from hindcast.reporting.order_summary import order_summary
from hindcast.reporting.proof_summary import books_line, proof_summary
from hindcast.reporting.run_tables import Tables

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

NEEDED_TABLES = ("equity", "benchmark", "fills", "orders")
_TONES = {"gain": "green", "loss": "red", "plain": ""}


def print_result(screen: Console, result: BacktestResult, tables: Tables) -> None:
    """Everything that a run has to say, at the width of the screen."""
    print_headline(screen, result, tables)
    print_curve(screen, result, tables)
    print_metrics(screen, result)
    print_odd_orders(screen, tables)
    print_proof(screen, result)
    print_notes(screen, result)


def print_headline(screen: Console, result: BacktestResult, tables: Tables) -> None:
    """What was run, and its first numbers, each beside the benchmark's."""
    from rich.table import Table
    from rich.text import Text

    screen.print(Text(f"{result.strategy_type} on {_some(result.symbols)}", style="bold"))
    screen.print(_facts(result) + "\n", style="dim", soft_wrap=True)
    table = Table.grid(padding=(0, 2))
    for tile in headline(result, tables):
        value = Text(tile.value, style=f"bold {_TONES[tile.tone]}".strip(), justify="right")
        table.add_row(f"  {tile.label}", value, Text(tile.beside, style="dim"))
    start = result.manifest.config.get("initial_capital")
    begun = f"from {money(start)}" if isinstance(start, int | float) else ""
    ended = Text(money(result.final_portfolio_value), style="bold", justify="right")
    table.add_row("  Final equity", ended, Text(begun, style="dim"))
    screen.print(table)


def print_curve(screen: Console, result: BacktestResult, tables: Tables) -> None:
    """The equity curve, drawn with characters."""
    from rich.text import Text

    from hindcast.cli.views.equity_plot import LINE, equity_plot

    plot = equity_plot(result, tables, width=screen.width - 2, ascii_only=ascii_only(screen))
    if plot is None:
        return
    text = Text(f"\n  {plot.legend}\n" + "\n".join(f"  {line}" for line in plot.drawing.splitlines()) + "\n")
    text.highlight_regex(r"[\u2800-\u28ff*]+", "cyan")
    text.highlight_regex(rf"[{'│┤└┬─·'}]+", "dim")
    text.highlight_words([LINE], "cyan")
    screen.print(text, overflow="crop", no_wrap=True)


def print_metrics(screen: Console, result: BacktestResult) -> None:
    """Every metric by group, in two columns where there is room."""
    from rich.table import Table

    with_benchmark = result.benchmark_symbol is not None
    groups = [
        group
        for group in metric_groups(result.performance)
        if with_benchmark or any(not row.undefined for row in group.rows)
    ]
    if screen.width < 76:
        screen.print(_metric_column(groups))
        return
    beside = Table.grid(padding=(0, 4))
    beside.add_row(*(_metric_column(column) for column in _halves(groups)))
    screen.print(beside)


def print_odd_orders(screen: Console, tables: Tables) -> None:
    """How the orders ended that did not end as asked."""
    from rich.table import Table

    summary = order_summary(tables)
    if not summary.odd:
        return
    screen.print(f"\nOrders: {summary.total:,}, of which {summary.as_asked:,} filled as asked", style="bold")
    table = Table.grid(padding=(0, 2))
    for odd in summary.odd:
        dates = odd.first if odd.first == odd.last else f"{odd.first} to {odd.last}"
        table.add_row(f"  {odd.count:,}", odd.status, odd.reason, dates)
    screen.print(table)


def print_proof(screen: Console, result: BacktestResult) -> None:
    """The verdict of the look-ahead proof, and how much was tried, in one line."""
    from rich.text import Text

    proof = proof_summary(result.certificate)
    said = Text("\nLook-ahead proof: ", style="bold")
    said.append(proof.verdict, style=f"bold {_TONES[proof.tone]}".strip())
    if proof.extent:
        said.append(f" · {proof.extent}", style="not bold")
    screen.print(said)
    if books := books_line(result):
        screen.print(Text("Books: ", style="bold").append(books, style="not bold"))


def print_notes(screen: Console, result: BacktestResult) -> None:
    """What a reader must know before believing the result."""
    from rich.table import Table

    if not result.notes:
        return
    screen.print("\nBefore you believe it", style="bold yellow")
    table = Table.grid(padding=(0, 1))
    for note in result.notes:
        table.add_row(" -", note)
    screen.print(table)


def _facts(result: BacktestResult) -> str:
    parts = [f"{result.start_date} to {result.end_date}", f"{result.performance.observations:,} bars"]
    if result.provider:
        parts.append(result.provider)
    if result.benchmark_symbol:
        parts.append(f"against {result.benchmark_symbol}")
    parts += [f"{name}={value}" for name, value in result.manifest.parameters.items()]
    return "  " + " · ".join(parts)


def _some(symbols: tuple[str, ...], most: int = 6) -> str:
    shown = ", ".join(symbols[:most])
    return shown if len(symbols) <= most else f"{shown} and {len(symbols) - most} more"


def _halves(groups: list[MetricGroup]) -> tuple[list[MetricGroup], list[MetricGroup]]:
    """Two columns of about the same height, the groups kept in order."""
    heights = [len(group.rows) + 2 for group in groups]
    cut = min(range(len(groups) + 1), key=lambda place: abs(sum(heights[:place]) - sum(heights[place:])))
    return groups[:cut], groups[cut:]


def _metric_column(groups: list[MetricGroup]) -> Table:
    from rich.table import Table
    from rich.text import Text

    column = Table.grid(padding=(0, 1))
    column.add_column(no_wrap=True)
    column.add_column(justify="right", no_wrap=True)
    for place, group in enumerate(groups):
        if place:
            column.add_row("", "")
        column.add_row(Text(group.title, style="bold"), "")
        for row in group.rows:
            column.add_row(f"  {row.label}", row.value)
    return column
