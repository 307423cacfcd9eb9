"""`hindcast data`: the prices that there are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hindcast.cli.machine_json import print_json
from hindcast.cli.session import session_of

app = typer.Typer(help="The prices that there are.", no_args_is_help=True)


@app.callback()
def data() -> None:
    """Show the prices that there are."""


@app.command("list")
def list_symbols(
    context: typer.Context,
    provider: Annotated[
        str | None, typer.Option(metavar="NAME", help="One source of prices; by default all.", show_default=False)
    ] = None,
    notes: Annotated[bool, typer.Option("--notes", help="Say what to know of each symbol.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, notes included.")] = False,
) -> None:
    """List the symbols of each provider, with their dates."""
    market_data = session_of(context).services.market_data
    names = market_data.providers() if provider is None else (provider,)
    symbols = {name: market_data.symbols(name) for name in names}
    if as_json:
        print_json({name: [asdict(symbol) for symbol in found] for name, found in symbols.items()})
        return
    from hindcast.cli.screen import console
    from hindcast.cli.views.symbol_list import print_notes, print_symbols

    screen = console()
    for name, found in symbols.items():
        print_symbols(screen, name, found)
        if notes:
            print_notes(screen, found)
    if not notes:
        screen.print("`--notes` says what to know of each symbol; a run says it of those that it uses.", style="dim")
