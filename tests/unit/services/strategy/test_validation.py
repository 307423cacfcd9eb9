from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from tests.unit.services.strategy.inline_children import EndedChildren, InlineChildren
from tests.unit.services.strategy.plugins import write_plugin

from hindcast.domain.errors import (
    MemoryLimitError,
    RateLimitError,
    StorageError,
    StrategyExitError,
    TimeLimitError,
    WorkLostError,
)
from hindcast.services.backtest.source_hash import strategy_hash
from hindcast.services.ports import ChildLimits
from hindcast.services.strategy.bounded_children import BoundedChildren
from hindcast.services.strategy.catalogue import StrategyCatalogue
from hindcast.services.strategy.validation import StrategyValidator


def validator_of(children: InlineChildren, folder: Path) -> StrategyValidator:
    return StrategyValidator(children, StrategyCatalogue(InlineChildren(), folder, code_hash=strategy_hash))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimeLimitError("took longer than 30 s"), "time_limit"),
        (MemoryLimitError("wanted more than 1 GiB"), "memory_limit"),
        (StrategyExitError("left with 3"), "exit"),
    ],
)
def test_a_strategy_that_ends_its_check_is_a_finding(tmp_path: Path, error: Exception, code: str) -> None:
    write_plugin(tmp_path, "mine")
    report = validator_of(EndedChildren({"mine.py": error}), tmp_path).validate("mine")
    (found,) = report.findings
    assert (report.valid, found.code, found.severity, found.field) == (False, code, "error", "code")
    assert found.message == str(error)
    assert found.remedy


@pytest.mark.parametrize("error", [WorkLostError("killed from outside"), StorageError("the disk is full")])
def test_what_is_not_the_strategys_fault_is_no_finding(tmp_path: Path, error: Exception) -> None:
    write_plugin(tmp_path, "mine")
    with pytest.raises(type(error)):
        validator_of(EndedChildren({"mine.py": error}), tmp_path).validate("mine")


def test_a_plugin_that_broke_since_it_was_found_is_a_finding(tmp_path: Path) -> None:
    file = write_plugin(tmp_path, "mine")
    children = InlineChildren()
    catalogue = StrategyCatalogue(children, tmp_path, code_hash=strategy_hash)
    assert catalogue.file_of("mine") == str(file)

    class BrokenMeanwhile(InlineChildren):
        def run(self, task: str, payload: Any, **rest: Any) -> Any:
            file.write_text("1 / 0\n")
            return super().run(task, payload, **rest)

    (found,) = StrategyValidator(BrokenMeanwhile(), catalogue).validate("mine").findings
    assert found.code == "plugin_broken"
    assert "ZeroDivisionError" in found.message


def test_so_many_at_once_and_no_more() -> None:
    let_go, at_work = threading.Event(), threading.Semaphore(0)

    class Waiting(InlineChildren):
        def run(self, task: str, payload: Any, **rest: Any) -> Any:
            at_work.release()
            assert let_go.wait(10)
            return task

    bounded = BoundedChildren(Waiting(), at_once=2, wait_seconds=0.01, doing="checks")
    limits = ChildLimits(seconds=20.0)
    workers = [threading.Thread(target=bounded.run, args=("x", {}), kwargs={"limits": limits}) for _ in range(2)]
    for worker in workers:
        worker.start()
    for _ in workers:
        assert at_work.acquire(timeout=10)
    with pytest.raises(RateLimitError, match="2 checks are at work already") as caught:
        bounded.run("x", {}, limits=limits)
    assert caught.value.retry_after == 5.0
    let_go.set()
    for worker in workers:
        worker.join()
    assert bounded.run("x", {}, limits=limits) == "x"


def test_a_child_that_raises_gives_its_place_back() -> None:
    children = EndedChildren({"x": TimeLimitError("too long")})
    bounded = BoundedChildren(children, at_once=1, wait_seconds=0.0, doing="checks")
    for _ in range(3):
        with pytest.raises(TimeLimitError):
            bounded.run("check_strategy", {"x": 1}, limits=ChildLimits())


def test_a_strategy_that_tampers_with_its_report_gets_a_finding(tmp_path: Path) -> None:
    class Tampered(InlineChildren):
        def run(self, task: str, payload: Any, **rest: Any) -> Any:
            return {"valid": "certainly"}

    (found,) = validator_of(Tampered(), tmp_path).validate("momentum").findings
    assert (found.code, found.severity) == ("strategy_failed", "error")
    assert "no ValidationReport" in found.message
