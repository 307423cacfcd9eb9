"""Alignment with a benchmark and the metrics against it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.engine.metrics import naive
from tests.unit.engine.metrics.curves_of_note import BACON_BENCHMARK, BACON_PORTFOLIO, daily_returns, levels_of

from hindcast.domain.errors import BenchmarkError
from hindcast.engine.metrics.benchmark import BenchmarkSeries, align, benchmark_statistics, relative_statistics

DAY = 86_400_000_000_000
STEPS = st.lists(
    st.tuples(st.floats(-0.3, 0.3), st.one_of(st.floats(-0.3, -0.01), st.floats(0.01, 0.3))), min_size=6, max_size=40
)


def days(*numbers):
    return np.array(numbers, dtype=np.int64) * DAY


def series(stamps, values):
    return BenchmarkSeries(symbol="SPX", timestamps=stamps, values=np.asarray(values, dtype=np.float64))


@given(STEPS, st.sampled_from([0.0, 0.03]))
def test_the_compiled_pass_equals_the_naive_definitions(pairs, rf):
    r, b = ([pair[side] for pair in pairs] for side in (0, 1))
    r[0], b[0], r[1], b[1] = 0.05, 0.05, -0.05, -0.06
    found = benchmark_statistics(r, b, periods_per_year=12, risk_free_rate=rf)
    for name, value in naive.benchmark(r, b, 12, rf).items():
        assert found[name] == pytest.approx(value, rel=1e-7, abs=1e-10), name


def test_growth_that_a_product_of_floats_can_not_hold_is_captured_all_the_same():
    r, b = np.full(8_000, 0.2), np.full(8_000, 0.1)
    b[::2] = -0.1
    found = benchmark_statistics(r, b, periods_per_year=1)
    assert found["up_capture"] == pytest.approx(2.0)
    assert found["down_capture"] == pytest.approx(-2.0)


def test_a_portfolio_that_is_its_benchmark_has_beta_one_and_no_tracking_error():
    r = daily_returns(3)
    found = benchmark_statistics(r, r, periods_per_year=252)
    assert found["beta"] == 1.0
    assert found["alpha"] == pytest.approx(0.0, abs=1e-12)
    assert found["correlation"] == pytest.approx(1.0)
    assert found["tracking_error"] == 0.0
    assert found["information_ratio"] is None
    assert (found["up_capture"], found["down_capture"]) == (1.0, 1.0)


def test_a_benchmark_that_never_moves_leaves_regression_and_captures_undefined():
    found = benchmark_statistics([0.01, -0.02, 0.03], [0.0, 0.0, 0.0], periods_per_year=12)
    undefined = ("alpha", "beta", "correlation", "r_squared", "up_capture", "down_capture")
    assert [found[name] for name in undefined] == [None] * 6
    assert found["tracking_error"] == pytest.approx(np.std([0.01, -0.02, 0.03], ddof=1) * np.sqrt(12))


def test_a_portfolio_that_never_moves_has_beta_zero_and_no_correlation():
    found = benchmark_statistics([0.0, 0.0, 0.0], [0.01, -0.02, 0.03], periods_per_year=12)
    assert found["beta"] == 0.0
    assert found["correlation"] is None


def test_one_common_return_defines_nothing():
    assert set(benchmark_statistics([0.01], [0.02], periods_per_year=12).values()) == {None}


def test_a_loss_of_everything_is_a_capture_of_minus_one_a_year():
    found = benchmark_statistics([0.1, -1.0, 0.0], [0.1, 0.1, 0.1], periods_per_year=3)
    assert found["up_capture"] == pytest.approx(-1.0 / (1.1**3 - 1))


def test_bacons_jensen_alpha_has_its_sign_and_size():
    # Printed as -0.014: from annualised returns, ours from mean returns; they agree to the second decimal.
    found = benchmark_statistics(BACON_PORTFOLIO, BACON_BENCHMARK, periods_per_year=12)
    assert found["alpha"] == pytest.approx(-0.014, abs=0.002)


def test_different_lengths_are_refused():
    with pytest.raises(BenchmarkError, match="2 returns but 3 benchmark returns"):
        benchmark_statistics([0.1, 0.2], [0.1, 0.2, 0.3], periods_per_year=12)


def test_equal_stamps_are_all_common():
    stamps = days(1, 2, 3)
    common = align(np.array([1.0, 2.0, 3.0]), stamps, series(stamps, [4.0, 5.0, 6.0]))
    assert common.benchmark.tolist() == [4.0, 5.0, 6.0]
    assert common.dropped == 0


def test_dates_that_only_one_side_has_are_dropped_and_counted_within_the_span():
    common = align(
        np.array([10.0, 11.0, 12.0, 13.0]), days(5, 6, 8, 9), series(days(1, 2, 5, 7, 8, 20), [1, 2, 3, 4, 5, 6])
    )
    assert common.levels.tolist() == [10.0, 12.0]
    assert common.benchmark.tolist() == [3.0, 5.0]
    assert common.dropped == 3  # 6 and 9 of the curve, 7 of the benchmark


def test_a_nan_of_the_benchmark_is_a_date_that_it_does_not_have():
    stamps = days(1, 2, 3)
    common = align(np.array([1.0, 2.0, 3.0]), stamps, series(stamps, [4.0, np.nan, 6.0]))
    assert common.levels.tolist() == [1.0, 3.0]
    assert common.dropped == 1


def test_returns_are_taken_after_dropping_dates_and_not_before():
    common = align(np.array([100.0, 50.0, 110.0]), days(1, 2, 3), series(days(1, 3), [100.0, 120.0]))
    found = relative_statistics(common, periods_per_year=252)
    assert found["relative_return"] == pytest.approx(-0.1)


@given(st.sets(st.integers(0, 60), min_size=1), st.sets(st.integers(0, 60), min_size=1))
def test_alignment_keeps_exactly_the_common_dates(own, its):
    stamps, its_stamps = days(*sorted(own)), days(*sorted(its))
    benchmark = series(its_stamps, [float(day + 1) for day in sorted(its)])
    shared = sorted(own & its)
    if not shared:
        with pytest.raises(BenchmarkError, match="shares no dates"):
            align(stamps / DAY, stamps, benchmark)
        return
    common = align(stamps / DAY, stamps, benchmark)
    within = {day for day in its if min(own) <= day <= max(own)}
    assert common.levels.tolist() == [float(day) for day in shared]
    assert common.benchmark.tolist() == [float(day + 1) for day in shared]
    assert common.dropped == len(own ^ within)


def test_no_common_dates_are_an_error_that_names_both_spans():
    with pytest.raises(BenchmarkError, match=r"'SPX' shares no dates .* 1970-01-02 to 1970-01-03; .* 1970-01-06 to"):
        align(np.array([1.0, 2.0]), days(1, 2), series(days(5, 6), [1.0, 1.0]))
    with pytest.raises(BenchmarkError, match="its own: none"):
        align(np.array([1.0, 2.0]), days(1, 2), series(days(), []))


def test_one_common_date_gives_no_metric():
    common = align(np.array([1.0, 2.0]), days(1, 2), series(days(2, 3), [1.0, 1.0]))
    assert set(relative_statistics(common, periods_per_year=252).values()) == {None}


def test_a_curve_ruined_before_the_first_common_date_gives_no_metric():
    common = align(np.array([1.0, 0.0, 0.0]), days(1, 2, 3), series(days(2, 3), [1.0, 1.0]))
    assert set(relative_statistics(common, periods_per_year=252).values()) == {None}


def test_relative_return_is_own_growth_less_the_benchmarks():
    own, its = levels_of(daily_returns(1)), levels_of(daily_returns(2), 7.0)
    stamps = np.arange(own.size, dtype=np.int64) * DAY
    found = relative_statistics(align(own, stamps, series(stamps, its)), periods_per_year=252)
    assert found["relative_return"] == pytest.approx(own[-1] / own[0] - its[-1] / its[0])


@pytest.mark.parametrize(
    ("stamps", "values", "said"),
    [
        (days(1, 2), [1.0], "one value for each"),
        (days(2, 1), [1.0, 1.0], r"position 1 \(1970-01-02\) is not after"),
        (days(1, 1), [1.0, 1.0], "is not after"),
        (days(1, 2), [1.0, 0.0], "is 0.0 on 1970-01-03"),
        (days(1, 2), [1.0, float("inf")], "is inf on 1970-01-03"),
    ],
)
def test_an_impossible_benchmark_is_refused(stamps, values, said):
    with pytest.raises(BenchmarkError, match=said):
        series(stamps, values)
