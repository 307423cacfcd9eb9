"""A claimed backtest on its way into a child and back: what is fetched, what is pinned, what is not believed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3
from pydantic import JsonValue
from tests.contracts.records import a_backtest, a_result
from tests.unit.services.jobs.queued_backtests import CROSSING
from tests.unit.services.market_data.recording_vendor import NOW, Vendor, Weekdays
from tests.waiting import wait_for

from hindcast.domain.backtest import Artefact, Backtest, BacktestResult
from hindcast.domain.errors import (
    InputError,
    QuotaError,
    StorageError,
    StrategyError,
    WorkNotBegunError,
    WorkStoppedError,
)
from hindcast.domain.jobs import Job
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.infrastructure.files.store.coverage_documents import FileCoverageRepository
from hindcast.infrastructure.files.store.quarantine_reports import FileQuarantineReports
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.jobs.queue import Claim
from hindcast.services.jobs.runner import JobRunner
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.market_data.vendors.fetching import DataFetcher
from hindcast.services.ports import ChildLimits


class AnsweringChildren:
    """Child processes that answer what a test says, and remember what they were asked."""

    def __init__(self, answer: JsonValue) -> None:
        self.answer = answer
        self.asked: dict[str, Any] = {}
        self.limits: ChildLimits | None = None

    def run(
        self,
        task: str,
        payload: Mapping[str, JsonValue],
        *,
        limits: ChildLimits | None = None,
        tell: Callable[[str, float], None] | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> JsonValue:
        assert task == "run_backtest"
        self.asked, self.limits = dict(payload), limits
        return self.answer

    def close(self) -> None:
        """Nothing to close."""

    @property
    def pins(self) -> list[str]:
        return list(self.asked["backtest"]["data_versions"])


class Set:
    """A runner over a data folder, the sample data and a vendor."""

    def __init__(self, home: Path, answer: JsonValue = None, **vendor: Any) -> None:
        self.said: list[str] = []
        self.home = home
        self.store = FileBarStore(home)
        quarantine = FileQuarantineReports(home)
        fetcher = DataFetcher(self.store, FileCoverageRepository(home), Weekdays(), quarantine, clock=lambda: NOW)
        self.market_data = MarketDataService(
            [SampleProvider()], store=self.store, fetcher=fetcher, vendors=[Vendor(self.said, **vendor)]
        )
        self.children = AnsweringChildren({"result": as_json(a_result("b1"))} if answer is None else answer)
        self.runner = JobRunner(
            self.children, self.market_data, home=home, plugin_dir=home / "plugins", limits=ChildLimits(seconds=5.0)
        )

    def run(self, claim: Claim, stopped: Callable[[], bool] = lambda: False) -> BacktestResult:
        return self.runner.run(claim, lambda step, share: None, stopped)

    def newest(self) -> str:
        return f"vendor/1d@{self.store.versions('vendor', '1d')[0].id}"


def as_json(result: BacktestResult) -> Any:
    return result.model_dump(mode="json")


def claim_of(**changes: object) -> Claim:
    fields: dict[str, object] = {"status": "RUNNING", "strategy": CROSSING, "job": Job(fence=3)}
    return Claim(backtest=a_backtest("b1", **(fields | changes)))


def vendor_claim(**changes: object) -> Claim:
    fields: dict[str, object] = {"start_date": date(2024, 1, 1), "end_date": date(2024, 1, 31)}
    return claim_of(**({"provider": "vendor", "symbols": ("AAA",)} | fields | changes))


def a_table(home: Path, content: bytes = b"table") -> Artefact:
    digest = blake3(content).hexdigest()
    file = home / "artefacts" / digest[:2] / f"{digest}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return Artefact(name="equity", path=file.relative_to(home).as_posix(), content_hash=digest, rows=1)


def test_the_child_gets_the_backtest_the_folders_the_limits_and_the_result_s_id(tmp_path: Path):
    made = Set(tmp_path)
    claim = claim_of()
    made.run(claim)
    assert Backtest.model_validate(made.children.asked.pop("backtest")) == claim.backtest
    assert made.children.asked == {
        "home": str(tmp_path),
        "plugin_dir": str(tmp_path / "plugins"),
        "result_id": "b1.3",
    }
    assert made.children.limits == ChildLimits(seconds=5.0)


def test_sample_data_have_no_versions_to_pin(tmp_path: Path):
    made = Set(tmp_path)
    made.run(claim_of(benchmark_symbol="SPX", symbols=("AAPL",)))
    assert made.children.pins == []
    assert made.said == []


def test_what_a_vendor_has_is_fetched_before_the_child_starts_and_pinned(tmp_path: Path):
    made = Set(tmp_path)
    made.run(vendor_claim())
    assert made.said == ["vendor.fetch AAA 1d 2024-01-01 to 2024-01-31"]
    assert made.children.pins == [made.newest()]


def test_what_is_known_is_not_asked_for_again(tmp_path: Path):
    made = Set(tmp_path)
    made.run(vendor_claim())
    made.run(vendor_claim())
    assert len(made.said) == 1


def test_of_pinned_bars_nothing_is_fetched(tmp_path: Path):
    made = Set(tmp_path)
    made.run(vendor_claim())
    pin = made.newest()
    made.run(vendor_claim(data_versions=(pin,), end_date=date(2024, 2, 28)))
    assert len(made.said) == 1
    assert made.children.pins == [pin]


def test_a_vendor_s_benchmark_is_fetched_for_the_same_days_and_pinned(tmp_path: Path):
    made = Set(tmp_path)
    made.run(vendor_claim(symbols=("BBB",), end_date=date(2024, 1, 10)))
    made.said.clear()
    made.run(vendor_claim(provider="sample", symbols=("AAPL",), benchmark_symbol="BBB"))
    assert made.said[-1] == "vendor.fetch BBB 1d 2024-01-11 to 2024-01-31"
    assert made.children.pins == [made.newest()]


def test_what_a_vendor_did_not_give_is_said_in_the_result(tmp_path: Path):
    made = Set(tmp_path, begins=date(2024, 1, 10))
    result = made.run(vendor_claim())
    assert any("Not in these bars: AAA 2024-01-01 to 2024-01-09" in note for note in result.notes)


def test_what_a_vendor_raises_ends_the_run_before_the_child(tmp_path: Path):
    made = Set(tmp_path, refuses={"AAA": QuotaError("25 requests a day")})
    with pytest.raises(QuotaError):
        made.run(vendor_claim())
    assert made.children.asked == {}


def test_a_fetch_ends_when_nobody_waits_for_it_any_more_also_one_that_waits_its_turn(tmp_path: Path):
    made = Set(tmp_path, waits_at="AAA")
    stop = threading.Event()
    ended: list[str] = []

    def run(symbol: str) -> None:
        with pytest.raises(WorkStoppedError):
            made.run(vendor_claim(symbols=(symbol,)), stop.is_set)
        ended.append(symbol)

    first = threading.Thread(target=run, args=("AAA",))
    first.start()
    wait_for(lambda: bool(made.said))
    second = threading.Thread(target=run, args=("BBB",))
    second.start()
    stop.set()
    for thread in (first, second):
        thread.join(30)
    assert sorted(ended) == ["AAA", "BBB"]


def test_what_was_lost_before_runs_alone_and_one_after_the_other(tmp_path: Path):
    made = Set(tmp_path)
    at_once: list[int] = []
    most: list[int] = []

    class Alone(AnsweringChildren):
        def run(self, *arguments: Any, **named: Any) -> JsonValue:
            at_once.append(1)
            most.append(len(at_once))
            time.sleep(0.05)
            at_once.pop()
            return super().run(*arguments, **named)

    alone = Alone(made.children.answer)
    runner = JobRunner(made.children, made.market_data, home=tmp_path, plugin_dir=tmp_path, alone=alone)
    runner.run(claim_of(job=Job(fence=3, attempt=1)), lambda step, share: None, lambda: False)
    assert (alone.asked, made.children.asked["result_id"]) == ({}, "b1.3")
    made.children.asked = {}
    with ThreadPoolExecutor(3) as threads:
        claims = [claim_of(job=Job(fence=4, attempt=2)) for _ in range(3)]
        runs = [threads.submit(runner.run, claim, lambda step, share: None, lambda: False) for claim in claims]
    assert [run.result().id for run in runs] == ["b1.4"] * 3
    assert (made.children.asked, max(most), len(most)) == ({}, 1, 3)
    with runner._lone, pytest.raises(WorkStoppedError):  # a cancel reaches who waits for his turn
        runner.run(claims[0], lambda step, share: None, lambda: True)


class FullFolder(AnsweringChildren):
    """Child processes whose tables can't be written."""

    def run(self, *arguments: Any, **options: Any) -> JsonValue:
        raise StorageError("can't write equity.parquet: No space left on device")


@pytest.mark.parametrize(("free", "expected"), [(1024**2, WorkNotBegunError), (1024**4, StorageError)])
def test_a_full_disk_is_no_fault_of_the_backtest(tmp_path: Path, free: int, expected: type[Exception]):
    class OnThisDisk(JobRunner):
        def free_bytes(self) -> int:
            return free

    made = Set(tmp_path)
    runner = OnThisDisk(FullFolder(None), made.market_data, home=tmp_path, plugin_dir=tmp_path / "plugins")
    with pytest.raises(expected) as raised:
        runner.run(claim_of(), lambda step, share: None, lambda: False)
    assert type(raised.value) is expected


def test_a_backtest_without_a_strategy_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="without a strategy"):
        Set(tmp_path).run(claim_of(strategy=None))


def test_whose_a_result_is_a_child_can_not_say(tmp_path: Path):
    table = a_table(tmp_path)
    told = a_result("another's", id="another.1", owner="another", name="another", artefacts=(table,))
    made = Set(tmp_path, {"result": as_json(told)})
    result = made.run(claim_of(owner="ann"))
    assert (result.id, result.backtest_id, result.owner, result.name) == ("b1.3", "b1", "ann", "Main")
    assert result.artefacts == (table,)


@pytest.mark.parametrize("answer", ["text", 7, [], {}, {"result": None}, {"result": {"backtest_id": "b1"}}])
def test_an_answer_that_is_no_result_is_the_strategy_s_failure(tmp_path: Path, answer: JsonValue):
    with pytest.raises(StrategyError, match="gave back no BacktestResult"):
        Set(tmp_path, answer).run(claim_of())


def test_a_table_that_is_not_there_is_found(tmp_path: Path):
    table = a_table(tmp_path)
    (tmp_path / table.path).unlink()
    with pytest.raises(StrategyError, match="can't be read"):
        told(tmp_path, table)


def test_a_table_with_another_content_than_its_name_is_found(tmp_path: Path):
    table = a_table(tmp_path)
    (tmp_path / table.path).write_bytes(b"changed")
    with pytest.raises(StrategyError, match="something changed it"):
        told(tmp_path, table)


@pytest.mark.parametrize(
    "path", ["secrets", "artefacts/../secrets", "/etc/hostname", "artefacts/link", "artefacts", "\0"]
)
def test_a_table_elsewhere_is_refused(tmp_path: Path, path: str):
    table = a_table(tmp_path)
    (tmp_path / "secrets").write_bytes(b"table")
    (tmp_path / "artefacts" / "link").symlink_to(tmp_path / "secrets")
    with pytest.raises(StrategyError, match="table 'equity'"):
        told(tmp_path, table.model_copy(update={"path": path}))


@pytest.mark.parametrize("path", ["{name}", "artefacts/../{name}", "artefacts/link/{name}"])
def test_a_table_elsewhere_is_refused_also_under_its_hash(tmp_path: Path, path: str):
    table = a_table(tmp_path)
    name = f"{table.content_hash}.parquet"
    (tmp_path / name).write_bytes(b"table")
    (tmp_path / "artefacts" / "link").symlink_to(tmp_path)
    with pytest.raises(StrategyError, match="expected a file below artefacts/"):
        told(tmp_path, table.model_copy(update={"path": path.format(name=name)}))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_table_that_would_be_read_for_ever_is_refused(tmp_path: Path):
    table = a_table(tmp_path)
    (tmp_path / table.path).unlink()
    os.mkfifo(tmp_path / table.path)
    with ThreadPoolExecutor(1) as thread:
        run = thread.submit(told, tmp_path, table)
        wait([run], timeout=10)
        os.close(os.open(tmp_path / table.path, os.O_RDWR))  # whoever waits for it goes on
        with pytest.raises(StrategyError, match="is no file"):
            run.result(10)


def test_more_tables_than_any_run_has_are_refused(tmp_path: Path):
    with pytest.raises(StrategyError, match="65 tables"):
        told(tmp_path, *[a_table(tmp_path)] * 65)


def told(home: Path, *tables: Artefact) -> BacktestResult:
    return Set(home, {"result": as_json(a_result("b1", artefacts=tables))}).run(claim_of())
