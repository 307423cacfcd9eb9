"""`hindcast config`: each setting, and where it came from."""

from __future__ import annotations

from typing import Annotated

import typer

from hindcast.cli.machine_json import print_json
from hindcast.cli.session import session_of
from hindcast.settings import DEFINITIONS, shown_value


def config(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Show each setting, its value, and where the value came from."""
    settings = session_of(context).settings
    values = {definition.name: shown_value(getattr(settings, definition.name)) for definition in DEFINITIONS}
    if as_json:
        print_json({name: {"value": value, "origin": settings.origins[name]} for name, value in values.items()})
        return
    from hindcast.cli.screen import console

    screen = console()
    for definition in DEFINITIONS:
        screen.print(f"{definition.name} = {values[definition.name]}", style="bold", soft_wrap=True)
        screen.print(f"  from {settings.origins[definition.name]}", soft_wrap=True)
        screen.print(f"  {definition.summary}.", style="dim", soft_wrap=True)
        screen.print(f"  Set it with {definition.variable}, or in hindcast.toml.", style="dim", soft_wrap=True)
