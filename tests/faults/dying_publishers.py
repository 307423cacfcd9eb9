"""A program whose children publish and are killed: at random instants, or before the n-th step towards the disk.

`python -m tests.faults.dying_publishers random SEED HOME…` or `… steps 0 HOME…`. It imports everything once and forks,
so that a death costs milliseconds; it starts no thread itself. What a child was told of stands in HOME/acknowledged.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path, PosixPath
from typing import Any

import pyarrow.parquet  # noqa: F401  # so that no child spends its short life importing it
from tests.faults.market_stores import publish_state

from hindcast.infrastructure.files.store.bar_store import FileBarStore

DIED = 9


def publish_on(home: Path) -> None:
    """Publish state after state, and write down which were acknowledged."""
    store = FileBarStore(home)
    told = os.open(home / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in range(1, 1000):
        publish_state(store, number)
        os.write(told, f"{number}\n".encode())


def publish_until(home: Path, last_step: int) -> None:
    """Publish state 1, and die before the step of this number: an open, a write, a flush, a rename."""
    count = 0

    def dying(work: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == last_step:
                os._exit(DIED)
            return work(*arguments, **options)

        return step

    for place, name in ((os, "open"), (os, "fsync"), (PosixPath, "replace"), (PosixPath, "write_bytes")):
        setattr(place, name, dying(getattr(place, name)))
    publish_state(FileBarStore(home), 1)


def in_child(work: Callable[[], None], *, after: float | None = None) -> None:
    """Run work in a child; kill it after so many seconds."""
    child = os.fork()
    if not child:
        end = 1
        try:
            work()
            end = 0
        finally:
            os._exit(end)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status))


def main() -> None:
    kind, seed, *homes = sys.argv[1:]
    rng = random.Random(int(seed))
    for step, home in enumerate(map(Path, homes), start=1):
        if kind == "random":
            in_child(partial(publish_on, home), after=rng.uniform(0.0, 0.05))
        else:
            in_child(partial(publish_until, home, step))


if __name__ == "__main__":
    main()
