"""The connections to a SQLite file: lent to one thread at a time, never carried into a forked process."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hindcast.domain.errors import StorageError
from hindcast.infrastructure.sqlite.layout import Older, is_laid_out, lay_out

WAIT_SECONDS: Final = 1.5  # for another's write, before the store counts as unavailable
_MOST: Final = 16  # at once: who comes then waits for one
_LARGEST_LOG: Final = 64 * 1024**2  # bytes that the write-ahead log keeps once it is emptied
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
# A process that was forked must not even close what its parent opened: closing lets go of the parent's locks
_of_parents: list[sqlite3.Connection] = []


class Connections:
    """Connections to one file, opened when they are needed and used again afterwards; never more than a few."""

    def __init__(self, file: Path, older: Older) -> None:
        self._file = file
        self._older = older
        self._begin()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for this thread alone. Raises sqlite3.OperationalError where all are taken for too long."""
        self._own()
        with self._lent(time.monotonic() + WAIT_SECONDS) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The same for a write: of this process's threads one at a time."""
        self._own()
        deadline = time.monotonic() + WAIT_SECONDS
        with _taken(self._write_turn, deadline), self._lent(deadline) as connection:
            yield connection

    def close(self) -> None:
        """Close those that are not lent."""
        self._own()
        _close_all(self._idle, self._pid)

    @contextmanager
    def _lent(self, deadline: float) -> Iterator[sqlite3.Connection]:
        """A connection that waits for others until then. One that an error came from is not used again."""
        with _taken(self._places, deadline):
            connection = self._idle_or_opened(deadline)
            try:
                connection.execute(f"PRAGMA busy_timeout = {max(0, int(1000 * (deadline - time.monotonic())))}")
                yield connection
            except BaseException:
                connection.close()
                raise
            self._idle.append(connection)

    def _idle_or_opened(self, deadline: float) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return _opened(self._file, self._older, deadline)

    def _own(self) -> None:
        """Forget what a parent process had opened and locked."""
        if self._pid != os.getpid():
            _of_parents.extend(self._idle)
            self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._idle: list[sqlite3.Connection] = []
        self._write_turn = threading.Semaphore(1)
        self._places = threading.Semaphore(_MOST)
        weakref.finalize(self, _close_all, self._idle, self._pid)


@contextmanager
def _taken(turns: threading.Semaphore, deadline: float) -> Iterator[None]:
    """One of so many turns, waited for until then."""
    if not turns.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise busy("this process's other threads take too long")
    try:
        yield
    finally:
        turns.release()


def busy(said: str) -> sqlite3.OperationalError:
    """An error as SQLite raises it where somebody else holds a lock."""
    error = sqlite3.OperationalError(said)
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def is_busy(error: sqlite3.Error) -> bool:
    """Whether an error means that somebody else holds a lock."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY


def _opened(file: Path, older: Older, deadline: float) -> sqlite3.Connection:
    """A connection to a file whose tables are there. Raises StorageError, sqlite3.Error."""
    _make_file(file)
    connection = sqlite3.connect(
        file, timeout=max(0.0, deadline - time.monotonic()), isolation_level=None, check_same_thread=False
    )
    try:
        while True:
            try:
                _prepare(connection, older)
                return connection
            except sqlite3.Error as error:  # others that open a new file at once make SQLite give up without waiting
                if not is_busy(error) or time.monotonic() >= deadline:
                    raise
            time.sleep(0.01)
    except BaseException:
        connection.close()
        raise


def _prepare(connection: sqlite3.Connection, older: Older) -> None:
    connection.text_factory = _text
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # acknowledged is on the disk
    connection.execute("PRAGMA secure_delete = ON")  # no page of earlier documents that damage could bring back
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute(f"PRAGMA journal_size_limit = {_LARGEST_LOG}")
    if not is_laid_out(connection):
        lay_out(connection, older)


def _text(stored: bytes) -> str:
    """Text as it is stored. What damage made of it is no reason to refuse its neighbours: its hash tells."""
    return stored.decode("utf-8", "replace")


def _make_file(file: Path) -> None:
    """Make the file where there is none, for its owner's eyes alone: it holds the hashes of passwords."""
    try:
        if not file.parent.is_dir():
            file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"can't make the folder of {file}: {error.strerror or error}") from error
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600))
    except OSError:
        return  # it is there, or SQLite says better why it can't be


def _close_all(connections: list[sqlite3.Connection], pid: int) -> None:
    if pid != os.getpid():
        _of_parents.extend(connections)
        return
    while connections:
        connections.pop().close()
