"""The life of a child: one task, one answer.

`python -m hindcast.infrastructure.processes.child ENTRY CHANNEL PARENT` is one that was not forked.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pydantic import JsonValue

from hindcast.domain.errors import StrategyError
from hindcast.infrastructure.processes.error_frames import bounded, to_frame
from hindcast.infrastructure.processes.frames import MAX_ANSWER, MAX_REQUEST, frame, receive
from hindcast.infrastructure.processes.linux import die_with_parent
from hindcast.infrastructure.processes.resource_limits import allow_last_words, limit_this_process
from hindcast.infrastructure.processes.tasks import task_named

if TYPE_CHECKING:
    from hindcast.services.ports import Tell

CHANNEL: Final = 3  # the file that a child speaks through
MOST_STEPS: Final = 5_000  # that a child tells of its progress
STEP_LENGTH: Final = 200

_BETWEEN: Final = 0.25  # seconds between two words about the same step

_HANDLED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a child is asked to do."""

    task: str
    payload: Mapping[str, JsonValue]
    folder: str  # its working folder
    seconds: float
    memory_bytes: int


def begin_forked(channel: int, output: int, warm_parent: int) -> None:
    """Cut a process that was just forked off from its parent: a session of its own, no files but its own."""
    os.setsid()
    if not die_with_parent(warm_parent):
        os._exit(1)
    signal.set_wakeup_fd(-1)
    for number in _HANDLED:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    channel, output = (fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in (channel, output))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(channel, CHANNEL, inheritable=False)
    _close_above(CHANNEL)
    gc.enable()


def _close_above(last: int) -> None:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  # a path for each would be made in every child
        if int(name) > last:
            with suppress(OSError):  # what listed them is closed by now
                os.close(int(name))


def live(entry: str) -> NoReturn:
    """Do the one task that the channel asks for, say what came of it, and end at once.

    Nothing that user code has set up runs after the answer: no exit handler, no thread, no destructor.
    """
    status = 1
    try:
        channel = socket.socket(fileno=CHANNEL)
        request = _request(channel)
        _settle(request)
        _say(channel, _outcome(entry, request, _teller(channel)))
        status = 0
    except BaseException as error:  # noqa: BLE001  # the process edge: who watches reads it, if there is room to write
        with suppress(BaseException):
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        with suppress(BaseException):
            sys.stderr.flush()
        os._exit(status)


def _request(channel: socket.socket) -> Request:
    asked: Any = receive(channel, limit=MAX_REQUEST)
    return Request(**asked)


def _settle(request: Request) -> None:
    """Take the limits and the working folder that every child starts with."""
    os.umask(0o077)
    os.chdir(request.folder)
    os.environ["TMPDIR"] = request.folder
    tempfile.tempdir = None
    limit_this_process(memory_bytes=request.memory_bytes, seconds=request.seconds)


def _outcome(entry: str, request: Request, tell: Tell) -> dict[str, JsonValue]:
    try:
        task = task_named(request.task, importlib.import_module(entry).TASKS)
        _seed()
        return {"answer": task(request.payload, tell)}
    except BaseException as error:  # noqa: BLE001  # the process edge: whatever user code raises is its run's failure
        allow_last_words()
        return {"error": to_frame(error)}


def _seed() -> None:
    """Begin every task with the same state of chance; what loads numpy is loaded by now."""
    random.seed(0)
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(0)


def _say(channel: socket.socket, outcome: dict[str, JsonValue]) -> None:
    try:
        said = frame(outcome, limit=MAX_ANSWER)
    except ValueError as error:
        unfit = StrategyError(f"what came of the run can't be handed on: {error}")
        said = frame({"error": to_frame(unfit)}, limit=MAX_ANSWER)
    channel.sendall(said)


def _teller(channel: socket.socket) -> Tell:
    left, told, told_at = MOST_STEPS, "", 0.0

    def tell(step: str, share: float) -> None:
        nonlocal left, told, told_at
        words, now = bounded(str(step))[:STEP_LENGTH], time.monotonic()
        if left > 0 and (words != told or now - told_at >= _BETWEEN):
            left, told, told_at = left - 1, words, now
            channel.sendall(frame({"tell": [words, min(max(float(share), 0.0), 1.0)]}, limit=MAX_ANSWER))

    return tell


def main(arguments: list[str]) -> NoReturn:
    """A fresh process that was started for one task; its channel is where `CHANNEL` says."""
    entry, channel, parent = arguments
    if not die_with_parent(int(parent)):
        os._exit(1)
    if int(channel) != CHANNEL:
        os.dup2(int(channel), CHANNEL)
        os.close(int(channel))
    os.set_inheritable(CHANNEL, False)
    importlib.import_module(entry)
    live(entry)


if __name__ == "__main__":
    main(sys.argv[1:])
