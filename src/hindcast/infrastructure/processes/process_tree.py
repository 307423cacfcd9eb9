"""Finding processes that work has left behind, and ending them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

MARKER: Final = "HINDCAST_CHILD_OF"  # an environment variable that whatever a child starts inherits

_ROUNDS: Final = 5  # of looks for processes with a marker


def children_of(pid: int) -> tuple[int, ...]:
    """The direct children of a process, those of all its threads; empty where nobody tells."""
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208  # many times a second
            with suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return tuple(found)


def family_of(pid: int, *, most: int) -> tuple[int, ...]:
    """A process and what descends from it, `most` of them where there are more."""
    found = [pid]
    for each in found:
        if len(found) >= most:
            break
        found += [child for child in children_of(each) if child not in found]
    return tuple(found[:most])


def end_group(pid: int) -> None:
    """Kill a process that is a child of this one, not yet waited for, and the group that it leads."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def end_marked(marker: str) -> None:
    """Kill every process whose environment names this marker, and what they start meanwhile."""
    for _ in range(_ROUNDS):
        found = False
        for handle in _marked(marker):
            found = True
            with suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        if not found:
            break


def _marked(marker: str) -> Iterator[int]:
    """A handle of each: by it, no process is hit that got the id of one that has ended meanwhile."""
    wanted = f"{MARKER}={marker}".encode()
    own = os.getpid()
    for entry in Path("/proc").glob("[0-9]*") if hasattr(os, "pidfd_open") else ():
        pid = int(entry.name)
        if pid == own:
            continue
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                yield handle
        except OSError:
            continue
        finally:
            os.close(handle)
