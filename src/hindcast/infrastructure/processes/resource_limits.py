"""What the operating system keeps a child from taking."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from typing import Final

from hindcast.infrastructure.processes.linux import address_space, processes_and_threads

LAST_WORDS: Final = 64 * 1024**2  # bytes that a child may have on top, to tell of its end

_SHARED: Final = 1024**3  # address space on top: what is reserved and never used costs nothing
_LARGEST_FILE: Final = 4 * 1024**3
_OPEN_FILES: Final = 512
_MORE_PROCESSES: Final = 1_024


def limit_this_process(*, memory_bytes: int, seconds: float) -> None:
    """Bound memory, processor time, files and processes. Memory counts from what this process has now.

    Where the system knows a limit not, it is left out: time and the end of all processes are watched from outside.
    """
    space = address_space()
    if space is not None:
        total, data = space
        _limit(resource.RLIMIT_AS, total + memory_bytes + _SHARED, more=LAST_WORDS)
        _limit(resource.RLIMIT_DATA, data + memory_bytes, more=LAST_WORDS)
    # A second net: threads on all cores use more of it than passes on the clock
    cpu = int(seconds) * (os.cpu_count() or 1) + 10
    _limit(resource.RLIMIT_CPU, cpu, more=5)
    _limit(resource.RLIMIT_FSIZE, _LARGEST_FILE)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    running = processes_and_threads()
    if running is not None:  # counted over all processes of the user, and not held against root
        _limit(resource.RLIMIT_NPROC, running + _MORE_PROCESSES)


def allow_last_words() -> None:
    """Let this process have the memory that was kept for telling of its end."""
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        with suppress(OSError, ValueError):
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (hard, hard))


def _limit(kind: int, soft: int, *, more: int = 0) -> None:
    """Set a limit, never above the one that holds already."""
    with suppress(OSError, ValueError):
        hard = resource.getrlimit(kind)[1]
        wanted = soft + more
        new_hard = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(kind, (min(soft, new_hard), new_hard))
