"""The worker beside the service: a process that is started again when it dies, and ends when the service does."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

LONGEST_PAUSE: Final = 30.0
FIRST_PAUSE: Final = 0.5
HEALTHY_SECONDS: Final = 60.0  # a worker that lived so long starts with the first pause again
SECONDS_TO_END: Final = 10.0
_LOG: Final = logging.getLogger("hindcast.serve")


class WorkerProcess:
    """Keeps one worker process alive until it is told to end.

    The worker reads its standard input, whose other end is held here: when this process is gone, even by kill -9, the
    worker reads the end, gives its work back and ends.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str] | None = None, first_pause: float = FIRST_PAUSE
    ) -> None:
        self._command = tuple(command)
        self._environment = dict(os.environ if environment is None else environment)
        self._first_pause = first_pause
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_alive, name="hindcast-worker-process", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process that works now."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def start(self) -> None:
        """Start the worker, and start it again whenever it dies."""
        self._thread.start()

    def stop(self) -> None:
        """Let the worker end: it gives its work back first. One that does not is ended."""
        with self._lock:
            self._stopping.set()
            process = self._process
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
            _await_end(process)
        if self._thread.is_alive():
            self._thread.join(timeout=SECONDS_TO_END)

    def _keep_alive(self) -> None:
        pause = self._first_pause
        while (process := self._begin()) is not None:
            began = time.monotonic()
            code = process.wait()
            if self._stopping.is_set():
                return
            pause = self._first_pause if time.monotonic() - began > HEALTHY_SECONDS else pause
            _LOG.warning("the worker ended with exit code %s; another one starts in %.1f s", code, pause)
            if self._stopping.wait(pause):
                return
            pause = min(pause * 2, LONGEST_PAUSE)

    def _begin(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopping.is_set():
                return None
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=sys.stderr.fileno(),
                env=self._environment,
                start_new_session=True,  # Ctrl-C is for the service, which ends the worker in order
            )
            return self._process


def worker_command(*, home: str, slots: int) -> list[str]:
    """The command line of a worker on this data folder."""
    command = [sys.executable, "-m", "hindcast", "--home", home, "worker", "--until-closed"]
    return command if slots == 0 else [*command, "--slots", str(slots)]


def worker_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a worker: it needs no token."""
    return {name: value for name, value in (environ or os.environ).items() if name != "HINDCAST_TOKEN"}


def _await_end(process: subprocess.Popen[bytes]) -> None:
    for end in (process.terminate, process.kill):
        try:
            process.wait(timeout=SECONDS_TO_END)
            return
        except subprocess.TimeoutExpired:
            _LOG.warning("the worker does not end by itself: it is ended")
            end()
    process.wait()
