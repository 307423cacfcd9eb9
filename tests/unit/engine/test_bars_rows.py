from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hindcast.engine.bars_rows import places, spread_over

DAY = 86_400_000_000_000
stamps = st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20)
days = st.lists(st.integers(-50, 50).map(lambda day: day * DAY), min_size=1, max_size=40)


@given(stamps | days)
def test_places_are_those_of_a_sort(values):
    expected, where = np.unique(np.array(values, dtype=np.int64), return_inverse=True)
    union, found = places(np.array(values, dtype=np.int64))
    assert union.tolist() == expected.tolist()
    assert found.tolist() == where.tolist()


@given(st.data(), st.integers(1, 4), st.integers(1, 5))
def test_each_row_comes_to_its_own_cell(data, symbols, bars):
    cells = [(bar, symbol) for bar in range(bars) for symbol in range(symbols)]
    order = np.array(data.draw(st.permutations(range(symbols))), dtype=np.int64)
    kept = data.draw(st.lists(st.sampled_from(cells), min_size=1, unique=True) | st.just(cells))
    rows = sorted(kept, key=data.draw(st.sampled_from([lambda cell: cell, lambda cell: cell[::-1]])))
    present = [code for code in order.tolist() if code in {symbol for _, symbol in rows}]
    values = np.arange(len(rows), dtype=float)
    union, spread = spread_over(
        np.array([bar * DAY for bar, _ in rows], dtype=np.int64),
        np.array([symbol for _, symbol in rows], dtype=np.int64),
        np.array(present, dtype=np.int64),
    )
    expected = np.full((len(union), len(present)), np.nan)
    for value, (bar, symbol) in zip(values, rows, strict=True):
        expected[union.tolist().index(bar * DAY), present.index(symbol)] = value
    np.testing.assert_array_equal(spread(values), expected)
