"""A machine that is suspended while backtests run, and wakes: all its workers have slept as long as their leases."""

from __future__ import annotations

import threading
import time

from tests.unit.services.jobs.queued_backtests import enqueued, stored
from tests.unit.services.jobs.scripted_runners import RememberingLog, ScriptedRunner, until_stopped

from hindcast.domain.backtest import BacktestStatus
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.jobs.held_claims import elapsed
from hindcast.services.jobs.queue import JobQueue
from hindcast.services.jobs.worker import Worker


class Laptop:
    """Its clock goes on while it sleeps, and so does the time that passes."""

    def __init__(self) -> None:
        self.slept = 0.0

    def clock(self) -> int:
        return round((time.time() + self.slept) * 1000)

    def elapsed(self) -> float:
        return time.monotonic() + self.slept


def test_a_worker_that_wakes_renews_its_claims_before_it_looks_for_what_others_left():
    laptop = Laptop()
    documents = MemoryDocumentStore(laptop.clock)
    queue: JobQueue = enqueued(documents, "b1")
    runner, stop, at_once = ScriptedRunner(b1=until_stopped), threading.Event(), threading.Event()
    worker = Worker(queue, runner, slots=2, name="w1", log=RememberingLog(), clock=laptop.elapsed)
    thread = threading.Thread(target=worker.run, args=(stop,), kwargs={"at_once": at_once}, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 60
        while not runner.runs:
            assert time.monotonic() < until
            time.sleep(0.01)
        for _ in range(5):
            laptop.slept += 3_600
            time.sleep(0.4)
        found = stored(documents, "b1")
        assert (found.status, found.job.attempt, len(runner.runs)) == (BacktestStatus.RUNNING, 1, 1)
    finally:
        at_once.set()
        stop.set()
        thread.join(60)
    assert not thread.is_alive()


def test_time_passes():
    before = elapsed()
    time.sleep(0.01)
    assert before < elapsed() < before + 60
