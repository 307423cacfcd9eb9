from __future__ import annotations

from math import inf

import numpy as np
import pytest

from hindcast.engine import layout
from hindcast.engine.kernels.quiet import mark_ahead

CLOSE = np.array([[10.0, 20.0], [np.nan, 21.0], [12.0, np.nan], [13.0, 23.0], [4.0, 24.0]])
BY_NAME = np.array([1, 0])


def watch(*rows: tuple[float, float, int]) -> np.ndarray:
    found = np.zeros(max(len(rows), 1), dtype=layout.WATCH_DTYPE)
    for record, (below, above, symbol) in zip(found, rows, strict=False):
        record["below"], record["above"], record["symbol"] = below, above, symbol
    return found


def ahead(
    quantities: list[float], cash: float, *rows: tuple[float, float, int], maintenance: float = 0.5, first: int = 0
) -> tuple[int, list[float], list[float]]:
    """The bar to stop before, the equity of the bars before it, and the marks."""
    marks = np.array([9.0, 19.0])
    equity = np.full(len(CLOSE), np.nan)
    stop = mark_ahead(
        CLOSE, CLOSE + 1, CLOSE - 1, BY_NAME, watch(*rows), len(rows), np.array(quantities), marks, cash, maintenance,
        equity, first, len(CLOSE),
    )  # fmt: skip
    return stop, equity[first:stop].tolist(), marks.tolist()


def test_equity_is_cash_and_positions_at_the_last_closes_seen() -> None:
    stop, equity, marks = ahead([2.0, 1.0], 100.0)
    assert stop == 5
    assert equity == [140.0, 141.0, 145.0, 149.0, 132.0]
    assert marks == [4.0, 24.0]


def test_it_goes_on_from_the_marks_that_it_is_given() -> None:
    stop, equity, _ = ahead([2.0, 1.0], 100.0, first=1)
    assert (stop, equity[0]) == (5, 139.0)


@pytest.mark.parametrize(
    ("row", "stop"),
    [
        ((-inf, inf, 0), 5),
        ((9.0, inf, 0), 0),
        ((8.9, inf, 0), 4),
        ((-inf, 14.0, 0), 3),
        ((-inf, 24.0, 1), 3),
        ((20.0, inf, 1), 0),
        ((inf, inf, 0), 0),
    ],
)
def test_it_stops_before_the_bar_that_reaches_an_order(row: tuple[float, float, int], stop: int) -> None:
    assert ahead([1.0, 1.0], 100.0, row)[0] == stop


def test_a_symbol_without_a_price_wakes_no_order() -> None:
    assert ahead([1.0, 1.0], 100.0, (inf, inf, 0), first=1)[0] == 2


def test_it_stops_before_a_margin_call_and_before_ruin() -> None:
    assert ahead([-1.0, 0.0], 19.0)[:2] == (3, [9.0, 9.0, 7.0])
    assert ahead([0.0, -1.0], 22.0, maintenance=0.0)[:2] == (3, [2.0, 1.0, 1.0])
    assert ahead([0.0, 0.0], 0.0)[0] == 0
