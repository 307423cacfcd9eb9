"""The metrics against figures in print."""

from __future__ import annotations

import math

import pytest
from tests.unit.engine.metrics.curves_of_note import BACON_BENCHMARK, BACON_PORTFOLIO

from hindcast.engine.curve_input import analyze_performance

# Bacon (2008), chapter 4, and the same figures as "expected" in the manual of the R package PerformanceAnalytics.
TARGET = 0.005  # minimum acceptable return per month


@pytest.fixture(scope="module")
def plain():
    return analyze_performance(returns=BACON_PORTFOLIO, benchmark=BACON_BENCHMARK, periods_per_year=12)


@pytest.fixture(scope="module")
def above_target():
    rate = (1 + TARGET) ** 12 - 1
    return analyze_performance(returns=BACON_PORTFOLIO, periods_per_year=12, risk_free_rate=rate)


def test_the_omega_ratio_about_zero_is_bacons_bernardo_ledoit_ratio(plain):
    assert plain.omega_ratio == pytest.approx(1.78, abs=0.005)


def test_the_omega_ratio_about_half_a_percent_is_one_plus_bacons_omega_sharpe_ratio(above_target):
    assert above_target.omega_ratio - 1 == pytest.approx(0.29, abs=0.005)


def test_the_downside_deviation_within_the_sortino_ratio_is_bacons(above_target):
    mean_excess = sum(BACON_PORTFOLIO) / 24 - TARGET
    assert mean_excess / (above_target.sortino_ratio / math.sqrt(12)) == pytest.approx(0.0255, abs=0.00005)


def test_skewness_and_excess_kurtosis_of_the_sample_are_bacons(plain):
    assert plain.skewness == pytest.approx(-0.09, abs=0.005)
    assert plain.excess_kurtosis == pytest.approx(-0.41, abs=0.005)


def test_the_annualised_sharpe_ratio_of_a_coin_with_known_moments():
    # Mean 1 %, sample deviation 2 % per month: 0.5 a month, so sqrt(12) / 2 a year.
    swing = 0.02 * math.sqrt(11 / 12)
    found = analyze_performance(returns=[0.01 + swing, 0.01 - swing] * 6, periods_per_year=12)
    assert found.sharpe_ratio == pytest.approx(math.sqrt(12) / 2)
