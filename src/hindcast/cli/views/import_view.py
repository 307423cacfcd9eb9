"""What became of an import: the counts, what was put aside and why, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hindcast.cli.screen import program
from hindcast.cli.views.tables import plain_table
from hindcast.services.market_data.quality.bad_bars import CLASSES

if TYPE_CHECKING:
    from rich.console import Console

    from hindcast.services.market_data.intake.import_report import ImportReport

_SYMBOLS: Final = 8  # that a screen has room for
_NAMED: Final = 3


def print_import(screen: Console, report: ImportReport, *, dry_run: bool) -> None:
    """The headline, the symbols, the quarantine by class with its first rows, the warnings, and the next command."""
    screen.print(_headline(report, dry_run=dry_run), style="bold red" if report.refused else "bold", soft_wrap=True)
    _print_symbols(screen, report)
    _print_quarantine(screen, report)
    for issue, count in report.first_findings():
        more = f" (and {count - 1:,} more of this kind)" if count > 1 else ""
        screen.print(f"  {issue.severity}: {issue.message}{more}", style="yellow", soft_wrap=True)
    for note, symbols in report.notes().items():
        named = ", ".join(symbols[:_NAMED]) + (" …" if len(symbols) > _NAMED else "")
        screen.print(f"  note: {note} ({named})", soft_wrap=True)
    if report.version is not None and report.version.restated:
        screen.print(
            f"  {len(report.version.restated)} of the symbols now say something else than before; the version before "
            "is kept, and results that saw it name it",
            style="yellow",
            soft_wrap=True,
        )
    _print_next(screen, report, dry_run=dry_run)


def _headline(report: ImportReport, *, dry_run: bool) -> str:
    if report.refused:
        return f"{report.counted()}: refused, nothing was stored"
    if report.version is None:
        return f"{report.counted()}: checked, nothing was stored" + (" (--dry-run)" if dry_run else "")
    return f"{report.counted()}: {report.rows_published:,} bars stored as version {report.version.id[:12]}"


def _print_symbols(screen: Console, report: ImportReport) -> None:
    if not report.symbols:
        return
    table = plain_table("Symbol", ">Rows", ">Good", ">Bad", "First", "Last", "Currency", "Calendar", "Prices")
    worst = sorted(report.symbols, key=lambda symbol: -symbol.quarantined)[:_SYMBOLS]
    for symbol in worst:
        table.add_row(
            symbol.symbol or "(none)",
            f"{symbol.rows:,}",
            f"{symbol.published:,}",
            f"{symbol.quarantined:,}",
            symbol.first[:16],
            symbol.last[:16],
            symbol.currency or "not said",
            symbol.calendar or "not checked",
            "adjusted" if symbol.adjusted else "as traded",
        )
    screen.print(table)
    if len(report.symbols) > _SYMBOLS:
        screen.print(f"and {len(report.symbols) - _SYMBOLS:,} more symbols; --json lists all", style="dim")


def _print_quarantine(screen: Console, report: ImportReport) -> None:
    if report.quarantined:
        screen.print("\nIn quarantine", style="bold")
        table = plain_table(">Rows", "Class", "Meaning", "What to do", wrapped=("Meaning", "What to do"))
        for rule, count in report.quarantined.items():
            table.add_row(f"{count:,}", rule, CLASSES[rule].meaning, CLASSES[rule].remedy)
        screen.print(table)
    for said in report.cases():
        screen.print(f"  {said}", soft_wrap=True)
    if report.quarantine_id is not None:
        screen.print(f"  all of it: quarantine report {report.quarantine_id}", style="dim", soft_wrap=True)


def _print_next(screen: Console, report: ImportReport, *, dry_run: bool) -> None:
    if report.refused:
        return
    if report.version is None:
        if dry_run:
            screen.print("\nNext: the same command without --dry-run", style="dim")
        return
    symbols = ",".join(symbol.symbol for symbol in report.symbols[:_NAMED] if symbol.published)
    length = "" if report.interval == "1d" else f" --interval {report.interval}"
    screen.print(
        f"\nNext: {program()} run sma_crossover --symbols {symbols} --provider {report.provider}{length}",
        style="dim",
        soft_wrap=True,
    )
