"""The claims that a worker works on now, kept alive by heartbeats."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from hindcast.domain.errors import StorageError, StoreUnavailableError
from hindcast.services.jobs.queue import Claim, JobQueue
from hindcast.services.jobs.work_log import WorkLog

BEATS_PER_LEASE: Final = 6.0  # 5 s at a lease of 30 s: five may fail before it is lost
PROGRESS_SECONDS: Final = 0.5  # between two that only tell how far it is
CHECK_SECONDS: Final = 1.0  # between two looks whether the claim is still ours
TICK_SECONDS: Final = 0.1


def elapsed() -> float:
    """Seconds on a clock that is never set, those that the machine slept among them where the system counts them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class HeldClaim:
    """A claim, how far the work on it is, and whether it is lost. One thread works on it, another keeps it alive."""

    def __init__(self, claim: Claim, clock: Callable[[], float] = elapsed) -> None:
        self.claim = claim
        self._clock = clock
        self.lost = False
        self._step, self._share = "", 0.0
        self._written = ""
        self._beaten_at = self._checked_at = clock()

    def tell(self, step: str, share: float) -> None:
        """Keep how far it is; it is written with a later heartbeat."""
        self._share = min(max(share, 0.0), 1.0)
        self._step = step[:200]

    def is_due(self, beat_seconds: float) -> bool:
        """Whether a heartbeat is due, or a new step may be written."""
        waited = self._clock() - self._beaten_at
        return waited >= beat_seconds or (self._step != self._written and waited >= PROGRESS_SECONDS)

    def beat(self, queue: JobQueue) -> None:
        """One heartbeat. Raises StoreUnavailableError."""
        step = self._step
        if not queue.beat(self.claim, step=step, progress=self._share):
            self.lost = True
        self._written, self._beaten_at = step, self._clock()

    def check(self, queue: JobQueue) -> bool:
        """Whether it is lost: asked of the store once a second, believed to be ours while the store is silent."""
        if not self.lost and self._clock() - self._checked_at >= CHECK_SECONDS:
            with suppress(StorageError):
                if not queue.holds(self.claim):
                    self.lost = True
            self._checked_at = self._clock()
        return self.lost


class ClaimKeeper:
    """All claims that a worker holds. `run` belongs into a thread of its own, which no work can hold up."""

    def __init__(self, queue: JobQueue, log: WorkLog) -> None:
        self._queue = queue
        self._log = log
        self._beat_seconds = queue.lease_seconds / BEATS_PER_LEASE
        self._lock = threading.Lock()
        self._held: list[HeldClaim] = []
        self._reached = True

    def add(self, held: HeldClaim) -> None:
        """Keep a claim alive from now on."""
        with self._lock:
            self._held.append(held)

    def remove(self, held: HeldClaim) -> None:
        """Let it go."""
        with self._lock:
            self._held.remove(held)

    def run(self, stop: threading.Event) -> None:
        """Beat for all of them until `stop`."""
        while not stop.wait(TICK_SECONDS):
            try:
                self.beat_all()
            except Exception:  # noqa: BLE001 the process's edge: without this thread every claim would be lost
                self._log.error("heartbeat failed", exc_info=True)

    def beat_all(self) -> None:
        """Beat for those that are due; where the store is silent, the others can wait for the next round."""
        with self._lock:
            held = [each for each in self._held if not each.lost]
        for each in held:
            if not each.is_due(self._beat_seconds):
                continue
            try:
                each.beat(self._queue)
            except StoreUnavailableError as error:
                if self._reached:
                    self._log.warning("store does not answer heartbeats", error=str(error))
                self._reached = False
                return
            except StorageError as error:
                self._log.error("heartbeat refused", backtest_id=each.claim.backtest.id, error=str(error))
                each.lost = True
                continue
            if not self._reached:
                self._log.info("store answers heartbeats again")
            self._reached = True
