from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from tests.contracts.records import a_backtest
from tests.unit.services.backtest.recording import Stage

from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.errors import InputError, NotFoundError, StorageError, StrategyError, SymbolError

STORY = [
    "get backtest", "mark RUNNING", "bars", "process", "signals", "simulate", "analyse", "store",
    "get backtest", "mark COMPLETED",
]  # fmt: skip


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.backtests.save(a_backtest(symbols=("AAA", "BBB")))
    return made


def execute(stage: Stage, **options: Any) -> Any:
    return asyncio.run(stage.orchestrator.execute("b1", "s1", **options))


def test_a_run_reads_like_the_story(stage: Stage) -> None:
    execute(stage)
    assert stage.calls == STORY


def test_a_benchmark_is_loaded_after_the_bars_that_it_covers(stage: Stage) -> None:
    stage.backtests.save(a_backtest(symbols=("BBB",), benchmark_symbol="the first"))
    result = execute(stage)
    assert stage.calls[3:5] == ["process", "benchmark"]
    assert result.benchmark_symbol == "AAA"
    assert result.performance.beta is not None


def test_a_completed_run_is_stored_under_the_backtests_id(stage: Stage) -> None:
    result = execute(stage)
    backtest = stage.backtests.get("b1")
    assert backtest.status is BacktestStatus.COMPLETED
    assert backtest.error_message is None
    assert backtest.start_time is not None
    assert backtest.end_time is not None
    assert backtest.duration_seconds == (backtest.end_time - backtest.start_time).total_seconds() > 0
    assert stage.result() == result
    assert result.backtest_id == "b1"
    assert {each.name for each in result.artefacts} == {
        "equity", "fills", "trades", "open_trades", "orders", "positions", "bars",
    }  # fmt: skip
    assert "AAA: made up." in result.notes


@pytest.mark.parametrize("step", STORY[2:-2])
def test_whatever_fails_marks_the_backtest_failed_and_is_raised_again(stage: Stage, step: str) -> None:
    error = StrategyError(f"{step} broke")
    stage.failures[step] = error
    with pytest.raises(StrategyError) as caught:
        execute(stage)
    assert caught.value is error
    backtest = stage.backtests.get("b1")
    assert backtest.status is BacktestStatus.FAILED
    assert backtest.error_message == f"{step} broke"
    assert backtest.end_time is not None
    assert stage.calls == [*STORY[: STORY.index(step) + 1], "get backtest", "mark FAILED"]
    assert stage.results.list() == ()


def test_an_error_without_words_is_kept_by_its_class(stage: Stage) -> None:
    stage.failures["simulate"] = MemoryError()
    with pytest.raises(MemoryError):
        execute(stage)
    assert stage.backtests.get("b1").error_message == "MemoryError"


def test_an_error_that_cannot_be_kept_is_still_the_one_that_is_raised(stage: Stage) -> None:
    stage.failures |= {"store": StorageError("disk full"), "mark FAILED": StorageError("disk still full")}
    with pytest.raises(StorageError, match="^disk full") as caught:
        execute(stage)
    assert caught.value.__notes__ == ["backtest b1 could not be marked FAILED: disk still full"]


def test_a_symbol_without_data_fails_the_backtest(stage: Stage) -> None:
    stage.backtests.save(a_backtest(symbols=("ZZZ",)))
    with pytest.raises(SymbolError, match="ZZZ"):
        execute(stage)
    assert "ZZZ" in (stage.backtests.get("b1").error_message or "")


def test_an_unknown_strategy_fails_the_backtest(stage: Stage) -> None:
    with pytest.raises(NotFoundError, match="'s9'"):
        asyncio.run(stage.orchestrator.execute("b1", "s9"))
    assert stage.backtests.get("b1").status is BacktestStatus.FAILED


def test_an_unknown_backtest_touches_nothing(stage: Stage) -> None:
    with pytest.raises(NotFoundError, match="'b9'"):
        asyncio.run(stage.orchestrator.execute("b9", "s1"))
    assert stage.calls == ["get backtest"]


@pytest.mark.parametrize(
    "status",
    [BacktestStatus.RUNNING, BacktestStatus.COMPLETED, BacktestStatus.FAILED, BacktestStatus.CANCELLED],
)
def test_what_runs_or_has_ended_is_not_run_again(stage: Stage, status: BacktestStatus) -> None:
    stage.backtests.save(a_backtest(symbols=("AAA",), status=status))
    with pytest.raises(InputError, match=f"backtest b1 is {status}; only a PENDING or QUEUED one"):
        execute(stage)
    assert stage.calls == ["get backtest"]
    assert stage.backtests.get("b1").status is status


def test_a_queued_backtest_is_run(stage: Stage) -> None:
    stage.backtests.save(a_backtest(symbols=("AAA",), status=BacktestStatus.QUEUED))
    execute(stage)
    assert stage.backtests.get("b1").status is BacktestStatus.COMPLETED


def test_of_two_that_execute_the_same_backtest_at_once_one_runs_it(stage: Stage) -> None:
    async def both() -> list[Any]:
        runs = [stage.orchestrator.execute("b1", "s1") for _ in range(2)]
        return await asyncio.gather(*runs, return_exceptions=True)

    ends = asyncio.run(both())
    assert sum(isinstance(end, InputError) for end in ends) == 1
    assert stage.calls.count("store") == 1


def test_no_blocking_step_runs_on_the_event_loop(stage: Stage) -> None:
    execute(stage)
    assert threading.get_ident() not in stage.threads


def test_progress_tells_each_step_and_only_grows(stage: Stage) -> None:
    told: list[tuple[str, float]] = []
    execute(stage, progress=lambda step, share: told.append((step, share)))
    assert [step for step, _ in told] == [
        "loading bars",
        "checking bars",
        "generating signals",
        "simulating trades",
        "analysing performance",
        "proving that nothing looks ahead",
        "storing the result",
        "done",
    ]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def cancel_during(stage: Stage, step: str) -> asyncio.Task[Any]:
    """Execute, and cancel while the step is at work."""
    reached, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        reached.set()
        assert go_on.wait(10)

    stage.waits[step] = wait

    async def run() -> asyncio.Task[Any]:
        task = asyncio.create_task(stage.orchestrator.execute("b1", "s1"))
        await asyncio.to_thread(reached.wait, 10)
        task.cancel()
        await asyncio.sleep(0.05)
        go_on.set()
        await asyncio.wait([task])
        return task

    return asyncio.run(run())


@pytest.mark.parametrize("step", ["mark RUNNING", "bars", "signals", "simulate", "analyse"])
def test_a_cancel_marks_the_backtest_cancelled_and_stores_nothing(stage: Stage, step: str) -> None:
    assert cancel_during(stage, step).cancelled()
    backtest = stage.backtests.get("b1")
    assert backtest.status is BacktestStatus.CANCELLED
    assert backtest.error_message == "cancelled before it was done"
    assert stage.results.list() == ()


@pytest.mark.parametrize("step", ["store", "mark COMPLETED"])
def test_a_cancel_while_the_result_is_stored_comes_too_late(stage: Stage, step: str) -> None:
    task = cancel_during(stage, step)
    assert task.result() == stage.result()
    assert stage.backtests.get("b1").status is BacktestStatus.COMPLETED
    assert stage.calls == STORY
