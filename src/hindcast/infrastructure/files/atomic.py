"""Publishing a file in one step: a reader sees all of it, or the file that was there before."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hindcast.domain.errors import StorageError


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A temporary neighbour of `path` to write to; it takes the place of `path` when the block ends well.

    Raises StorageError where the folder can't be made or written.
    """
    try:
        make_folder(path.parent)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".staging", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise StorageError(f"can't write {path}: {error.strerror or error}") from error
    stage = Path(name)
    try:
        yield stage
        _sync(stage)
        stage.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise StorageError(f"can't write {path}: {error.strerror or error}") from error
    finally:
        stage.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, each held by the disk. Raises OSError."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    _sync(path.parent)


def settle(path: Path) -> None:
    """Have the disk hold a file that is there, and its name: who wrote it may have died before. Raises OSError."""
    for place in (path, path.parent, path.parent.parent):
        _sync(place)


def _sync(path: Path) -> None:
    """Have the disk hold what was written to a file, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
