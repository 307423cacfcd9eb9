"""The supervisor's hold on a warm parent, and on the children that it forks."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from hindcast.domain.errors import WorkNotBegunError, WorkStoppedError
from hindcast.infrastructure.processes.ending import KEPT_OUTPUT, Ending
from hindcast.infrastructure.processes.frames import FrameReader, frame
from hindcast.infrastructure.processes.process_tree import MARKER, end_marked
from hindcast.infrastructure.processes.warm_parent import MAX_MESSAGE
from hindcast.services.ports import ChildLimits, Stopped

_CHUNK: Final = 64 * 1024
_TO_WARM_UP: Final = 600.0  # seconds: on a machine that has never run it, kernels are compiled first
_TO_LEAVE: Final = 5.0
_TICK: Final = 0.25


TwoPairs = tuple[socket.socket, socket.socket, socket.socket, socket.socket]


class WarmParentProcess:
    """A warm parent that was started, from its first moment to its end."""

    def __init__(self, entry: str, environment: Mapping[str, str]) -> None:
        self.marker = secrets.token_hex(16)
        self._lock = threading.Lock()
        self._owner = os.getpid()
        try:
            self._output = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the process
            self._control, theirs = socket.socketpair()
        except OSError as error:
            raise WorkNotBegunError(f"no process for runs can be started: {error}") from error
        module = "hindcast.infrastructure.processes.warm_parent"
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", module, entry, str(theirs.fileno())],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=self._output,
                    stderr=subprocess.STDOUT,
                    env={**environment, MARKER: self.marker},
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as error:
                self._control.close()
                self._output.close()
                raise WorkNotBegunError(f"no process for runs can be started: {error}") from error

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether this process started it, and it still runs."""
        return self._owner == os.getpid() and self._process.poll() is None

    def wait_until_warm(self, stopped: Stopped | None) -> tuple[str, ...]:
        """The threads that it has besides its first: with any, it does not fork, and ends.

        Raises WorkNotBegunError where it ends before or takes too long, WorkStoppedError.
        """
        reader = FrameReader(limit=MAX_MESSAGE)
        deadline = time.monotonic() + _TO_WARM_UP
        self._control.settimeout(_TICK)
        while time.monotonic() < deadline:
            if stopped is not None and stopped():
                raise WorkStoppedError("the run was stopped before its process was ready")
            try:
                received = self._control.recv(_CHUNK)
            except TimeoutError:
                continue
            except OSError:
                received = b""
            if not received:
                self.kill()
                raise WorkNotBegunError(
                    f"the process that runs are forked from could not start:\n{self._last_output()}"
                )
            for ready in reader.feed(received):
                self._control.settimeout(_TO_LEAVE)
                return tuple(map(str, _threads_of(ready)))
        raise WorkNotBegunError(f"the process that runs are forked from was not ready within {_TO_WARM_UP:g} s")

    def start(self, folder: str, limits: ChildLimits, connections: TwoPairs) -> ForkedJob:
        """Have a child forked that speaks over these connections. Raises WorkNotBegunError."""
        channel, their_channel, status, their_status = connections
        asked = frame(
            {"folder": folder, "seconds": limits.seconds, "memory_bytes": limits.memory_bytes}, limit=MAX_MESSAGE
        )
        with their_channel, their_status:
            try:
                with self._lock:
                    sent = socket.send_fds(self._control, [asked], [their_channel.fileno(), their_status.fileno()])
                    self._control.sendall(asked[sent:])
            except OSError as error:
                channel.close()
                status.close()
                raise WorkNotBegunError(f"the process that runs are forked from is gone ({error})") from error
        return ForkedJob(self, channel, status)

    def wake(self) -> None:
        """Have it go on, where a child has stopped it."""
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """End it with all its children: nicely first, so that it takes all away itself."""
        if self._owner != os.getpid():  # a copy of the process that started it: only the copies are closed
            self._control.close()
            self._output.close()
            self._process.returncode = 0
            return
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        try:
            self._process.wait(_TO_LEAVE)
        except subprocess.TimeoutExpired:
            self.kill()
        self._output.close()

    def kill(self) -> None:
        """End it at once, and whatever its children have left behind."""
        if self._owner != os.getpid():
            return
        self._signal(signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_TO_LEAVE)
        end_marked(self.marker)

    def _signal(self, number: int) -> None:
        if self.is_alive:
            with suppress(ProcessLookupError, PermissionError):
                self._process.send_signal(number)

    def _last_output(self) -> str:
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - KEPT_OUTPUT))
        return self._output.read().decode("utf-8", "replace").strip()


def two_pairs() -> TwoPairs:
    """The two ends of two connections. Raises WorkNotBegunError where there are too many open files."""
    try:
        first = socket.socketpair()
        try:
            return (*first, *socket.socketpair())
        except OSError:
            for each in first:
                each.close()
            raise
    except OSError as error:
        raise WorkNotBegunError(f"no connection to another process can be opened: {error}") from error


def _threads_of(ready: Any) -> list[str]:
    found: list[str] = ready["threads"]
    return found


class ForkedJob:
    """A child of a warm parent."""

    def __init__(self, parent: WarmParentProcess, channel: socket.socket, status: socket.socket) -> None:
        self.channel = channel
        self.started_at: float | None = None
        self.ending: Ending | None = None
        self.is_lost = False
        self._parent = parent
        self._status = status
        self._status.setblocking(False)
        self._reader = FrameReader(limit=MAX_MESSAGE)
        self._killed = False
        self._is_orphaned = False

    def files(self) -> tuple[int, ...]:
        """Where the warm parent tells of it."""
        return (self._status.fileno(),)

    def attend(self) -> None:
        """Take in what the warm parent tells."""
        try:
            received = self._status.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received and self.ending is None:
            self.is_lost = self._is_orphaned = True
        for told in self._reader.feed(received):
            self._learn(told)

    def _learn(self, told: Any) -> None:
        if "pid" in told:
            self.started_at = time.monotonic()
        elif "ended" in told:
            self.ending = Ending.from_json(told["ended"])
        else:
            self.is_lost = True

    def kill(self) -> None:
        """Ask the warm parent to end it."""
        if not self._killed:
            self._killed = True
            with suppress(OSError):
                self._status.send(b"x")

    def wake(self) -> None:
        """The warm parent may have been stopped by a child."""
        self._parent.wake()

    def abandon(self) -> None:
        """The warm parent does not answer: end it, and whatever there is of its children."""
        self._parent.kill()
        self.is_lost = True

    def close(self) -> None:
        """Let go of both sockets; where the warm parent has ended, of all that its children have left behind."""
        if self._is_orphaned:
            self._parent.kill()
        self.channel.close()
        self._status.close()
