"""Children for tests that are about something else: the tasks run here, and what they register is forgotten."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from hindcast.bootstrap.tasks.check_strategy import check_strategy
from hindcast.bootstrap.tasks.discover_strategies import discover_strategies
from hindcast.services.ports import ChildLimits
from hindcast.strategies.factory import StrategyFactory

TASKS: Final[Mapping[str, Callable[..., Any]]] = {
    "check_strategy": check_strategy,
    "discover_strategies": discover_strategies,
}


class InlineChildren:
    """Runs the tasks in this process; `asked` holds what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.closed = False
        self._one_at_a_time = threading.RLock()

    def run(
        self,
        task: str,
        payload: Mapping[str, Any],
        *,
        limits: ChildLimits | None = None,
        tell: Callable[[str, float], None] | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> Any:
        """The task's answer, as JSON made of it."""
        self.asked.append((task, dict(payload)))
        with self._one_at_a_time:
            before = StrategyFactory.registered()
            try:
                answer = TASKS[task](json.loads(json.dumps(payload)), tell or (lambda step, share: None))
            finally:
                for strategy_type in StrategyFactory.registered().keys() - before.keys():
                    StrategyFactory.remove(strategy_type)
        return json.loads(json.dumps(answer, allow_nan=False))

    def close(self) -> None:
        """Nothing is open."""
        self.closed = True


class EndedChildren(InlineChildren):
    """Children that don't survive certain files: whoever loads one of them gets its error instead of an answer."""

    def __init__(self, ends: Mapping[str, Exception]) -> None:
        super().__init__()
        self._ends = ends

    def run(self, task: str, payload: Mapping[str, Any], **rest: Any) -> Any:
        """The task's answer, unless it has to do with a file that ends the process."""
        named = json.dumps(payload)
        for file, error in self._ends.items():
            if file in named:
                self.asked.append((task, dict(payload)))
                raise error
        return super().run(task, payload, **rest)
