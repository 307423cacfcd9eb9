"""kill -9 of the server and of workers at random instants: what was acknowledged ends in exactly one true result."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.stores import stored_documents, stored_results
from tests.faults.kill_storm import FIRST_DAY, LAST_DAY, PARAMETERS, SYMBOL, Storm
from tests.unit.services.jobs.queued_backtests import result_ids

from hindcast.bootstrap import ServiceFactory
from hindcast.domain.backtest import BacktestResult, BacktestStatus
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.backtest.request import BacktestRequest
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository
from hindcast.services.jobs.queue import JobQueue
from hindcast.settings import load_settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc as Linux has them")

SEEDS = int(os.environ.get("HINDCAST_TEST_SEEDS", "3"))  # 20 in the long run
TWO_HOURS_MS = 7_200_000


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What each of the questions gives where nobody disturbs it, and no service is in between."""
    services = ServiceFactory(load_settings({"home": tmp_path_factory.mktemp("quiet")}, environ={}))
    requests = [
        BacktestRequest(
            strategy_type="sma_crossover",
            symbols=(SYMBOL,),
            provider="sample",
            parameters=parameters,
            start_date=date.fromisoformat(FIRST_DAY),
            end_date=date.fromisoformat(LAST_DAY),
        )
        for parameters in PARAMETERS
    ]
    return [substance(services.run_backtest(request)) for request in requests]


def substance(result: BacktestResult) -> Any:
    """What must be the same whenever a question is answered."""
    tables = {artefact.name: artefact.content_hash for artefact in result.artefacts}
    return tables, result.performance, result.final_portfolio_value, result.certificate.verdict, result.manifest.id


def test_what_was_acknowledged_survives_kills_of_the_server_and_of_workers(tmp_path: Path, quiet: list[Any]):
    check_storm(tmp_path, quiet, seed=0, submissions=40, kills=4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_two_hundred_submissions_survive_kills(tmp_path: Path, quiet: list[Any], seed: int):
    check_storm(tmp_path, quiet, seed=seed, submissions=200, kills=30)


def check_storm(home: Path, quiet: list[Any], *, seed: int, submissions: int, kills: int) -> None:
    """Rage over so many submissions; then look whether one is lost, doubled, or not what it is without a storm."""
    with ExitStack() as ending:
        storm = Storm(home, seed, ending)
        with storm.raging(kills):
            storm.submit(submissions)
            storm.wait_until_all_ended()
        assert min(storm.kills) > 0
        assert storm.client.retries > 0  # answers were lost
        print(f"kills {storm.kills}, requests sent again {storm.client.retries}, lost and run again {len(storm.lost)}")
    assert len(storm.accepted) == submissions
    documents = stored_documents(home)
    backtests = {each.id: each for each in BacktestRepository(documents).all()}
    assert backtests.keys() == storm.accepted.keys()
    assert {each.status for each in backtests.values()} == {BacktestStatus.COMPLETED}
    sweep_later(home)
    assert result_ids(documents) == {each.job.result_id for each in backtests.values()}
    results = {each.backtest_id: each for each in ResultRepository(documents).all()}
    assert results.keys() == storm.accepted.keys()
    for each, which in storm.accepted.items():
        assert substance(results[each]) == quiet[which]
    store = stored_results(home)
    for name in ("equity", "fills"):  # the bytes are there, and those that the hash names
        store.table(results[next(iter(storm.accepted))], name)
    documents.close()


def sweep_later(home: Path) -> None:
    """Sweep as a worker does that looks two hours later."""
    documents = SqliteDocumentStore(home / "documents.sqlite", lambda: SqliteDocumentStore.now(clock) + TWO_HOURS_MS)
    clock = stored_documents(home)
    queue = JobQueue(documents)
    while queue.sweep():
        pass
    documents.close()
    clock.close()
