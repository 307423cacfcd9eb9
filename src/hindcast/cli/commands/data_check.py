"""`hindcast data check`: whether what is stored is what was written, and what is strange about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hindcast.cli.machine_json import print_json
from hindcast.cli.progress import progress_bar
from hindcast.cli.session import session_of


def check(
    context: typer.Context,
    files_only: Annotated[
        bool, typer.Option("--files", help="Only hold files and documents against their hashes; leave the bars alone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Hold all that is stored against its hash, and every series against its calendar; exit 1 where one is damaged."""
    from hindcast.services.market_data.store_check import check_files, check_series

    services = session_of(context).services
    findings, files, series = [], 0, 0
    with progress_bar(shown=not as_json) as tell:
        for files, damage in enumerate(check_files(services.databases.check()), start=1):
            if tell is not None:
                tell(f"checking files: {files}", 0.0)
            findings += [] if damage is None else [damage]
        damaged = bool(findings)
        if not files_only and not damaged:
            for place, found in check_series(services.bar_store, services.calendars):
                series += 1
                if tell is not None:
                    tell(f"checking bars: {place}", 0.5)
                findings += found
    damaged = any(finding.severity == "damage" for finding in findings)
    if as_json:
        print_json({"files": files, "series": series, "findings": [asdict(finding) for finding in findings]})
    else:
        from hindcast.cli.screen import console

        screen = console()
        for finding in findings:
            screen.print(
                f"{finding.severity}: {finding.place}: {finding.message}",
                style="red" if finding.severity == "damage" else None,
                soft_wrap=True,
            )
        if damaged:
            screen.print(
                f"{files} files and documents checked, some are damaged: nothing is read of them. Import or fetch "
                "symbols again, run backtests again, or put the files back from a backup",
                style="bold red",
                soft_wrap=True,
            )
        else:
            looked = "" if files_only else f", {series} series looked at: {len(findings)} findings"
            screen.print(f"{files} files and documents are what was written{looked}", style="bold")
    if damaged:
        raise typer.Exit(1)
