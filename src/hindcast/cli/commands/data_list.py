"""`hindcast data list`: the symbols of each provider, and the versions of what is stored."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hindcast.cli.machine_json import print_json
from hindcast.cli.session import session_of


def list_symbols(
    context: typer.Context,
    provider: Annotated[
        str | None, typer.Option(metavar="NAME", help="One source of prices; by default all.", show_default=False)
    ] = None,
    notes: Annotated[bool, typer.Option("--notes", help="Say what to know of each symbol.")] = False,
    versions: Annotated[
        bool, typer.Option("--versions", help="Show the versions of what is stored: when each became known, and why.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, notes included; with --versions the versions instead.")
    ] = False,
) -> None:
    """List the symbols of each provider, with their dates."""
    market_data = session_of(context).services.market_data
    names = market_data.providers() if provider is None else (provider,)
    symbols = {name: market_data.symbols(name) for name in names}
    made = {
        name: {interval: market_data.versions(name, interval) for interval in market_data.intervals(name)}
        for name in names
        if versions
    }
    if as_json:
        told = made if versions else {name: {"": found} for name, found in symbols.items()}
        print_json({name: [asdict(one) for some in kinds.values() for one in some] for name, kinds in told.items()})
        return
    from hindcast.cli.screen import console
    from hindcast.cli.views.symbol_list import print_notes, print_symbols
    from hindcast.cli.views.version_list import print_versions

    screen = console()
    for name, found in symbols.items():
        print_symbols(screen, name, found)
        if versions:
            for interval, listed in made[name].items():
                print_versions(screen, interval, listed)
        if notes:
            print_notes(screen, found)
    if not notes:
        screen.print("`--notes` says what to know of each symbol; a run says it of those that it uses.", style="dim")
