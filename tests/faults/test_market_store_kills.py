"""Publishers that die: the old version or the new one, never half, and the next publication works."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.dying_publishers import DIED
from tests.faults.market_stores import damaged_names, publish_state, read_state

from hindcast.infrastructure.files.store.bar_store import FileBarStore

ROOT = Path(__file__).parents[2]
KILLED = -9


def homes_in(folder: Path, count: int) -> list[Path]:
    """So many data folders that hold state 0."""
    publish_state(FileBarStore(folder / "0"), 0)
    homes = [folder / str(number) for number in range(count)]
    for home in homes[1:]:
        shutil.copytree(homes[0], home)
    return homes


def deaths(kind: str, seed: int, homes: list[Path]) -> list[int]:
    """Let one publisher die in each home; gives how each ended."""
    program = [sys.executable, "-m", "tests.faults.dying_publishers", kind, str(seed), *map(str, homes)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600)
    return [int(line) for line in done.stdout.split()]


def hold_after_a_death(home: Path, allowed: set[int]) -> int:
    """Nothing is damaged, one of the allowed states is read, and the next one can be published; gives what was read."""
    assert damaged_names(home) == []
    found = read_state(home)
    assert found in allowed
    publish_state(FileBarStore(home), found + 1)
    assert read_state(home) == found + 1
    assert damaged_names(home) == []
    return found


def hold_after_kills(folder: Path, count: int, seed: int) -> None:
    homes = homes_in(folder, count)
    assert deaths("random", seed, homes) == [KILLED] * count
    halfway = 0
    for home in homes:
        told = home / "acknowledged"
        acknowledged = max((int(line) for line in told.read_text().split()), default=0) if told.exists() else 0
        stages = list(home.rglob("*.staging"))
        found = hold_after_a_death(home, {acknowledged, acknowledged + 1})
        halfway += bool(stages) or found > acknowledged
    assert halfway, "no publisher died while it was writing: the instants are too early or too late"


def test_forty_kills_at_random_instants_leave_whole_versions(tmp_path):
    hold_after_kills(tmp_path, 40, seed=1)


@pytest.mark.slow
def test_a_thousand_kills_at_random_instants_leave_whole_versions(tmp_path):
    hold_after_kills(tmp_path, 1_000, seed=2)


def test_a_death_before_any_step_of_a_publication_leaves_a_whole_version(tmp_path):
    homes = homes_in(tmp_path, 40)
    ends = deaths("steps", 0, homes)
    steps = ends.index(0)
    assert ends == [DIED] * steps + [0] * (len(homes) - steps)
    assert steps > 12
    found = [hold_after_a_death(home, {0, 1}) for home in homes]
    assert found == sorted(found), "a version was seen, and later in the publication it was not"
    assert found[steps] == 1
