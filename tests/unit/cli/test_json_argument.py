"""`--json` without a file means standard output."""

from __future__ import annotations

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from hindcast.cli.json_argument import RunCommand

app = typer.Typer()


@app.command(cls=RunCommand)
def show(json_target: Annotated[str, typer.Option("--json")] = "none", quiet: bool = False) -> None:
    """Say what was understood."""
    typer.echo(f"{json_target} {quiet}")


@pytest.mark.parametrize(
    ("arguments", "understood"),
    [
        ([], "none False"),
        (["--json"], "- False"),
        (["--json", "-"], "- False"),
        (["--json", "out.json"], "out.json False"),
        (["--json", "--quiet"], "- True"),
        (["--quiet", "--json"], "- True"),
        (["--json=out.json", "--quiet"], "out.json True"),
    ],
)
def test_a_bare_json_flag_means_standard_output(arguments, understood):
    assert CliRunner().invoke(app, arguments).stdout.strip() == understood
