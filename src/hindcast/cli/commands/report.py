"""`hindcast report`: the stored results, or the report of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hindcast.cli.browser import open_in_browser
from hindcast.cli.machine_json import print_json
from hindcast.cli.output_files import check_writable
from hindcast.cli.outputs import write_stored_report
from hindcast.cli.session import Session, session_of


def report(
    context: typer.Context,
    result_id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Of a backtest or manifest, or the beginning of one.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="By default hindcast-report-ID.html.", show_default=False),
    ] = None,
    opened: Annotated[bool, typer.Option("--open", help="Show the report in the browser.")] = False,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="How many results to list, newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; of one result, instead of a report.")] = False,
) -> None:
    """List the stored results; with an ID, show that result and write its HTML report."""
    session = session_of(context)
    if result_id is None:
        _list(session, limit=limit, as_json=as_json)
        return
    result = session.services.results.get(result_id)
    if as_json:
        print_json(result.model_dump(mode="json"))
    if as_json and output is None and not opened:
        return
    path = output or Path(f"hindcast-report-{result.backtest_id}.html")
    check_writable(path, "--output")
    write_stored_report(session, result, path)
    if opened:
        open_in_browser(path)
    if not as_json:
        from hindcast.cli.screen import console
        from hindcast.cli.views.next_steps import print_written
        from hindcast.cli.views.result_view import NEEDED_TABLES, print_headline

        screen = console()
        print_headline(screen, result, session.tables(result, NEEDED_TABLES))
        print_written(screen, path)


def _list(session: Session, *, limit: int, as_json: bool) -> None:
    results = session.services.results.list()
    if as_json:
        print_json([result.model_dump(mode="json") for result in results[:limit]])
        return
    from hindcast.cli.screen import console
    from hindcast.cli.views.result_list import print_results

    print_results(console(), results[:limit], total=len(results))
