"""Flipped bits in the file of documents, and writers that are killed: what a reader may see, and what he never sees.

A reader sees the document that was written, or an error. Damage to the structure of the file may also hide a document,
which a check of the whole file finds; damage to the log of a process that died takes the newest changes away, all from
the damaged one on. What is never seen is a value that nobody wrote.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.contracts.records import a_backtest, a_result, a_strategy
from tests.integration.processes import run

from hindcast.domain.backtest import Backtest, BacktestResult
from hindcast.domain.errors import StorageError
from hindcast.domain.strategy import Strategy
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.documents.collection import Collection
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository, StrategyRepository

PAGE = 4096
Kept = dict[tuple[str, str], Strategy | Backtest | BacktestResult]


def collections(store: SqliteDocumentStore) -> tuple[Collection[Any], ...]:
    return StrategyRepository(store), BacktestRepository(store), ResultRepository(store)


def changes() -> Iterator[tuple[str, Strategy | Backtest | BacktestResult]]:
    """What is written one after the other: new documents, and later versions of the same."""
    for turn in range(3):
        for number in range(5):
            created = datetime(2024, 1, 1 + number, tzinfo=UTC)
            owner = ("ann", "bob")[number % 2]
            yield "strategies", a_strategy(f"s{number}", owner=owner, created_at=created, revision=turn + 1)
            yield "backtests", a_backtest(f"b{number}", owner=owner, created_at=created, revision=turn + 1)
            if number % 2 == 0:
                yield "results", a_result(f"r{number}", day=number + 1, total_trades=100 * turn + number, owner=owner)


def written(folder: Path) -> list[Kept]:
    """Write all changes, and stay a process that holds the file; gives what was there after each."""
    folder.mkdir()
    store = SqliteDocumentStore(folder / "documents.sqlite")
    places = {each.kind.name: each for each in collections(store)}
    history: list[Kept] = [{}]
    for kind, record in changes():
        places[kind].save(record)
        history.append({**history[-1], (kind, places[kind].kind.id_of(record)): record})
    shutil.copytree(folder, folder.with_name("with its log"))  # as a process leaves it that is killed now
    store.close()
    return history


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Kept]]:
    folder = tmp_path_factory.mktemp("documents") / "whole"
    return folder, written(folder)


def one_of(collection: Collection[Any], document_id: str) -> tuple[Any, ...]:
    return (collection.find(document_id),)


def all_of(collection: Collection[Any]) -> tuple[Any, ...]:
    return tuple(collection.all())


def page_of(collection: Collection[Any]) -> tuple[Any, ...]:
    return collection.page({"owner": "ann"}, limit=200).items


def seen(folder: Path, ids: set[tuple[str, str]], outcomes: Counter[str]) -> Iterator[tuple[tuple[str, str], Any]]:
    """All that a reader gets from a damaged file: by id, in lists, page by page, by an owner."""
    store = SqliteDocumentStore(folder / "documents.sqlite")
    try:
        for each in collections(store):
            kind = each.kind.name
            asked: list[Callable[[], Any]] = [
                *(partial(one_of, each, document_id) for name, document_id in ids if name == kind),
                partial(all_of, each),
                partial(page_of, each),
            ]
            for ask in asked:
                try:
                    found = ask()
                except StorageError:
                    outcomes["refused"] += 1
                    continue
                for record in found:
                    outcomes["hidden" if record is None else "shown"] += 1
                    if record is not None:
                        yield (kind, each.kind.id_of(record)), record
    finally:
        store.close()


def bits_to_flip(content: bytes, count: int, seed: int) -> list[int]:
    """A third where something stands, a third in the heads of pages, a third in the head of the file."""
    random = np.random.default_rng(seed)
    used = np.flatnonzero(np.frombuffer(content, dtype=np.uint8))
    pages = random.integers(0, len(content) // PAGE, count // 3) * PAGE + random.integers(0, 40, count // 3)
    places = [*random.choice(used, count // 3), *pages, *random.integers(0, 100, count // 3)]
    return [int(place) * 8 + int(random.integers(0, 8)) for place in places]


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def flip_the_file(whole: Path, last: Kept, scratch: Path, *, count: int, seed: int) -> Counter[str]:
    content = (whole / "documents.sqlite").read_bytes()
    outcomes: Counter[str] = Counter()
    whole_answer = 2 * len(last) + sum(record.owner == "ann" for record in last.values())
    for bit in bits_to_flip(content, count, seed):
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        (scratch / "documents.sqlite").write_bytes(flipped(content, bit))
        before = Counter(outcomes)
        for key, record in seen(scratch, set(last), outcomes):
            assert record == last[key], f"bit {bit}: {key} is shown as nobody wrote it"
        if outcomes["refused"] == before["refused"] and outcomes["shown"] - before["shown"] < whole_answer:
            outcomes["flips that hide"] += 1
            findings = [error for _, error in SqliteDocumentStore(scratch / "documents.sqlite").check()]
            assert any(findings), f"bit {bit}: a document is hidden, and the check does not find out"
    return outcomes


def test_no_flipped_bit_of_the_file_shows_what_nobody_wrote(history: tuple[Path, list[Kept]], tmp_path: Path) -> None:
    whole, states = history
    assert not (whole / "documents.sqlite-wal").exists()
    outcomes = flip_the_file(whole, states[-1], tmp_path / "scratch", count=300, seed=1)
    assert outcomes["shown"] > 1_000
    assert outcomes["refused"] > 100


@pytest.mark.slow
def test_no_flipped_bit_of_a_thousand_shows_what_nobody_wrote(history: tuple[Path, list[Kept]], tmp_path: Path) -> None:
    whole, states = history
    outcomes = flip_the_file(whole, states[-1], tmp_path / "scratch", count=999, seed=2)
    assert outcomes["refused"] > 500


def flip_the_log(whole: Path, states: list[Kept], scratch: Path, *, count: int, seed: int) -> Counter[str]:
    folder = whole.with_name("with its log")
    content = (folder / "documents.sqlite-wal").read_bytes()
    outcomes: Counter[str] = Counter()
    random = np.random.default_rng(seed)
    for bit in random.integers(0, 8 * len(content), count):
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        shutil.copy(folder / "documents.sqlite", scratch)
        (scratch / "documents.sqlite-wal").write_bytes(flipped(content, int(bit)))
        refused = outcomes["refused"]
        found: Kept = dict(seen(scratch, set(states[-1]), outcomes))
        if outcomes["refused"] == refused:
            assert found in states, f"bit {bit}: what is shown was never there"
            outcomes["newest" if found == states[-1] else "earlier"] += 1
    return outcomes


def test_a_flipped_bit_of_the_log_leaves_a_state_that_was_there(
    history: tuple[Path, list[Kept]], tmp_path: Path
) -> None:
    whole, states = history
    outcomes = flip_the_log(whole, states, tmp_path / "scratch", count=80, seed=3)
    assert outcomes["earlier"] > 10


@pytest.mark.slow
def test_flipped_bits_of_the_log_by_the_hundred_leave_states_that_were_there(
    history: tuple[Path, list[Kept]], tmp_path: Path
) -> None:
    whole, states = history
    assert flip_the_log(whole, states, tmp_path / "scratch", count=400, seed=4)["earlier"] > 100


def test_a_log_that_is_cut_off_leaves_a_state_that_was_there(history: tuple[Path, list[Kept]], tmp_path: Path) -> None:
    whole, states = history
    folder = whole.with_name("with its log")
    content = (folder / "documents.sqlite-wal").read_bytes()
    for cut in np.random.default_rng(5).integers(0, len(content), 15):
        shutil.rmtree(tmp_path / "scratch", ignore_errors=True)
        (tmp_path / "scratch").mkdir()
        shutil.copy(folder / "documents.sqlite", tmp_path / "scratch")
        (tmp_path / "scratch" / "documents.sqlite-wal").write_bytes(content[: int(cut)])
        outcomes: Counter[str] = Counter()
        assert dict(seen(tmp_path / "scratch", set(states[-1]), outcomes)) in states
        assert outcomes["refused"] == 0


@pytest.mark.parametrize("left", [0, 100, PAGE, 3 * PAGE + 7, 0.5, 0.9])
def test_a_file_that_is_cut_off_shows_nothing_that_nobody_wrote(
    history: tuple[Path, list[Kept]], tmp_path: Path, left: float
) -> None:
    whole, states = history
    content = (whole / "documents.sqlite").read_bytes()
    size = int(left if left >= 1 else left * len(content))
    (tmp_path / "documents.sqlite").write_bytes(content[:size])
    outcomes: Counter[str] = Counter()
    for key, record in seen(tmp_path, set(states[-1]), outcomes):
        assert record == states[-1][key]
    assert outcomes["shown"] < 3 * len(states[-1])


WRITERS = """
import os, random, signal, time
from pathlib import Path
from hindcast.infrastructure.sqlite.store import SqliteDocumentStore
from hindcast.services.documents.repositories import BacktestRepository
from tests.contracts.records import a_backtest
file = Path(os.environ["HINDCAST_HOME"]) / "documents.sqlite"

def write(names, told):
    backtests = BacktestRepository(SqliteDocumentStore(file))
    for name in names:
        backtests.insert(a_backtest(name))
        backtests.change("counted", lambda each: each.model_copy(update={"revision": each.revision + 1}))
        os.write(told, name.encode() + b"\\n")

dice = random.Random(int(os.environ["SEED"]))
first = SqliteDocumentStore(file)
BacktestRepository(first).insert(a_backtest("counted", revision=0))
first.close()
acknowledged = set()
for turn in range(int(os.environ["TURNS"])):
    children, pipes = [], []
    for writer in range(2):
        told, telling = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                write((f"b{turn}.{writer}.{number}" for number in range(100_000)), telling)
            finally:
                os._exit(1)
        os.close(telling)
        children.append(child)
        pipes.append(told)
    time.sleep(dice.uniform(0.005, 0.15))
    for child in children:
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    for told in pipes:
        with os.fdopen(told, "rb") as pipe:
            acknowledged |= {line.decode() for line in pipe.read().split(b"\\n")[:-1]}
    store = SqliteDocumentStore(file)
    there = {each.id for each in BacktestRepository(store).all()} - {"counted"}
    assert acknowledged <= there, sorted(acknowledged - there)
    assert len(there - acknowledged) <= 2 * (turn + 1)
    counted = BacktestRepository(store).get("counted").revision
    assert len(acknowledged) <= counted <= len(there)
    store.close()
print(len(acknowledged))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize(
    ("seed", "turns"), [(1, 12), *(pytest.param(seed, 100, marks=pytest.mark.slow) for seed in range(2, 5))]
)
def test_what_was_acknowledged_is_there_whenever_its_writers_are_killed(tmp_path: Path, seed: int, turns: int) -> None:
    assert int(run(WRITERS, tmp_path, SEED=str(seed), TURNS=str(turns))) > turns
