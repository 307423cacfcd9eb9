"""Which error ends a backtest for what reason."""

from __future__ import annotations

from typing import Final

from hindcast.domain.errors import (
    DataError,
    HindcastError,
    InputError,
    MemoryLimitError,
    ProviderError,
    SimulationError,
    StorageError,
    StrategyError,
    StrategyExitError,
    TimeLimitError,
)
from hindcast.domain.jobs import FailureKind

# The first class that an error is of counts: special ones stand before those that they are made of.
KINDS: Final[tuple[tuple[type[HindcastError], FailureKind], ...]] = (
    (TimeLimitError, FailureKind.TIME_LIMIT),
    (MemoryLimitError, FailureKind.MEMORY_LIMIT),
    (StrategyExitError, FailureKind.EXIT),
    (StrategyError, FailureKind.STRATEGY),
    (ProviderError, FailureKind.PROVIDER),
    (DataError, FailureKind.DATA),
    (InputError, FailureKind.INPUT),
    (SimulationError, FailureKind.ENGINE),
    (StorageError, FailureKind.STORAGE),
)


def failure_kind(error: BaseException) -> FailureKind:
    """The reason of an error; what nobody raised on purpose is a defect of the engine."""
    return next((kind for known, kind in KINDS if isinstance(error, known)), FailureKind.ENGINE)


def failure_message(error: BaseException) -> str:
    """What the owner of a failed backtest reads. What is no Unicode, as a file's name may be, is left out."""
    if isinstance(error, HindcastError):
        said = str(error) or type(error).__name__
    else:
        said = f"unexpected {type(error).__name__}: {error}; this is a defect of Hindcast: please report it"
    return said.encode("utf-8", "replace").decode()
