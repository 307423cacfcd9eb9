from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.contracts.records import a_result

from hindcast.domain.verification import Difference
from hindcast.services.backtest.table_comparison import compare_metrics, compare_table

STAMPS = np.array(["2020-01-01", "2020-01-02T09:30", "NaT"], dtype="M8[ns]")


def differences(stored: Any, new: Any, *, tolerance: float = 0.0) -> tuple[Difference, ...]:
    """What differs between two columns."""
    columns = ({"x": np.asarray(each)} for each in (stored, new))
    return compare_table("t", *columns, tolerance=tolerance).differences


EQUAL = {
    "numbers": ([1.0, np.nan, np.inf, -np.inf], [1.0, np.nan, np.inf, -np.inf]),
    "whole numbers of two widths": (np.array([1, 2], dtype=np.int32), np.array([1, 2])),
    "stamps": (STAMPS, STAMPS.copy()),
    "stamps of two units": (np.array(["2020-01-01"], "M8[D]"), np.array(["2020-01-01"], "M8[ns]")),
    "words": (np.array(["a", ""], object), np.array(["a", ""], object)),
    "truth": ([True, False], [True, False]),
    "nothing": (np.empty(0), np.empty(0)),
    "every other value of an array": (np.arange(6.0)[::2], [0.0, 2.0, 4.0]),
}


@pytest.mark.parametrize("name", EQUAL)
@pytest.mark.parametrize("tolerance", [0.0, 1e-12])
def test_equal_columns_have_no_difference(name: str, tolerance: float) -> None:
    assert differences(*EQUAL[name], tolerance=tolerance) == ()


UNEQUAL = {
    "a number": ([1.0, 2.0, 3.0], [1.0, 2.5, 3.5], 1, 2.0, 2.5, 2, 0.5 / 3.5),
    "a number that is none": ([1.0, np.nan], [1.0, 2.0], 1, "nan", 2.0, 1, None),
    "an infinite number": ([1.0], [-np.inf], 0, 1.0, "-inf", 1, None),
    "the sign of nothing": ([0.0], [-0.0], 0, 0.0, -0.0, 1, 0.0),
    "a whole number": ([1, 2**53 + 1], [1, 2**53], 1, 2**53 + 1, 2**53, 1, None),
    "a stamp": (
        STAMPS,
        np.roll(STAMPS, 1),
        0,
        "2020-01-01T00:00:00.000000000Z",
        None,
        3,
        None,
    ),
    "a word": (np.array(["buy"], object), np.array(["sell"], object), 0, "buy", "sell", 1, None),
    "truth": ([True], [False], 0, True, False, 1, None),
}


@pytest.mark.parametrize("name", UNEQUAL)
def test_a_difference_has_its_first_row_both_values_its_rows_and_its_size(name: str) -> None:
    stored, new, row, then, now, count, relative = UNEQUAL[name]
    (found,) = differences(stored, new)
    assert (found.row, found.stored, found.new, found.count) == (row, then, now, count)
    assert found.relative == (None if relative is None else pytest.approx(relative))
    assert not found.tolerated


def test_a_column_of_another_kind_is_a_difference_of_kinds() -> None:
    (found,) = differences([1.0], np.array(["1.0"], object))
    assert (found.row, found.stored, found.new) == (None, "float64", "object")


def test_the_tolerance_is_per_unit_of_the_columns_largest_value() -> None:
    (found,) = differences([100_000.0, 0.0], [100_000.0, 9e-8], tolerance=1e-12)
    assert found.tolerated
    assert found.relative == pytest.approx(9e-13)
    (found,) = differences([100_000.0, 0.0], [100_000.0, 2e-7], tolerance=1e-12)
    assert not found.tolerated


def test_beyond_the_tolerance_the_first_row_that_counts_is_named() -> None:
    (found,) = differences([1.0, 1.0, 1.0], [1.0 + 1e-15, 1.5, 1.0], tolerance=1e-12)
    assert (found.row, found.count) == (1, 1)


def test_words_and_whole_numbers_have_no_tolerance() -> None:
    (found,) = differences([10**15], [10**15 + 1], tolerance=1e-12)
    assert not found.tolerated


def test_a_sign_of_nothing_and_another_kind_of_nan_are_within_any_tolerance() -> None:
    other = np.array([np.nan, 0.0])
    other.view(np.int64)[0] ^= 1
    (found,) = differences([np.nan, 0.0], other, tolerance=1e-12)
    assert (found.relative, found.tolerated) == (0.0, True)
    assert not differences([np.nan, 0.0], other)[0].tolerated


def test_missing_rows_are_told_beside_what_differs_in_the_rows_that_both_have() -> None:
    rows, column = differences([1.0, 2.0, 3.0], [1.0, 5.0])
    assert (rows.column, rows.row, rows.stored, rows.new, rows.count) == ("", 2, 3, 2, 1)
    assert (column.column, column.row, column.count) == ("x", 1, 1)


def test_a_column_that_is_gone_is_a_difference_and_a_further_one_is_none() -> None:
    one, two = {"x": np.array([1.0])}, {"x": np.array([1.0]), "y": np.array([2.0])}
    (gone,) = compare_table("t", two, one, tolerance=0.0).differences
    assert (gone.column, gone.stored, gone.new) == ("y", "1 values", None)
    assert compare_table("t", one, two, tolerance=0.0).table.verdict == "identical"


def test_metrics_are_compared_by_name_with_the_figures_of_the_summary() -> None:
    result = a_result()
    changed = result.performance.model_copy(update={"total_return": 0.1, "sharpe_ratio": 1.0})
    new = result.model_copy(update={"performance": changed, "total_trades": 2, "final_portfolio_value": 1e5})
    found = compare_metrics(result, new, tolerance=0.0)
    assert {each.column: (each.stored, each.new) for each in found.differences} == {
        "total_return": (0.1 + 0.2, 0.1),
        "sharpe_ratio": (None, 1.0),
        "final_portfolio_value": (130_000.000_000_1, 1e5),
        "total_trades": (1, 2),
    }
    assert found.table.verdict == "different"


def test_a_metric_near_zero_is_measured_by_one() -> None:
    result = a_result()
    runs = [
        result.model_copy(update={"performance": result.performance.model_copy(update={"alpha": alpha})})
        for alpha in (1e-14, 3e-14)
    ]
    found = compare_metrics(runs[0], runs[1], tolerance=1e-12)
    assert found.table.verdict == "equal_within_tolerance"
    assert compare_metrics(runs[0], runs[1], tolerance=0.0).table.verdict == "different"
