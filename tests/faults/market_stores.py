"""A store whose every version can be told from its bars alone, for tests that disturb its publications."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.unit.infrastructure.files.store.clean_series import KNOWN_AT, daily, dividend

from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.services.ports import CleanSeries, PanelTable

SYMBOLS = tuple(f"S{number}" for number in range(12))
BARS = 40


def state(number: int) -> list[CleanSeries]:
    """All symbols in a state: every close of it is the number and the symbol's place, and one more bar each time."""
    return [
        daily(
            symbol,
            "2024-01-02",
            [1000.0 * number + place + 2] * (BARS + number),
            actions=[dividend("2024-01-03", 1 + number)],
        )
        for place, symbol in enumerate(SYMBOLS)
    ]


def publish_state(store: FileBarStore, number: int) -> str:
    return store.publish("prices", "1d", state(number), reason=f"state {number}", known_at=KNOWN_AT).id


def state_of(table: PanelTable) -> int:
    """The state that a panel of all symbols shows; fails where it is a mix of two, or half of one."""
    number = round((float(table.close[0, 0]) - 2) / 1000)
    assert table.symbols == SYMBOLS
    assert table.close.shape == (BARS + number, len(SYMBOLS))
    assert np.array_equal(table.close, np.tile(1000.0 * number + np.arange(len(SYMBOLS)) + 2, (BARS + number, 1)))
    assert np.array_equal(table.high, table.close + 1)
    assert table.dividend is not None
    assert set(table.dividend[1].tolist()) == {1.0 + number}
    return number


def read_state(home: Path) -> int:
    return state_of(FileBarStore(home).read("prices", "1d", SYMBOLS))


def damaged_names(home: Path) -> list[str]:
    return [name for name, error in FileBarStore(home).check() if error is not None]
