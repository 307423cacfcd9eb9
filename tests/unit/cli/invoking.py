"""Running the command line inside the test's process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from hindcast.cli.main import app


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


def hindcast(*arguments: Any) -> Answer:
    """Run `hindcast` with these arguments; only what a user would see comes back."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return Answer(code=result.exit_code, out=result.stdout, err=result.stderr)
