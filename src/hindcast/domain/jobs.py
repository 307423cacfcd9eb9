"""The work on a backtest, as the workers share it: who holds it, since when, and how far it is."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from hindcast.domain.records import CheckedRecord


class FailureKind(StrEnum):
    """Why a backtest ended as FAILED."""

    INPUT = "input"  # symbols, dates, parameters, configuration: what was asked can't be
    DATA = "data"  # bars that can't be true or can't be used
    PROVIDER = "provider"  # a vendor did not give what it was asked for
    STRATEGY = "strategy"  # the strategy's code raised, or gave back what it must not
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    EXIT = "exit"  # the strategy's code ended the process
    ENGINE = "engine"  # the books did not agree, or a defect
    STORAGE = "storage"  # a file that is damaged or can't be written
    LOST = "lost"  # worker after worker was lost with it


class Job(CheckedRecord):
    """The state of the work on a backtest. Times are epoch milliseconds by the clock of the document store."""

    attempt: int = Field(0, ge=0)  # how many workers have taken it since it was queued
    fence: int = Field(0, ge=0)  # raised by each claim and each cancel: only who holds the newest may write
    lease_ms: int | None = None  # until when the worker's claim holds
    worker: str = ""
    queued_ms: int | None = None
    execute_key: str = ""  # the hashed idempotency key of the request that queued it
    step: str = ""  # what is being done
    progress: float = Field(0.0, ge=0.0, le=1.0)
    failure: FailureKind | None = None
    result_id: str = ""  # the one result that counts
