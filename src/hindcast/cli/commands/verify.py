"""`hindcast verify`: a stored result run again, and compared with what it gave then."""

from __future__ import annotations

from typing import Annotated

import typer

from hindcast.cli.machine_json import print_json
from hindcast.cli.session import session_of

NOT_REPRODUCED = 1


def verify(
    context: typer.Context,
    result_id: Annotated[str, typer.Argument(metavar="ID", help="Of a backtest or manifest, or the beginning of one.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run a stored backtest again, and say whether it gives the same; exit code 1 where it does not."""
    session = session_of(context)
    found = session.services.verify(result_id)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        from hindcast.cli.screen import console
        from hindcast.cli.views.verification_view import print_verification

        print_verification(console(), session.services.results.get(found.backtest_id), found)
    if not found.reproduced:
        raise typer.Exit(NOT_REPRODUCED)
