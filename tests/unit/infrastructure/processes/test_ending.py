"""How a child ended, and the error that this is."""

from __future__ import annotations

import signal

import pytest

from hindcast.domain.errors import MemoryLimitError, StrategyExitError, TimeLimitError, WorkLostError
from hindcast.infrastructure.processes.ending import (
    OUT_OF_MEMORY,
    OUT_OF_TIME,
    TOO_MANY_PROCESSES,
    Ending,
    error_of,
)

LIMIT = 256 * 1024**2


@pytest.mark.parametrize(
    ("ending", "expected", "words"),
    [
        (Ending(exit_code=0), StrategyExitError, "exit code 0"),
        (Ending(exit_code=3, output="bye"), StrategyExitError, "bye"),
        (Ending(signal_number=signal.SIGSEGV), StrategyExitError, "SIGSEGV"),
        (Ending(signal_number=signal.SIGABRT, output="what(): std::bad_alloc"), MemoryLimitError, "256 MB"),
        (Ending(signal_number=signal.SIGSEGV, grown_bytes=LIMIT - 1_000), MemoryLimitError, "256 MB"),
        (Ending(signal_number=signal.SIGUSR2), StrategyExitError, "SIGUSR2"),
        (Ending(signal_number=64), StrategyExitError, "SIGRTMAX"),
        (Ending(signal_number=signal.SIGXCPU), TimeLimitError, "7 s"),
        (Ending(signal_number=signal.SIGKILL), WorkLostError, "SIGKILL"),
        (Ending(signal_number=signal.SIGTERM), WorkLostError, "SIGTERM"),
        (Ending(signal_number=signal.SIGKILL, reason=OUT_OF_TIME), TimeLimitError, "7 s"),
        (Ending(signal_number=signal.SIGKILL, reason=OUT_OF_MEMORY), MemoryLimitError, "256 MB"),
        (Ending(signal_number=signal.SIGKILL, reason=TOO_MANY_PROCESSES), StrategyExitError, "64 processes"),
    ],
)
def test_an_ending_is_classified(ending, expected, words):
    error = error_of(ending, memory_bytes=LIMIT, seconds=7.0)

    assert type(error) is expected
    assert words in str(error)


def test_an_ending_comes_through_json():
    ending = Ending(signal_number=9, reason=OUT_OF_TIME, grown_bytes=5, output="last words")

    assert Ending.from_json(ending.to_json()) == ending
