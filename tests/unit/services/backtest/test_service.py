from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.contracts.records import a_result, a_strategy, some_tables

from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import (
    BenchmarkError,
    ConfigError,
    ConflictError,
    CorruptDataError,
    DateRangeError,
    HindcastError,
    InputError,
    NotFoundError,
    SymbolError,
)
from hindcast.domain.jobs import FailureKind
from hindcast.domain.market_data import DateRange, SeriesTerms
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.infrastructure.memory.artefacts import MemoryArtefactStore
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.backtest.question import BacktestQuestion
from hindcast.services.backtest.result_store import DocumentResultStore
from hindcast.services.backtest.service import BacktestService
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository
from hindcast.services.jobs.queue import JobQueue
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.ports import Fetched, SymbolInfo
from hindcast.services.strategy.service import StrategyService

START = datetime(2024, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that goes on by a second each time that it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> datetime:
        self.reads += 1
        return START + timedelta(seconds=self.reads)


class Vendor:
    """A vendor that must not be asked."""

    name = "vendor"
    intervals = ("1d", "5min")

    def terms(self, symbol: str, interval: str) -> SeriesTerms:
        raise AssertionError(f"asked for {symbol}")

    async def fetch(self, symbol: str, interval: str, days: DateRange) -> Fetched:
        raise AssertionError(f"asked for {symbol}")

    async def search(self, words: str) -> tuple[SymbolInfo, ...]:
        raise AssertionError(f"asked for {words}")


class World:
    """A service with all that it stands on."""

    def __init__(self, documents, folder) -> None:
        self.documents = documents
        self.queue = JobQueue(documents)
        self.strategies = StrategyService(documents)
        self.results = DocumentResultStore(documents, MemoryArtefactStore())
        data = MarketDataService([SampleProvider()], store=FileBarStore(folder), vendors=[Vendor()])
        self.service = BacktestService(documents, self.queue, self.strategies, self.results, data, clock=Clock())
        for owner in ("ann", "bob"):
            self.strategies.create(a_strategy(f"of-{owner}", owner=owner))

    def create(self, owner: str = "ann", backtest_id: str | None = None, **changes):
        return self.service.create(question(owner, **changes), owner=owner, backtest_id=backtest_id)

    def completed(self, **changes):
        made = self.create(**changes)
        self.service.execute(made.id, owner="ann")
        claim = self.queue.claim("worker")
        assert claim is not None
        result = self.results.save(a_result(made.id, owner="ann", id=claim.result_id), some_tables())
        assert self.queue.commit(claim, result)
        return self.service.get(made.id, owner="ann")


def damage(documents, kind: str, document_id: str) -> None:
    """Put something else in the place of a document's text."""
    found = documents.get(kind, document_id)
    assert documents.replace(kind, replace(found, document="{}"), version=found.version)


def question(owner: str = "ann", **changes) -> BacktestQuestion:
    return BacktestQuestion(**{"name": "Main", "strategy_id": f"of-{owner}", "symbols": ("SPX",)} | changes)


@pytest.fixture(params=["memory", "sqlite"])
def world(request, tmp_path):
    store = MemoryDocumentStore() if request.param == "memory" else SqliteDocumentStore(tmp_path / "documents.sqlite")
    yield World(store, tmp_path)
    store.close()


@pytest.fixture
def quick(tmp_path):
    return World(MemoryDocumentStore(), tmp_path)


def test_a_new_backtest_is_pending_and_can_be_read_back(world):
    made = world.create(start_date=date(2010, 1, 1), benchmark_symbol="S&P 500", interval="daily")
    assert (made.status, made.revision, made.owner, made.interval) == ("PENDING", 1, "ann", "1d")
    assert made.created_at == START + timedelta(seconds=1)
    assert world.service.get(made.id, owner="ann") == made


def test_what_is_anothers_is_not_there_in_the_same_words_as_what_is_not_there_at_all(world):
    made = world.create()
    asked = {
        "get": lambda name: world.service.get(name, owner="bob"),
        "update": lambda name: world.service.update(name, owner="bob", changes={"name": "Mine"}),
        "delete": lambda name: world.service.delete(name, owner="bob"),
        "execute": lambda name: world.service.execute(name, owner="bob"),
        "cancel": lambda name: world.service.cancel(name, owner="bob"),
        "result": lambda name: world.service.result(name, owner="bob"),
    }
    for ask in asked.values():
        with pytest.raises(NotFoundError) as anothers:
            ask(made.id)
        with pytest.raises(NotFoundError) as nobodys:
            ask("f" * 32)
        assert str(anothers.value).replace(made.id, "X") == str(nobodys.value).replace("f" * 32, "X")
    assert world.service.get(made.id, owner="ann") == made


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"strategy_id": "of-bob"}, NotFoundError, "no Strategy has the id 'of-bob'"),
        ({"strategy_id": "none"}, NotFoundError, "no Strategy has the id 'none'"),
        ({"provider": "sampl"}, InputError, "no provider 'sampl'. Did you mean 'sample'"),
        ({"symbols": ("SPX", "NOPE")}, SymbolError, "has no symbol 'NOPE' in bars of 1d: it has"),
        ({"symbols": ("SPXX",)}, SymbolError, "did you mean 'SPX'"),
        ({"interval": "5min"}, SymbolError, "has no symbol 'SPX' in bars of 5min: it has none"),
        ({"interval": "7min"}, InputError, "expected minutes or hours that divide a day"),
        ({"start_date": date(2050, 1, 1)}, DateRangeError, "has SPX from 1999-01-04 to 2018-12-31"),
        ({"end_date": date(1980, 1, 1)}, DateRangeError, "to 1980-01-01"),
        ({"start_date": date(2010, 1, 1), "end_date": date(2009, 1, 1)}, ConfigError, "is after end_date"),
        ({"symbols": ("SPX", "SPX")}, ConfigError, "each may be named once"),
        ({"benchmark_symbol": "no such index"}, BenchmarkError, "no source has the benchmark"),
        ({"data_versions": ("nonsense",)}, InputError, "is no data version"),
        ({"provider": "vendor", "interval": "1h"}, InputError, "provider 'vendor' has 1d, 5min"),
    ],
)
def test_what_could_only_fail_is_refused_at_once_and_not_kept(quick, changes, error, words):
    with pytest.raises(error, match=words):
        quick.create(**changes)
    assert quick.service.page(owner="ann").items == ()


def test_symbols_of_a_vendor_are_its_own_matter(quick):
    assert quick.create(provider="vendor", symbols=("ANYTHING",), interval="5min").status == "PENDING"


def test_a_change_counts_the_revision_and_leaves_the_rest(world):
    made = world.create(benchmark_symbol="SPX")
    config = BacktestConfig(initial_capital=5.0)
    changed = world.service.update(made.id, owner="ann", revision=1, changes={"name": "Other", "config": config})
    assert changed == made.model_copy(update={"name": "Other", "config": config, "revision": 2})
    assert world.service.get(made.id, owner="ann") == changed


def test_a_change_of_an_older_revision_is_refused(world):
    made = world.create()
    world.service.update(made.id, owner="ann", changes={"name": "Other"})
    with pytest.raises(ConflictError, match="has revision 2 now, not 1"):
        world.service.update(made.id, owner="ann", changes={"name": "Third"}, revision=1)
    with pytest.raises(ConflictError, match="revision 2"):
        world.service.delete(made.id, owner="ann", revision=1)
    assert world.service.get(made.id, owner="ann").name == "Other"


def test_a_change_that_could_only_fail_is_refused_and_changes_nothing(world):
    made = world.create()
    for changes in ({"symbols": ("NOPE",)}, {"strategy_id": "of-bob"}, {"end_date": date(1980, 1, 1)}, {"symbols": ()}):
        with pytest.raises(HindcastError):
            world.service.update(made.id, owner="ann", changes=changes)
    assert world.service.get(made.id, owner="ann") == made


def test_of_changes_at_once_each_counts_or_is_refused(world):
    made = world.create()

    def change(number: int) -> bool:
        try:
            world.service.update(made.id, owner="ann", changes={"name": f"n{number}"}, revision=1)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        won = list(pool.map(change, range(20)))
    assert won.count(True) == 1
    assert world.service.get(made.id, owner="ann").name == f"n{won.index(True)}"


def test_execute_queues_the_strategy_as_it_is_now(world):
    made = world.create()
    world.strategies.update("of-ann", owner="ann", changes={"parameters": {"short_window": 3, "long_window": 9}})
    queued = world.service.execute(made.id, owner="ann")
    world.strategies.update("of-ann", owner="ann", changes={"parameters": {"short_window": 4, "long_window": 9}})
    world.strategies.delete("of-ann", owner="ann")
    assert queued.status is BacktestStatus.QUEUED
    taken = world.queue.claim("worker").backtest
    assert taken.strategy.strategy_type == "sma_crossover"
    assert taken.strategy.parameters == {"short_window": 3, "long_window": 9}
    assert world.service.get(made.id, owner="ann").strategy == taken.strategy


def test_a_backtest_whose_strategy_is_gone_is_not_queued(world):
    made = world.create()
    world.strategies.delete("of-ann", owner="ann")
    with pytest.raises(ConflictError, match="the strategy 'of-ann' of backtest .* is gone"):
        world.service.execute(made.id, owner="ann")
    assert world.service.get(made.id, owner="ann").status is BacktestStatus.PENDING


def test_execute_with_one_key_queues_once_whatever_happens_between(world):
    made = world.create()
    world.service.execute(made.id, owner="ann", key="k1")
    claim = world.queue.claim("worker")
    assert world.service.execute(made.id, owner="ann", key="k1").status == "RUNNING"
    world.queue.fail(claim, FailureKind.STRATEGY, "it raised")
    world.strategies.delete("of-ann", owner="ann")
    assert world.service.execute(made.id, owner="ann", key="k1").status == "FAILED"
    assert world.queue.claim("worker") is None


def test_execute_again_without_the_key_is_refused_while_it_is_in_hand(world):
    made = world.create()
    world.service.execute(made.id, owner="ann", key="k1")
    for key in ("", "k2"):
        with pytest.raises(ConflictError, match="is QUEUED"):
            world.service.execute(made.id, owner="ann", key=key)


@pytest.mark.parametrize("status", ["QUEUED", "RUNNING", "FAILED", "CANCELLED"])
def test_only_a_pending_backtest_can_be_changed(quick, status):
    made = quick.create()
    quick.service.execute(made.id, owner="ann")
    if status != "QUEUED":
        claim = quick.queue.claim("worker")
        if status == "FAILED":
            quick.queue.fail(claim, FailureKind.STRATEGY, "it raised")
        if status == "CANCELLED":
            quick.service.cancel(made.id, owner="ann")
    with pytest.raises(ConflictError, match=f"is {status}; only a PENDING one can be changed"):
        quick.service.update(made.id, owner="ann", changes={"name": "Other"})


def test_what_is_in_hand_can_not_be_deleted_until_it_is_cancelled(world):
    made = world.create()
    world.service.execute(made.id, owner="ann")
    with pytest.raises(ConflictError, match="is QUEUED: cancel it"):
        world.service.delete(made.id, owner="ann")
    world.queue.claim("worker")
    with pytest.raises(ConflictError, match="is RUNNING: cancel it"):
        world.service.delete(made.id, owner="ann")
    assert world.service.cancel(made.id, owner="ann").status is BacktestStatus.CANCELLED
    world.service.delete(made.id, owner="ann")
    with pytest.raises(NotFoundError):
        world.service.get(made.id, owner="ann")


def test_a_deleted_backtest_takes_its_result_along_and_leaves_others(world):
    kept, made = world.completed(), world.completed()
    world.service.delete(made.id, owner="ann")
    assert [each.backtest_id for each in ResultRepository(world.documents).all()] == [kept.id]
    assert world.service.result(kept.id, owner="ann").backtest_id == kept.id


def test_a_damaged_backtest_is_named_in_its_owners_list_and_can_be_deleted_by_him_alone(world):
    kept, made = world.completed(), world.completed()
    damage(world.documents, "backtests", made.id)
    damage(world.documents, "results", made.job.result_id)
    page = world.service.page(owner="ann")
    assert ([each.id for each in page.items], page.damaged) == ([kept.id], (made.id,))
    assert world.service.page(owner="bob").damaged == ()
    with pytest.raises(NotFoundError):
        world.service.delete(made.id, owner="bob")
    with pytest.raises(CorruptDataError):
        world.service.delete(made.id, owner="ann", revision=1)
    world.service.delete(made.id, owner="ann")
    assert world.service.page(owner="ann").damaged == ()
    assert [each.backtest_id for each in ResultRepository(world.documents).all()] == [kept.id]


def test_a_damaged_strategy_is_named_in_its_owners_list_and_can_be_deleted_by_him_alone(world):
    damage(world.documents, "strategies", "of-ann")
    assert world.strategies.page(owner="ann").damaged == ("of-ann",)
    with pytest.raises(NotFoundError):
        world.strategies.delete("of-ann", owner="bob")
    with pytest.raises(CorruptDataError):
        world.strategies.delete("of-ann", owner="ann", revision=1)
    world.strategies.delete("of-ann", owner="ann")
    assert world.strategies.page(owner="ann").damaged == ()


def test_a_result_is_the_one_that_its_backtest_names(world):
    made = world.completed()
    ResultRepository(world.documents).save(a_result(made.id, owner="ann", id=f"{made.id}.9", day=2))
    result = world.service.result(made.id, owner="ann")
    assert result.id == made.job.result_id
    assert list(world.service.table(result, "equity")["equity"]) == [100_000.0, 0.1 + 0.2]


def test_a_run_without_a_worker_has_its_result_too(world):
    made = world.create()
    result = world.results.save(a_result(made.id, owner="ann"), some_tables())
    BacktestRepository(world.documents).save(made.model_copy(update={"status": BacktestStatus.COMPLETED}))
    assert world.service.result(made.id, owner="ann") == result


def test_a_result_of_a_longer_id_is_not_taken_for_that_of_a_shorter(world):
    made = world.create()
    world.results.save(a_result(f"{made.id}-longer", owner="bob"), some_tables())
    BacktestRepository(world.documents).save(made.model_copy(update={"status": BacktestStatus.COMPLETED}))
    with pytest.raises(NotFoundError):
        world.service.result(made.id, owner="ann")


def test_without_a_result_the_words_name_the_state_and_the_reason(quick):
    made = quick.create()

    def words() -> str:
        with pytest.raises(ConflictError) as told:
            quick.service.result(made.id, owner="ann")
        return str(told.value).replace(made.id, "ID")

    assert words() == "backtest ID is PENDING: execute it first"
    quick.service.execute(made.id, owner="ann")
    assert words() == "backtest ID is QUEUED: its result is there once it is COMPLETED"
    quick.queue.fail(quick.queue.claim("worker"), FailureKind.STRATEGY, "ZeroDivisionError: division by zero")
    assert words() == "backtest ID is FAILED (strategy) and has no result: ZeroDivisionError: division by zero"
    quick.service.execute(made.id, owner="ann")
    quick.service.cancel(made.id, owner="ann")
    assert words() == "backtest ID is CANCELLED and has no result: cancelled before it was done"


def test_the_same_id_twice_is_the_same_backtest_also_when_its_strategy_has_gone(world):
    first = world.create(backtest_id="a1")
    world.strategies.delete("of-ann", owner="ann")
    assert world.create(backtest_id="a1", name="ignored") == first


def test_an_id_of_another_owner_is_not_given_out(world):
    world.create(backtest_id="a1")
    with pytest.raises(NotFoundError):
        world.create("bob", backtest_id="a1")


def test_of_twenty_at_once_with_one_id_all_get_the_same_backtest(world):
    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: world.create(backtest_id="a1"), range(20)))
    assert len({each.model_dump_json() for each in made}) == 1
    assert len(world.service.page(owner="ann").items) == 1


def test_of_twenty_executions_at_once_with_one_key_one_job_comes(world):
    made = world.create()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: world.service.execute(made.id, owner="ann", key="k1"), range(20)))
    assert {each.status for each in answers} == {"QUEUED"}
    assert world.queue.claim("worker").fence == 1
    assert world.queue.claim("worker") is None


def test_lists_are_the_owners_by_state_and_strategy(world):
    world.strategies.create(a_strategy("second", owner="ann"))
    first, second, third = world.create(), world.create(strategy_id="second"), world.create("bob")
    world.service.execute(first.id, owner="ann")

    def ids(**wanted) -> list[str]:
        return [each.id for each in world.service.page(**wanted).items]

    assert ids(owner="ann") == [second.id, first.id]
    assert ids(owner="bob") == [third.id]
    assert ids(owner="ann", status=BacktestStatus.QUEUED) == [first.id]
    assert ids(owner="ann", strategy_id="second") == [second.id]
    assert ids(owner="ann", strategy_id="second", status=BacktestStatus.QUEUED) == []
    assert ids(owner="carol") == []


def test_a_walk_over_450_backtests_has_no_gap_and_no_repeat_while_others_come_and_go(quick):
    backtests = BacktestRepository(quick.documents)
    template = quick.create()
    # four a millisecond: the order within one is by id
    stamps = [START + timedelta(milliseconds=number // 4) for number in range(450)]
    for number, stamp in enumerate(stamps):
        backtests.insert(template.model_copy(update={"id": f"{number * 7919 % 450:03}-{number}", "created_at": stamp}))
    backtests.delete(template.id)
    expected = {each.id for each in backtests.all({"owner": "ann"})}
    seen: list[str] = []
    cursor = None
    while True:
        page = quick.service.page(owner="ann", cursor=cursor, limit=37)
        seen += [each.id for each in page.items]
        quick.create()
        if (cursor := page.next_cursor) is None:
            break
        quick.service.delete(page.items[-1].id, owner="ann")
    assert len(seen) == 450
    assert set(seen) == expected


def test_a_look_tells_only_what_is_new(world):
    made = world.create()
    first = world.service.look(made.id)
    assert (first.version, first.backtest) == (1, made)
    assert world.service.look(made.id, known=1) is None
    world.service.execute(made.id, owner="ann")
    second = world.service.look(made.id, known=1)
    assert (second.version, second.backtest.status) == (2, "QUEUED")
    world.service.cancel(made.id, owner="ann")
    world.service.delete(made.id, owner="ann")
    with pytest.raises(NotFoundError):
        world.service.look(made.id, known=3)
