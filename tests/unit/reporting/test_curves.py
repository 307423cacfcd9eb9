from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit.reporting.synthetic import weekdays

from hindcast.reporting.curves import calendar_returns, drawdowns, rolling_sharpe_ratio


def random_levels(count, seed=3):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, count)))


def test_a_drawdown_is_measured_from_the_highest_level_so_far():
    assert drawdowns(np.array([100.0, 80.0, np.nan, 120.0, 60.0])).tolist() == pytest.approx(
        [0.0, -0.2, np.nan, 0.0, -0.5], nan_ok=True
    )


def test_monthly_returns_are_those_of_pandas():
    when, levels = weekdays(900), random_levels(900)
    start = when[:1] - np.timedelta64(1, "D")
    own = calendar_returns(np.concatenate((start, when)), np.concatenate(([100.0], levels)))
    last = pd.Series(levels, index=pd.DatetimeIndex(when)).resample("ME").last()
    expected = last / last.shift(fill_value=100.0) - 1
    found = own.months[np.isfinite(own.months)]
    assert found == pytest.approx(expected.to_numpy(), abs=1e-12)
    assert np.prod(1 + own.totals) == pytest.approx(levels[-1] / 100.0)
    assert own.years.tolist() == [1999, 2000, 2001, 2002]


def test_a_month_without_bars_is_a_gap_and_not_a_zero():
    when = np.array(["2020-01-01", "2020-01-02", "2020-03-02"], dtype="datetime64[ns]")
    own = calendar_returns(when, np.array([100.0, 110.0, 121.0]))
    assert own.months[0, :3] == pytest.approx([0.1, np.nan, 0.1], nan_ok=True)


def test_the_month_of_the_starting_capital_alone_is_not_shown():
    when = np.array(["2019-12-31", "2020-01-01"], dtype="datetime64[ns]")
    assert calendar_returns(when, np.array([100.0, 110.0])).years.tolist() == [2020]


def test_returns_after_ruin_are_zero():
    when = np.array(["2020-01-01", "2020-01-31", "2020-02-28", "2020-03-31"], dtype="datetime64[ns]")
    own = calendar_returns(when, np.array([100.0, 50.0, 0.0, 0.0]))
    assert own.months[0, :3].tolist() == [-0.5, -1.0, 0.0]


def test_one_level_has_no_calendar():
    assert len(calendar_returns(weekdays(1), np.array([100.0])).years) == 0


def test_the_rolling_sharpe_ratio_is_that_of_pandas_on_each_window():
    when, levels = weekdays(801), random_levels(801)
    rolled = rolling_sharpe_ratio(when, levels, periods_per_year=252.0, risk_free_rate=0.02)
    excess = pd.Series(levels).pct_change().iloc[1:] - (1.02 ** (1 / 252) - 1)
    expected = excess.rolling(126).mean() / excess.rolling(126).std() * np.sqrt(252)
    assert rolled.window == 126
    assert rolled.value == pytest.approx(expected.iloc[125:].to_numpy(), rel=1e-9)
    assert rolled.timestamp[0] == when[126]


def test_a_short_run_gets_a_window_of_half_its_returns():
    assert rolling_sharpe_ratio(weekdays(41), random_levels(41), periods_per_year=252.0).window == 20


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_a_run_of_few_bars_has_no_rolling_sharpe_ratio(count):
    assert len(rolling_sharpe_ratio(weekdays(count), random_levels(count), periods_per_year=252.0).value) == 0


def test_a_window_that_does_not_vary_is_undefined_and_not_infinite():
    levels = np.concatenate((np.full(60, 100.0), random_levels(60)))
    rolled = rolling_sharpe_ratio(weekdays(120), levels, periods_per_year=252.0, window=20)
    assert np.isnan(rolled.value[:40]).all()
    assert np.isfinite(rolled.value[-40:]).all()


def test_a_long_curve_is_thinned_to_values_of_true_windows():
    when, levels = weekdays(20_000, start="1950-01-02"), random_levels(20_000)
    rolled = rolling_sharpe_ratio(when, levels, periods_per_year=252.0)
    returns = levels[1:] / levels[:-1] - 1
    place = 777
    end = int(np.searchsorted(when, rolled.timestamp[place]))
    window = returns[end - 126 : end]
    assert len(rolled.value) <= 4_000
    assert rolled.value[place] == pytest.approx(window.mean() / window.std(ddof=1) * np.sqrt(252))
