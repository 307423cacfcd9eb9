"""Files that a command is asked to write: refused before the work, and never half written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hindcast.domain.errors import InputError, StorageError

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


def write_text(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old one or the whole new one. Raises StorageError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise StorageError(f"can't write {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
