"""`hindcast data`: the prices that there are, and where they come from."""

from __future__ import annotations

import typer

from hindcast.cli.commands import data_check, data_fetch, data_import, data_list, data_search

app = typer.Typer(help="The prices that there are: import, fetch, list and check them.", no_args_is_help=True)


@app.callback()
def data() -> None:
    """Import, fetch, list and check prices."""


app.command("import")(data_import.import_bars)
app.command("list")(data_list.list_symbols)
app.command("fetch")(data_fetch.fetch)
app.command("search")(data_search.search)
app.command("check")(data_check.check)
