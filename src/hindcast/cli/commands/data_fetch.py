"""`hindcast data fetch`: have the store hold what a vendor has."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hindcast.cli.commands import run_flags as flag
from hindcast.cli.machine_json import print_json
from hindcast.cli.run_options import read_range, split_symbols
from hindcast.cli.session import session_of


def fetch(
    context: typer.Context,
    symbols: Annotated[list[str], typer.Argument(metavar="SYMBOL...", help="Symbols, as the vendor spells them.")],
    *,
    provider: Annotated[str, typer.Option(metavar="NAME", help="The vendor.")] = "alpha_vantage",
    interval: Annotated[str, typer.Option(metavar="LENGTH", help="1d, or within the day 1min, 5min … 60min.")] = "1d",
    start: flag.Start = None,
    end: flag.End = None,
    again: Annotated[
        bool, typer.Option("--again", help="Ask for known days, too: what the vendor restated is a new version.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Fetch what is missing of these symbols, and store it; what is known is not asked for."""
    import asyncio

    from hindcast.services.market_data.bars_request import BarsRequest

    first, last = read_range(start, end)
    request = BarsRequest.of(split_symbols(symbols), first, last, provider=provider, interval=interval)
    services = session_of(context).services
    services.databases.open()
    reports = asyncio.run(services.market_data.fetch(request, again=again))
    if as_json:
        print_json([asdict(report) for report in reports])
        return
    from hindcast.cli.screen import console
    from hindcast.cli.views.fetch_view import print_fetched

    print_fetched(console(), reports)
