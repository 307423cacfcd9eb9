"""Bits that flip in stored files: each is found before a number is shown."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.faults.market_stores import SYMBOLS, publish_state, state_of
from tests.unit.infrastructure.files.store.clean_series import KNOWN_AT, daily

from hindcast.domain.errors import CorruptDataError, NotFoundError
from hindcast.infrastructure.files.store.bar_store import FileBarStore


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three versions: a first one, a restatement of all of it, and more bars of one symbol."""
    store = FileBarStore(tmp_path)
    publish_state(store, 0)
    publish_state(store, 1)
    store.publish("prices", "1d", [daily("S0", "2024-06-01", [7.5] * 3)], reason="import", known_at=KNOWN_AT)
    return tmp_path


def questions(home: Path) -> list[Callable[[], object]]:
    """All that can be asked of the store; the answers are numbers and names that can be compared."""
    store = FileBarStore(home)
    versions = [version.id for version in store.versions("prices", "1d")]

    def panel(version: str | None) -> object:
        table = store.read("prices", "1d", SYMBOLS, version=version)
        arrays = [getattr(table, name) for name in ("timestamps", "open", "high", "low", "close", "volume", "dividend")]
        return table.version, [np.nan_to_num(array).tolist() for array in arrays]

    return [
        lambda: panel(None),
        *(lambda version=version: panel(version) for version in versions),
        lambda: store.versions("prices", "1d"),
        lambda: dict(store.series("prices", "1d")),
        lambda: store.actions("prices", "1d", "S3"),
    ]


def test_three_hundred_flipped_bits_are_all_found(home):
    flip_bits(home, 300, seed=3)


@pytest.mark.slow
def test_three_thousand_flipped_bits_are_all_found(home):
    flip_bits(home, 3_000, seed=4)


def flip_bits(home: Path, flips: int, seed: int) -> None:
    """Flip one bit at a time, in each file in turn: every question has its true answer, or an error."""
    asked = questions(home)
    truth = [ask() for ask in asked]
    files = sorted(path for path in (home / "market").rglob("*") if path.is_file() and path.name != "lock")
    assert {path.suffix for path in files} == {".parquet", ".json", ""}
    rng = random.Random(seed)
    for number in range(flips):
        path = files[number % len(files)]
        whole = path.read_bytes()
        place, bit = rng.randrange(len(whole)), rng.randrange(8)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        found = 0
        for ask, answer in zip(asked, truth, strict=True):
            try:
                assert ask() == answer, f"bit {bit} of byte {place} in {path} gave another answer"
            except CorruptDataError:
                found += 1
        wrong = [name for name, error in FileBarStore(home).check() if error is not None]
        assert found, f"bit {bit} of byte {place} in {path} was not found by any question"
        assert path.relative_to(home / "market").as_posix() in wrong
        path.write_bytes(whole)
    assert [ask() for ask in asked] == truth


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_file_that_is_cut_short_is_found(home, kept):
    asked = questions(home)
    truth = [ask() for ask in asked]
    for path in sorted(path for path in (home / "market").rglob("*") if path.is_file() and path.name != "lock"):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * kept)])
        found = 0
        for ask, answer in zip(asked, truth, strict=True):
            try:
                assert ask() == answer
            except CorruptDataError:
                found += 1
        assert found
        path.write_bytes(whole)


def test_a_file_that_is_gone_is_found(home):
    asked = questions(home)
    truth = [ask() for ask in asked]
    for path in sorted((home / "market").rglob("*.parquet")) + sorted((home / "market").rglob("*.json")):
        whole = path.read_bytes()
        path.unlink()
        found = 0
        for ask, answer in zip(asked, truth, strict=True):
            try:
                assert ask() == answer
            except (CorruptDataError, NotFoundError):
                found += 1
        assert found
        assert path.relative_to(home / "market").as_posix() in {
            name for name, error in FileBarStore(home).check() if error is not None
        }
        path.write_bytes(whole)


def test_a_file_in_the_place_of_another_is_found(home):
    """Whole files, wrongly named: the hash is of the content, not only of the name."""
    one, two, *_ = sorted((home / "market" / "bars").rglob("*.parquet"))
    contents = one.read_bytes(), two.read_bytes()
    one.write_bytes(contents[1])
    two.write_bytes(contents[0])
    with pytest.raises(CorruptDataError, match="not what was written"):
        state_of(FileBarStore(home).read("prices", "1d", SYMBOLS))
