"""What children may have left behind, found by a mark in their environment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from hindcast.infrastructure.processes.forked_children import ForkedChildren, Method

REPOSITORY = Path(__file__).parents[4]
MARK = "MARK_OF_TEST"


def processes_with(mark: str) -> list[int]:
    """The ids of the living processes whose environment holds this mark."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environ = (entry / "environ").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if f"{MARK}={mark}".encode() in environ.split(b"\0") and state not in "ZX":
            found.append(int(entry.name))
    return found


def wait_for_none(mark: str, *, but: int = 0, seconds: float = 5.0) -> list[int]:
    """The processes with a mark that are left after a while, but for so many."""
    deadline = time.monotonic() + seconds
    while len(found := processes_with(mark)) > but and time.monotonic() < deadline:
        time.sleep(0.02)
    return found if len(found) > but else []


class MarkedChildren(ForkedChildren):
    """Children that a test finds again."""

    def __init__(self, entry: str, folder: Path, method: Method | None = None, **environment: str) -> None:
        self.mark = uuid4().hex
        super().__init__(
            entry,
            method=method,
            environment={"PYTHONPATH": str(REPOSITORY), "TMPDIR": str(folder), MARK: self.mark, **environment},
        )


@contextmanager
def children_in(
    folder: Path, method: Method | None = None, entry: str = "", **environment: str
) -> Iterator[MarkedChildren]:
    """Children that run the small tasks; nothing of them is left afterwards."""
    module = entry or "tests.unit.infrastructure.processes.small_tasks"
    children = MarkedChildren(module, folder, method, **environment)
    try:
        yield children
    finally:
        children.close()
        left = wait_for_none(children.mark)
        assert not left, f"processes {left} were left behind"
