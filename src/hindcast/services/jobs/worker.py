"""Worker: claims backtests, has them run, commits what came of them; it may be killed at any instant."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.errors import (
    HindcastError,
    InputError,
    StorageError,
    StoreUnavailableError,
    WorkLostError,
    WorkNotBegunError,
    WorkStoppedError,
)
from hindcast.services.jobs.failure_kinds import failure_kind, failure_message
from hindcast.services.jobs.held_claims import ClaimKeeper, HeldClaim, elapsed
from hindcast.services.jobs.queue import Claim, JobQueue
from hindcast.services.jobs.work_log import WorkLog
from hindcast.services.ports import Stopped, Tell

IDLE_SECONDS: Final = (0.05, 0.25)  # between two looks into an empty queue: at first, at most
RETRY_SECONDS: Final = (0.2, 2.0)  # between two tries of a store that does not answer
PAUSE_SECONDS: Final = 2.0  # of a slot that can start no process, at first; twice as long each time
LONGEST_PAUSE: Final = 30.0
COMPLETED: Final = "completed"
SWEEP_SECONDS: Final = 10.0
GRACE_SECONDS: Final = 10.0  # that running backtests get when the worker closes
LAST_TRIES_SECONDS: Final = 5.0  # to give a claim back after that


class Runner(Protocol):
    """What runs a claimed backtest: a `JobRunner`."""

    def run(self, claim: Claim, tell: Tell, stopped: Stopped) -> BacktestResult:
        """The result of a claimed backtest; raises what the run raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """What is to be written of a claim, and the word for it."""

    word: str
    write: Callable[[], bool]
    begun: bool = True  # whether there was a process for it


class Worker:
    """So many backtests at a time, each in a thread that waits for its child process.

    Parameters
    ----------
    queue : JobQueue
    runner : JobRunner
    slots : int
        Backtests at a time.
    name : str
        Who it is, for the documents and the log; two workers may have the same.
    log : WorkLog
    grace_seconds : float
        What running backtests get when the worker closes; those that are not done by then go back into the queue.
    pause_seconds : float
        How long a slot that can start no process lets the machine be before it takes another backtest.
    clock : callable
        The seconds that heartbeats go by.
    """

    def __init__(  # noqa: PLR0913  # what a worker is made of, and its two patiences
        self,
        queue: JobQueue,
        runner: Runner,
        *,
        slots: int,
        name: str,
        log: WorkLog,
        grace_seconds: float = GRACE_SECONDS,
        pause_seconds: float = PAUSE_SECONDS,
        clock: Callable[[], float] = elapsed,
    ) -> None:
        self._queue = queue
        self._runner = runner
        self.slots = max(slots, 1)  # backtests at a time
        self._name = name
        self._log = log
        self._grace_seconds = grace_seconds
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._keeper = ClaimKeeper(queue, log)
        self._scout = threading.Lock()  # held by the one slot that looks for work: idle slots cost nothing
        self._stop = threading.Event()
        self._at_once = threading.Event()
        self._closing_at = float("inf")  # when the grace is over, by the monotonic clock

    def run(self, stop: threading.Event, *, at_once: threading.Event | None = None) -> None:
        """Work until `stop`, and then until what runs is done or given back; with `at_once`, without any grace."""
        self._stop, self._at_once = stop, at_once or threading.Event()
        done = threading.Event()
        keeper = threading.Thread(target=self._keeper.run, args=(done,), name="heartbeats", daemon=True)
        slots = [
            threading.Thread(target=self._work, name=f"slot-{number}", daemon=True) for number in range(self.slots)
        ]
        for thread in (keeper, *slots):
            thread.start()
        try:
            self._sweep_until_stopped()
        finally:
            stop.set()
            self._closing_at = time.monotonic() + self._grace_seconds
            for thread in slots:
                thread.join()
            done.set()
            keeper.join()

    def _sweep_until_stopped(self) -> None:
        while not self._stop.wait(SWEEP_SECONDS * random.uniform(0.7, 1.3)):
            try:
                if count := self._queue.sweep():
                    self._log.info("swept", changes=count)
            except StorageError as error:
                self._log.warning("sweep failed", error=str(error))
            except Exception:  # noqa: BLE001 the process's edge: who can't tidy up can still work
                self._log.error("sweep failed", exc_info=True)

    def _work(self) -> None:
        """What a slot does, one claim after the other."""
        pause = self._pause_seconds
        while not self._stop.is_set():
            try:
                claim = self._next()
                if claim is None or self._serve(claim):
                    pause = self._pause_seconds
                else:
                    self._stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:  # noqa: BLE001 the process's edge: a defect costs one claim, which expires, not the slot
                self._log.error("slot failed", exc_info=True)
                self._stop.wait(RETRY_SECONDS[1])

    def _next(self) -> Claim | None:
        """The next claim, waited for; None when the worker closes."""
        with self._scout:
            pause, retry = IDLE_SECONDS[0], RETRY_SECONDS[0]
            while not self._stop.is_set():
                try:
                    self._keeper.beat_all()  # a machine that has slept must not take its own work for left behind
                    claim = self._queue.claim(self._name)
                except StorageError as error:
                    self._log.warning("no claims: the store does not answer", error=str(error))
                    self._stop.wait(retry)
                    retry = min(retry * 2, RETRY_SECONDS[1])
                    continue
                if claim is not None:
                    return claim
                self._queue.wait(pause)
                pause = min(pause * 1.5, IDLE_SECONDS[1])
        return None

    def _serve(self, claim: Claim) -> bool:
        """Have it run and write what came of it; gives whether there was a process for it."""
        held = HeldClaim(claim, self._clock)
        self._keeper.add(held)
        try:
            self._log.info("claimed", backtest_id=claim.backtest.id, attempt=claim.backtest.job.attempt)
            ending = self._ending(held)
            self._write(held, ending)
            return ending.begun
        finally:
            self._keeper.remove(held)

    def _ending(self, held: HeldClaim) -> _Ending:
        """Run it; gives what is to be written of it."""
        claim, queue = held.claim, self._queue
        try:
            result = self._runner.run(claim, held.tell, partial(self._is_stopped, held))
        except WorkStoppedError:
            return _Ending(word="stopped", write=partial(queue.give_back, claim, counted=False))
        except WorkNotBegunError as error:
            self._log.warning("not begun", backtest_id=claim.backtest.id, error=str(error))
            return _Ending(word="given back", write=partial(queue.give_back, claim, counted=False), begun=False)
        except (WorkLostError, StoreUnavailableError) as error:
            self._log.warning("lost", backtest_id=claim.backtest.id, error=str(error))
            return _Ending(word="given back", write=partial(queue.give_back, claim, counted=True))
        except HindcastError as error:
            failure: Exception = error
        except Exception as error:  # noqa: BLE001 the process's edge: a defect ends one backtest, not the worker
            self._log.error("run failed unexpectedly", backtest_id=claim.backtest.id, exc_info=True)
            failure = error
        else:
            return _Ending(word=COMPLETED, write=partial(queue.commit, claim, result))
        return self._failed(claim, failure)

    def _failed(self, claim: Claim, failure: Exception) -> _Ending:
        kind = failure_kind(failure)
        return _Ending(word=f"failed: {kind}", write=partial(self._queue.fail, claim, kind, failure_message(failure)))

    def _write(self, held: HeldClaim, ending: _Ending) -> None:
        """Write it, tried again while the store is silent: what is done must not be lost to a hiccup."""
        named = {"backtest_id": held.claim.backtest.id, "fence": held.claim.fence}
        pause, until = RETRY_SECONDS[0], time.monotonic() + LAST_TRIES_SECONDS
        while True:
            try:
                ours = ending.write()
            except StoreUnavailableError as error:
                if self._stop.is_set() and (self._at_once.is_set() or time.monotonic() > max(until, self._closing_at)):
                    self._log.warning("not written", ending=ending.word, error=str(error), **named)
                    return
                self._log.warning("store does not answer, trying again", ending=ending.word, error=str(error), **named)
                self._stop_or_sleep(pause)
                pause = min(pause * 2, RETRY_SECONDS[1])
                continue
            except StorageError as error:
                self._log.error("can't be written", ending=ending.word, error=str(error), **named)
                return
            except InputError as error:  # a result that no store takes, or that is too large for this one
                self._log.error("can't be kept", ending=ending.word, error=str(error), **named)
                if ending.word != COMPLETED:
                    return
                ending = self._failed(held.claim, error)
                continue
            self._log.info(ending.word if ours else "refused: the claim is not ours any more", **named)
            return

    def _stop_or_sleep(self, seconds: float) -> None:
        """Wait; while the worker closes only for a second signal, which ends the waiting."""
        (self._at_once if self._stop.is_set() else self._stop).wait(seconds)

    def _is_stopped(self, held: HeldClaim) -> bool:
        """Whether the work on a claim is to end: it is lost, or the worker closes and its grace is over."""
        if self._at_once.is_set() or time.monotonic() >= self._closing_at:
            return True
        return held.check(self._queue)
