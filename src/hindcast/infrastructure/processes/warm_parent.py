"""The warm parent: a process with one thread that has everything imported, and forks a child for each job.

`python -m hindcast.infrastructure.processes.warm_parent ENTRY CONTROL` is one; CONTROL is its end of a socket to the
supervisor. Each request on it brings two sockets along: the child's channel, which the warm parent never reads, and
the job's status, on which the warm parent tells of the child's start and end. A byte on the status, or its end, asks
for the child to be killed. When the control ends, so does everything.
"""

from __future__ import annotations

import gc
import importlib
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NoReturn

from pydantic import JsonValue

from hindcast.infrastructure.processes.child import begin_forked, live
from hindcast.infrastructure.processes.ending import (
    KEPT_OUTPUT,
    MOST_PROCESSES,
    OUT_OF_MEMORY,
    OUT_OF_TIME,
    TOO_MANY_PROCESSES,
    Ending,
)
from hindcast.infrastructure.processes.frames import FrameReader, frame
from hindcast.infrastructure.processes.linux import inherit_orphans, share_of_memory, thread_names
from hindcast.infrastructure.processes.process_tree import children_of, end_group, family_of

MAX_MESSAGE: Final = 64 * 1024

_CHUNK: Final = 64 * 1024
_MOST_CHUNKS: Final = 64  # that are read after a child's end
_TICK: Final = 0.25  # seconds between looks at what the jobs have started
_GRACE: Final = 5.0  # seconds after a job's limit at which it is ended here, should the supervisor not do it
_PATIENCE: Final = 1.0  # seconds that strays may take to die
_NEEDED: Final = 2  # descriptors that come with a request


@dataclass(slots=True, kw_only=True, eq=False)
class _Job:
    """A child, and what is known of it."""

    pid: int
    status: socket.socket
    output: int
    memory_bytes: int
    ends_at: float
    reason: str = ""  # why it was killed from here
    tail: bytes = b""
    ending: Ending | None = None
    ended_at: float = 0.0


class WarmParent:
    """Forks, watches and buries children; never reads what they say."""

    def __init__(self, entry: str, control: socket.socket) -> None:
        self._entry = entry
        self._control = control
        self._supervisor = os.getppid()
        self._reader = FrameReader(limit=MAX_MESSAGE)
        self._received: list[int] = []  # descriptors whose request is not whole yet
        self._jobs: list[_Job] = []
        self._folders: list[str] = []  # of jobs; the supervisor takes them away, as long as it lives
        self._selector = selectors.DefaultSelector()
        self._wakeup, self._waker = socket.socketpair()
        self._held = share_of_memory(os.getpid())
        self._open = True

    def serve(self) -> None:
        """Until the supervisor is gone."""
        for each in (self._wakeup, self._waker):
            each.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda number, stack: None)  # without a handler nothing wakes
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        self._watch(self._control, self._on_control)
        self._watch(self._wakeup, self._on_wakeup)
        looked = time.monotonic()
        while self._open:
            for key, _ in self._selector.select(self._patience()):
                key.data()
            self._bury()
            if time.monotonic() - looked >= _TICK:
                self._look()
                looked = time.monotonic()

    def end_all(self) -> None:
        """Kill what runs and what it has started; take its folders away."""
        for job in self._jobs:
            self._kill(job, "")
        deadline = time.monotonic() + 2 * _PATIENCE
        while (self._jobs or children_of(os.getpid())) and time.monotonic() < deadline:
            self._end_strays()
            self._bury()
            time.sleep(0.002)
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _patience(self) -> float:
        if any(job.ending is not None for job in self._jobs):
            return 0.01
        return _TICK if self._jobs else 1.0

    def _watch(self, file: socket.socket | int, attend: Callable[[], None]) -> None:
        self._selector.register(file, selectors.EVENT_READ, attend)

    def _leave(self, file: socket.socket | int) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(file)

    def _on_wakeup(self) -> None:
        with suppress(BlockingIOError):
            self._wakeup.recv(_CHUNK)

    def _on_control(self) -> None:
        received, descriptors, _, _ = socket.recv_fds(self._control, _CHUNK, 16)
        self._received += descriptors
        for asked in self._reader.feed(received):
            taken, self._received = self._received[:_NEEDED], self._received[_NEEDED:]
            self._start(asked, *taken)
        self._open = bool(received)

    def _start(self, asked: Any, channel: int, status: int) -> None:
        self._folders = [*filter(os.path.exists, self._folders), asked["folder"]]
        told = socket.socket(fileno=status)
        told.setblocking(False)
        output, written = os.pipe()
        os.set_blocking(output, False)
        own = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            _tell(told, {"failed": error.strerror or str(error)})
            told.close()
            os.close(output)
        else:
            if pid == 0:
                _live_and_die(self._entry, channel, written, own)
            job = _Job(
                pid=pid,
                status=told,
                output=output,
                memory_bytes=asked["memory_bytes"],
                ends_at=time.monotonic() + asked["seconds"] + _GRACE,
            )
            self._jobs.append(job)
            self._watch(told, partial(self._on_status, job))
            self._watch(output, partial(self._on_output, job))
            _tell(told, {"pid": pid})
        os.close(channel)
        os.close(written)

    def _on_status(self, job: _Job) -> None:
        """A word from the supervisor, or its end: the job is over."""
        self._leave(job.status)
        self._kill(job, "")

    def _on_output(self, job: _Job) -> None:
        with suppress(BlockingIOError):
            written = os.read(job.output, _CHUNK)
            job.tail = (job.tail + written)[-KEPT_OUTPUT:]
            if not written:
                self._leave(job.output)

    def _kill(self, job: _Job, reason: str) -> None:
        if job.ending is None:
            job.reason = reason
            end_group(job.pid)

    def _look(self) -> None:
        """Hold what runs against its limits."""
        if os.getppid() != self._supervisor:
            self._open = False
        if self._jobs:
            self._end_strays()
        orphans = children_of(os.getpid()) if self._jobs else ()
        for job in [each for each in self._jobs if each.ending is None]:
            family = self._family_of(job, orphans)
            if len(family) > MOST_PROCESSES:
                self._kill(job, TOO_MANY_PROCESSES)
            elif len(family) > 1 and sum(map(share_of_memory, family)) > job.memory_bytes + self._held:
                self._kill(job, OUT_OF_MEMORY)
            elif time.monotonic() > job.ends_at:
                self._kill(job, OUT_OF_TIME)

    def _family_of(self, job: _Job, orphans: tuple[int, ...]) -> list[int]:
        """The processes of a job, those whose parents have ended among them."""
        family = list(family_of(job.pid, most=MOST_PROCESSES + 1))
        for pid in orphans:
            with suppress(ProcessLookupError):
                if pid != job.pid and os.getsid(pid) == job.pid:
                    family += family_of(pid, most=MOST_PROCESSES + 1)
        return family

    def _bury(self) -> None:
        """Wait for all children that have ended; tell of a job's end once nothing of it is left."""
        by_pid = {job.pid: job for job in self._jobs if job.ending is None}
        with suppress(ChildProcessError):
            while (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)) is not None:
                job = by_pid.get(dead.si_pid)
                if job is not None:
                    end_group(job.pid)  # before its id can be another's
                _, wait_status, usage = os.wait4(dead.si_pid, 0)
                if job is not None:
                    self._read_out(job)
                    job.ending = Ending.of(
                        wait_status,
                        peak_bytes=usage.ru_maxrss * 1024,
                        base_bytes=self._held,
                        reason=job.reason,
                        output=job.tail,
                    )
                    job.ended_at = time.monotonic()
        ended = [job for job in self._jobs if job.ending is not None]
        if not ended:
            return
        strays = self._end_strays()
        for job in ended:
            if not strays or time.monotonic() - job.ended_at > _PATIENCE:
                self._tell_end(job)

    def _end_strays(self) -> int:
        """Kill the processes that came to this one when their parents ended; those of running sessions may go on."""
        running = {job.pid for job in self._jobs if job.ending is None}
        strays = 0
        for pid in children_of(os.getpid()):
            if pid in running:
                continue
            with suppress(ProcessLookupError, PermissionError):
                if os.getsid(pid) not in running:
                    strays += 1
                    os.kill(pid, signal.SIGKILL)
        return strays

    def _read_out(self, job: _Job) -> None:
        with suppress(BlockingIOError):
            for _ in range(_MOST_CHUNKS):
                written = os.read(job.output, _CHUNK)
                job.tail = (job.tail + written)[-KEPT_OUTPUT:]
                if not written:
                    break

    def _tell_end(self, job: _Job) -> None:
        assert job.ending is not None
        self._jobs.remove(job)
        self._leave(job.status)
        self._leave(job.output)
        os.close(job.output)
        _tell(job.status, {"ended": job.ending.to_json()})
        job.status.close()


def _live_and_die(entry: str, channel: int, output: int, warm_parent: int) -> NoReturn:
    """What the child does: nothing of it may ever return into the warm parent's loop."""
    try:
        begin_forked(channel, output, warm_parent)
        live(entry)
    finally:
        os._exit(1)


def _tell(status: socket.socket, said: JsonValue) -> None:
    with suppress(OSError):  # nobody listens any more
        status.sendall(frame(said, limit=MAX_MESSAGE))


def _threads() -> tuple[str, ...]:
    """The threads that run besides this one; those that are about to end get a second for it."""
    deadline = time.monotonic() + 1.0
    while len(found := thread_names()) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    return found[1:]


def main(arguments: list[str]) -> NoReturn:
    """Warm up, say so, and serve."""
    entry, control_fd = arguments
    control = socket.socket(fileno=int(control_fd))
    control.set_inheritable(False)
    for number in (signal.SIGINT, signal.SIGTERM):  # it ends when its supervisor says so, or is gone
        signal.signal(number, signal.SIG_IGN)
    inherit_orphans()
    warm_up = getattr(importlib.import_module(entry), "warm_up", None)
    if warm_up is not None:
        warm_up()
    gc.collect()
    gc.disable()
    gc.freeze()
    threads = _threads()
    control.sendall(frame({"threads": list(threads)}, limit=MAX_MESSAGE))
    parent = WarmParent(entry, control)
    if not threads:
        parent.serve()
        parent.end_all()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
