"""Many curves at once equal each curve alone, on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.engine.metrics.curves_of_note import daily_returns, levels_of

from hindcast.domain.errors import ConfigError, DataError
from hindcast.engine.curve_input import analyze_performance
from hindcast.engine.curves import analyze_curves
from hindcast.engine.kernels.curve_metrics import CURVE_COLUMNS


@pytest.fixture(scope="module")
def curves():
    rows = [levels_of(daily_returns(seed, 400)) for seed in range(12)]
    rows[3] = np.full(401, 100.0)
    rows[5] = np.concatenate((rows[5][:200], np.full(201, -4.0)))
    return np.array(rows)


def test_each_row_equals_the_analysis_of_its_curve_alone(curves):
    table = analyze_curves(curves, periods_per_year=252, risk_free_rate=0.02)
    assert tuple(table) == CURVE_COLUMNS
    for row, levels in enumerate(curves):
        alone = analyze_performance(levels, periods_per_year=252, risk_free_rate=0.02)
        for name, column in table.items():
            value = getattr(alone, name)
            assert column[row] == pytest.approx(np.nan if value is None else value, rel=1e-12, nan_ok=True), name


@pytest.mark.parametrize("workers", [2, 3, 7, None])
def test_the_number_of_threads_changes_no_bit(curves, workers):
    many = np.vstack([curves * scale for scale in np.linspace(0.5, 2.0, 150)])
    one = analyze_curves(many, periods_per_year=252, workers=1)
    others = analyze_curves(many, periods_per_year=252, workers=workers)
    assert all(one[name].tobytes() == others[name].tobytes() for name in one)


def test_columns_in_another_memory_order_or_precision_are_taken_as_they_are(curves):
    plain = analyze_curves(curves, periods_per_year=252)
    turned = analyze_curves(np.asfortranarray(curves), periods_per_year=252)
    assert all(plain[name].tobytes() == turned[name].tobytes() for name in plain)
    assert analyze_curves([[1, 2, 1]], periods_per_year=252)["total_return"].tolist() == [0.0]


def test_the_input_is_left_as_it_was(curves):
    before = curves.copy()
    analyze_curves(curves, periods_per_year=252)
    assert curves.flags.writeable
    assert (curves == before).all()


def test_no_curves_give_empty_columns():
    assert analyze_curves(np.empty((0, 5)), periods_per_year=252)["volatility"].shape == (0,)


@pytest.mark.parametrize(
    ("equity", "said"),
    [
        ([1.0, 2.0], r"shape \(2,\); expected \(curves, periods \+ 1\)"),
        ([[1.0], [2.0]], "at least one period"),
        ([[1.0, 2.0], [1.0, float("nan")]], "curve 1 is nan at position 1"),
        ([[1.0, 2.0], [0.0, 1.0]], "curve 1 begins at 0.0"),
        ([[1.0, 2.0], [1.0]], "curves of the same length"),
        ([["a", "b"]], "can't be read as numbers"),
    ],
)
def test_impossible_curves_are_refused(equity, said):
    with pytest.raises(DataError, match=said):
        analyze_curves(equity, periods_per_year=252)


def test_impossible_settings_are_refused():
    with pytest.raises(ConfigError, match="workers is 0"):
        analyze_curves([[1.0, 2.0]], periods_per_year=252, workers=0)
    with pytest.raises(ConfigError, match="periods_per_year"):
        analyze_curves([[1.0, 2.0]], periods_per_year=0)
    with pytest.raises(ConfigError, match="risk_free_rate"):
        analyze_curves([[1.0, 2.0]], periods_per_year=252, risk_free_rate=-1)
