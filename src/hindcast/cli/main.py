"""The program `hindcast`: its commands and its global flags."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hindcast.cli.commands import compare, config, data, demo, report, run, serve, strategies, users, verify, worker
from hindcast.cli.failures import GuardedCommands
from hindcast.cli.json_argument import RunCommand
from hindcast.cli.screen import let_output_replace
from hindcast.cli.session import Session
from hindcast.cli.welcome import print_version, print_welcome

app = typer.Typer(
    name="hindcast",
    cls=GuardedCommands,
    help="Backtest trading rules: fast, reproducible, checked.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo", cls=RunCommand)(demo.demo)
app.command("run", cls=RunCommand)(run.run)
app.command("report")(report.report)
app.command("verify")(verify.verify)
app.command("compare")(compare.compare)
app.add_typer(strategies.app, name="strategies")
app.add_typer(data.app, name="data")
app.command("worker")(worker.worker)
app.command("serve")(serve.serve)
app.add_typer(users.app, name="users")
app.command("config")(config.config)


def _version(asked: bool) -> None:
    if asked:
        print_version()
        raise typer.Exit


@app.callback(invoke_without_command=True)
def hindcast(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Data folder, in place of HINDCAST_HOME.", show_default=False)
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version, and end.")
    ] = False,
) -> None:
    """Backtest trading rules: fast, reproducible, checked."""
    context.obj = Session({"home": home})
    if context.invoked_subcommand is None:
        print_welcome()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program, by default with the process's arguments; ends the process with the exit code."""
    let_output_replace()
    app(args=arguments, prog_name="hindcast")
