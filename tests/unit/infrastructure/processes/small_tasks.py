"""An entry module for children: tasks of a few lines each, by name."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hindcast.domain.errors import QuotaError, SymbolError

Tell = Callable[[str, float], None]

_HERE = __name__
_warm = {"calls": 0}


def warm_up() -> None:
    _warm["calls"] += 1


def echo(payload: Mapping[str, Any], tell: Tell) -> Any:
    return dict(payload)


def steps(payload: Mapping[str, Any], tell: Tell) -> Any:
    for number in range(payload["count"]):
        tell(f"step {number}", number / payload["count"])
    return payload["count"]


def count_up(payload: Mapping[str, Any], tell: Tell) -> Any:
    for number in range(payload["times"]):
        tell("counting", number / payload["times"])


def surroundings(payload: Mapping[str, Any], tell: Tell) -> Any:
    """What a task finds around it."""
    return {
        "warm_ups": _warm["calls"],
        "environ": dict(os.environ),
        "parent_environ": Path(f"/proc/{os.getppid()}/environ").read_text().split("\0"),
        "files": sorted(int(path.name) for path in Path("/proc/self/fd").iterdir()),
        "folder": str(Path.cwd()),
        "temporary": tempfile.gettempdir(),
        "umask": os.umask(0),
        "is_leader": os.getpid() == os.getsid(0),
        "chance": random.random(),
        "threads": threading.active_count(),
        "modules": sorted(sys.modules),
        "hash": hash("a word"),
    }


def leave_things(payload: Mapping[str, Any], tell: Tell) -> Any:
    """Files that are hard to remove, in the working folder."""
    Path("deep/er").mkdir(parents=True)
    Path("deep/er/file").write_text("x")
    Path("deep").chmod(0)
    return str(Path.cwd())


def raise_symbol_error(payload: Mapping[str, Any], tell: Tell) -> Any:
    raise SymbolError("no symbol 'X'")


def raise_quota_error(payload: Mapping[str, Any], tell: Tell) -> Any:
    raise QuotaError("enough", retry_after=12.5)


def raise_error(payload: Mapping[str, Any], tell: Tell) -> Any:
    raise LookupError(payload["message"])


def sleep(payload: Mapping[str, Any], tell: Tell) -> Any:
    tell("sleeping", 0.5)
    time.sleep(payload["seconds"])
    return "awake"


def ignore_signals(payload: Mapping[str, Any], tell: Tell) -> Any:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(60)


def spin(payload: Mapping[str, Any], tell: Tell) -> Any:
    """A call into C that keeps the interpreter's lock for years."""
    return sum(range(10**15))


def stop_itself(payload: Mapping[str, Any], tell: Tell) -> Any:
    os.kill(os.getpid(), signal.SIGSTOP)


def send_itself(payload: Mapping[str, Any], tell: Tell) -> Any:
    os.kill(os.getpid(), payload["signal"])
    time.sleep(60)


def leave(payload: Mapping[str, Any], tell: Tell) -> Any:
    tell(str(Path.cwd()), 0.0)
    sys.stderr.write("last words\n")
    sys.stderr.flush()
    os._exit(payload["code"])


def crash(payload: Mapping[str, Any], tell: Tell) -> Any:
    ctypes.string_at(0)


def eat(payload: Mapping[str, Any], tell: Tell) -> Any:
    return len(bytearray(payload["bytes"]))


def say(payload: Mapping[str, Any], tell: Tell) -> Any:
    """Bytes on the channel that the answer goes by."""
    channel = socket.socket(fileno=3)
    channel.sendall(bytes.fromhex(payload["hex"]) * payload.get("times", 1))
    time.sleep(60)


def close_all(payload: Mapping[str, Any], tell: Tell) -> Any:
    os.closerange(0, 100)
    time.sleep(60)


def answer_nonsense(payload: Mapping[str, Any], tell: Tell) -> Any:
    return {1, 2, 3}


def answer_much(payload: Mapping[str, Any], tell: Tell) -> Any:
    return "x" * payload["bytes"]


def leave_daemon(payload: Mapping[str, Any], tell: Tell) -> Any:
    """A process that left its session and its parent, and one that did not; gives both ids."""
    told, heard = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(heard, f"{os.getpid()}\n".encode())
            time.sleep(60)
        os._exit(0)
    plain = subprocess.Popen(["sleep", "60"])
    return [int(os.read(told, 20)), plain.pid]


def leave_daemon_and_sleep(payload: Mapping[str, Any], tell: Tell) -> Any:
    leave_daemon(payload, tell)
    tell("sleeping", 0.5)
    time.sleep(60)


def kill_parent(payload: Mapping[str, Any], tell: Tell) -> Any:
    os.kill(os.getppid(), payload["signal"])
    time.sleep(payload.get("seconds", 60))
    return "still here"


def fork_many(payload: Mapping[str, Any], tell: Tell) -> Any:
    for _ in range(payload["count"]):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    time.sleep(60)


TASKS = {
    name: f"{_HERE}:{name}"
    for name, value in list(globals().items())
    if callable(value) and getattr(value, "__module__", "") == _HERE and name not in ("warm_up",)
} | {"draw": "tests.unit.infrastructure.processes.numerical_tasks:draw"}  # not loaded before it is asked for
