"""What Linux offers beyond Python's own faces: who dies with whom, who inherits orphans, how many threads run."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Final

IS_LINUX: Final = sys.platform.startswith("linux")

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
# Loaded before any fork: a child may have no memory left to load it
_LIBC: Final = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None


def die_with_parent(parent: int) -> bool:
    """Have this process killed when its parent ends; False where the parent has ended already.

    The parent is the thread that made this process: it must live for as long as this process is wanted.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return os.getppid() == parent


def inherit_orphans() -> None:
    """Have processes whose parents end become this one's children, not those of the machine's first process."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def thread_names() -> tuple[str, ...]:
    """The names of this process's threads; empty where nobody tells."""
    found = []
    for task in Path("/proc/self/task").glob("*/comm") if IS_LINUX else ():
        try:
            found.append(task.read_text().strip())
        except OSError:
            continue  # it has ended
    return tuple(found)


def address_space() -> tuple[int, int] | None:
    """(bytes of address space, bytes of it for data) of this process; None where nobody tells."""
    try:
        fields = Path("/proc/self/statm").read_text().split()
    except OSError:
        return None
    return int(fields[0]) * _PAGE, int(fields[5]) * _PAGE


def share_of_memory(pid: int) -> int:
    """The bytes of memory that a process holds, pages that several share counted in parts; 0 where nobody tells."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def processes_and_threads() -> int | None:
    """How many there are on this machine; None where nobody tells."""
    try:
        return int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])
    except (OSError, ValueError, IndexError):
        return None
