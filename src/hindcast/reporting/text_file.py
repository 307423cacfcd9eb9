"""Writing a text file in one step: a reader sees the old file or the whole new one."""

from __future__ import annotations

import os
from pathlib import Path

from hindcast.domain.errors import StorageError


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file by way of a neighbour that takes its place. Raises StorageError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise StorageError(f"can't write {path}: {error.strerror or error}. Choose a folder with space.") from error
    finally:
        part.unlink(missing_ok=True)
