"""A data folder in which an older Hindcast kept documents as JSON files: taken over once, and left untouched."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from tests.integration.processes import run, start

from hindcast.bootstrap import ServiceFactory
from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.certificate import Verdict
from hindcast.domain.errors import NotFoundError
from hindcast.infrastructure.files.older_documents import older_documents
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.documents.codec import content_hash
from hindcast.services.ports import Find, StoredDocument
from hindcast.settings import load_settings

FIXTURES = Path(__file__).parents[1] / "data" / "documents"
KEPT = (("strategies", 1), ("backtests", 1), ("backtests", 2), ("results", 1), ("results", 2), ("results", 3))
OPEN = """
import os
from functools import partial
from pathlib import Path
from hindcast.infrastructure.files.older_documents import older_documents
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.ports import Find
home = Path(os.environ["HINDCAST_HOME"])
os.chdir(home)
def opened(older=partial(older_documents, Path())):
    return SqliteDocumentStore(Path("documents.sqlite"), older=older)
"""


def as_file(document: dict[str, object]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return f'{{"content_hash":"{content_hash(text)}","document":{text}}}\n'.encode()


@pytest.fixture
def home(data_folder: Path) -> Path:
    """A data folder as older Hindcasts left it."""
    for kind, version in KEPT:
        document = json.loads((FIXTURES / f"{kind}-{version}.json").read_text(encoding="utf-8"))
        folder = data_folder / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{document.get('id') or document['backtest_id']}.json").write_bytes(as_file(document))
    return data_folder


def fresh(home: Path) -> ServiceFactory:
    return ServiceFactory(load_settings({"home": home}))


def counts(services: ServiceFactory) -> tuple[int, int, int]:
    databases = services.databases
    return len(databases.strategies.list()), len(databases.backtests.list()), len(databases.results.list())


def originals(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*.json")}


def test_everything_that_was_kept_is_there_with_what_it_meant(home: Path) -> None:
    before = originals(home)
    services = fresh(home)
    assert counts(services) == (1, 2, 3)
    results = services.results.list()
    assert [result.schema_version for result in results] == [4, 4, 4]
    verdicts = [Verdict.PASSED, Verdict.PASSED, Verdict.NOT_RUN]
    assert sorted(result.certificate.verdict for result in results) == sorted(verdicts)
    (failed,) = (each for each in services.backtests.list() if each.status is BacktestStatus.FAILED)
    assert "'ZZZ'" in (failed.error_message or "")
    assert services.results.get(results[0].manifest.id) == results[0]
    assert originals(home) == before


def test_what_was_taken_over_is_changed_and_taken_away_like_anything_else(home: Path) -> None:
    services = fresh(home)
    (strategy,) = services.databases.strategies.list()
    services.databases.strategies.delete(strategy.id)
    first, second = services.backtests.list()
    services.backtests.change(first.id, lambda each: each.model_copy(update={"name": "renamed"}))
    again = fresh(home)
    assert again.databases.strategies.list() == ()
    assert {each.name for each in again.backtests.list()} == {"renamed", second.name}


def test_files_that_come_later_are_not_looked_at(home: Path) -> None:
    assert counts(fresh(home)) == (1, 2, 3)
    document = json.loads((FIXTURES / "strategies-1.json").read_text(encoding="utf-8")) | {"id": "late"}
    (home / "strategies" / "late.json").write_bytes(as_file(document))
    assert counts(fresh(home)) == (1, 2, 3)


@pytest.mark.parametrize("name", ["flipped", "cut", "empty", "garbage", "newer", "another id", "folder", "no id"])
def test_a_damaged_file_is_told_by_its_name_and_stops_no_other(
    home: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    (path,) = (home / "strategies").glob("*.json")
    content = path.read_bytes()
    document = json.loads(content)["document"]
    path.unlink()
    damaged = {
        "flipped": content.replace(b'"short_window":5', b'"short_window":6'),
        "cut": content[:-10],
        "empty": b"",
        "garbage": b"\xff\xfe" * 100,
        "newer": as_file(document | {"schema_version": 99}),
        "another id": as_file(document | {"id": "other"}),
        "no id": content,
    }
    if name == "folder":
        path.mkdir()
    elif name == "no id":
        path = path.with_name("a b.json")
        path.write_bytes(damaged[name])
    else:
        path.write_bytes(damaged[name])
    with caplog.at_level(logging.WARNING):
        services = fresh(home)
        assert counts(services) == (0, 2, 3)
    (told,) = (record.getMessage() for record in caplog.records)
    assert told.startswith(f"{path} is not taken over and stays where it is: ")
    assert path.exists()
    with pytest.raises(NotFoundError):
        services.databases.strategies.get(document["id"])


def test_a_process_that_dies_while_it_takes_over_leaves_all_for_the_next(home: Path) -> None:
    program = (
        OPEN
        + """
def dying():
    for number, document in enumerate(older_documents(Path())):
        if number == 4:
            os._exit(9)
        yield document
opened(dying).find("backtests", Find())
"""
    )
    run(program, home, code=9)
    assert counts(fresh(home)) == (1, 2, 3)


@pytest.mark.parametrize("read", range(7))
def test_a_taking_over_that_is_interrupted_took_nothing_over(home: Path, read: int) -> None:
    def interrupted() -> Iterator[tuple[str, StoredDocument]]:
        yield from islice(older_documents(home), read)
        raise KeyboardInterrupt

    store = SqliteDocumentStore(home / "documents.sqlite", older=interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.find("backtests", Find())
    assert counts(fresh(home)) == (1, 2, 3)


def test_processes_that_open_an_older_folder_at_once_all_see_everything(home: Path) -> None:
    program = (
        OPEN
        + """
print(*(len(opened().find(kind, Find())) for kind in ("strategies", "backtests", "results")))
"""
    )
    processes = [start(program, home) for _ in range(3)]
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out.split()) == (0, ["1", "2", "3"]), err


def test_a_file_that_may_not_be_read_stops_the_taking_over(home: Path) -> None:
    (path,) = (home / "strategies").glob("*.json")
    home.chmod(0o777)
    path.chmod(0)
    program = (
        OPEN
        + """
from hindcast.domain.errors import StorageError
if os.geteuid() == 0:
    os.setuid(65534)
try:
    list(older_documents(Path()))
except StorageError as error:
    print(error)
"""
    )
    said = run(program, home)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert f"can't read strategies/{path.name}, which an older Hindcast kept: Permission denied" in said


def test_a_folder_without_older_documents_gives_none(tmp_path: Path) -> None:
    assert list(older_documents(tmp_path / "not there")) == []
    (tmp_path / "results").write_text("a file")
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "readme.txt").write_text("x")
    (tmp_path / "strategies" / f".s1.json.{os.getpid()}.staging").write_text("half")
    assert list(older_documents(tmp_path)) == []
