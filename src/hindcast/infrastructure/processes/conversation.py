"""The supervisor's side of one job: its request, its steps, its answer or its end, and no longer than it may take."""

from __future__ import annotations

import math
import select
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from hindcast.domain.errors import HindcastError, StrategyExitError, WorkLostError, WorkNotBegunError, WorkStoppedError
from hindcast.infrastructure.processes.child import MOST_STEPS, STEP_LENGTH
from hindcast.infrastructure.processes.ending import error_of, out_of_time
from hindcast.infrastructure.processes.error_frames import from_frame
from hindcast.infrastructure.processes.frames import MAX_ANSWER, FrameReader
from hindcast.infrastructure.processes.job_process import JobProcess
from hindcast.services.ports import ChildLimits, Stopped, Tell

_CHUNK: Final = 64 * 1024
_TICK: Final = 0.25  # seconds between questions whether the job is still wanted
_TO_WAKE: Final = 1.0  # seconds after which a warm parent that does not fork is taken for stopped
_TO_START: Final = 10.0  # seconds that a warm parent may take to fork
_LOOK: Final = 0.05  # seconds between looks for the end of a process that was killed
_TO_SPEAK: Final = 1.0  # seconds between the end of a channel and that of its process
_TO_END: Final = (0.75, 4.0)  # seconds from the kill to waking the watcher, and from there to giving up


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What came of the job by its own words."""

    answer: JsonValue = None
    error: HindcastError | None = None


@dataclass(slots=True, kw_only=True)
class Conversation:
    """One job, from its request to its answer."""

    process: JobProcess
    request: bytes  # a frame
    limits: ChildLimits
    tell: Tell | None = None
    stopped: Stopped | None = None
    _unsent: memoryview = field(init=False)
    _woken: bool = field(init=False, default=False)  # whether the warm parent was told to go on
    _reader: FrameReader = field(init=False, default_factory=lambda: FrameReader(limit=MAX_ANSWER))
    _steps: int = field(init=False, default=0)
    _asked: float = field(init=False, default=-math.inf)  # when it was last asked whether the job is still wanted
    _silent_since: float | None = field(init=False, default=None)  # when the channel ended

    def hold(self) -> JsonValue:
        """The answer. Raises what `ChildProcesses.run` raises; nothing of the job is left when this returns."""
        self.process.channel.setblocking(False)
        self._unsent = memoryview(self.request)
        asked_at = time.monotonic()
        try:
            said = self._until_it_ends(asked_at)
        finally:
            self._bury()
        if said.error is not None:
            raise said.error
        return said.answer

    def _until_it_ends(self, asked_at: float) -> _Said:
        while True:
            failure = self._failure(asked_at)
            if failure is not None:
                return _Said(error=failure)
            self._wait(asked_at)
            self.process.attend()
            self._send()
            said = self._read()
            if said is not None:
                return said
            if self.process.ending is not None:
                return _Said(error=self._error_of_end())
            if self.process.is_lost and self.process.started_at is None:
                return _Said(error=WorkNotBegunError("the process that runs are forked from could not fork another"))
            if self.process.is_lost:
                return _Said(error=WorkLostError("the process that watches the runs was lost, and the run with it"))

    def _failure(self, asked_at: float) -> HindcastError | None:
        """Why it must not go on."""
        now = time.monotonic()
        if self._is_stopped(now):
            return WorkStoppedError("the run was stopped: nobody waits for it any more")
        started_at = self.process.started_at
        if started_at is None and now - asked_at > _TO_WAKE and not self._woken:
            self._woken = True
            self.process.wake()
        if started_at is None and now - asked_at > _TO_START:
            self.process.abandon()
            return WorkNotBegunError(f"no process for the run could be started within {_TO_START:g} s")
        if started_at is not None and now >= started_at + self.limits.seconds:
            return out_of_time(self.limits.seconds)
        if self._silent_since is not None and now - self._silent_since > _TO_SPEAK:
            return StrategyExitError("the strategy's code closed the connection that its result would come by")
        return None

    def _is_stopped(self, now: float) -> bool:
        if self.stopped is None or now - self._asked < _TICK:
            return False
        self._asked = now
        return self.stopped()

    def _wait(self, asked_at: float) -> None:
        """Until there is something to do, but no longer than to the next moment that the clock matters."""
        waiter = select.poll()
        for file in self.process.files():
            waiter.register(file, select.POLLIN)
        if self._silent_since is None:
            wanted = select.POLLIN | (select.POLLOUT if self._unsent else 0)
            waiter.register(self.process.channel.fileno(), wanted)
        started_at = self.process.started_at
        until = asked_at + _TO_START if started_at is None else started_at + self.limits.seconds
        left = min(_TICK, until - time.monotonic())
        waiter.poll(max(0, math.ceil(left * 1_000)))

    def _send(self) -> None:
        """Hand on as much of the request as the child takes."""
        if self._unsent:
            try:
                sent = self.process.channel.send(self._unsent)
            except BlockingIOError:
                return
            except OSError:  # it does not listen: its end will tell why
                sent = len(self._unsent)
            self._unsent = self._unsent[sent:]

    def _read(self) -> _Said | None:
        """Take in what the child says, some at a time; the last of it where it has ended."""
        while self._silent_since is None:
            try:
                received = self.process.channel.recv(_CHUNK)
            except BlockingIOError:
                return None
            except OSError:
                received = b""
            if not received:
                self._silent_since = time.monotonic()
                return None
            try:
                for value in self._reader.feed(received):
                    said = self._understood(value)
                    if said is not None:
                        return said
            except ValueError as error:
                return _Said(
                    error=StrategyExitError(
                        f"the strategy's code disturbed the connection that its result comes by: {error}"
                    )
                )
            if self.process.ending is None:
                return None
        return None

    def _understood(self, value: JsonValue) -> _Said | None:
        """An answer, or None for a step. Raises ValueError for anything else."""
        if not isinstance(value, dict) or len(value) != 1:
            raise ValueError("neither a step nor an answer")
        if "answer" in value:
            return _Said(answer=value["answer"])
        if "error" in value:
            return _Said(error=from_frame(value["error"]))
        self._step(value.get("tell"))
        return None

    def _step(self, told: JsonValue) -> None:
        if not isinstance(told, list) or len(told) != 2:
            raise ValueError("neither a step nor an answer")
        step, share = told
        if not isinstance(step, str) or len(step) > STEP_LENGTH:
            raise ValueError("a step without a name")
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ValueError("a step whose share is no number from 0 to 1")
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise ValueError(f"more than {MOST_STEPS:,} steps")
        if self.tell is not None:
            self.tell(step, float(share))

    def _error_of_end(self) -> HindcastError:
        assert self.process.ending is not None
        return error_of(self.process.ending, memory_bytes=self.limits.memory_bytes, seconds=self.limits.seconds)

    def _bury(self) -> None:
        """See the process ended, with all that it has started; where nobody tells, give up on who should."""
        process = self.process
        for patience, last in zip(_TO_END, (process.wake, process.abandon), strict=True):
            if self._is_over():
                break
            process.kill()
            until = time.monotonic() + patience
            while not self._is_over() and (left := until - time.monotonic()) > 0:
                waiter = select.poll()
                for file in process.files():
                    waiter.register(file, select.POLLIN)
                waiter.poll(math.ceil(min(left, _LOOK) * 1_000))
                process.attend()
            if not self._is_over():
                last()
        with suppress(OSError):
            process.close()

    def _is_over(self) -> bool:
        return self.process.ending is not None or self.process.is_lost
