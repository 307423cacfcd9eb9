"""What may happen to a backtest, as functions from what it is to what it becomes; each is one atomic change."""

from __future__ import annotations

from datetime import datetime

from hindcast.domain.backtest import Backtest, BacktestStatus
from hindcast.domain.errors import ConflictError


def started(backtest: Backtest, *, start: datetime) -> Backtest:
    """Taken by the process that runs it itself, without a lease. Raises ConflictError unless PENDING or QUEUED."""
    if backtest.status not in (BacktestStatus.PENDING, BacktestStatus.QUEUED):
        raise ConflictError(
            f"backtest {backtest.id} is {backtest.status}; only a PENDING or QUEUED one can be executed: "
            "create another one to run it again"
        )
    job = backtest.job.model_copy(update={"fence": backtest.job.fence + 1, "lease_ms": None, "queued_ms": None})
    return backtest.model_copy(update={"status": BacktestStatus.RUNNING, "start_time": start, "job": job})


def ended(
    backtest: Backtest, *, fence: int, status: BacktestStatus, end: datetime, message: str | None = None
) -> Backtest:
    """Ended by who holds it. Raises ConflictError where somebody else has taken or cancelled it since."""
    if backtest.job.fence != fence or backtest.status is not BacktestStatus.RUNNING:
        raise ConflictError(f"backtest {backtest.id} is {backtest.status}, and not this run's any more")
    taken = (end - backtest.start_time).total_seconds() if backtest.start_time else None
    return backtest.model_copy(
        update={"status": status, "end_time": end, "duration_seconds": taken, "error_message": message}
    )
