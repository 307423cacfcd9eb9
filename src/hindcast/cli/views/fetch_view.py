"""What became of a fetch, symbol by symbol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hindcast.cli.screen import program

if TYPE_CHECKING:
    from rich.console import Console

    from hindcast.services.market_data.vendors.fetch_report import FetchReport


def print_fetched(screen: Console, reports: Sequence[FetchReport]) -> None:
    """A paragraph a symbol: what came, what is still missing and what to do, what was strange."""
    for report in reports:
        screen.print(_headline(report), style="bold", soft_wrap=True)
        for gap in report.unavailable:
            screen.print(f"  not available: {gap}", style="yellow", soft_wrap=True)
        for finding in report.findings[:10]:
            screen.print(f"  {finding.severity}: {finding}", soft_wrap=True)
        if len(report.findings) > 10:
            screen.print(f"  and {len(report.findings) - 10} more findings; `--json` lists all")
        if report.version is not None and report.symbol in report.version.restated:
            screen.print(
                "  the vendor restated bars or actions that were known: the version before is kept, and results that "
                "saw it still name it",
                style="yellow",
                soft_wrap=True,
            )
    if reports:
        first = reports[0]
        length = "" if first.interval == "1d" else f" --interval {first.interval}"
        symbols = ",".join(report.symbol for report in reports)
        screen.print(
            f"\nNext: {program()} run sma_crossover --symbols {symbols} --provider {first.provider}{length}",
            style="dim",
            soft_wrap=True,
        )


def _headline(report: FetchReport) -> str:
    if not report.asked:
        return f"{report.symbol} ({report.interval}): everything was known already, no request went out"
    asked = ", ".join(str(days) for days in report.asked)
    bad = f", {report.quarantined} in quarantine" if report.quarantined else ""
    version = f"; version {report.version.id[:12]}" if report.version else ""
    return f"{report.symbol} ({report.interval}): {report.rows:,} bars for {asked}{bad}{version}"
