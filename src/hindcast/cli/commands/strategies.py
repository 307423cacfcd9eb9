"""`hindcast strategies`: what can be run, and what it takes; a new one, and its check."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hindcast.cli.commands import strategy_check, strategy_new
from hindcast.cli.machine_json import print_json
from hindcast.cli.session import session_of

if TYPE_CHECKING:
    from hindcast.strategies.description import StrategyDescription

app = typer.Typer(help="What can be run, what it takes, and whether it works.", no_args_is_help=True)
app.command("new")(strategy_new.new)
app.command("check")(strategy_check.check)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def strategies() -> None:
    """Show what can be run, and what it takes; begin a new one; check one."""


@app.command("list")
def list_strategies(context: typer.Context, as_json: AsJson = False) -> None:
    """List the strategies: built-in ones, and those of the plug-in folder; broken ones with their tracebacks."""
    from hindcast.strategies.factory import StrategyFactory

    session = session_of(context)
    plugins = session.services.plugins
    plugins.load_all()
    broken = {str(plugin): str(error) for plugin, error in plugins.broken_plugins.items()}
    described = [StrategyFactory.describe(strategy_type) for strategy_type in StrategyFactory.types()]
    sources = {found.strategy_type: _source(plugins.loaded_plugins.get(found.strategy_type)) for found in described}
    if as_json:
        listed = [_record(found) | {"source": sources[found.strategy_type]} for found in described]
        print_json({"strategies": listed, "broken": broken})
        return
    from hindcast.cli.screen import console
    from hindcast.cli.views.strategy_view import print_strategies

    print_strategies(console(), described, sources, broken, plugin_dir=session.settings.plugin_dir)


@app.command("show")
def show_strategy(
    context: typer.Context,
    strategy_type: Annotated[str, typer.Argument(metavar="TYPE", help="A name from `hindcast strategies list`.")],
    as_json: AsJson = False,
) -> None:
    """Show a strategy: what it does, and its parameters with types, bounds and defaults."""
    found = session_of(context).describe(strategy_type)
    if as_json:
        print_json(_record(found))
        return
    from hindcast.cli.screen import console
    from hindcast.cli.views.strategy_view import print_strategy

    print_strategy(console(), found)


def _record(found: StrategyDescription) -> dict[str, Any]:
    return {
        "strategy_type": found.strategy_type,
        "summary": found.summary,
        "doc": found.doc,
        "parameters_schema": found.parameters_schema,
        "defaults": found.defaults,
    }


def _source(strategy_class: type | None) -> str:
    """The file that a plug-in's class came from."""
    return "built-in" if strategy_class is None else inspect.getfile(strategy_class)
