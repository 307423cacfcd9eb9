"""`hindcast data import`: bars of one's own into the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hindcast.cli.machine_json import print_json
from hindcast.cli.progress import progress_bar
from hindcast.cli.session import session_of
from hindcast.domain.errors import ImportRefusedError, InputError

_MEANING = "What the numbers mean"


def import_bars(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="CSV or Parquet files, or folders of them.", show_default=False),
    ],
    *,
    provider: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Name to store and to load them by.", show_default=False)
    ],
    interval: Annotated[
        str | None,
        typer.Option(metavar="LENGTH", help="1d, 5min, 1h …; by default the stamps tell.", show_default=False),
    ] = None,
    calendar: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Hold bars against its sessions: XNYS, XKRX, 24/7 …", rich_help_panel=_MEANING
        ),
    ] = "",
    currency: Annotated[str, typer.Option(metavar="CODE", help="USD, KRW …", rich_help_panel=_MEANING)] = "",
    timezone: Annotated[
        str,
        typer.Option(metavar="ZONE", help="Of stamps without a zone, as America/New_York.", rich_help_panel=_MEANING),
    ] = "",
    kind: Annotated[
        str, typer.Option(help="equity, etf, index, fx, crypto, future or other.", rich_help_panel=_MEANING)
    ] = "equity",
    symbol: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Whose rows they are; else columns or file names tell.", rich_help_panel=_MEANING
        ),
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="THEIRS=OURS",
            help="What a column is, as Last=close; may be given again.",
            rich_help_panel=_MEANING,
            show_default=False,
        ),
    ] = None,
    adjusted: Annotated[
        bool, typer.Option("--adjusted", help="Prices hold splits and dividends already.", rich_help_panel=_MEANING)
    ] = False,
    negative_prices: Annotated[
        bool, typer.Option("--negative-prices", help="Prices of zero and below can be.", rich_help_panel=_MEANING)
    ] = False,
    decimal: Annotated[
        str | None,
        typer.Option(
            metavar=".|,",
            help="Decimal mark; by default the numbers tell.",
            rich_help_panel=_MEANING,
            show_default=False,
        ),
    ] = None,
    max_bad_share: Annotated[
        float, typer.Option(min=0, max=1, metavar="SHARE", help="Bad rows per row that may be left out.")
    ] = 0.001,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, and store nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check bars of files, and store them in one step, or none of them."""
    from hindcast.bootstrap.import_terms import ImportTerms

    terms = ImportTerms(
        provider=provider,
        interval=interval,
        symbol=symbol,
        timezone=timezone,
        calendar=calendar,
        currency=currency,
        kind=kind,
        adjusted=adjusted,
        negative_prices=negative_prices,
        columns=read_columns(column or []),
        decimal=decimal,
        max_bad_share=max_bad_share,
    )
    services = session_of(context).services
    services.databases.open()
    with progress_bar(shown=not as_json) as tell:
        prepared = terms.prepare(services, paths, tell)
        if not dry_run:
            prepared = services.importer.put_aside(prepared)
        report = prepared.report
        if not (dry_run or report.refused):
            if tell is not None:
                tell("storing", 1.0)
            report = services.importer.publish(prepared)
    if as_json:
        print_json(report.to_dict())
    else:
        from hindcast.cli.screen import console
        from hindcast.cli.views.import_view import print_import

        print_import(console(), report, dry_run=dry_run)
    if report.refused:
        raise ImportRefusedError(report.refusal())


def read_columns(given: Sequence[str]) -> dict[str, str]:
    """The names of `--column theirs=ours`. Raises InputError."""
    found: dict[str, str] = {}
    for pair in given:
        theirs, equals, ours = pair.rpartition("=")
        if not (equals and theirs.strip() and ours.strip()):
            raise InputError(f"--column {pair!r} can't be read; expected THEIRS=OURS, such as Last=close")
        found[theirs.strip()] = ours.strip()
    return found
