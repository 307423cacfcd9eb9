"""ForkedChildren: each task in a process of its own, forked from a warm parent, or fresh where there is no fork."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import warnings
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

from pydantic import JsonValue

from hindcast.domain.errors import InputError, WorkNotBegunError, WorkStoppedError
from hindcast.infrastructure.processes.conversation import Conversation
from hindcast.infrastructure.processes.environment import scrubbed
from hindcast.infrastructure.processes.forked import WarmParentProcess, two_pairs
from hindcast.infrastructure.processes.frames import MAX_REQUEST, frame
from hindcast.infrastructure.processes.job_process import JobProcess
from hindcast.infrastructure.processes.linux import IS_LINUX
from hindcast.infrastructure.processes.spawned import SpawnedJob
from hindcast.services.ports import ChildLimits, Stopped, Tell

Method = Literal["fork", "spawn"]

FOLDER_PREFIX: Final = "hindcast-run-"
_TICK: Final = 0.25


class ForkedChildren:
    """Runs the tasks that an entry module names in `TASKS`, as {name: "module:function"}.

    The warm parent is started with the first task: it imports the entry module and calls its `warm_up()`, if it has
    one. `environment` is put over what children see of this process's environment; it must hold no secrets.
    """

    def __init__(
        self, entry: str, *, environment: Mapping[str, str] | None = None, method: Method | None = None
    ) -> None:
        if method == "fork" and not IS_LINUX:
            raise InputError("method='fork' needs Linux; leave it out, or choose 'spawn'")
        self._entry = entry
        self._environment = scrubbed(extra=environment)
        self._method: Method = method or ("fork" if IS_LINUX else "spawn")
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._parents: list[WarmParentProcess] = []  # the last one is the one in use
        self._end = weakref.finalize(self, _end_all, self._parents)

    def warm_up(self, stopped: Stopped | None = None) -> None:
        """Have the warm parent started, if it is not: the first task would do it. Raises WorkNotBegunError."""
        if self._method == "fork":
            self._parent(stopped)

    def run(
        self,
        task: str,
        payload: Mapping[str, JsonValue],
        *,
        limits: ChildLimits | None = None,
        tell: Tell | None = None,
        stopped: Stopped | None = None,
    ) -> JsonValue:
        """The task's answer; see `ports.ChildProcesses`. Raises InputError for a payload that is no JSON."""
        bounds = limits or ChildLimits()
        self.warm_up(stopped)  # before there is a folder that somebody must take away
        with _working_folder() as folder:
            try:
                request = frame(
                    {
                        "task": task,
                        "payload": dict(payload),
                        "folder": folder,
                        "seconds": bounds.seconds,
                        "memory_bytes": bounds.memory_bytes,
                    },
                    limit=MAX_REQUEST,
                )
            except ValueError as error:
                raise InputError(f"the task '{task}' can't be handed to another process: {error}") from None
            process = self._started(folder, bounds, stopped)
            return Conversation(process=process, request=request, limits=bounds, tell=tell, stopped=stopped).hold()

    def close(self) -> None:
        """End the warm parent with all its children. A task after that would start another one."""
        with self._lock:
            _end_all(self._parents)

    def _started(self, folder: str, limits: ChildLimits, stopped: Stopped | None) -> JobProcess:
        for attempt in range(2):
            parent = self._parent(stopped) if self._method == "fork" else None
            if parent is None:
                break
            connections = two_pairs()  # without them nothing is wrong with the warm parent: it goes on
            try:
                return parent.start(folder, limits, connections)
            except WorkNotBegunError:  # it ended between two tasks: nothing of this one was begun
                parent.kill()
                if attempt:
                    raise
        return SpawnedJob(self._entry, self._environment)

    def _parent(self, stopped: Stopped | None) -> WarmParentProcess | None:
        """The warm parent, warm; None where it can't be forked. Raises WorkNotBegunError, WorkStoppedError."""
        if self._owner != os.getpid():  # a copy of the process that made it: what that one started is not its own
            self._lock, self._owner = threading.Lock(), os.getpid()
        while not self._lock.acquire(timeout=_TICK):
            if stopped is not None and stopped():
                raise WorkStoppedError("the run was stopped before its process was ready")
        try:
            if self._parents and self._parents[-1].is_alive:
                return self._parents[-1]
            self._let_go_of_the_dead()
            parent = WarmParentProcess(self._entry, self._environment)
            self._parents.append(parent)
            try:
                threads = parent.wait_until_warm(stopped)
            except BaseException:
                parent.kill()
                raise
            if threads:
                self._do_without(threads)
                return None
            return parent
        finally:
            self._lock.release()

    def _let_go_of_the_dead(self) -> None:
        if self._method == "fork":
            for dead in self._parents:
                dead.kill()
        _end_all(self._parents)

    def _do_without(self, threads: tuple[str, ...]) -> None:
        self._method = "spawn"
        warnings.warn(
            f"children are started as fresh processes, which is slower: the process to fork them from has threads of "
            f"its own ({', '.join(threads)})",
            RuntimeWarning,
            stacklevel=3,
        )


def _end_all(parents: list[WarmParentProcess]) -> None:
    for parent in parents:
        parent.end()
    parents.clear()


@contextmanager
def _working_folder() -> Iterator[str]:
    """A folder that is there for one task, whatever the task does to it."""
    try:
        folder = tempfile.mkdtemp(prefix=FOLDER_PREFIX)
    except OSError as error:
        raise WorkNotBegunError(f"no folder for a run can be made: {error}") from error
    try:
        yield folder
    finally:
        remove_folder(Path(folder))


def remove_folder(folder: Path) -> None:
    """Take a folder away, also one whose owner's rights were taken away."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.is_dir():
        return
    waiting = [folder]
    for each in waiting:
        with suppress(OSError):
            each.chmod(0o700)
            waiting += [path for path in each.iterdir() if path.is_dir() and not path.is_symlink()]
    shutil.rmtree(folder, ignore_errors=True)
