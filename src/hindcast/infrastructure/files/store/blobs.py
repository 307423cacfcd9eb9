"""Places for bytes: what is written once under the hash of its content, pointers that move, and locks.

The store of bars knows no more of where it lives than this port; a folder is the place that there is.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from blake3 import blake3

from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.infrastructure.files.atomic import make_folder, settle, staged

Content = bytes | memoryview

HASH: Final = re.compile(r"[0-9a-f]{64}")
_CHUNK: Final = 8 << 20  # bytes that one thread reads at a time
_READERS: Final = min(os.cpu_count() or 1, 4)
_LEFTOVER_SECONDS: Final = 24 * 3600.0  # a stage that is older was left by a process that died


class Blobs(Protocol):
    """Bytes by name: relative paths such as "bars/3f/3f2a….parquet", made of hashes and never of a user's symbols."""

    def get(self, name: str) -> memoryview | None:
        """All bytes of a name, the caller's own; None where nothing has it. Raises StorageError."""
        ...

    def put(self, name: str, content: Content) -> None:
        """Keep bytes that never change, all of them or none; what is there already and whole stays.

        Raises StorageError.
        """
        ...

    def names(self, under: str) -> tuple[str, ...]:
        """All names under a folder, sorted. Raises StorageError."""
        ...

    def point(self, name: str, target: str) -> None:
        """Let a pointer name another target, in one step. Raises StorageError."""
        ...

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Held by one owner at a time; others wait. It ends with its owner, however that dies. Raises StorageError."""
        ...

    def sweep(self) -> None:
        """Remove what dead writers left behind."""
        ...

    def location(self, name: str) -> str:
        """Where other programs find the bytes."""
        ...


def content_name(kind: str, digest: str, suffix: str) -> str:
    """The name of bytes by their hash, spread over 256 folders."""
    return f"{kind}/{digest[:2]}/{digest}{suffix}"


def hash_of(content: Content) -> str:
    """BLAKE3 in hexadecimal, over all cores."""
    return blake3(content, max_threads=blake3.AUTO).hexdigest()


def verified(blobs: Blobs, name: str, digest: str) -> memoryview:
    """The bytes of a name, held against their hash. Raises CorruptDataError for others or none, StorageError."""
    content = blobs.get(name)
    place = blobs.location(name)
    if content is None:
        raise CorruptDataError(f"{place} is gone: put it back from a backup, or import or fetch its bars again")
    found = hash_of(content)
    if found != digest:
        raise CorruptDataError(
            f"{place} is not what was written: its content is {found[:12]}, expected {digest[:12]}; put it back from a "
            "backup, or import or fetch its bars again"
        )
    return content


def market_blobs(home: Path) -> FolderBlobs:
    """Where market data lives in a data folder."""
    return FolderBlobs(home / "market")


class FolderBlobs:
    """Blobs in a folder of this machine; writes are staged, held by the disk, and renamed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> memoryview | None:
        """All bytes of a file, read once."""
        path = self._folder / name
        try:
            with path.open("rb", buffering=0) as file:
                view = np.empty(os.fstat(file.fileno()).st_size, dtype=np.uint8).data
                _fill(file.fileno(), view)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StorageError(f"can't read {path}: {error.strerror or error}") from error
        return view

    def put(self, name: str, content: Content) -> None:
        """Write a file unless it is there; one whose bytes are others, a damaged one, is replaced."""
        path = self._folder / name
        there = self.get(name)
        if there is None or hash_of(there) != hash_of(content):
            with staged(path) as stage:
                stage.write_bytes(content)
            return
        try:
            settle(path)
        except OSError as error:
            raise StorageError(f"can't write {path}: {error.strerror or error}") from error

    def names(self, under: str) -> tuple[str, ...]:
        """All files below a folder; stages are none."""
        try:
            files = [path for path in (self._folder / under).rglob("*") if path.is_file() and not _is_stage(path)]
        except OSError as error:
            raise StorageError(f"can't list {self._folder / under}: {error.strerror or error}") from error
        return tuple(sorted(path.relative_to(self._folder).as_posix() for path in files))

    def point(self, name: str, target: str) -> None:
        """Replace the pointer's file."""
        with staged(self._folder / name) as stage:
            stage.write_text(f"{target}\n", encoding="ascii")

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """An advisory lock of the kernel on a file, which stays."""
        path = self._folder / name
        try:
            make_folder(path.parent)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise StorageError(f"can't lock {path}: {error.strerror or error}") from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
            except OSError as error:
                raise StorageError(f"can't lock {path}: {error.strerror or error}") from error
            yield
        finally:
            os.close(handle)

    def sweep(self) -> None:
        """Remove stages of yesterday and before."""
        oldest = time.time() - _LEFTOVER_SECONDS
        for path in self._folder.rglob("*.staging"):
            with suppress(OSError):  # another publisher may be quicker
                if _is_stage(path) and path.stat().st_mtime < oldest:
                    path.unlink()

    def location(self, name: str) -> str:
        """The file's absolute path."""
        return str((self._folder / name).absolute())


def _fill(handle: int, view: memoryview) -> None:
    """Read a file into memory, a large one by several threads: most of the time goes to giving out new pages."""
    starts = range(0, len(view), _CHUNK)
    if len(starts) < 2:
        _fill_part(handle, view, 0)
        return
    with ThreadPoolExecutor(min(len(starts), _READERS)) as pool:
        list(pool.map(lambda start: _fill_part(handle, view[start : start + _CHUNK], start), starts))


def _fill_part(handle: int, view: memoryview, start: int) -> None:
    done = 0
    while done < len(view):
        count = os.preadv(handle, [view[done:]], start + done)
        if not count:
            raise OSError(errno.EIO, "the file became shorter while it was read")
        done += count


def pointed(blobs: Blobs, name: str) -> str | None:
    """The hash that a pointer names, None where there is none. Raises CorruptDataError for anything but one hash."""
    content = blobs.get(name)
    if content is None:
        return None
    text = bytes(content).decode("latin-1")
    if not text.endswith("\n") or not HASH.fullmatch(text[:-1]):
        raise CorruptDataError(
            f"{blobs.location(name)} is not what was written: expected one hash of 64 digits and a line end; put it "
            "back from a backup"
        )
    return text[:-1]


def _is_stage(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(".staging")
