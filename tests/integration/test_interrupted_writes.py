from __future__ import annotations

import resource
import stat
from pathlib import Path

import pytest
from tests.contracts.records import a_backtest, a_result, a_strategy, some_tables
from tests.contracts.stores import stored_documents, stored_results
from tests.integration.processes import run, start

import hindcast as hc
from hindcast.domain.errors import InputError, NotFoundError, StorageError
from hindcast.infrastructure.files.atomic import staged
from hindcast.services.documents.repositories import BacktestRepository, StrategyRepository

SAVE = """
from pathlib import Path
import os
from tests.contracts.records import a_result, some_tables
from tests.contracts.stores import stored_results
home = Path(os.environ["HINDCAST_HOME"])
"""


@pytest.mark.parametrize("survivors", range(4))
def test_a_process_that_dies_before_the_summary_leaves_no_result(tmp_path: Path, survivors: int) -> None:
    """Three tables are renamed into place, then a summary is inserted; the process dies after so many of them."""
    program = (
        SAVE
        + f"""
from pathlib import PosixPath
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
renames = [0]
whole = PosixPath.replace
def replace(self, target):
    if renames[0] == {survivors}:
        os._exit(9)
    renames[0] += 1
    return whole(self, target)
PosixPath.replace = replace
SqliteDocumentStore.insert = lambda *arguments: os._exit(9)
stored_results(home).save(a_result(), some_tables())
"""
    )
    run(program, tmp_path, code=9)
    store = stored_results(tmp_path)
    assert store.list() == ()
    with pytest.raises(NotFoundError):
        store.get("r1")
    assert len(list((tmp_path / "artefacts").rglob("*.parquet"))) == survivors
    assert hc.open_results(tmp_path).query("SELECT count(*) AS n FROM equity")["n"][0] == 0
    stored = store.save(a_result(), some_tables())
    assert store.get("r1") == stored


def test_a_process_that_dies_while_it_replaces_a_result_leaves_the_earlier_one(tmp_path: Path) -> None:
    first = stored_results(tmp_path).save(a_result(), some_tables())
    program = (
        SAVE
        + """
import sqlite3
from tests.contracts.stores import stored_documents
results, documents = stored_results(home), stored_documents(home)
results.save(a_result("r0"), some_tables())
before = documents.get("results", "r1")
with sqlite3.connect(home / "documents.sqlite") as half:
    half.execute("UPDATE results SET document = 'half', version = 2 WHERE id = 'r1'")
    half.execute("DELETE FROM results WHERE id = 'r0'")
    os._exit(9)
"""
    )
    run(program, tmp_path, code=9)
    assert stored_results(tmp_path).get("r1") == first
    assert {each.backtest_id for each in stored_results(tmp_path).list()} == {"r0", "r1"}


def test_processes_that_store_the_same_result_at_once_all_succeed(tmp_path: Path) -> None:
    program = (
        SAVE
        + """
for _ in range(20):
    stored_results(home).save(a_result(), some_tables())
    result = stored_results(home).get("r1")
    for name in some_tables():
        stored_results(home).table(result, name)
"""
    )
    processes = [start(program, tmp_path) for _ in range(3)]
    for process in processes:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert len(list((tmp_path / "artefacts").rglob("*.parquet"))) == 3
    assert not [path for path in tmp_path.rglob("*") if "staging" in path.name]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("first")

    def write_half() -> None:
        with staged(path) as stage:
            stage.write_text("half of the sec")
            raise KeyError("stop")

    with pytest.raises(KeyError):
        write_half()
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_a_storage_error_and_leaves_no_file(tmp_path: Path) -> None:
    """A limit on the size of files refuses writes as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        with pytest.raises(StorageError, match="can't write .*: File too large"):
            stored_results(tmp_path).save(a_result(), some_tables())
        with pytest.raises(StorageError, match="documents.sqlite can't be written"):
            BacktestRepository(stored_documents(tmp_path)).save(a_backtest(error_message="x" * 1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path for path in (tmp_path / "artefacts").rglob("*") if path.is_file()] == []
    BacktestRepository(stored_documents(tmp_path)).save(a_backtest())


def test_a_device_without_space_is_a_storage_error() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    with pytest.raises(StorageError), staged(Path("/dev/full/x")) as stage:
        stage.write_text("x")


def test_a_folder_that_may_not_be_written_is_a_storage_error(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
    program = """
import os
from pathlib import Path
from hindcast.domain.errors import StorageError
from hindcast.infrastructure.files.parquet_tables import table_bytes
from hindcast.services.documents.repositories import BacktestRepository
from tests.contracts.records import a_backtest, a_result, some_tables
from tests.contracts.stores import stored_documents, stored_results
os.chdir(os.environ["HINDCAST_HOME"])
home = Path()
table_bytes(some_tables()["equity"])  # what saving imports must be there before root turns into nobody
if os.geteuid() == 0:
    os.setuid(65534)
for save in (
    lambda: stored_results(home).save(a_result(), some_tables()),
    lambda: BacktestRepository(stored_documents(home)).save(a_backtest()),
):
    try:
        save()
    except StorageError as error:
        print(error)
"""
    said = run(program, tmp_path).splitlines()
    tmp_path.chmod(stat.S_IRWXU)
    assert len(said) == 2
    assert "can't write" in said[0]
    assert "Permission denied" in said[0]
    assert "documents.sqlite" in said[1]
    assert "Permission denied" in said[1] or "can't be opened" in said[1]


def test_a_file_in_the_place_of_a_folder_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "artefacts").write_text("not a folder")
    (tmp_path / "documents.sqlite").mkdir()
    with pytest.raises(StorageError, match="can't write"):
        stored_results(tmp_path).save(a_result(), some_tables())
    with pytest.raises(StorageError, match="documents.sqlite can't be opened"):
        BacktestRepository(stored_documents(tmp_path)).save(a_backtest())
    with pytest.raises(StorageError, match="can't make the folder"):
        BacktestRepository(stored_documents(tmp_path / "artefacts" / "home")).save(a_backtest())


@pytest.mark.parametrize("hostile", ["../x", "..", "/tmp/x", "a/b", "a\0b", ".hidden", "x" * 200, "a\nb", "삼성"])
def test_no_hostile_id_is_kept(tmp_path: Path, hostile: str) -> None:
    home = tmp_path / "home"
    with pytest.raises(InputError, match="can't be an id"):
        BacktestRepository(stored_documents(home)).save(a_backtest(hostile))
    with pytest.raises(InputError, match="can't be an id"):
        StrategyRepository(stored_documents(home)).save(a_strategy(hostile))
    with pytest.raises(InputError, match="can't be an id"):
        stored_results(home).save(a_result(hostile), {})
    assert list(tmp_path.rglob("*")) == []
