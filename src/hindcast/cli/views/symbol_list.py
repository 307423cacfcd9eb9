"""The symbols of a provider, and what to know of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hindcast.cli.screen import program
from hindcast.cli.views.tables import plain_table

if TYPE_CHECKING:
    from rich.console import Console

    from hindcast.services.ports import SymbolInfo


def print_symbols(screen: Console, provider: str, symbols: Sequence[SymbolInfo]) -> None:
    """A row a symbol: its dates, and which prices it has."""
    screen.print(f"provider {provider}: {len(symbols)} symbols", style="bold")
    if not symbols:
        words = f"  none here yet: {program()} data fetch SYMBOL --provider {provider}"
        screen.print(words, style="dim", soft_wrap=True)
        return
    table = plain_table("Symbol", "Name", "Interval", "First", "Last", ">Bars", "Prices", wrapped=("Name",))
    for symbol in symbols:
        prices = ("close" if symbol.single_price else "OHLC") + (", adj." if symbol.adjusted else "")
        table.add_row(
            symbol.symbol, symbol.name, symbol.interval, symbol.first, symbol.last, f"{symbol.bars:,}", prices
        )
    screen.print(table)


def print_notes(screen: Console, symbols: Sequence[SymbolInfo]) -> None:
    """Each note once, under the symbols that share it."""
    notes: dict[str, list[str]] = {}
    for symbol in symbols:
        notes.setdefault(symbol.note or "nothing to remark.", []).append(symbol.symbol)
    for note, named in notes.items():
        screen.print(f"\n{', '.join(named)}", style="bold")
        screen.print(note)
