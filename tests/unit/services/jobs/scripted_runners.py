"""Runners that do as a test says, a log that remembers, and a worker in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.unit.services.jobs.queued_backtests import result_of
from tests.waiting import PATIENCE, wait_for

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.errors import WorkStoppedError
from hindcast.services.jobs.queue import Claim, JobQueue
from hindcast.services.jobs.worker import Worker
from hindcast.services.ports import Stopped, Tell

Script = Callable[[Claim, Tell, Stopped], BacktestResult]


class ScriptedRunner:
    """Runs each backtest by the script of its id, by default to a result at once."""

    def __init__(self, **scripts: Script) -> None:
        self._scripts = scripts
        self.runs: list[Claim] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()

    def run(self, claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        with self._lock:
            self.runs.append(claim)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self._scripts.get(claim.backtest.id, at_once)(claim, tell, stopped)
        finally:
            with self._lock:
                self.at_once -= 1


def at_once(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
    """A result without delay."""
    return result_of(claim)


def until_stopped(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
    """What a child does that runs until it is killed."""
    wait_for(stopped)
    raise WorkStoppedError("killed, as nobody waits for it")


def raising(error: Exception) -> Script:
    """A script that raises."""

    def script(claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        raise error

    return script


class RememberingLog:
    """A log that a test reads."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, dict[str, object]]] = []

    def info(self, event: str, **values: object) -> None:
        self.events.append(("info", event, values))

    def warning(self, event: str, **values: object) -> None:
        self.events.append(("warning", event, values))

    def error(self, event: str, **values: object) -> None:
        self.events.append(("error", event, values))

    def said(self, event: str) -> bool:
        return any(event == said for _, said, _ in self.events)


@contextmanager
def working(
    queue: JobQueue,
    runner: ScriptedRunner,
    *,
    slots: int = 1,
    grace_seconds: float = 5.0,
    pause_seconds: float = 2.0,
) -> Iterator[tuple[Worker, RememberingLog]]:
    """A worker that works as long as the block lasts; it must end then."""
    log, stop, at_once_event = RememberingLog(), threading.Event(), threading.Event()
    worker = Worker(
        queue, runner, slots=slots, name="w1", log=log, grace_seconds=grace_seconds, pause_seconds=pause_seconds
    )
    thread = threading.Thread(target=worker.run, args=(stop,), kwargs={"at_once": at_once_event}, daemon=True)
    thread.start()
    try:
        yield worker, log
    finally:
        stop.set()
        thread.join(grace_seconds + 5.0)
        at_once_event.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()
