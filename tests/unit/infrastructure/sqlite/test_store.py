"""What only a file can do: be opened by many, be locked, full, read-only, of another layout, or carried over a fork."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from blake3 import blake3
from tests.contracts.records import a_backtest, a_result, a_strategy
from tests.contracts.stores import change_document, stored_documents
from tests.contracts.test_document_stores import KIND, a_document, together

from hindcast.domain.errors import CorruptDataError, StorageError, StoreUnavailableError
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository, StrategyRepository
from hindcast.services.ports import Find


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "documents.sqlite"


@pytest.fixture
def store(file: Path) -> Iterator[SqliteDocumentStore]:
    made = SqliteDocumentStore(file)
    yield made
    made.close()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """A write of somebody else that takes its time."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_nothing_is_made_before_something_is_kept(file: Path) -> None:
    store = SqliteDocumentStore(file)
    assert store.get(KIND, "b1") is None
    assert store.find(KIND, Find(where={"owner": "ann"})) == ()
    assert list(store.check()) == []
    store.close()
    assert not file.exists()


def test_the_file_is_for_its_owners_eyes_alone_as_are_its_log_and_its_index(
    store: SqliteDocumentStore, file: Path
) -> None:
    store.insert(KIND, a_document())
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.glob("documents.sqlite*")}
    assert modes == dict.fromkeys(("documents.sqlite", "documents.sqlite-wal", "documents.sqlite-shm"), 0o600)


def test_acknowledged_is_on_the_disk_and_readers_do_not_wait_for_writers(
    store: SqliteDocumentStore, file: Path
) -> None:
    store.insert(KIND, a_document())
    with store._connections.reading() as connection:  # what it is set to can be seen nowhere else
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    with locked(file):
        assert store.get(KIND, "b1") == a_document()
        assert store.find(KIND, Find()) == (a_document(),)
        store.ping()


@pytest.mark.parametrize("opened_before", [True, False])
def test_a_lock_that_stays_makes_writes_unavailable_within_two_seconds_and_loses_nothing(
    file: Path, opened_before: bool
) -> None:
    with SqliteOf(file) as first:
        first.insert(KIND, a_document())
    store = SqliteDocumentStore(file)
    if opened_before:
        store.ping()
    with locked(file):
        begun = time.monotonic()
        with pytest.raises(StoreUnavailableError, match="is locked by another process") as caught:
            store.insert(KIND, a_document("b2"))
        assert time.monotonic() - begun < 2.0
        assert caught.value.retry_after > 0
        assert store.get(KIND, "b2") is None
    assert store.insert(KIND, a_document("b2"))
    store.close()


def test_many_threads_that_wait_for_the_same_lock_all_give_up_within_two_seconds(
    store: SqliteDocumentStore, file: Path
) -> None:
    store.ping()
    took: list[float] = []
    said: list[str] = []

    def write() -> None:
        begun = time.monotonic()
        try:
            store.insert(KIND, a_document())
        except StoreUnavailableError as error:
            said.append(str(error))
        took.append(time.monotonic() - begun)

    with locked(file):
        together(write, 12)
    assert len(said) == 12
    assert max(took) < 2.0
    assert store.insert(KIND, a_document())


def test_a_write_goes_on_as_soon_as_the_lock_is_gone(store: SqliteDocumentStore, file: Path) -> None:
    store.ping()
    with locked(file):
        writer = threading.Thread(target=store.insert, args=(KIND, a_document()))
        writer.start()
        time.sleep(0.2)
    writer.join(10)
    assert store.get(KIND, "b1") == a_document()


def test_many_threads_read_and_write_at_once_and_share_few_connections(store: SqliteDocumentStore, file: Path) -> None:
    store.insert(KIND, a_document(text="0"))
    backtests = BacktestRepository(store)
    backtests.save(a_backtest("counted"))

    def work() -> None:
        for _ in range(3):
            backtests.change("counted", lambda each: each.model_copy(update={"revision": each.revision + 1}))
            assert store.find(KIND, Find(where={"owner": "local"}))

    together(work, 40)
    assert backtests.get("counted").revision == 121
    assert open_files(file) <= 16 * 3


def test_threads_that_end_leave_no_connection_behind(store: SqliteDocumentStore, file: Path) -> None:
    store.insert(KIND, a_document())
    before = open_files(file)
    for _ in range(60):
        together(lambda: store.get(KIND, "b1"), 1)
    assert open_files(file) <= before + 1
    store.close()
    assert open_files(file) == 0


def open_files(file: Path) -> int:
    """How many handles this process has on the file, its log and its index."""
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("this system does not list a process's files")
    found = 0
    for each in folder.iterdir():
        try:
            found += str(each.readlink()).startswith(str(file))
        except FileNotFoundError:  # the handle of the listing itself
            continue
    return found


def test_a_store_that_nobody_holds_closes_its_connections(file: Path) -> None:
    store = SqliteDocumentStore(file)
    store.insert(KIND, a_document())
    assert open_files(file) > 0
    del store
    assert open_files(file) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_opens_its_own_connections_and_disturbs_none_of_its_parents(
    store: SqliteDocumentStore, file: Path
) -> None:
    store.insert(KIND, a_document("parent"))
    idle = store._connections._idle[0]  # the very connection: that it is not used again can be seen nowhere else
    with store._connections.writing():  # a child that is forked now would wait for a lock that nobody releases
        child = os.fork()
        if child == 0:
            code = 1
            try:
                whole = store.insert(KIND, a_document("child")) and store.get(KIND, "parent") is not None
                code = 0 if whole and idle not in store._connections._idle else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.get(KIND, "child") == a_document("child")
    assert store.insert(KIND, a_document("after"))


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_a_damaged_one(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    store = SqliteDocumentStore(file)
    for ask in (store.ping, lambda: store.get(KIND, "b1"), lambda: store.insert(KIND, a_document())):
        with pytest.raises(StorageError, match=r"documents\.sqlite"):
            ask()
    assert file.read_bytes() == content


def test_a_table_that_is_gone_is_damage(store: SqliteDocumentStore, file: Path) -> None:
    store.insert(KIND, a_document())
    with sqlite3.connect(file) as other:
        other.execute("DROP TABLE backtests")
    other.close()
    with pytest.raises(CorruptDataError, match="is damaged: no such table"):
        store.get(KIND, "b1")


def test_the_words_of_an_error_never_show_what_a_damaged_text_holds(store: SqliteDocumentStore, file: Path) -> None:
    BacktestRepository(store).save(a_backtest())
    change_document(file.parent, KIND, "b1", document=b'{"password":"secret\xff"}')
    with pytest.raises(CorruptDataError) as caught:
        BacktestRepository(store).get("b1")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_check_names_each_damaged_document_and_finds_nothing_in_a_whole_file(
    store: SqliteDocumentStore, file: Path
) -> None:
    for name in ("b1", "b2", "b3"):
        BacktestRepository(store).save(a_backtest(name))
    assert list(store.check()) == [("documents.sqlite", None)]
    change_document(file.parent, KIND, "b2", document="{}")
    (_, whole), (name, error) = store.check()
    assert whole is None
    assert name == "documents.sqlite: backtests b2"
    assert isinstance(error, CorruptDataError)


def test_a_check_of_what_is_no_database_says_so(file: Path) -> None:
    file.write_bytes(b"garbage" * 1000)
    findings = list(SqliteDocumentStore(file).check())
    assert findings
    assert all(isinstance(error, StorageError) for _, error in findings)


def test_a_file_that_may_only_be_read_is_read(file: Path) -> None:
    with SqliteOf(file) as first:
        first.insert(KIND, a_document())
    file.chmod(0o400)
    reader = SqliteDocumentStore(file)
    assert reader.get(KIND, "b1") == a_document()
    reader.close()


def test_a_full_disk_refuses_the_write_and_keeps_what_was_acknowledged(store: SqliteDocumentStore) -> None:
    store.insert(KIND, a_document())
    with store._connections.reading() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite then says what it says of a full disk
    with pytest.raises(StoreUnavailableError, match="can't be written: database or disk is full"):
        store.insert(KIND, a_document("b2", text="x" * 100_000))
    assert store.get(KIND, "b1") == a_document()
    assert store.get(KIND, "b2") is None
    assert store.insert(KIND, a_document("b2", text="x" * 100_000))


def test_what_a_newer_hindcast_laid_out_is_refused_untouched(file: Path) -> None:
    with SqliteOf(file) as first:
        first.insert(KIND, a_document())
    with sqlite3.connect(file) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    store = SqliteDocumentStore(file)
    with pytest.raises(StorageError, match="laid out by a newer Hindcast .layout 99"):
        store.insert(KIND, a_document("b2"))


def test_an_older_layout_gets_its_columns_and_every_document_its_values(file: Path) -> None:
    home = file.parent
    with SqliteOf(file) as first:
        BacktestRepository(first).save(a_backtest("b1", owner="ann"))
        BacktestRepository(first).save(a_backtest("b2", owner="bob"))
        BacktestRepository(first).save(a_backtest("damaged", owner="ann"))
        StrategyRepository(first).save(a_strategy("s1", owner="ann"))
    change_document(home, "backtests", "damaged", document="{}")
    with sqlite3.connect(file) as older:
        for index in ("owner_created_ms", "owner_status_created_ms", "owner_strategy_id_created_ms"):
            older.execute(f"DROP INDEX backtests_by_{index}")
        older.execute("ALTER TABLE backtests DROP COLUMN owner")
        older.execute("UPDATE strategies SET owner = 'not yet known'")
        older.execute("DROP TABLE sessions")
        older.execute("PRAGMA user_version = 0")
    older.close()
    store = stored_documents(home)
    backtests = BacktestRepository(store)
    assert [each.id for each in backtests.page({"owner": "ann"}).items] == ["b1"]
    assert [each.id for each in backtests.page({"owner": "bob"}).items] == ["b2"]
    assert [each.id for each in StrategyRepository(store).page({"owner": "ann"}).items] == ["s1"]
    assert store.find("sessions", Find(order="expires_ms")) == ()
    with pytest.raises(CorruptDataError):
        backtests.get("damaged")
    store.close()


def test_a_result_is_kept_in_the_bytes_that_its_hash_is_of(store: SqliteDocumentStore, file: Path) -> None:
    ResultRepository(store).save(a_result(notes=("삼성전자 – it's",)))
    with sqlite3.connect(file) as plain:
        document, content_hash = plain.execute("SELECT document, content_hash FROM results").fetchone()
    plain.close()
    assert "삼성전자 – it's" in document
    assert blake3(document.encode()).hexdigest() == content_hash


class SqliteOf:
    """A store that is closed at the end of a block, so that all of it is in the file itself."""

    def __init__(self, file: Path) -> None:
        self.store = SqliteDocumentStore(file)

    def __enter__(self) -> SqliteDocumentStore:
        return self.store

    def __exit__(self, *exception: object) -> None:
        self.store.close()
