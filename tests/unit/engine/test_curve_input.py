"""Equity curves and returns as users have them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.typing import ArrayLike
from tests.unit.engine.metrics.curves_of_note import daily_returns, levels_of

from hindcast.domain.errors import BenchmarkError, ConfigError, DataError
from hindcast.engine.curve_input import analyze_performance
from hindcast.engine.metrics.benchmark import BenchmarkSeries

DATES = pd.bdate_range("2020-01-06", periods=101)
LEVELS = levels_of(daily_returns(1, 100))
EQUITY = pd.Series(LEVELS, DATES, name="fund")


def comparable(metrics):
    return metrics.model_dump()


def test_every_form_of_the_same_curve_gives_the_same_metrics():
    expected = comparable(analyze_performance(EQUITY))
    forms: list[ArrayLike] = [
        EQUITY.to_frame(),
        EQUITY.tz_localize("UTC"),
        pd.Series(LEVELS, [stamp.date() for stamp in DATES]),
        pl.DataFrame({"date": [stamp.date() for stamp in DATES], "fund": LEVELS}),
    ]
    for form in forms:
        assert comparable(analyze_performance(form)) == expected


def test_values_alone_need_periods_per_year():
    forms = [LEVELS, LEVELS.tolist(), tuple(LEVELS), pl.Series(LEVELS), pd.Series(LEVELS)]
    results = [comparable(analyze_performance(form, periods_per_year=252)) for form in forms]
    assert all(result == results[0] for result in results)
    for form in forms:
        with pytest.raises(ConfigError, match="no dates, so periods_per_year can't be inferred"):
            analyze_performance(form)


def test_a_curve_without_dates_lasts_its_periods_over_periods_per_year():
    found = analyze_performance([100.0, *[110.0] * 503, 121.0], periods_per_year=252)
    assert found.annualized_return == pytest.approx(0.1)
    assert (found.start, found.end, found.observations) == (None, None, 504)


def test_a_curve_with_dates_lasts_its_calendar_time():
    found = analyze_performance(
        pd.Series([100.0, 110.0, 121.0], pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"]))
    )
    assert found.annualized_return == pytest.approx(1.21 ** (365.25 / 731) - 1)
    assert found.start == datetime(2020, 1, 1, tzinfo=UTC)
    assert found.end == datetime(2022, 1, 1, tzinfo=UTC)
    assert found.periods_per_year == 1


def test_the_first_return_counts_and_begins_one_spacing_earlier():
    r = EQUITY.pct_change().iloc[1:]
    by_returns, by_levels = analyze_performance(returns=r), analyze_performance(EQUITY)
    assert by_returns.observations == by_levels.observations == 100
    assert by_returns.total_return == pytest.approx(by_levels.total_return)
    assert by_returns.start == datetime(2020, 1, 6, tzinfo=UTC)
    assert by_returns.sharpe_ratio == pytest.approx(by_levels.sharpe_ratio)


def test_the_inferred_start_of_returns_does_not_make_a_weekend_bar():
    monday = pd.bdate_range("2020-01-06", periods=20)
    found = analyze_performance(returns=pd.Series(daily_returns(2, 20), monday))
    assert found.start == datetime(2020, 1, 5, tzinfo=UTC)
    assert found.periods_per_year == 252


def test_a_single_return_begins_one_day_earlier():
    found = analyze_performance(returns=pd.Series([0.1], pd.to_datetime(["2020-01-08"])))
    assert found.start == datetime(2020, 1, 7, tzinfo=UTC)
    assert found.total_return == pytest.approx(0.1)


def test_returns_after_a_loss_of_everything_are_left_out():
    found = analyze_performance(returns=[0.1, -1.5, -3.0, 0.2], periods_per_year=252)
    assert found.ruined
    assert found.total_return == pytest.approx(1.1 * -0.5 - 1)
    assert found.annualized_return == -1.0


def test_metrics_of_trades_are_undefined_for_a_curve():
    found = analyze_performance(EQUITY)
    assert (found.total_trades, found.win_rate, found.turnover, found.total_commission) == (None, None, None, None)


def test_both_or_neither_of_equity_and_returns_are_refused():
    with pytest.raises(ConfigError, match="got neither of equity and returns"):
        analyze_performance()
    with pytest.raises(ConfigError, match="got both of equity and returns"):
        analyze_performance(EQUITY, returns=EQUITY)


def test_a_value_that_is_not_finite_is_named_by_position_and_date():
    broken = EQUITY.copy()
    broken.iloc[4] = np.nan
    with pytest.raises(DataError, match=r"equity is nan at position 4 \(2020-01-10\)"):
        analyze_performance(broken)
    with pytest.raises(DataError, match=r"returns is nan at position 0 \(2020-01-06\).*drop or fill"):
        analyze_performance(returns=EQUITY.pct_change())
    with pytest.raises(DataError, match=r"equity is inf at position 1; "):
        analyze_performance([1.0, float("inf")], periods_per_year=252)


def test_unsorted_and_doubled_dates_are_refused():
    with pytest.raises(DataError, match=r"position 1 \(2020-05-22\) is before"):
        analyze_performance(EQUITY.iloc[::-1])
    with pytest.raises(DataError, match=r"position 3 \(2020-01-08\) repeats"):
        analyze_performance(EQUITY.iloc[[0, 1, 2, 2, 3]])
    with pytest.raises(DataError, match="returns: the date at position 1"):
        analyze_performance(returns=EQUITY.iloc[::-1])


@pytest.mark.parametrize(
    ("equity", "said"),
    [
        ([], "0 values; expected at least two"),
        ([100.0], "1 values; expected at least two"),
        ([0.0, 1.0], "begins at 0.0"),
        ([-5.0, 1.0], "begins at -5.0"),
        (["a", "b"], "can't be read as numbers"),
        ([[1.0, 2.0], [3.0, 4.0]], "expected one column"),
        (pd.DataFrame({"a": [1.0], "b": [2.0]}), "frame with the columns"),
    ],
)
def test_what_is_no_curve_is_refused(equity, said):
    with pytest.raises(DataError, match=said):
        analyze_performance(equity, periods_per_year=252)


def test_no_returns_are_refused():
    with pytest.raises(DataError, match="returns is empty"):
        analyze_performance(returns=[], periods_per_year=252)


def test_an_index_that_is_no_date_is_refused():
    with pytest.raises(DataError, match="timestamp"):
        analyze_performance(pd.Series([1.0, 2.0], ["first", "second"]))


def test_a_benchmark_is_aligned_by_date_and_its_gaps_are_counted():
    benchmark = pd.Series(levels_of(daily_returns(8, 100)), DATES).drop(DATES[7])
    benchmark.iloc[20] = np.nan
    found = analyze_performance(EQUITY, benchmark=benchmark)
    assert found.benchmark_common_observations == 98
    assert found.benchmark_dropped_dates == 2
    assert found.relative_return == pytest.approx(LEVELS[-1] / LEVELS[0] - benchmark.iloc[-1] / benchmark.iloc[0])


def test_benchmark_returns_beside_returns_lose_no_observation():
    r, b = EQUITY.pct_change().iloc[1:], pd.Series(daily_returns(8, 100), DATES[1:])
    found = analyze_performance(returns=r, benchmark=b)
    assert found.benchmark_common_observations == 100
    assert found.correlation == pytest.approx(np.corrcoef(r, b)[0, 1])
    positions = analyze_performance(returns=r.to_numpy(), benchmark=b.to_numpy(), periods_per_year=252)
    assert positions.beta == pytest.approx(found.beta)


def test_benchmark_returns_with_the_same_first_date_but_another_second_keep_the_first_return():
    r, b = pd.Series(daily_returns(1, 9), DATES[:9]), pd.Series(daily_returns(2, 9), DATES[:9]).drop(DATES[1])
    assert analyze_performance(returns=r, benchmark=b).benchmark_common_observations == 8


def test_a_ready_benchmark_series_is_taken_as_it_is():
    stamps = DATES.to_numpy().astype("M8[ns]").astype(np.int64)
    ready = BenchmarkSeries(symbol="SPX", timestamps=stamps, values=LEVELS)
    assert analyze_performance(EQUITY, benchmark=ready).beta == pytest.approx(1.0)


def test_a_benchmark_that_can_not_be_aligned_is_refused():
    with pytest.raises(BenchmarkError, match="the curve has dates but the benchmark has none"):
        analyze_performance(EQUITY, benchmark=LEVELS)
    with pytest.raises(BenchmarkError, match="the benchmark has dates but the curve has none"):
        analyze_performance(LEVELS, benchmark=EQUITY, periods_per_year=252)
    with pytest.raises(BenchmarkError, match="gives 100 levels, the curve 101"):
        analyze_performance(LEVELS, benchmark=LEVELS[1:], periods_per_year=252)
    with pytest.raises(BenchmarkError, match="'old' shares no dates"):
        analyze_performance(
            EQUITY, benchmark=pd.Series([1.0, 2.0], pd.to_datetime(["1990-01-01", "1990-01-02"]), name="old")
        )
    with pytest.raises(DataError, match=r"benchmark: the date at position 1"):
        analyze_performance(EQUITY, benchmark=EQUITY.iloc[::-1])


def test_a_date_object_is_a_stamp_at_midnight_utc():
    found = analyze_performance(pl.DataFrame({"day": [date(2020, 1, 1), date(2020, 1, 2)], "value": [1.0, 2.0]}))
    assert found.end == datetime(2020, 1, 2, tzinfo=UTC)
