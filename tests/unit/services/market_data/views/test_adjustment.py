from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.services.market_data.panel_tables import closes_only, random_walk

import hindcast as hc
from hindcast.domain.errors import DataError
from hindcast.services.market_data.views.adjustment import adjusted_view, adjustment_factors
from hindcast.services.ports import PanelTable

DAYS = ["2024-06-06", "2024-06-07", "2024-06-10", "2024-06-11"]


def known_example() -> PanelTable:
    return closes_only(DAYS, [99.0, 100.0, 50.0, 51.0], [1.0, 1.0, 2.0, 1.0], [0.0, 0.5, 0.0, 0.0])


def test_the_worked_example_of_split_and_dividend_comes_out_exactly() -> None:
    view = adjusted_view(known_example())
    assert view.close[:, 0].tolist() == [49.25, 50.0, 50.0, 51.0]
    assert view.volume[:, 0].tolist() == [20.0, 20.0, 10.0, 10.0]
    assert view.adjusted
    assert view.split is None
    assert view.dividend is None
    assert view.notes == ("prices are adjusted for 1 split and 1 dividend up to the last bar",)


def test_a_dividend_on_the_day_of_a_split_is_per_new_share() -> None:
    # Held from 100: two shares at 50 before the dividend of 1 each, so 49/50 of the price is left: 100 / 2 * 0.98.
    view = adjusted_view(closes_only(DAYS[:2], [100.0, 49.0], [1.0, 2.0], [0.0, 1.0]))
    assert view.close[:, 0].tolist() == pytest.approx([49.0, 49.0], rel=1e-15)
    # A holder of one old share has 2 * 49 + 2 * 1 = 100 at the end: nothing was won, and the adjusted return is zero.
    assert view.close[1, 0] / view.close[0, 0] == pytest.approx((2 * 49.0 + 2 * 1.0) / 100.0, rel=1e-15)


def test_the_engine_books_split_and_dividend_of_one_day_in_the_same_order() -> None:
    table = closes_only(DAYS[:3], [100.0, 100.0, 49.0], [1.0, 1.0, 2.0], [0.0, 0.0, 1.0])
    result = hc.run_backtest("buy_and_hold", bars_of(table), config=hc.BacktestConfig(initial_capital=1_000.0))
    assert result.equity.to_numpy()[-1] == pytest.approx(1_000.0, rel=1e-12)


def test_a_reverse_split_multiplies_earlier_prices() -> None:
    view = adjusted_view(closes_only(DAYS[:2], [1.0, 10.0], [1.0, 0.1]))
    assert view.close[:, 0].tolist() == [10.0, 10.0]
    assert view.volume[:, 0].tolist() == [1.0, 10.0]


def test_a_gap_before_a_dividend_looks_back_to_the_last_close() -> None:
    nan = np.nan
    view = adjusted_view(closes_only(DAYS, [100.0, nan, nan, 49.0], 1.0, [0.0, 0.0, 0.0, 1.0]))
    assert view.close[0, 0] == pytest.approx(99.0)
    assert np.isnan(view.close[1:3, 0]).all()
    assert np.isnan(view.volume[1:3, 0]).all()


def test_a_split_within_a_gap_counts_for_the_dividend_after_it() -> None:
    nan = np.nan
    table = closes_only(DAYS, [100.0, nan, nan, 49.0], [1.0, 2.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0])
    assert adjusted_view(table).close[0, 0] == pytest.approx(100.0 / 2 * (1 - 1 / 50), rel=1e-15)


def test_actions_before_the_first_bar_change_nothing() -> None:
    nan = np.nan
    table = closes_only(DAYS, [nan, nan, 50.0, 51.0], [2.0, 3.0, 4.0, 1.0], [9.0, 99.0, 60.0, 0.0])
    assert adjusted_view(table).close[2:, 0].tolist() == [50.0, 51.0]


def test_an_action_behind_the_last_bar_puts_prices_on_its_basis() -> None:
    view = adjusted_view(closes_only(DAYS[:3], [98.0, 100.0, np.nan], [1.0, 1.0, 2.0]))
    assert view.close[:2, 0].tolist() == [49.0, 50.0]


def test_what_is_missing_among_the_actions_is_no_action() -> None:
    table = replace(known_example(), split=np.full((4, 1), np.nan), dividend=np.full((4, 1), np.nan))
    assert adjusted_view(table).close[:, 0].tolist() == [99.0, 100.0, 50.0, 51.0]


def test_a_table_without_actions_keeps_its_numbers() -> None:
    table = replace(known_example(), split=None, dividend=None)
    view = adjusted_view(table)
    assert np.array_equal(view.close, table.close)
    assert view.notes == ("prices are adjusted for 0 splits and 0 dividends up to the last bar",)


def test_what_is_adjusted_already_stays_as_it_is() -> None:
    view = adjusted_view(known_example())
    assert adjusted_view(view) is view


def test_the_raw_table_is_left_alone() -> None:
    table = known_example()
    adjusted_view(table)
    assert table.close[:, 0].tolist() == [99.0, 100.0, 50.0, 51.0]


@pytest.mark.parametrize("paid", [100.0, 150.0])
def test_a_dividend_that_is_not_below_the_close_before_it_is_refused(paid: float) -> None:
    table = closes_only(DAYS[:2], [100.0, 99.0], 1.0, [0.0, paid])
    with pytest.raises(DataError, match=f"AAA on 2024-06-07: a dividend of {paid:g} .* close before was 100"):
        adjusted_view(table)


def test_a_dividend_is_held_against_the_price_after_the_split() -> None:
    with pytest.raises(DataError, match="a dividend of 60 per share, where the close before was 50 per share"):
        adjusted_view(closes_only(DAYS[:2], [100.0, 50.0], [1.0, 2.0], [0.0, 60.0]))


@pytest.mark.parametrize(
    ("split", "dividend", "words"),
    [
        (0.0, 0.0, "split 0; expected new shares per old"),
        (-2.0, 0.0, "split -2"),
        (np.inf, 0.0, "split inf"),
        (1.0, -0.5, "dividend -0.5; expected cash per share"),
        (1.0, np.inf, "dividend inf"),
    ],
)
def test_actions_that_can_not_be_are_refused(split: float, dividend: float, words: str) -> None:
    with pytest.raises(DataError, match=f"AAA on 2024-06-07: {words}"):
        adjusted_view(closes_only(DAYS[:2], [100.0, 99.0], [1.0, split], [0.0, dividend]))


def test_a_price_below_zero_can_be_split() -> None:
    assert adjusted_view(closes_only(DAYS[:3], [-4.0, 0.0, 3.0], [1.0, 2.0, 2.0])).close[:, 0].tolist() == [
        -1.0,
        0.0,
        3.0,
    ]


def test_one_bar_has_nothing_before_it() -> None:
    assert adjusted_view(closes_only(DAYS[:1], [5.0], 2.0, 1.0)).close[0, 0] == 5.0


def bars_of(table: PanelTable) -> hc.Bars:
    return hc.Bars.from_numpy(
        table.timestamps,
        table.symbols,
        table.open,
        table.high,
        table.low,
        table.close,
        table.volume,
        table.split,
        table.dividend,
        table.adjusted,
    )


def held_with_dividends_reinvested(table: PanelTable, column: int) -> tuple[float, float]:
    """What one raw share is worth at its first and its last bar, each dividend spent at the close before it."""
    assert table.split is not None
    assert table.dividend is not None
    shares, last, first = 1.0, np.nan, np.nan
    for bar in range(int(np.flatnonzero(~np.isnan(table.close[:, column]))[-1]) + 1):
        if not np.isnan(last):
            shares *= table.split[bar, column]
            last /= table.split[bar, column]
            paid = shares * table.dividend[bar, column]
            shares += paid / (last - table.dividend[bar, column])
        close = table.close[bar, column]
        if not np.isnan(close):
            first, last = (close, close) if np.isnan(first) else (first, close)
    return first, shares * last


@given(seed=st.integers(0, 10_000))
def test_the_adjusted_return_is_that_of_the_share_with_dividends_reinvested(seed: int) -> None:
    table = random_walk(seed)
    view = adjusted_view(table)
    for column in range(len(table.symbols)):
        seen = np.flatnonzero(~np.isnan(view.close[:, column]))
        first, last = held_with_dividends_reinvested(table, column)
        got = view.close[seen[-1], column] / view.close[seen[0], column]
        assert got == pytest.approx(last / first, rel=1e-11)


@given(seed=st.integers(0, 10_000))
def test_bars_stay_bars_and_turnover_in_split_terms_stays(seed: int) -> None:
    table = random_walk(seed)
    view = adjusted_view(table)
    assert bars_of(view).adjusted  # every rule of the panel holds: prices above zero, the low lowest, the high highest
    assert np.array_equal(np.isnan(view.close), np.isnan(table.close))
    assert table.dividend is not None
    only_splits = replace(table, dividend=np.zeros_like(table.dividend))
    factors = adjustment_factors(only_splits)
    assert np.allclose(factors.price * factors.volume, 1.0, rtol=1e-12)


@given(seed=st.integers(0, 10_000), cut=st.integers(20, 100))
def test_a_shorter_table_gives_the_same_returns(seed: int, cut: int) -> None:
    table = random_walk(seed, gaps=0.0)
    head = replace(
        table,
        timestamps=table.timestamps[:cut],
        **{
            name: getattr(table, name)[:cut] for name in ("open", "high", "low", "close", "volume", "split", "dividend")
        },
    )
    known, later = adjusted_view(head).close, adjusted_view(table).close[:cut]
    assert np.allclose(known[1:] / known[:-1], later[1:] / later[:-1], rtol=1e-11)


@given(seed=st.integers(0, 500))
def test_a_holder_has_the_same_money_on_raw_and_on_adjusted_bars(seed: int) -> None:
    """Splits alone: to rounding. With dividends: the raw run keeps the cash idle, the adjusted one has it invested.

    The difference is what the dividends' cash would have earned or lost: no more than their share of the price at the
    time, times the largest move of the rest of the walk.
    """
    table = random_walk(seed, bars=60, symbols=1, gaps=0.0)
    assert table.dividend is not None
    config = hc.BacktestConfig(proof="off")
    for dividends in (False, True):
        raw = table if dividends else replace(table, dividend=np.zeros_like(table.dividend))
        view = adjusted_view(raw)
        left, right = (
            hc.run_backtest("buy_and_hold", bars_of(each), config=config).equity.to_numpy(dtype=float).ravel()[-1]
            for each in (raw, view)
        )
        assert raw.dividend is not None
        assert raw.split is not None
        paid = float((raw.dividend[1:, 0] * raw.split[1:, 0] / raw.close[:-1, 0]).sum())
        wander = float(view.close.max() / view.close.min())
        bound = 1e-9 + (np.expm1(paid) * (wander - 1.0) * wander if dividends else 0.0)
        assert abs(left / right - 1.0) <= bound
