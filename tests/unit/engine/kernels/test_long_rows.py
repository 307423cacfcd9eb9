from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hindcast.engine.kernels import long_rows


def naive(codes, stamps):
    """The definition: look at all rows of the same symbol before each row."""
    for row, (code, stamp) in enumerate(zip(codes, stamps, strict=True)):
        earlier = [stamps[k] for k in range(row) if codes[k] == code]
        if earlier and stamp <= earlier[-1]:
            return row
    return -1


def scan(codes, stamps, symbols=4):
    last = np.full(symbols, long_rows.NEVER, dtype=np.int64)
    first_row = np.full(symbols, -1, dtype=np.int64)
    row = long_rows.first_disorder(np.array(codes, dtype=np.int64), np.array(stamps, dtype=np.int64), last, first_row)
    return row, last, first_row


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), max_size=12))
def test_the_first_disorder_is_the_naive_one(rows):
    codes, stamps = [row[0] for row in rows], [row[1] for row in rows]
    assert scan(codes, stamps)[0] == naive(codes, stamps)


def test_interleaved_and_blocked_rows_are_both_in_order():
    assert scan([0, 1, 0, 1], [1, 1, 2, 2])[0] == -1
    row, last, first_row = scan([1, 1, 0, 0], [1, 2, 1, 2])
    assert row == -1
    assert last.tolist()[:2] == [2, 2]
    assert first_row.tolist() == [2, 0, -1, -1]


def test_a_repeated_stamp_is_found_with_the_stamp_before():
    row, last, _ = scan([0, 1, 0], [7, 7, 7])
    assert row == 2
    assert last[0] == 7
