"""How a child ended, and what that means for its work."""

from __future__ import annotations

import os
import signal
from dataclasses import asdict, dataclass
from typing import Any, Final

from pydantic import JsonValue

from hindcast.domain.errors import (
    HindcastError,
    MemoryLimitError,
    StrategyExitError,
    TimeLimitError,
    WorkLostError,
)

OUT_OF_TIME: Final = "time"
TOO_MANY_PROCESSES: Final = "processes"
OUT_OF_MEMORY: Final = "memory"

MOST_PROCESSES: Final = 64  # of one job
KEPT_OUTPUT: Final = 4 * 1024  # bytes: the end of what a child wrote

_CRASHES: Final = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL)
_FROM_OUTSIDE: Final = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_NEAR: Final = 0.8  # of the limit: who crashes above that has most likely run out of memory
_SAYS_MEMORY: Final = ("bad_alloc", "MemoryError", "Cannot allocate memory", "out of memory", "Out of memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What the operating system said of a child that has ended."""

    exit_code: int | None = None  # None where a signal ended it
    signal_number: int | None = None
    reason: str = ""  # why it was killed by who watches it; empty where it was not
    grown_bytes: int = 0  # the most memory that it held above what it began with; 0 where nobody knows
    output: str = ""  # the end of what it wrote

    @classmethod
    def of(
        cls, wait_status: int, *, peak_bytes: int = 0, base_bytes: int = 0, reason: str = "", output: bytes = b""
    ) -> Ending:
        """From what waiting for it gave."""
        code = os.waitstatus_to_exitcode(wait_status)
        return cls(
            exit_code=code if code >= 0 else None,
            signal_number=-code if code < 0 else None,
            reason=reason,
            grown_bytes=max(0, peak_bytes - base_bytes),
            output=output.decode("utf-8", "replace"),
        )

    @classmethod
    def from_json(cls, told: Any) -> Ending:
        """What `to_json` made."""
        return cls(**told)

    def to_json(self) -> JsonValue:
        """As a JSON value."""
        return asdict(self)


def error_of(ending: Ending, *, memory_bytes: int, seconds: float) -> HindcastError:
    """Why there is no answer of a child that ended so."""
    number = ending.signal_number
    if ending.reason == OUT_OF_TIME or number == signal.SIGXCPU:
        return out_of_time(seconds)
    if ending.reason == TOO_MANY_PROCESSES:
        return StrategyExitError(
            f"the strategy's code started more than {MOST_PROCESSES} processes and was ended; a run may have that many"
        )
    if ending.reason == OUT_OF_MEMORY:
        return out_of_memory(memory_bytes)
    said = f"; the last that it wrote:\n{ending.output.strip()}" if ending.output.strip() else ""
    if number is None:
        return StrategyExitError(
            f"the strategy's code ended the process of its run with exit code {ending.exit_code}, before there was a "
            f"result{said}"
        )
    if number in _CRASHES:
        near_limit = ending.grown_bytes >= _NEAR * memory_bytes
        if near_limit or any(word in ending.output for word in _SAYS_MEMORY):
            return out_of_memory(memory_bytes)
        return StrategyExitError(f"the strategy's code crashed the process of its run ({_name(number)}){said}")
    if number in _FROM_OUTSIDE:
        return WorkLostError(
            f"the process of the run was ended from outside ({_name(number)}), for instance for want of memory"
        )
    return StrategyExitError(f"the strategy's code ended the process of its run by {_name(number)}{said}")


def out_of_time(seconds: float) -> TimeLimitError:
    """The error of work that took longer than it may."""
    return TimeLimitError(f"the run was ended after {seconds:g} s, the longest that it may take")


def out_of_memory(memory_bytes: int) -> MemoryLimitError:
    """The error of work that wanted more memory than it may have."""
    return MemoryLimitError(f"the run needed more than the {memory_bytes / 1024**2:,.0f} MB of memory that it may have")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
