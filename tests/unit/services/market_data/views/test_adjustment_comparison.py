from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.services.market_data.panel_tables import random_walk

from hindcast.domain.errors import DataError
from hindcast.domain.market_data import CorporateAction
from hindcast.engine.stamps import to_nanoseconds
from hindcast.services.market_data.views.adjustment import adjusted_view
from hindcast.services.market_data.views.adjustment_comparison import action_columns, compare_with_vendor
from hindcast.services.ports import BarRows

DAYS = ["2024-06-11", "2024-06-10", "2024-06-07", "2024-06-06"]  # newest first, as the vendor gives them
CLOSES = np.array([51.0, 50.0, 100.0, 99.0])
ACTIONS = (
    CorporateAction(day=date(2024, 6, 10), kind="split", value=2.0),
    CorporateAction(day=date(2024, 6, 7), kind="dividend", value=0.5),
)


def rows(split: np.ndarray | None = None, dividend: np.ndarray | None = None) -> BarRows:
    return BarRows(
        symbol="AAA",
        timestamps=to_nanoseconds(DAYS),
        open=CLOSES,
        high=CLOSES,
        low=CLOSES,
        close=CLOSES,
        volume=np.full(4, 10.0),
        split=split,
        dividend=dividend,
    )


def test_a_vendor_that_adjusts_by_the_same_rule_agrees() -> None:
    found = compare_with_vendor(rows(), ACTIONS, np.array([51.0, 50.0, 50.0, 49.25]))
    assert found.agrees
    assert found.first_difference is None
    assert found.max_relative_difference < 1e-12
    assert found.bars == 4
    assert str(found) == "AAA: the vendor's adjusted closes agree on 4 bars"


def test_the_rows_own_columns_stand_in_for_actions() -> None:
    given_rows = rows(split=np.array([np.nan, 2.0, 1.0, 1.0]), dividend=np.array([0.0, 0.0, 0.5, np.nan]))
    assert compare_with_vendor(given_rows, None, np.array([51.0, 50.0, 50.0, 49.25])).agrees


def test_a_split_that_the_vendor_misses_is_named() -> None:
    found = compare_with_vendor(rows(), ACTIONS, np.array([51.0, 50.0, 100.0, 98.5]))
    assert not found.agrees
    assert found.first_difference == date(2024, 6, 10)
    assert found.max_relative_difference == pytest.approx(1.0)
    assert [each.words for each in found.differences] == ["2024-06-10: the vendor's adjusted close misses the split 2"]
    assert "differ by up to 100.00%, on 1 day" in str(found)


def test_a_dividend_that_the_vendor_misses_is_named() -> None:
    found = compare_with_vendor(rows(), ACTIONS, np.array([51.0, 50.0, 50.0, 49.5]))
    assert [each.words for each in found.differences] == [
        "2024-06-07: the vendor's adjusted close misses the dividend 0.5"
    ]
    assert found.differences[0].own_factor == pytest.approx(98.5 / 99)
    assert found.differences[0].vendor_factor == pytest.approx(1.0)


def test_an_adjustment_without_an_action_is_named() -> None:
    found = compare_with_vendor(rows(), ACTIONS[:1], np.array([51.0, 50.0, 50.0, 49.25]))
    assert [each.words for each in found.differences] == [
        "2024-06-07: the vendor multiplies the prices before by 0.994949, where it names no split and no dividend"
    ]


def test_another_size_of_adjustment_is_named() -> None:
    found = compare_with_vendor(rows(), ACTIONS, np.array([51.0, 50.0, 20.0, 19.7]))
    assert found.differences[0].words == (
        "2024-06-10: the vendor multiplies the prices before by 0.2 instead of 0.5 (split 2)"
    )


def test_actions_after_the_last_bar_only_scale_the_vendors_closes() -> None:
    found = compare_with_vendor(rows(), ACTIONS, np.array([51.0, 50.0, 50.0, 49.25]) / 7.0)
    assert found.agrees


def test_rounding_to_four_decimals_is_no_difference_even_of_small_prices() -> None:
    exact = np.array([51.0, 50.0, 50.0, 49.25]) / 313.0
    assert compare_with_vendor(rows(), ACTIONS, np.round(exact, 4)).agrees


def test_bars_without_a_close_on_either_side_are_left_out() -> None:
    found = compare_with_vendor(rows(), ACTIONS, np.array([51.0, np.nan, 50.0, 49.25]))
    assert found.agrees
    assert found.bars == 3
    nothing = compare_with_vendor(rows(), ACTIONS, np.full(4, np.nan))
    assert (nothing.bars, nothing.agrees) == (0, True)


def test_many_differences_are_counted_and_the_first_are_shown() -> None:
    days = np.arange(10, dtype=np.int64) * 86_400_000_000_000
    closes = np.full(10, 100.0)
    wild = BarRows(symbol="WLD", timestamps=days, open=closes, high=closes, low=closes, close=closes, volume=closes)
    found = compare_with_vendor(wild, (), 2.0 ** np.arange(10.0))
    assert len(found.differences) == 9
    assert str(found).splitlines()[-1] == "  … and 4 more"


def test_another_number_of_closes_is_refused() -> None:
    with pytest.raises(DataError, match="AAA: 3 adjusted closes for 4 rows"):
        compare_with_vendor(rows(), ACTIONS, np.ones(3))


def test_actions_of_days_without_a_bar_stand_on_the_next_one_per_new_share() -> None:
    stamps = to_nanoseconds(["2024-06-06", "2024-06-10"])
    actions = (
        CorporateAction(day=date(2024, 6, 9), kind="split", value=2.0),
        CorporateAction(day=date(2024, 6, 7), kind="dividend", value=1.0),
        CorporateAction(day=date(2024, 6, 10), kind="dividend", value=0.25),
        CorporateAction(day=date(2024, 6, 12), kind="split", value=5.0),
    )
    split, dividend = action_columns(actions, stamps)
    assert split.tolist() == [1.0, 2.0]
    assert dividend.tolist() == [0.0, 0.75]


@given(seed=st.integers(0, 10_000))
def test_the_adjusted_view_agrees_with_itself_in_any_order_of_rows(seed: int) -> None:
    table = random_walk(seed, symbols=1, gaps=0.0)
    assert table.split is not None
    assert table.dividend is not None
    order = np.random.default_rng(seed).permutation(len(table.timestamps))
    mixed = BarRows(
        symbol="S0",
        timestamps=table.timestamps[order],
        open=table.open[order, 0],
        high=table.high[order, 0],
        low=table.low[order, 0],
        close=table.close[order, 0],
        volume=table.volume[order, 0],
        split=table.split[order, 0],
        dividend=table.dividend[order, 0],
    )
    found = compare_with_vendor(mixed, None, adjusted_view(table).close[order, 0])
    assert found.agrees
    assert found.max_relative_difference < 1e-9
