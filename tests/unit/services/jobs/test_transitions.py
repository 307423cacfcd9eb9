"""What may happen to a backtest in each of its states, and what may not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from tests.contracts.records import a_backtest
from tests.unit.services.jobs.queued_backtests import CROSSING, START

from hindcast.domain.backtest import Backtest, BacktestStatus
from hindcast.domain.errors import ConflictError
from hindcast.domain.jobs import FailureKind, Job
from hindcast.domain.strategy import StrategySnapshot
from hindcast.services.jobs import transitions

LEASE = 30_000
HELD = 7  # the fence of the claim that the transitions are asked for
NOTHING, REFUSED = "nothing", "refused"

STEPS: dict[str, Callable[[Backtest], Backtest | None]] = {
    "queued": partial(transitions.queued, strategy=CROSSING, now=START),
    "claimed": partial(transitions.claimed, worker="w2", now=START, lease=LEASE),
    "beaten": partial(transitions.beaten, fence=HELD, now=START, lease=LEASE),
    "committed": partial(transitions.committed, fence=HELD, now=START),
    "failed": partial(transitions.failed, fence=HELD, kind=FailureKind.DATA, message="bad bars", now=START),
    "given_back": partial(transitions.given_back, fence=HELD, counted=False, now=START),
    "cancelled": partial(transitions.cancelled, now=START),
    "expired": partial(transitions.expired, now=START),
}
PLACES: dict[str, Backtest] = {
    "PENDING": a_backtest(),
    "QUEUED": a_backtest(status="QUEUED", job=Job(fence=6, queued_ms=START - 9)),
    "RUNNING": a_backtest(status="RUNNING", job=Job(fence=HELD, attempt=1, lease_ms=START + 5, queued_ms=START - 9)),
    "RUNNING, just": a_backtest(status="RUNNING", job=Job(fence=HELD, attempt=1, lease_ms=START)),
    "RUNNING, left": a_backtest(status="RUNNING", job=Job(fence=HELD, attempt=1, lease_ms=START - 1)),
    "RUNNING, left, last": a_backtest(status="RUNNING", job=Job(fence=HELD, attempt=3, lease_ms=START - 1)),
    "RUNNING, another's": a_backtest(status="RUNNING", job=Job(fence=HELD + 1, attempt=2, lease_ms=START + 5)),
    "RUNNING, no worker": a_backtest(status="RUNNING", job=Job(fence=1)),
    "COMPLETED": a_backtest(status="COMPLETED", job=Job(fence=HELD, result_id=f"b1.{HELD}")),
    "COMPLETED, another's": a_backtest(status="COMPLETED", job=Job(fence=8, result_id="b1.8")),
    "FAILED": a_backtest(status="FAILED", job=Job(fence=HELD)),
    "FAILED, another's": a_backtest(status="FAILED", job=Job(fence=8)),
    "CANCELLED": a_backtest(status="CANCELLED", job=Job(fence=8)),
}
# place → what each transition makes of it, in the order of STEPS
TABLE = {
    "PENDING": ("QUEUED", NOTHING, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, NOTHING),
    "QUEUED": (REFUSED, "RUNNING", REFUSED, REFUSED, REFUSED, REFUSED, "CANCELLED", NOTHING),
    "RUNNING": (REFUSED, NOTHING, "RUNNING", "COMPLETED", "FAILED", "QUEUED", "CANCELLED", NOTHING),
    "RUNNING, just": (REFUSED, NOTHING, "RUNNING", "COMPLETED", "FAILED", "QUEUED", "CANCELLED", NOTHING),
    "RUNNING, left": (REFUSED, "RUNNING", "RUNNING", "COMPLETED", "FAILED", "QUEUED", "CANCELLED", NOTHING),
    "RUNNING, left, last": (REFUSED, NOTHING, "RUNNING", "COMPLETED", "FAILED", "QUEUED", "CANCELLED", "FAILED"),
    "RUNNING, another's": (REFUSED, NOTHING, REFUSED, REFUSED, REFUSED, REFUSED, "CANCELLED", NOTHING),
    "RUNNING, no worker": (REFUSED, NOTHING, REFUSED, REFUSED, REFUSED, REFUSED, "CANCELLED", NOTHING),
    "COMPLETED": (REFUSED, NOTHING, REFUSED, NOTHING, REFUSED, REFUSED, REFUSED, NOTHING),
    "COMPLETED, another's": (REFUSED, NOTHING, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, NOTHING),
    "FAILED": ("QUEUED", NOTHING, REFUSED, REFUSED, NOTHING, REFUSED, REFUSED, NOTHING),
    "FAILED, another's": ("QUEUED", NOTHING, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, NOTHING),
    "CANCELLED": ("QUEUED", NOTHING, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, NOTHING),
}
CASES = [(place, step, expected) for place, row in TABLE.items() for step, expected in zip(STEPS, row, strict=True)]


def running(**job: object) -> Backtest:
    fields: dict[str, object] = {"fence": HELD, "attempt": 1, "lease_ms": START + 5, "queued_ms": START - 9}
    return a_backtest(status="RUNNING", start_time=transitions.moment(START - 2_500), job=Job(**(fields | job)))


@pytest.mark.parametrize(("place", "step", "expected"), CASES)
def test_each_step_does_in_each_state_what_the_table_says(place: str, step: str, expected: str):
    before = PLACES[place]
    try:
        after = STEPS[step](before)
        found = NOTHING if after is None else str(after.status)
    except ConflictError:
        after, found = None, REFUSED
    assert found == expected
    if after is not None:
        assert after.job.fence >= before.job.fence
        assert after.job.attempt <= transitions.MOST_ATTEMPTS


def test_execute_takes_the_strategy_as_it_is_and_forgets_the_run_before():
    before = a_backtest(
        status="FAILED",
        error_message="bad bars",
        end_time=transitions.moment(START),
        duration_seconds=1.0,
        job=Job(fence=4, attempt=3, failure=FailureKind.LOST, execute_key="one", step="checking bars", progress=0.2),
    )
    after = transitions.queued(before, strategy=CROSSING, now=START, execute_key="two")
    assert after is not None
    assert after.strategy == CROSSING
    assert after.job == Job(fence=4, queued_ms=START, execute_key="two")
    assert (after.error_message, after.end_time, after.duration_seconds) == (None, None, None)


@pytest.mark.parametrize("status", list(BacktestStatus))
def test_the_same_execute_key_again_changes_nothing_whatever_became_of_the_backtest(status: BacktestStatus):
    before = a_backtest(status=status, job=Job(fence=4, execute_key="one"))
    other = StrategySnapshot(strategy_type="other")
    assert transitions.queued(before, strategy=other, now=START, execute_key="one") is None


def test_a_claim_counts_the_attempt_raises_the_fence_and_holds_for_the_lease():
    after = transitions.claimed(PLACES["QUEUED"], worker="w2", now=START, lease=LEASE)
    assert after is not None
    assert (after.job.attempt, after.job.fence) == (1, 7)
    assert (after.job.lease_ms, after.job.worker) == (START + LEASE, "w2")
    assert after.start_time == transitions.moment(START)


def test_a_heartbeat_without_words_keeps_the_progress():
    before = running(step="checking bars", progress=0.2)
    assert transitions.beaten(before, fence=HELD, now=START, lease=LEASE).job.progress == 0.2
    after = transitions.beaten(before, fence=HELD, now=START, lease=LEASE, step="simulating trades", progress=0.6)
    assert (after.job.step, after.job.progress, after.job.lease_ms) == ("simulating trades", 0.6, START + LEASE)


def test_a_commit_names_the_result_and_the_time_that_it_took():
    after = transitions.committed(running(), fence=HELD, now=START)
    assert after is not None
    assert after.job.result_id == f"b1.{HELD}"
    assert after.duration_seconds == 2.5
    assert after.job.lease_ms is None


def test_a_clock_that_was_set_back_gives_no_negative_duration():
    after = transitions.committed(running(), fence=HELD, now=START - 60_000)
    assert after is not None
    assert after.duration_seconds == 0.0


def test_a_claim_that_is_given_back_uncounted_has_its_attempt_and_its_place_again():
    after = transitions.given_back(running(attempt=3), fence=HELD, counted=False, now=START)
    assert after is not None
    assert (after.status, after.job.attempt, after.job.queued_ms) == (BacktestStatus.QUEUED, 2, START - 9)


def test_a_claim_that_is_lost_for_the_third_time_is_lost_for_good():
    second = transitions.given_back(running(attempt=2), fence=HELD, counted=True, now=START)
    third = transitions.given_back(running(attempt=3), fence=HELD, counted=True, now=START)
    assert second is not None
    assert third is not None
    assert (second.status, second.job.attempt) == (BacktestStatus.QUEUED, 2)
    assert (third.status, third.job.failure) == (BacktestStatus.FAILED, FailureKind.LOST)


def test_cancel_and_expiry_raise_the_fence_so_that_the_holder_is_refused():
    cancelled = transitions.cancelled(running(), now=START)
    lost = transitions.expired(running(attempt=3, lease_ms=START - 1), now=START)
    assert lost is not None
    assert cancelled.job.fence == lost.job.fence == HELD + 1


def test_a_message_of_any_length_is_kept_in_a_bounded_document():
    after = transitions.failed(running(), fence=HELD, kind=FailureKind.STRATEGY, message="x" * 10**6, now=START)
    assert after is not None
    assert len(after.error_message or "") == transitions.LONGEST_MESSAGE
