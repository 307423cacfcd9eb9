"""Files that a command is asked to write: refused before the work where they can't be written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hindcast.domain.errors import InputError

STDOUT = "-"


def check_writable(path: Path, option: str) -> None:
    """Refuse a path that can't be written, before any work is done for it. Raises InputError."""
    folder = path.parent
    if path.is_dir():
        raise InputError(f"{option} {path} is a folder; name a file in it")
    if not folder.is_dir():
        raise InputError(f"{option} {path} can't be written: there is no folder {folder}")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"{option} {path} can't be written: {error.strerror or error}") from error
