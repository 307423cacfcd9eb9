"""The terminal: a console that invents no markup, and the words to call this program by."""

from __future__ import annotations

import codecs
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 100  # where the output is no terminal and nothing says how wide it is
NEAREST: Final = {"−": "-", "–": "-", "·": "-", "─": "-", "≥": ">=", "≤": "<=", "…": "..."}


def console(*, stderr: bool = False) -> Console:
    """A console for standard output (or error); names and notes are printed as they are, never as markup."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS", "").isdigit() else PLAIN_WIDTH
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def ascii_only(screen: Console) -> bool:
    """Whether the stream can't show more than ASCII."""
    return not screen.encoding.startswith("utf")


def let_output_replace() -> None:
    """Print what is nearest, else a question mark, where a stream can't hold a character, instead of failing."""
    codecs.register_error("nearest", _nearest)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="nearest")


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(NEAREST.get(character, "?") for character in error.object[error.start : error.end]), error.end


def program() -> str:
    """How the user can start this program: by name where the shell finds it, else by its path."""
    if shutil.which("hindcast"):
        return "hindcast"
    started = Path(sys.argv[0])
    if started.name != "hindcast":
        return "python -m hindcast"
    try:
        return str(started.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(started)
