from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path

import pytest
from tests.integration.processes import run as run_program

import hindcast as hc
from hindcast.bootstrap import ServiceFactory
from hindcast.settings import load_settings

REQUESTS = [
    hc.BacktestRequest(
        strategy_type=strategy_type,
        symbols=("SPX", "AAPL"),
        parameters=parameters,
        start_date=date(2010, 1, 4),
        end_date=date(2014, 12, 31),
        benchmark_symbol="SPX",
        name=f"run {place}",
    )
    for place, (strategy_type, parameters) in enumerate(
        [
            ("sma_crossover", {"short_window": 5, "long_window": 20}),
            ("sma_crossover", {"short_window": 10, "long_window": 50}),
            ("rsi_mean_reversion", {}),
            ("momentum", {}),
            ("buy_and_hold", {}),
        ]
    )
]
PLUGIN = """
import os

from hindcast import BaseStrategy, Signals


class {name}(BaseStrategy):
    STRATEGY_TYPE = "{type}"

    def generate_signals(self, data):
        {body}
"""


def same_every_time(result: hc.BacktestResult) -> str:
    """All of a result but for when it was made and by which id it goes."""
    return result.model_copy(
        update={"id": "", "backtest_id": "", "created_at": result.created_at.replace(year=2000, month=1, day=1)}
    ).model_dump_json(exclude={"created_at"})


@pytest.fixture(scope="module")
def one_after_the_other(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the same requests give in this process, as `hindcast run` runs them."""
    services = ServiceFactory(load_settings({"home": tmp_path_factory.mktemp("sequential")}))
    return [same_every_time(services.run_backtest(request)) for request in REQUESTS]


def plug_in(folder: Path, name: str, body: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    strategy_type = name.lower()
    (folder / f"{strategy_type}.py").write_text(PLUGIN.format(name=name, type=strategy_type, body=body))
    return strategy_type


@pytest.mark.parametrize(
    ("workers", "executor"),
    [(1, nullcontext()), (2, nullcontext()), (8, nullcontext()), (3, ThreadPoolExecutor(3))],
    ids=["1 process", "2 processes", "8 processes", "3 threads"],
)
def test_results_are_byte_for_byte_those_of_runs_one_after_the_other(
    workers: int,
    executor: AbstractContextManager[Executor | None],
    one_after_the_other: list[str],
    data_folder: Path,
):
    with executor as given:
        outcomes = hc.ParallelBacktestExecutor(workers, executor=given).execute_parallel(REQUESTS)
    assert [outcome.error for outcome in outcomes] == [None] * len(REQUESTS)
    found = [same_every_time(outcome.result) for outcome in outcomes if outcome.result]
    assert found == one_after_the_other
    stored = hc.open_results()
    assert {result.name for result in stored.list()} == {request.name for request in REQUESTS}
    first = outcomes[0].result
    assert first is not None
    assert stored.get(first.backtest_id) == first
    assert stored.table(first.backtest_id, "equity")["equity"].iloc[-1] == first.final_portfolio_value


@pytest.mark.slow
def test_another_hash_seed_changes_no_byte(one_after_the_other: list[str], data_folder: Path):
    program = """
import hindcast as hc
from tests.integration.test_parallel_backtests import REQUESTS, same_every_time

if __name__ == "__main__":
    for outcome in hc.ParallelBacktestExecutor(2).execute_parallel(REQUESTS):
        print(same_every_time(outcome.result))
"""
    out = run_program(program, data_folder, PYTHONHASHSEED="4711")
    assert out.splitlines() == one_after_the_other


def test_a_killed_process_of_the_pool_costs_no_result(one_after_the_other: list[str]):
    """One of two processes is killed while there is work; whatever was lost with the pool is run again."""
    with hc.ParallelBacktestExecutor(2) as parallel:
        parallel.execute_parallel(REQUESTS[:2])
        victim = multiprocessing.active_children()[0]
        killer = threading.Timer(0.05, lambda: os.kill(victim.pid or 0, signal.SIGKILL))
        killer.start()
        outcomes = parallel.execute_parallel(REQUESTS * 3)
        killer.join()
        victim.join(10)
        assert not victim.is_alive()
        again = parallel.execute_parallel(REQUESTS[:1])
    found = [same_every_time(outcome.result) for outcome in outcomes if outcome.result]
    assert found == one_after_the_other * 3
    assert again[0].error is None
    assert multiprocessing.active_children() == []


def test_the_code_of_users_harms_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "plugins"
    monkeypatch.setenv("HINDCAST_PLUGIN_DIR", str(folder))
    quits = plug_in(folder, "Quits", "os._exit(0)")
    raises = plug_in(folder, "Raises", "raise ValueError('no')")
    holds = plug_in(folder, "Holds", "return Signals.hold(data.shape)")
    spx = {"symbols": ("SPX",), "start_date": date(2018, 1, 2)}
    requests = [
        hc.BacktestRequest(strategy_type=name, **spx)  # type: ignore[arg-type]  # the same three fields for each
        for name in (quits, "buy_and_hold", raises, holds, "quitz")
    ]
    outcomes = hc.ParallelBacktestExecutor(2).execute_parallel(requests)
    assert [type(outcome.error).__name__ for outcome in outcomes] == [
        "StrategyExitError",
        "NoneType",
        "StrategyError",
        "NoneType",
        "UnknownStrategyError",
    ]
    assert "Did you mean 'quits'?" in str(outcomes[4].error)
    assert sys.modules.keys().isdisjoint({"quits", "raises", "holds"})
    stored = {result.strategy_type: result for result in hc.open_results().list()}
    assert stored.keys() == {"buy_and_hold", "holds"}
    backtests = ServiceFactory(load_settings()).backtests.list()
    assert sorted(str(backtest.job.failure or backtest.status) for backtest in backtests) == [
        "COMPLETED",
        "COMPLETED",
        "exit",
        "strategy",
    ]


def test_an_interrupt_ends_every_process(data_folder: Path):
    def interrupt(text: str, share: float) -> None:
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        hc.ParallelBacktestExecutor(2).execute_parallel(REQUESTS * 40, progress=interrupt)
    assert time.monotonic() - began < 30  # 200 runs take longer
    assert multiprocessing.active_children() == []
    statuses = {str(backtest.status) for backtest in ServiceFactory(load_settings()).backtests.list()}
    assert "RUNNING" not in statuses
