from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from tests.contracts.records import a_backtest, a_result, a_strategy

from hindcast.domain.backtest import Backtest, BacktestStatus
from hindcast.domain.errors import ConflictError, CorruptDataError, InputError, NotFoundError, StoreUnavailableError
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.documents.codec import content_hash
from hindcast.services.documents.paging import cursor_of
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository, StrategyRepository
from hindcast.services.ports import DocumentStore, Find, StoredDocument


class BusyStore:
    """A store in which somebody else changes the document before each of our replacements, so many times."""

    def __init__(self, rivals: int, rival: str = "rival") -> None:
        self.documents = MemoryDocumentStore()
        self.rivals = rivals
        self.rival = rival

    def __getattr__(self, name: str) -> Any:
        return getattr(self.documents, name)

    def replace(self, kind: str, document: StoredDocument, *, version: int) -> bool:
        self._interfere()
        return self.documents.replace(kind, document, version=version)

    def delete(self, kind: str, document_id: str, *, version: int) -> bool:
        self._interfere()
        return self.documents.delete(kind, document_id, version=version)

    def _interfere(self) -> None:
        if self.rivals:
            self.rivals -= 1
            before = BacktestRepository(self.documents).get("b1")
            name = f"{before.name} {self.rival}"
            BacktestRepository(self.documents).change("b1", lambda each: each.model_copy(update={"name": name}))


def busy(rivals: int) -> tuple[BusyStore, BacktestRepository]:
    store = BusyStore(rivals)
    repository = BacktestRepository(cast("DocumentStore", store))
    repository.save(a_backtest(name="ours"))
    return store, repository


@pytest.fixture
def documents() -> MemoryDocumentStore:
    return MemoryDocumentStore()


@pytest.fixture
def backtests(documents: MemoryDocumentStore) -> BacktestRepository:
    return BacktestRepository(documents)


def queued(backtest: Backtest) -> Backtest:
    return backtest.model_copy(update={"status": BacktestStatus.QUEUED})


def version_of(documents: DocumentStore, document_id: str = "b1") -> int:
    stored = documents.get("backtests", document_id)
    assert stored is not None
    return stored.version


def test_a_change_is_what_the_step_makes_of_the_record(
    backtests: BacktestRepository, documents: MemoryDocumentStore
) -> None:
    backtests.insert(a_backtest())
    changed = backtests.change("b1", queued)
    assert changed == backtests.get("b1") == a_backtest(status=BacktestStatus.QUEUED)
    assert version_of(documents) == 2
    assert backtests.matching(Find(where={"status": "QUEUED"})) == (changed,)


def test_a_step_that_gives_nothing_changes_nothing(
    backtests: BacktestRepository, documents: MemoryDocumentStore
) -> None:
    backtests.insert(a_backtest())
    assert backtests.change("b1", lambda each: None) is None
    assert version_of(documents) == 1


def test_what_a_step_raises_leaves_the_record_as_it_is(
    backtests: BacktestRepository, documents: MemoryDocumentStore
) -> None:
    backtests.insert(a_backtest())

    def refuse(backtest: Backtest) -> Backtest:
        raise ConflictError(f"{backtest.id} stays")

    with pytest.raises(ConflictError, match="b1 stays"):
        backtests.change("b1", refuse)
    assert version_of(documents) == 1


@pytest.mark.parametrize("rivals", [1, 3, 99])
def test_a_change_is_asked_again_on_what_a_rival_left(rivals: int) -> None:
    store, repository = busy(rivals)
    seen: list[str] = []

    def named(backtest: Backtest) -> Backtest:
        seen.append(backtest.name)
        return backtest.model_copy(update={"name": f"{backtest.name} done"})

    repository.change("b1", named)
    assert len(seen) == rivals + 1
    assert repository.get("b1").name == "ours" + " rival" * rivals + " done"
    assert version_of(store.documents) == rivals + 2


def test_a_step_may_decide_otherwise_once_a_rival_came_first() -> None:
    _, repository = busy(1)
    assert repository.change("b1", lambda each: None if "rival" in each.name else queued(each)) is None
    assert repository.get("b1").status is BacktestStatus.PENDING


def test_a_store_that_never_lets_a_change_through_is_unavailable() -> None:
    store, repository = busy(10_000)
    for overrun in (
        lambda: repository.change("b1", queued),
        lambda: repository.save(a_backtest(name="again")),
        lambda: repository.delete("b1"),
    ):
        with pytest.raises(StoreUnavailableError, match="'b1' changed 100 times while it was being changed"):
            overrun()
    assert store.rivals == 10_000 - 300


def test_a_delete_is_decided_on_what_a_rival_left() -> None:
    _, repository = busy(1)

    def keep_rivals(backtest: Backtest) -> None:
        if "rival" in backtest.name:
            raise ConflictError("it is a rival's now")

    with pytest.raises(ConflictError, match="rival's now"):
        repository.delete("b1", keep_rivals)
    assert repository.get("b1").name == "ours rival"


def test_a_save_wins_over_a_rival_without_losing_count() -> None:
    store, repository = busy(2)
    repository.save(a_backtest(name="again"))
    assert repository.get("b1").name == "again"
    assert version_of(store.documents) == 4


def test_changes_of_many_threads_all_count(backtests: BacktestRepository) -> None:
    backtests.insert(a_backtest())

    def raise_revision(backtest: Backtest) -> Backtest:
        return backtest.model_copy(update={"revision": backtest.revision + 1})

    def work() -> None:
        for _ in range(50):
            backtests.change("b1", raise_revision)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert backtests.get("b1").revision == 401


def test_an_id_can_be_taken_once_and_again_once_it_is_free(backtests: BacktestRepository) -> None:
    backtests.insert(a_backtest())
    with pytest.raises(ConflictError, match="there is a Backtest with the id 'b1' already"):
        backtests.insert(a_backtest(name="second"))
    assert backtests.get("b1").name == "Main"
    backtests.delete("b1")
    backtests.insert(a_backtest(name="second"))
    assert backtests.get("b1").name == "second"


def test_what_is_not_there_is_told_by_its_id(backtests: BacktestRepository) -> None:
    assert backtests.find("b9") is None
    for missing in (
        lambda: backtests.get("b9"),
        lambda: backtests.change("b9", queued),
        lambda: backtests.delete("b9"),
    ):
        with pytest.raises(NotFoundError, match="no Backtest has the id 'b9'"):
            missing()


@pytest.mark.parametrize(
    "hostile", ["", "../x", "a/b", "a\0b", "a\n", ".hidden", "-x", "x" * 129, "삼성", "a b", "b1\n"]
)
def test_what_can_be_no_id_finds_and_changes_nothing(
    backtests: BacktestRepository, documents: MemoryDocumentStore, hostile: str
) -> None:
    assert backtests.find(hostile) is None
    for refused in (
        lambda: backtests.get(hostile),
        lambda: backtests.change(hostile, queued),
        lambda: backtests.delete(hostile),
    ):
        with pytest.raises(NotFoundError):
            refused()
    if hostile:
        with pytest.raises(InputError, match="can't be an id"):
            backtests.save(a_backtest(hostile))
    assert documents.find("backtests", Find()) == ()


def test_text_that_is_no_unicode_is_refused_before_anything_is_kept(documents: MemoryDocumentStore) -> None:
    strategies = StrategyRepository(documents)
    with pytest.raises(InputError, match="Strategy 's1' can't be kept"):
        strategies.save(a_strategy(parameters={"x": "\ud800"}))
    assert strategies.list() == ()


def days(backtests: BacktestRepository, count: int) -> list[str]:
    """Backtests of so many days, two a day; gives their ids newest first."""
    for number in range(count):
        created = datetime(2024, 1, 1 + number // 2, tzinfo=UTC)
        backtests.save(a_backtest(f"b{number:02}", created_at=created, owner="ann" if number % 3 else "bob"))
    return [f"b{number:02}" for number in reversed(range(count))]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20, 200])
def test_pages_lead_through_a_whole_list(backtests: BacktestRepository, limit: int) -> None:
    expected = days(backtests, 20)
    shown: list[str] = []
    cursor: str | None = None
    pages = 0
    while True:
        page = backtests.page({}, cursor=cursor, limit=limit)
        shown += [each.id for each in page.items]
        pages += 1
        if page.next_cursor is None:
            break
        assert len(page.items) == limit
        cursor = page.next_cursor
    assert shown == expected
    assert pages == -(-20 // limit)


def test_a_page_holds_one_owners_alone(backtests: BacktestRepository) -> None:
    days(backtests, 12)
    page = backtests.page({"owner": "bob"}, limit=3)
    assert [each.id for each in page.items] == ["b09", "b06", "b03"]
    assert page.next_cursor is not None
    rest = backtests.page({"owner": "bob"}, cursor=page.next_cursor, limit=3)
    assert [each.id for each in rest.items] == ["b00"]
    assert rest.next_cursor is None


def test_a_cursor_goes_on_where_it_was_whatever_is_made_or_taken_away_meanwhile(backtests: BacktestRepository) -> None:
    days(backtests, 6)
    page = backtests.page({}, limit=3)
    assert [each.id for each in page.items] == ["b05", "b04", "b03"]
    backtests.delete("b03")
    backtests.delete("b01")
    backtests.save(a_backtest("z", created_at=datetime(2025, 1, 1, tzinfo=UTC)))
    assert [each.id for each in backtests.page({}, cursor=page.next_cursor, limit=3).items] == ["b02", "b00"]


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9])
def test_a_page_of_no_size_or_too_large_a_one_is_refused(backtests: BacktestRepository, limit: int) -> None:
    with pytest.raises(InputError, match=f"limit={limit}: a page has 1 to 200 items"):
        backtests.page({}, limit=limit)


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "W10", "e30", "WzEsMl0", "WyIxIiwiYSJd", "W251bGwsImEiXQ", "W3RydWUsImEiXQ", "WzFlOTksImEiXQ", "é",
        "W10=" * 200, cursor_of(2**63, "a"), "WzEsImEi", "=====", "[1,\"a\"]", "WzEsImEiLDNd", cursor_of(1, "a") + "\n",
    ],
)  # fmt: skip
def test_a_cursor_that_no_page_gave_is_refused(backtests: BacktestRepository, cursor: str) -> None:
    with pytest.raises(InputError, match="the cursor is none that a page gave"):
        backtests.page({}, cursor=cursor)


def damage(documents: MemoryDocumentStore, **changes: Any) -> None:
    stored = documents.get("results", "r1")
    assert stored is not None
    damaged = replace(stored, **changes)
    documents.delete("results", "r1", version=stored.version)
    assert documents.insert("results", damaged)


def test_a_flipped_digit_is_found_wherever_the_record_is_read(documents: MemoryDocumentStore) -> None:
    results = ResultRepository(documents)
    results.save(a_result())
    stored = documents.get("results", "r1")
    assert stored is not None
    damage(documents, document=stored.document.replace("130000.0", "180000.0"))
    for read in (
        lambda: results.get("r1"),
        lambda: results.find("r1"),
        lambda: list(results.all()),
        lambda: results.matching(Find()),
        lambda: results.change("r1", lambda each: each),
    ):
        with pytest.raises(CorruptDataError, match="BacktestResult 'r1' is not what was written"):
            read()


def test_a_page_names_what_it_leaves_out_and_a_check_may_let_it_be_taken_away(
    documents: MemoryDocumentStore, caplog: pytest.LogCaptureFixture
) -> None:
    results = ResultRepository(documents)
    results.save(a_result("r1"))
    results.save(a_result("r2"))
    damage(documents, document="{}")
    page = results.page({})
    assert ([each.backtest_id for each in page.items], page.damaged) == (["r2"], ("r1",))
    assert "'r1' is not what was written" in caplog.text
    with pytest.raises(CorruptDataError):
        results.delete("r1")

    def keep(stored: StoredDocument, error: CorruptDataError) -> None:
        raise error

    with pytest.raises(CorruptDataError):
        results.delete("r1", damaged=keep)
    results.delete("r1", damaged=lambda stored, error: None)
    assert results.find("r1") is None


def test_a_document_of_a_newer_hindcast_is_left_out_of_pages_and_never_taken_away(
    documents: MemoryDocumentStore,
) -> None:
    results = ResultRepository(documents)
    results.save(a_result("r1"))
    damage(documents, schema_version=99)
    assert results.page({}).damaged == ("r1",)
    with pytest.raises(CorruptDataError, match="use a newer one"):
        results.delete("r1", damaged=lambda stored, error: None)


def test_another_record_in_its_place_is_found(documents: MemoryDocumentStore) -> None:
    results = ResultRepository(documents)
    results.save(a_result("r1"))
    results.save(a_result("r2", total_trades=99))
    other = documents.get("results", "r2")
    assert other is not None
    damage(documents, document=other.document, content_hash=other.content_hash)
    with pytest.raises(CorruptDataError, match="'r1' is not what was written: it is found by other values"):
        results.get("r1")


@pytest.mark.parametrize(
    ("schema_version", "said"),
    [
        (5, "has schema version 5, this Hindcast reads up to 4"),
        (0, "schema version 0"),
        (-1, "version -1"),
        (2, "no JSON"),
    ],
)
def test_a_schema_version_that_the_text_does_not_have_is_refused(
    documents: MemoryDocumentStore, schema_version: int, said: str
) -> None:
    results = ResultRepository(documents)
    results.save(a_result())
    damage(documents, schema_version=schema_version)
    with pytest.raises(CorruptDataError, match=said):
        results.get("r1")


def test_a_version_that_was_never_written_is_refused(documents: MemoryDocumentStore) -> None:
    text = '{"schema_version":0}'
    ResultRepository(documents).save(a_result())
    damage(documents, schema_version=0, document=text, content_hash=content_hash(text))
    with pytest.raises(CorruptDataError, match="schema version 0 of results was never written"):
        ResultRepository(documents).get("r1")
