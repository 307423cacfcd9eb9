"""Children that are only so many at once: who finds all at work is told to come back, and holds no thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from pydantic import JsonValue

from hindcast.domain.errors import RateLimitError
from hindcast.services.ports import ChildLimits, ChildProcesses


class BoundedChildren:
    """Runs tasks in children, a few at once."""

    def __init__(self, children: ChildProcesses, *, at_once: int, wait_seconds: float, doing: str) -> None:
        self._children = children
        self._free = threading.BoundedSemaphore(at_once)
        self._at_once = at_once
        self._wait = wait_seconds
        self._doing = doing  # what they do, as a plural: "checks of strategies"

    def run(self, task: str, payload: Mapping[str, JsonValue], *, limits: ChildLimits) -> JsonValue:
        """The task's answer. Raises RateLimitError where all are at work for too long, and what the task raises."""
        if not self._free.acquire(timeout=self._wait):
            raise RateLimitError(
                f"{self._at_once} {self._doing} are at work already: try again when they are done",
                retry_after=limits.seconds / 4,
            )
        try:
            return self._children.run(task, payload, limits=limits)
        finally:
            self._free.release()
