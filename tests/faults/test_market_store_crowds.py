"""Many processes at once: publishers of one dataset lose nothing of each other, readers see whole versions."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from tests.faults.market_stores import damaged_names, publish_state, read_state

from hindcast.infrastructure.files.store.bar_store import FileBarStore

ROOT = Path(__file__).parents[2]
IMPORTER = """
import sys
from datetime import date, timedelta
from pathlib import Path
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from tests.unit.infrastructure.files.store.clean_series import KNOWN_AT, daily
home, kind, place, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
store = FileBarStore(home)
for number in range(rounds):
    symbol = f"S{place}" if kind == "disjoint" else "S"
    day = date(2024, 1, 1) + timedelta(days=4 * number + place)
    bars = daily(symbol, str(day), [100 * place + number + 2])
    store.publish("prices", "1d", [bars], reason="import", known_at=KNOWN_AT)
"""
READER = """
import sys
from pathlib import Path
from tests.faults.market_stores import read_state
last, seen = 0, set()
while last < int(sys.argv[2]):
    now = read_state(Path(sys.argv[1]))
    assert now >= last, (now, last)
    last = now
    seen.add(now)
print(len(seen))
"""


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def test_four_importers_of_different_symbols_lose_nothing(tmp_path):
    rounds = 10
    for process in [start(IMPORTER, tmp_path, "disjoint", place, rounds) for place in range(4)]:
        finish(process)
    store = FileBarStore(tmp_path)
    table = store.read("prices", "1d", [f"S{place}" for place in range(4)])
    assert table.close.shape == (4 * rounds, 4)
    for place in range(4):
        assert table.close[place::4, place].tolist() == [100 * place + number + 2 for number in range(rounds)]
    versions = store.versions("prices", "1d")
    assert [version.rows for version in versions] == list(range(4 * rounds, 0, -1))
    assert damaged_names(tmp_path) == []


def test_four_importers_of_the_same_symbol_lose_nothing(tmp_path):
    rounds = 10
    for process in [start(IMPORTER, tmp_path, "same", place, rounds) for place in range(4)]:
        finish(process)
    table = FileBarStore(tmp_path).read("prices", "1d", ["S"])
    assert table.close[:, 0].tolist() == [100 * place + number + 2 for number in range(rounds) for place in range(4)]
    versions = FileBarStore(tmp_path).versions("prices", "1d")
    assert [version.rows for version in versions] == list(range(4 * rounds, 0, -1))
    assert {version.restated for version in versions} == {()}


def test_readers_see_whole_versions_in_their_order_while_one_publishes(tmp_path):
    last = 60
    store = FileBarStore(tmp_path)
    publish_state(store, 0)
    readers = [start(READER, tmp_path, last) for _ in range(3)]
    for number in range(1, last + 1):
        publish_state(store, number)
    assert all(int(finish(reader)) >= 1 for reader in readers)


def test_threads_of_one_process_read_while_another_publishes(tmp_path):
    last = 40
    store = FileBarStore(tmp_path)
    publish_state(store, 0)
    seen: list[set[int]] = [set() for _ in range(3)]
    failures: list[BaseException] = []

    def read(found: set[int]) -> None:
        try:
            while last not in found:
                found.add(read_state(tmp_path))
        except BaseException as error:  # noqa: BLE001  # whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=read, args=(each,)) for each in seen]
    for thread in threads:
        thread.start()
    for number in range(1, last + 1):
        publish_state(store, number)
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert max(len(each) for each in seen) > 2
