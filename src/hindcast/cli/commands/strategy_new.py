"""`hindcast strategies new`: a file that works, to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hindcast.cli.session import session_of


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the strategy is called, such as my_strategy.")],
    event: Annotated[bool, typer.Option("--event", help="One that is called at each bar, and orders by hand.")] = False,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to write it, in place of the plug-in folder.", show_default=False),
    ] = None,
) -> None:
    """Write a new strategy's file into the plug-in folder: it works as it stands, and says what to change."""
    from hindcast.cli.screen import console
    from hindcast.cli.views.next_steps import print_commands
    from hindcast.strategies.scaffold import write_strategy

    plugin_dir = session_of(context).settings.plugin_dir
    file = write_strategy(folder or plugin_dir, name, event=event)
    screen = console()
    screen.print(f"Written: {file}", style="bold", soft_wrap=True)
    if folder is not None and folder.absolute() != plugin_dir.absolute():
        screen.print(f"  {plugin_dir} is the plug-in folder: there it can be run by its name.", soft_wrap=True)
        print_commands(screen, (f"strategies check {file}", "what is wrong with it: nothing, so far"))
        return
    print_commands(
        screen,
        (f"strategies check {file.stem}", "what is wrong with it: nothing, so far"),
        (f"strategies show {file.stem}", "its parameters"),
        (f"run {file.stem} --symbols SPX --report {file.stem}.html", "a backtest on the S&P 500"),
    )
