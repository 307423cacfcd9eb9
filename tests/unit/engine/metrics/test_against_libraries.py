"""The metrics against libraries of the field, where their definitions agree with ours."""

from __future__ import annotations

import math

import empyrical
import numpy as np
import pandas as pd
import pytest
import quantstats.stats
import scipy.stats
from tests.unit.engine.metrics.curves_of_note import daily_returns

from hindcast.engine.curve_input import analyze_performance

RF = 0.03
RF_DAILY = (1 + RF) ** (1 / 252) - 1


@pytest.fixture(scope="module", params=range(3))
def series(request):
    dates = pd.bdate_range("2010-01-04", periods=1_500)
    benchmark = pd.Series(daily_returns(request.param + 50), dates)
    own = 0.6 * benchmark + pd.Series(daily_returns(request.param), dates)
    return own, benchmark


@pytest.fixture(scope="module")
def metrics(series):
    own, benchmark = series
    return analyze_performance(returns=own, benchmark=benchmark, risk_free_rate=RF)


def close(found, expected):
    return found == pytest.approx(float(expected), rel=1e-10, abs=1e-12)


def test_periods_per_year_are_those_of_business_days(metrics):
    assert metrics.periods_per_year == 252


def test_total_return_equals_empyrical(metrics, series):
    assert close(metrics.total_return, empyrical.cum_returns_final(series[0]))


def test_volatility_equals_empyrical_and_pandas(metrics, series):
    assert close(metrics.volatility, empyrical.annual_volatility(series[0]))
    assert close(metrics.volatility, series[0].std() * math.sqrt(252))


def test_sharpe_ratio_equals_empyrical(metrics, series):
    assert close(metrics.sharpe_ratio, empyrical.sharpe_ratio(series[0], risk_free=RF_DAILY))


def test_sortino_ratio_equals_empyrical(metrics, series):
    assert close(metrics.sortino_ratio, empyrical.sortino_ratio(series[0], required_return=RF_DAILY))


def test_omega_ratio_equals_empyrical(metrics, series):
    assert close(metrics.omega_ratio, empyrical.omega_ratio(series[0], risk_free=RF_DAILY))


def test_max_drawdown_is_empyricals_and_quantstats_with_the_sign_turned(metrics, series):
    assert close(metrics.max_drawdown, -empyrical.max_drawdown(series[0]))
    assert close(metrics.max_drawdown, -quantstats.stats.max_drawdown(series[0]))


def test_tail_metrics_equal_empyrical(metrics, series):
    assert close(metrics.value_at_risk_95, empyrical.value_at_risk(series[0], 0.05))
    assert close(metrics.expected_shortfall_95, empyrical.conditional_value_at_risk(series[0], 0.05))
    assert close(metrics.tail_ratio, empyrical.tail_ratio(series[0]))
    assert close(metrics.tail_ratio, quantstats.stats.tail_ratio(series[0]))


def test_shape_of_the_returns_equals_pandas_and_scipy(metrics, series):
    assert close(metrics.skewness, series[0].skew())
    assert close(metrics.skewness, scipy.stats.skew(series[0], bias=False))
    assert close(metrics.excess_kurtosis, series[0].kurt())
    assert close(metrics.excess_kurtosis, scipy.stats.kurtosis(series[0], bias=False))


def test_ulcer_index_equals_quantstats_but_for_its_divisor(metrics, series):
    n = len(series[0])
    assert close(metrics.ulcer_index, quantstats.stats.ulcer_index(series[0]) * math.sqrt((n - 1) / n))


def test_beta_correlation_and_r_squared_equal_scipys_regression(metrics, series):
    own, benchmark = series
    line = scipy.stats.linregress(benchmark - RF_DAILY, own - RF_DAILY)
    assert close(metrics.beta, line.slope)
    assert close(metrics.alpha, line.intercept * 252)
    assert close(metrics.correlation, line.rvalue)
    assert close(metrics.r_squared, line.rvalue**2)
    assert close(metrics.r_squared, quantstats.stats.r_squared(own, benchmark))


def test_beta_equals_empyrical_and_alpha_does_before_it_is_compounded(metrics, series):
    own, benchmark = series
    alpha, beta = empyrical.alpha_beta(own, benchmark, risk_free=RF_DAILY)
    assert close(metrics.beta, beta)
    assert close((1 + metrics.alpha / 252) ** 252 - 1, alpha)


def test_captures_equal_empyrical(metrics, series):
    assert close(metrics.up_capture, empyrical.up_capture(*series))
    assert close(metrics.down_capture, empyrical.down_capture(*series))


def test_tracking_error_and_information_ratio_equal_quantstats_per_year(metrics, series):
    own, benchmark = series
    per_period = quantstats.stats.information_ratio(own, benchmark)
    assert close(metrics.information_ratio, per_period * math.sqrt(252))
    assert close(metrics.tracking_error, np.std(own - benchmark, ddof=1) * math.sqrt(252))


def test_annualized_return_equals_empyrical_where_calendar_and_periods_agree():
    r = daily_returns(9, 504)
    found = analyze_performance(returns=r, periods_per_year=252)
    assert close(found.annualized_return, empyrical.annual_return(r))
    assert close(found.calmar_ratio, empyrical.calmar_ratio(pd.Series(r)))
