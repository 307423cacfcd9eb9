"""`hindcast data search`: how a vendor spells a symbol."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hindcast.cli.machine_json import print_json
from hindcast.cli.session import session_of


def search(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="A name, or the beginning of a symbol.")],
    provider: Annotated[str, typer.Option(metavar="NAME", help="The vendor.")] = "alpha_vantage",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Search a vendor's symbols by name."""
    import asyncio

    services = session_of(context).services
    services.databases.open()
    found = asyncio.run(services.market_data.search(" ".join(words), provider=provider))
    if as_json:
        print_json([asdict(symbol) for symbol in found])
        return
    from hindcast.cli.screen import console
    from hindcast.cli.views.tables import plain_table

    screen = console()
    if not found:
        screen.print(f"{provider} knows nothing by {' '.join(words)!r}; try fewer letters")
        return
    table = plain_table("Symbol", "Name", "Kind", "Exchange", "Currency", wrapped=("Name",))
    for symbol in found:
        table.add_row(symbol.symbol, symbol.name, symbol.kind, symbol.exchange, symbol.currency)
    screen.print(table)
