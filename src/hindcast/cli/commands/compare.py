"""`hindcast compare`: stored results side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hindcast.cli.machine_json import print_json
from hindcast.cli.output_files import check_writable
from hindcast.cli.session import Session, session_of
from hindcast.domain.errors import InputError

if TYPE_CHECKING:
    from hindcast.domain.backtest import BacktestResult


def compare(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID ID …", help="Two results or more; a beginning is enough.")],
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the curves over each other as HTML.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Set the metrics of stored results side by side."""
    from hindcast.reporting.compare import comparison_names, comparison_rows

    session = session_of(context)
    if report is not None:
        check_writable(report, "--report")
    results = [session.services.results.get(result_id) for result_id in ids]
    if len({result.backtest_id for result in results}) < 2:
        raise InputError(
            f"compare needs two different results, and was given {', '.join(ids)}; `hindcast report` lists them"
        )
    rows = comparison_rows(results)
    if report is not None:
        _write_curves(session, results, report)
    if as_json:
        metrics = [
            {"name": row.name, "label": row.label, "unit": row.unit, "values": row.values, "best": row.best}
            for row in rows
        ]
        print_json({"results": [result.model_dump(mode="json") for result in results], "metrics": metrics})
        return
    from hindcast.cli.screen import console
    from hindcast.cli.views.comparison import print_comparison
    from hindcast.cli.views.next_steps import print_written

    screen = console()
    print_comparison(screen, comparison_names(results), rows)
    if report is not None:
        print_written(screen, report)


def _write_curves(session: Session, results: list[BacktestResult], path: Path) -> None:
    from hindcast.reporting.compare import comparison_figure
    from hindcast.reporting.text_file import write_text

    figure = comparison_figure([(result, session.tables(result, ("equity",))) for result in results])
    write_text(path, figure.to_html(include_plotlyjs=True, full_html=True))
