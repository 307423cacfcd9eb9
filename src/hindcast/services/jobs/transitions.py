"""What may happen to a backtest, as functions from what it is to what it becomes; each is one atomic change.

Each gives the new backtest, or None where there is nothing to do: it is so already, or it is not its turn. Times are
epoch milliseconds by the clock of the document store. A claim is known by its fence: whatever takes the work away from
who holds it raises the fence or ends the RUNNING, so that what he writes afterwards is refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from hindcast.domain.backtest import Backtest, BacktestStatus
from hindcast.domain.errors import ConflictError
from hindcast.domain.jobs import FailureKind, Job
from hindcast.domain.strategy import StrategySnapshot

MOST_ATTEMPTS: Final = 3  # workers that may be lost with a backtest before it counts as what loses them
LONGEST_LEASE_MS: Final = 60_000  # one that holds for longer is of a clock that has been set back since
LONGEST_MESSAGE: Final = 10_000  # characters of why it failed: a plug-in's traceback fits
ENDED: Final = (BacktestStatus.COMPLETED, BacktestStatus.FAILED, BacktestStatus.CANCELLED)


def moment(milliseconds: int) -> datetime:
    """The time that so many epoch milliseconds are."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def result_id(backtest_id: str, fence: int) -> str:
    """The id of the result's document that the holder of this claim makes."""
    return f"{backtest_id}.{fence}"


def is_held(backtest: Backtest, fence: int) -> bool:
    """Whether the claim with this fence is the one that counts."""
    return backtest.status is BacktestStatus.RUNNING and backtest.job.fence == fence


def counts(backtest: Backtest, document_id: str) -> bool:
    """Whether the result in this document is the backtest's; that of a run without a worker has its id."""
    named = backtest.job.result_id or backtest.id
    return backtest.status is BacktestStatus.COMPLETED and named == document_id


def queued(backtest: Backtest, *, strategy: StrategySnapshot, now: int, execute_key: str = "") -> Backtest | None:
    """Put into the queue, with the strategy as it is now. Raises ConflictError unless PENDING, FAILED or CANCELLED.

    The same key again changes nothing, whatever became of the backtest since: a request that is repeated because its
    answer was lost must not run what has failed or was cancelled once more.
    """
    if execute_key and backtest.job.execute_key == execute_key:
        return None
    if backtest.status not in (BacktestStatus.PENDING, BacktestStatus.FAILED, BacktestStatus.CANCELLED):
        raise ConflictError(
            f"backtest {backtest.id} is {backtest.status}; only a PENDING, FAILED or CANCELLED one can be executed: "
            "wait for it, or create another one to run it again"
        )
    job = backtest.job.model_copy(
        update={
            "attempt": 0,
            "lease_ms": None,
            "worker": "",
            "queued_ms": now,
            "execute_key": execute_key,
            "step": "",
            "progress": 0.0,
            "failure": None,
            "result_id": "",
        }
    )
    return backtest.model_copy(
        update={
            "status": BacktestStatus.QUEUED,
            "strategy": strategy,
            "start_time": None,
            "end_time": None,
            "duration_seconds": None,
            "error_message": None,
            "job": job,
        }
    )


def claimed(backtest: Backtest, *, worker: str, now: int, lease: int) -> Backtest | None:
    """Taken by a worker for `lease` milliseconds; None where it is neither queued nor left behind."""
    job = backtest.job
    waiting = backtest.status is BacktestStatus.QUEUED
    if not waiting and not (_is_left(backtest, now) and job.attempt < MOST_ATTEMPTS):
        return None
    taken = job.model_copy(
        update={
            "attempt": job.attempt + 1,
            "fence": job.fence + 1,
            "lease_ms": now + lease,
            "worker": worker,
            "step": "",
            "progress": 0.0,
        }
    )
    return backtest.model_copy(update={"status": BacktestStatus.RUNNING, "start_time": moment(now), "job": taken})


def beaten(
    backtest: Backtest, *, fence: int, now: int, lease: int, step: str = "", progress: float | None = None
) -> Backtest:
    """Held for another `lease` milliseconds, with how far it is. Raises ConflictError where the claim is lost."""
    _refuse_lost(backtest, fence)
    told = {"step": step or backtest.job.step, "progress": backtest.job.progress if progress is None else progress}
    return backtest.model_copy(update={"job": backtest.job.model_copy(update={"lease_ms": now + lease, **told})})


def committed(backtest: Backtest, *, fence: int, now: int) -> Backtest | None:
    """Ended with the result of this claim; None where it is so already. Raises ConflictError where it is lost."""
    named = result_id(backtest.id, fence)
    if backtest.status is BacktestStatus.COMPLETED and backtest.job.result_id == named:
        return None
    _refuse_lost(backtest, fence)
    job = backtest.job.model_copy(update={"lease_ms": None, "step": "done", "progress": 1.0, "result_id": named})
    return _closed(backtest, BacktestStatus.COMPLETED, now, job=job)


def failed(backtest: Backtest, *, fence: int, kind: FailureKind, message: str, now: int) -> Backtest | None:
    """Ended for good without a result; None where it is so already. Raises ConflictError where the claim is lost."""
    if backtest.status is BacktestStatus.FAILED and backtest.job.fence == fence:
        return None
    _refuse_lost(backtest, fence)
    return _lost_for_good(backtest, kind, message, now)


def given_back(backtest: Backtest, *, fence: int, counted: bool, now: int) -> Backtest | None:
    """Back in its old place of the queue; None where it is so already. Raises ConflictError where the claim is lost.

    Where the attempt counts and was the last, it ends as FAILED instead.
    """
    if backtest.status is BacktestStatus.QUEUED and backtest.job.fence == fence:
        return None
    _refuse_lost(backtest, fence)
    job = backtest.job
    if counted and job.attempt >= MOST_ATTEMPTS:
        return _lost_for_good(backtest, FailureKind.LOST, _LOST, now)
    back = job.model_copy(
        update={
            "attempt": job.attempt if counted else max(job.attempt - 1, 0),
            "lease_ms": None,
            "worker": "",
            "queued_ms": now if job.queued_ms is None else job.queued_ms,
            "step": "",
            "progress": 0.0,
        }
    )
    return backtest.model_copy(update={"status": BacktestStatus.QUEUED, "start_time": None, "job": back})


def cancelled(backtest: Backtest, *, now: int) -> Backtest:
    """Ended by who asked for it; its worker finds the fence raised. Raises ConflictError unless QUEUED or RUNNING."""
    if backtest.status not in (BacktestStatus.QUEUED, BacktestStatus.RUNNING):
        raise ConflictError(
            f"backtest {backtest.id} is {backtest.status}; only a QUEUED or RUNNING one can be cancelled"
        )
    job = backtest.job.model_copy(update={"fence": backtest.job.fence + 1, "lease_ms": None})
    return _closed(backtest, BacktestStatus.CANCELLED, now, job=job, message="cancelled before it was done")


def expired(backtest: Backtest, *, now: int) -> Backtest | None:
    """Ended as FAILED where one worker after the other was lost with it; None where that is not so."""
    if not _is_left(backtest, now) or backtest.job.attempt < MOST_ATTEMPTS:
        return None
    raised = backtest.job.model_copy(update={"fence": backtest.job.fence + 1})
    return _lost_for_good(backtest.model_copy(update={"job": raised}), FailureKind.LOST, _LOST, now)


def shortened(backtest: Backtest, *, now: int) -> Backtest | None:
    """Held no longer than a lease can be, where the clock was set back; None where that is not so.

    A worker that lives renews it, as always; what a lost one left need not wait until the old time has come again.
    """
    lease = backtest.job.lease_ms
    if backtest.status is not BacktestStatus.RUNNING or lease is None or lease <= now + LONGEST_LEASE_MS:
        return None
    job = backtest.job.model_copy(update={"lease_ms": now + LONGEST_LEASE_MS // 2})
    return backtest.model_copy(update={"job": job})


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
    _refuse_lost(backtest, fence)
    return _closed(backtest, status, end, message=message)


_LOST: Final = (
    f"{MOST_ATTEMPTS} workers in a row were lost with it (killed, or out of memory): look at their logs, then execute "
    "it again"
)


def _is_left(backtest: Backtest, now: int) -> bool:
    """Whether its worker has let the lease run out; a run without a worker has none."""
    lease = backtest.job.lease_ms
    return backtest.status is BacktestStatus.RUNNING and lease is not None and lease < now


def _refuse_lost(backtest: Backtest, fence: int) -> None:
    if not is_held(backtest, fence):
        raise ConflictError(f"backtest {backtest.id} is {backtest.status}, and not this run's any more")


def _lost_for_good(backtest: Backtest, kind: FailureKind, message: str, now: int) -> Backtest:
    job = backtest.job.model_copy(update={"lease_ms": None, "failure": kind})
    said = message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 1]}…"
    return _closed(backtest, BacktestStatus.FAILED, now, job=job, message=said)


def _closed(
    backtest: Backtest,
    status: BacktestStatus,
    end: datetime | int,
    *,
    message: str | None = None,
    job: Job | None = None,
) -> Backtest:
    at = moment(end) if isinstance(end, int) else end
    taken = None if backtest.start_time is None else max((at - backtest.start_time).total_seconds(), 0.0)
    return backtest.model_copy(
        update={
            "status": status,
            "end_time": at,
            "duration_seconds": taken,
            "error_message": message,
            "job": job or backtest.job,
        }
    )
