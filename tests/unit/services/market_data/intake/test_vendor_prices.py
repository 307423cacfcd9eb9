from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hindcast.services.market_data.intake.vendor_prices import hold_splits, later_splits

STAMPS = np.arange(5, dtype=np.int64)


def test_a_row_is_divided_by_the_splits_after_it():
    split = np.array([np.nan, 2.0, 0.0, 3.0, 1.0])
    assert later_splits(STAMPS, split).tolist() == [6, 3, 3, 1, 1]
    assert later_splits(STAMPS[::-1], split[::-1]).tolist() == [1, 1, 3, 3, 6]
    assert later_splits(STAMPS[:0], split[:0]).tolist() == []


def test_prices_tell_whether_they_hold_splits():
    split = np.array([0, 0, 4.0, 0, 0])
    assert hold_splits(STAMPS, np.array([25.0, 25.5, 26, 25, 26]), split) is True
    assert hold_splits(STAMPS, np.array([100.0, 102, 26, 25, 26]), split) is False


def test_nothing_is_told_by_small_splits_missing_prices_or_a_split_on_the_first_row():
    flat = np.full(5, 100.0)
    assert hold_splits(STAMPS, flat, np.array([0, 0, 1.1, 0, 0])) is None
    assert hold_splits(STAMPS, flat, np.zeros(5)) is None
    assert hold_splits(STAMPS, flat, np.array([4.0, 0, 0, 0, 0])) is None
    assert hold_splits(STAMPS, np.array([np.nan, np.nan, 1, 1, 1]), np.array([0, 0, 4.0, 0, 0])) is None


@given(st.lists(st.sampled_from([0.0, np.nan, 1.0, 2.0, 0.5, 3.0]), min_size=1, max_size=30), st.randoms())
def test_the_order_of_rows_does_not_matter(splits, random):
    split, stamps = np.array(splits), np.arange(len(splits), dtype=np.int64)
    order = list(range(len(splits)))
    random.shuffle(order)
    assert later_splits(stamps[order], split[order]).tolist() == later_splits(stamps, split)[order].tolist()
