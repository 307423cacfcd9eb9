"""PooledChildren: tasks of Hindcast's own code, in processes (or threads) that an executor shares among them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor

from pydantic import JsonValue

from hindcast.infrastructure.processes.error_frames import from_frame, to_frame
from hindcast.infrastructure.processes.tasks import task_named
from hindcast.services.ports import ChildLimits, Stopped, Tell


class PooledChildren:
    """Hands tasks to an executor as text, and takes text back: nothing of anybody's code travels.

    `work` is the function that does a task there, as `answer_of` wants it. The processes are not ended with a task:
    limits are not held, and progress is not told.
    """

    def __init__(self, executor: Executor, work: Callable[[str], str]) -> None:
        self._executor = executor
        self._work = work

    def run(
        self,
        task: str,
        payload: Mapping[str, JsonValue],
        *,
        limits: ChildLimits | None = None,
        tell: Tell | None = None,
        stopped: Stopped | None = None,
    ) -> JsonValue:
        """The task's answer. Raises what the task raises, and what the executor raises where it lost it."""
        del limits, tell, stopped
        asked = json.dumps({"task": task, "payload": dict(payload)})
        said = json.loads(self._executor.submit(self._work, asked).result())
        if "error" in said:
            raise from_frame(said["error"])
        answer: JsonValue = said["answer"]
        return answer

    def close(self) -> None:
        """The executor is who opened it's to end."""


def answer_of(asked: str, tasks: Mapping[str, str]) -> str:
    """Do a task in the process that it was handed to; `tasks` are those that there are, {name: "module:function"}."""
    wanted = json.loads(asked)
    try:
        return json.dumps({"answer": task_named(wanted["task"], tasks)(wanted["payload"], _silent)})
    except Exception as error:  # noqa: BLE001  # the process edge: what can't be pickled would break the pool
        return json.dumps({"error": to_frame(error)})


def _silent(step: str, share: float) -> None:
    """Nobody is told."""
