"""`--json` without a file means standard output."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

from hindcast.cli.output_files import STDOUT


class RunCommand(TyperCommand):
    """A command whose `--json FILE` may stand bare."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the `-` behind a `--json` that has no file."""
        filled: list[str] = []
        for place, word in enumerate(args):
            filled.append(word)
            following = args[place + 1] if place + 1 < len(args) else "--"
            if word == "--json" and following.startswith("-") and following != STDOUT:
                filled.append(STDOUT)
        return super().parse_args(ctx, filled)
