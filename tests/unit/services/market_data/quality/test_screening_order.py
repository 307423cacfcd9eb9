from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.services.market_data.screened_series import (
    DAY,
    NAN,
    bars_at,
    daily,
    reasons,
    screened,
    taken,
    with_cells,
)

from hindcast.services.market_data.quality.order_rules import order_of


def test_rows_that_stand_newest_first_are_read_from_the_end():
    rows = daily()
    result = screened(taken(rows, np.arange(251)[::-1]))
    np.testing.assert_array_equal(result.timestamps, rows.timestamps)
    np.testing.assert_array_equal(result.close, rows.close)
    assert (reasons(result), result.findings) == ([], ())


def test_a_row_that_stands_elsewhere_is_unsorted_and_no_other():
    moved = np.insert(np.delete(np.arange(251), 40), 100, 40)
    assert reasons(screened(taken(daily(), moved))) == [(101, ("unsorted",))]
    assert reasons(screened(taken(daily(), moved[::-1]))) == [(151, ("unsorted",))]


def test_the_first_of_identical_rows_stays():
    rows = taken(daily(), np.insert(np.arange(251), 41, [40, 40]))
    result = screened(rows)
    assert reasons(result) == [(42, ("identical_duplicate",)), (43, ("identical_duplicate",))]
    np.testing.assert_array_equal(result.timestamps, daily().timestamps)


def test_of_identical_rows_the_one_in_its_place_stays():
    rows = taken(daily(), np.insert(np.arange(251), 10, 40))
    result = screened(rows)
    assert reasons(result) == [(11, ("unsorted", "identical_duplicate"))]
    np.testing.assert_array_equal(result.timestamps, daily().timestamps)


def test_all_of_several_rows_that_contradict_each_other_go():
    rows = with_cells(taken(daily(), np.insert(np.arange(251), 41, [40, 40])), 41, volume=77_777.0)
    result = screened(rows)
    assert reasons(result) == [(row, ("conflicting_duplicate",)) for row in (41, 42, 43)]


def test_a_row_that_cant_be_right_takes_no_good_row_of_its_stamp_away():
    rows = with_cells(taken(daily(), np.insert(np.arange(251), 41, 40)), 40, close=NAN)
    assert reasons(screened(rows)) == [(41, ("conflicting_duplicate", "nan_price"))]


def test_repeats_of_a_bad_row_are_bad_and_repeats():
    rows = with_cells(daily(), 40, close=NAN)
    result = screened(taken(rows, np.insert(np.arange(251), 41, 40)))
    assert reasons(result) == [(41, ("nan_price",)), (42, ("identical_duplicate", "nan_price"))]


def test_a_row_of_the_future_makes_no_other_unsorted():
    rows = with_cells(daily(), 40, timestamps=int(daily().timestamps[40]) + 30_000 * DAY)
    assert reasons(screened(rows)) == [(41, ("unsorted", "future_bar"))]


@given(st.lists(st.integers(0, 12), min_size=0, max_size=9))
def test_as_few_rows_as_possible_go(days):
    rows = bars_at(np.array(days, dtype=np.int64) * DAY)
    first = [day not in days[:place] for place, day in enumerate(days)]
    same = taken(rows, [days.index(day) for day in days])  # rows of one day are the same bar
    every = np.ones(len(days), dtype=np.bool_)
    order = order_of(same, trusted=every, misplaced=~every, bad=~every)
    kept = np.array(days, dtype=np.int64)[~(order.unsorted | order.identical | order.conflicting)]
    steps = np.diff(np.array(days, dtype=np.int64))
    way = days[::-1] if (steps < 0).sum() > (steps > 0).sum() else days
    most = max(size for size in range(len(days) + 1) if any(rising(chosen) for chosen in combinations(way, size)))
    assert len(kept) == most
    assert rising((kept[::-1] if order.reversed else kept).tolist())
    assert not order.conflicting.any()
    assert all(order.identical[place] or fresh for place, fresh in enumerate(first) if days.count(days[place]) == 1)


def rising(chosen) -> bool:
    return all(before < after for before, after in pairwise(chosen))
