"""`hindcast demo`: a real backtest on real prices, to see what there is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hindcast.cli.browser import open_in_browser
from hindcast.cli.commands import run_flags as flag
from hindcast.cli.outputs import Outputs, run_and_show
from hindcast.cli.session import session_of

REPORT_NAME = "hindcast-demo-report.html"


def demo(
    context: typer.Context,
    report: Annotated[Path, typer.Option("--report", metavar="FILE", help="Where to write the HTML report.")] = Path(
        REPORT_NAME
    ),
    opened: Annotated[bool, typer.Option("--open", help="Show the report in the browser.")] = False,
    json_target: flag.JsonTarget = None,
    quiet: flag.Quiet = False,
) -> None:
    """Backtest a moving-average crossover on the S&P 500, 1999-2018, and write its report."""
    from hindcast.domain.backtest_config import BacktestConfig
    from hindcast.domain.costs import Commission, Slippage
    from hindcast.services.backtest.request import BacktestRequest

    session = session_of(context)
    request = BacktestRequest(
        strategy_type="sma_crossover",
        parameters={"short_window": 10, "long_window": 30},
        symbols=("SPX",),
        provider="sample",
        start_date=date(1999, 1, 4),
        end_date=date(2018, 12, 31),
        benchmark_symbol="SPX",
        config=BacktestConfig(commission=Commission(rate=0.001), slippage=Slippage(bps=1)),
        name="Demo: SMA(10, 30) on the S&P 500",
    )
    outputs = Outputs(report=report, json_target=json_target, quiet=quiet)
    run_and_show(session, request, outputs)
    if opened:
        open_in_browser(report)
    if outputs.for_people and not quiet:
        from hindcast.cli.screen import console
        from hindcast.cli.views.next_steps import print_demo_steps

        print_demo_steps(console())
