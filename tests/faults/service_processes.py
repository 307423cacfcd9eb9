"""Processes of the service that a test starts, kills, freezes, and sees to the end of, with all that they started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.waiting import PATIENCE, wait_for

ROOT = Path(__file__).parents[2]
TOKEN = "test-token-0123456789abcdef"


class ServiceProcess:
    """A program that says `ready` when it works; it can be killed and started again."""

    def __init__(self, arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> None:
        self._arguments = [sys.executable, "-P", "-m", *arguments]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HINDCAST_")}
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self._environment = {**kept, "PYTHONPATH": path, **environment}
        self._log = log
        self._seen: set[int] = set()  # everything that it has ever started, by process id
        self._read_from = 0
        self.kills = 0
        self.start()

    def start(self) -> None:
        """Start it, and go on."""
        self._read_from = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def said(self) -> str:
        """What it has printed and logged since it was last started."""
        return self._log.read_bytes()[self._read_from :].decode("utf-8", "replace")

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def is_ready(self) -> bool:
        assert not self.has_ended, f"it ended by itself: {self.said[-2_000:]}"
        return "ready" in self.said

    def wait_until_ready(self) -> None:
        wait_for(lambda: self.is_ready)

    def children(self) -> set[int]:
        """All processes below it now."""
        found = descendants(self.pid)
        self._seen |= found
        return found

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.children()
        self.signal(signal.SIGKILL)
        self._process.wait()
        self.kills += 1

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Its exit code, once it has ended."""
        self.children()
        return self._process.wait(seconds)

    def end(self) -> None:
        """End it whatever it does; raises where something that it started stays behind."""
        if not self.has_ended:
            self.signal(signal.SIGCONT)
            self.kill()
        left: set[int] = set()
        until = time.monotonic() + 20.0
        while (left := {pid for pid in self._seen if is_alive(pid)}) and time.monotonic() < until:
            time.sleep(0.05)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left, f"left behind: {left}"


def a_worker(
    home: Path, name: str, *, slots: int = 2, lease_seconds: float = 2.0, **environment: str
) -> ServiceProcess:
    """A worker whose claims hold for so many seconds."""
    arguments = ["tests.faults.short_lease_worker", str(home), str(slots), str(lease_seconds)]
    return ServiceProcess(arguments, log=home / f"{name}.log", environment=environment)


def an_api(home: Path, port: int) -> ServiceProcess:
    """A server without a worker."""
    arguments = ["hindcast", "serve", "--no-worker", "--port", str(port), "--data", str(home)]
    environment = {"HINDCAST_TOKEN": TOKEN, "HINDCAST_REQUESTS_PER_SECOND": "0"}
    return ServiceProcess(arguments, log=home / "api.log", environment=environment)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def descendants(pid: int) -> set[int]:
    """Everything below a process, as the system tells it."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # gone meanwhile
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = {pid}
    grown = True
    while grown:
        more = {child for child, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found - {pid}


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits for its parent to take notice of its end does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
