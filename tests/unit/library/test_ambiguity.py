"""What a run says of bars that don't tell the order of their prices: the list, the bounds, the note, the report."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import hindcast as hc
from hindcast.library.run import BacktestRun

DAY = 86_400_000_000_000


class Bracket(hc.EventStrategy):
    """Ten units with both exits, on the first bar."""

    STRATEGY_TYPE = "one_bracket"

    def on_bar(self, context: hc.Context) -> None:
        if context.index == 0:
            context.buy("AAA", quantity=10, stop_loss=90.0, take_profit=110.0)


def bars(last_low: float) -> hc.Bars:
    """Three bars; the last one rises through the take-profit."""
    rows = np.array([(100, 101, 99, 100), (100, 104, 96, 100), (100, 115, last_low, 100)], dtype=float)
    open_, high, low, close = rows.T[:, :, None]
    return hc.Bars.from_numpy(np.arange(1, 4) * DAY, ["AAA"], open_, high, low, close)


@cache
def run(last_low: float = 85.0) -> BacktestRun:
    config = hc.BacktestConfig(initial_capital=1_000.0)
    return hc.run_backtest(Bracket, bars(last_low), config=config)


def test_a_run_has_bounds_around_its_final_equity() -> None:
    found = run().bounds
    assert (found.lower, found.upper, found.run) == (900.0, 1100.0, 900.0)
    assert run().bounds is found


def test_a_run_lists_its_ambiguous_orders() -> None:
    table = run().ambiguous
    assert table[["symbol", "order_id", "type", "filled"]].to_numpy().tolist() == [
        ["AAA", 2, "stop", True],
        ["AAA", 3, "limit", False],
    ]
    assert set(table["timestamp"]) == {run().equity.index[-1]}


def test_ambiguous_fills_are_among_what_a_reader_must_know() -> None:
    assert any(note.startswith("1 of 2 fills depend on the order of prices within a bar") for note in run().notes)


def test_a_run_without_doubt_has_none_to_tell() -> None:
    certain = run(last_low=95.0)
    assert certain.bounds.lower == certain.bounds.upper == 1100.0
    assert len(certain.ambiguous) == 0
    assert not any("order of prices" in note for note in certain.notes)


@pytest.mark.parametrize("read", [True, False])
def test_the_report_has_the_bounds_once_they_were_read(tmp_path: Path, read: bool) -> None:
    config = hc.BacktestConfig(initial_capital=1_000.0)
    made = hc.run_backtest(Bracket, bars(85.0), config=config)
    if read:
        assert made.bounds.upper == 1100.0
    page = made.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
    assert ("the same orders end between 900.00 and 1,100.00" in page) == read
