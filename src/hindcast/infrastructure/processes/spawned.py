"""A child that is a fresh process: slower to start than a forked one, and there is nothing that it inherits."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from hindcast.domain.errors import WorkNotBegunError
from hindcast.infrastructure.processes.ending import KEPT_OUTPUT, MOST_PROCESSES, TOO_MANY_PROCESSES, Ending
from hindcast.infrastructure.processes.process_tree import MARKER, end_group, end_marked, family_of

_CHUNK: Final = 64 * 1024
_LOOK: Final = 0.25  # seconds between looks at what it has started


def _files() -> tuple[socket.socket, socket.socket, int, int]:
    """Both ends of a channel, and of a pipe. Raises WorkNotBegunError where there are too many open files."""
    try:
        ends = socket.socketpair()
        try:
            return (*ends, *os.pipe())
        except OSError:
            for each in ends:
                each.close()
            raise
    except OSError as error:
        raise WorkNotBegunError(f"no connection to another process can be opened: {error}") from error


class SpawnedJob:
    """A process that was started for one task."""

    def __init__(self, entry: str, environment: Mapping[str, str]) -> None:
        self.channel, theirs, self._output, written = _files()
        self.ending: Ending | None = None
        self.is_lost = False
        self._marker = secrets.token_hex(16)
        self._reason = ""
        self._tail = b""
        os.set_blocking(self._output, False)
        try:
            with theirs:
                self._process = self._started(entry, environment, theirs.fileno(), written)
        except OSError as error:
            self.channel.close()
            os.close(self._output)
            raise WorkNotBegunError(f"no process for the run can be started: {error}") from error
        finally:
            os.close(written)
        self._handle = os.pidfd_open(self._process.pid) if hasattr(os, "pidfd_open") else None
        self.started_at: float | None = time.monotonic()
        self._looked = self.started_at

    def _started(
        self, entry: str, environment: Mapping[str, str], channel: int, output: int
    ) -> subprocess.Popen[bytes]:
        module = "hindcast.infrastructure.processes.child"
        return subprocess.Popen(
            [sys.executable, "-P", "-m", module, entry, str(channel), str(os.getpid())],
            pass_fds=(channel,),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**environment, MARKER: self._marker},
            cwd="/",
            start_new_session=True,
        )

    def files(self) -> tuple[int, ...]:
        """What can be read at its end, where the system has such a thing."""
        return () if self._handle is None else (self._handle,)

    def attend(self) -> None:
        """Read what it writes, and see whether it has ended."""
        self._read_output()
        wait_status = None if self.ending is not None else self._reaped()
        if wait_status is not None:
            self._process.returncode = os.waitstatus_to_exitcode(wait_status)
            end_marked(self._marker)
            self._read_output()
            self.ending = Ending.of(wait_status, reason=self._reason, output=self._tail)
        now = time.monotonic()
        if self.ending is None and now - self._looked > _LOOK:
            self._looked = now
            if len(family_of(self._process.pid, most=MOST_PROCESSES + 1)) > MOST_PROCESSES:
                self._reason = TOO_MANY_PROCESSES
                self.kill()

    def _reaped(self) -> int | None:
        """What `waitpid` tells of its end, its group killed; None while it lives."""
        pid = self._process.pid
        if hasattr(os, "waitid"):  # its group is killed before its id can be another's
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
                return None
            end_group(pid)
        found, wait_status = os.waitpid(pid, os.WNOHANG)
        return wait_status if found else None

    def _read_output(self) -> None:
        with suppress(BlockingIOError):
            for _ in range(64):
                written = os.read(self._output, _CHUNK)
                self._tail = (self._tail + written)[-KEPT_OUTPUT:]
                if not written:
                    break

    def kill(self) -> None:
        """End it with its group; what has left the group is found at its end."""
        if self.ending is None:
            end_group(self._process.pid)

    def wake(self) -> None:
        """Nobody stands between it and its supervisor."""

    def abandon(self) -> None:
        """Its end does not come: leave it to the system."""
        self.is_lost = True

    def close(self) -> None:
        """Let go of its files."""
        self.channel.close()
        os.close(self._output)
        if self._handle is not None:
            os.close(self._handle)
