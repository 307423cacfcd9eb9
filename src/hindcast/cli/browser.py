"""Showing a file in the user's browser."""

from __future__ import annotations

import sys
from pathlib import Path


def open_in_browser(path: Path) -> None:
    """Open a page, or say on standard error that there is no browser; the command has done its work either way."""
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        print(f"no browser could be started; open {path} in one", file=sys.stderr)
