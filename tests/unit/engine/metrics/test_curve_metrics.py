"""The compiled curve metrics against their naive twins, and the edges of their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engine.metrics import naive
from tests.unit.engine.metrics.curves_of_note import daily_returns, levels_of

from hindcast.engine.curves import curve_statistics
from hindcast.engine.kernels.curve_metrics import CURVE_COLUMNS
from hindcast.engine.metrics.calmar import calmar_ratio
from hindcast.engine.metrics.drawdown import drawdown_series, max_drawdown, max_drawdown_duration
from hindcast.engine.metrics.moments import excess_kurtosis, skewness
from hindcast.engine.metrics.omega import omega_ratio
from hindcast.engine.metrics.returns import annualized_return, simple_returns, total_return
from hindcast.engine.metrics.sharpe import sharpe_ratio
from hindcast.engine.metrics.sortino import sortino_ratio
from hindcast.engine.metrics.tail import expected_shortfall_95, tail_ratio, value_at_risk_95
from hindcast.engine.metrics.ulcer import ulcer_index
from hindcast.engine.metrics.volatility import volatility

STEPS = st.one_of(st.floats(-0.5, 0.5), st.sampled_from([0.0, 0.0, 0.01, -0.01]))


def statistics(levels, *, days=None, ppy=252.0, rf=0.0):
    levels = np.asarray(levels, dtype=np.float64)
    days = np.arange(levels.size, dtype=np.float64) if days is None else np.asarray(days, dtype=np.float64)
    return curve_statistics(levels, days=days, periods_per_year=ppy, risk_free_rate=rf)


def assert_same(found, expected):
    for name, value in expected.items():
        if math.isnan(value):
            assert found[name] is None, name
        else:
            assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


@given(
    steps=st.lists(STEPS, min_size=1, max_size=60),
    rf=st.sampled_from([0.0, 0.02, -0.005]),
    ppy=st.sampled_from([252.0, 12.0]),
)
def test_the_compiled_pass_equals_the_naive_definitions_on_any_curve(steps, rf, ppy):
    levels = levels_of(np.array(steps))
    days = np.cumsum(np.arange(levels.size) % 3 + 1.0)
    assert_same(statistics(levels, days=days, ppy=ppy, rf=rf), naive.curve(levels.tolist(), days.tolist(), ppy, rf))


@given(st.lists(st.floats(-50.0, 200.0), min_size=1, max_size=30))
def test_curves_that_fall_through_zero_still_equal_the_naive_definitions(later):
    levels = [100.0, *[round(level, 3) for level in later]]
    days = list(range(len(levels)))
    assert_same(statistics(levels), naive.curve(levels, days, 252.0, 0.0))


@pytest.mark.parametrize("seed", range(3))
def test_each_public_function_gives_its_column_of_the_compiled_pass(seed):
    levels = levels_of(daily_returns(seed))
    days = np.arange(levels.size) * 1.45
    years = days[-1] / 365.25
    r = simple_returns(levels)
    rates = {"periods_per_year": 252.0, "risk_free_rate": 0.03}
    single = {
        "total_return": total_return(levels),
        "annualized_return": annualized_return(levels, years=years),
        "volatility": volatility(r, periods_per_year=252.0),
        "sharpe_ratio": sharpe_ratio(r, **rates),
        "sortino_ratio": sortino_ratio(r, **rates),
        "max_drawdown": max_drawdown(levels),
        "max_drawdown_duration": max_drawdown_duration(levels, days=days),
        "calmar_ratio": calmar_ratio(levels, years=years),
        "omega_ratio": omega_ratio(r, **rates),
        "value_at_risk_95": value_at_risk_95(r),
        "expected_shortfall_95": expected_shortfall_95(r),
        "tail_ratio": tail_ratio(r),
        "skewness": skewness(r),
        "excess_kurtosis": excess_kurtosis(r),
        "ulcer_index": ulcer_index(levels),
    }
    assert tuple(single) == CURVE_COLUMNS
    assert single == statistics(levels, days=days, rf=0.03)


def test_one_return_defines_the_path_but_not_the_distribution():
    found = statistics([100.0, 90.0], days=[0.0, 365.25])
    assert found["total_return"] == pytest.approx(-0.1)
    assert found["annualized_return"] == pytest.approx(-0.1)
    assert found["max_drawdown"] == pytest.approx(0.1)
    assert found["max_drawdown_duration"] == 365.25
    assert found["calmar_ratio"] == pytest.approx(-1.0)
    assert found["ulcer_index"] == pytest.approx(0.1)
    of_returns = ("volatility", "sharpe_ratio", "sortino_ratio", "omega_ratio", "value_at_risk_95", "tail_ratio")
    assert [found[name] for name in (*of_returns, "expected_shortfall_95", "skewness", "excess_kurtosis")] == [None] * 9


def test_a_curve_that_never_moves_has_no_ratios_but_a_volatility_of_zero():
    found = statistics([100.0] * 10)
    assert found["volatility"] == 0.0
    assert found["max_drawdown"] == 0.0
    assert found["max_drawdown_duration"] == 0.0
    none = ("sharpe_ratio", "sortino_ratio", "calmar_ratio", "omega_ratio", "tail_ratio", "skewness", "excess_kurtosis")
    assert [found[name] for name in none] == [None] * 7


def test_constant_growth_has_no_sharpe_ratio_although_rounding_makes_its_returns_differ():
    levels = 100.0 * 1.0007 ** np.arange(300)
    assert len(set(simple_returns(levels).tolist())) > 1
    found = statistics(levels)
    assert found["sharpe_ratio"] is None
    assert found["volatility"] == 0.0
    assert found["skewness"] is None


def test_a_curve_without_losses_has_no_sortino_omega_or_calmar_ratio():
    found = statistics([100.0, 101.0, 101.0, 103.0, 104.0])
    assert [found[name] for name in ("sortino_ratio", "omega_ratio", "calmar_ratio")] == [None] * 3
    assert found["sharpe_ratio"] > 0


def test_a_ruined_curve_has_an_annual_return_of_minus_one_and_no_returns_afterwards():
    found = statistics([100.0, 50.0, -20.0, -20.0, -20.0])
    assert found["total_return"] == pytest.approx(-1.2)
    assert found["annualized_return"] == -1.0
    assert found["max_drawdown"] == 1.0
    assert simple_returns([100.0, 50.0, -20.0, -20.0]).tolist() == pytest.approx([-0.5, -1.4, 0.0])


def test_growth_that_no_float_holds_per_year_is_undefined_and_not_infinite():
    found = statistics([1.0, 1e6], days=[0.0, 1.0 / 86_400])
    assert found["annualized_return"] is None
    assert found["calmar_ratio"] is None


def test_no_annual_return_where_no_time_has_passed():
    assert statistics([1.0, 2.0], days=[0.0, 0.0])["annualized_return"] is None


def test_a_drawdown_lasts_from_the_last_bar_at_the_peak_to_the_first_that_reaches_it_again():
    levels = [100.0, 120.0, 120.0, 90.0, 110.0, 120.0, 119.0, 130.0]
    days = [0.0, 10.0, 20.0, 21.0, 50.0, 60.0, 61.0, 63.0]
    assert max_drawdown_duration(levels, days=days) == 40.0


def test_a_drawdown_that_never_recovers_lasts_to_the_end():
    assert max_drawdown_duration([100.0, 99.0, 98.0], days=[0.0, 5.0, 30.0]) == 30.0


def test_the_deepest_of_the_drawdown_series_is_the_maximum_drawdown():
    levels = levels_of(daily_returns(5))
    assert drawdown_series(levels).max() == max_drawdown(levels)


@given(st.integers(-40, 40), st.lists(STEPS, min_size=2, max_size=40))
def test_scaling_a_curve_by_a_power_of_two_changes_no_metric(power, steps):
    levels = levels_of(np.array(steps))
    assert statistics(levels * 2.0**power) == statistics(levels)


# Not compiled, numpy warns of what machine code passes over: a return too large for a float is infinite, then None.
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid:RuntimeWarning")
def test_no_metric_is_ever_infinite_or_nan():
    for levels in ([1e-300, 1e300], [1.0, 0.0, 0.0], [1.0, 1e-320, 1.0], [1e308, 1.0, 1e308]):
        values = [value for value in statistics(levels).values() if value is not None]
        assert all(math.isfinite(value) for value in values)
