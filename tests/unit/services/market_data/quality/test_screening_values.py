from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pytest
from tests.unit.services.market_data.screened_series import (
    NAN,
    daily,
    reasons,
    rules,
    screened,
    taken,
    with_cells,
)

from hindcast.domain.market_data import CorporateAction

INF = np.inf
CASES = {
    "nan_price": {"open": NAN},
    "positive_infinity": {"high": INF},
    "negative_infinity": {"low": -INF},
    "zero_price": {"low": 0.0},
    "negative_price": {"low": -1.0},
    "negative_volume": {"volume": -1.0},
    "nan_volume": {"volume": NAN},
}


@pytest.mark.parametrize(("name", "cells"), CASES.items(), ids=CASES)
def test_a_value_that_cant_be_puts_its_row_into_quarantine(name, cells):
    rows = with_cells(daily(), 7, **cells)
    result = screened(rows)
    assert reasons(result) == [(8, (name,))]
    assert result.quarantine.timestamps.tolist() == [rows.timestamps[7]]
    np.testing.assert_array_equal(
        result.quarantine.values[0], [rows.open[7], rows.high[7], rows.low[7], rows.close[7], rows.volume[7]]
    )
    np.testing.assert_array_equal(result.timestamps, np.delete(rows.timestamps, 7))
    np.testing.assert_array_equal(result.close, np.delete(rows.close, 7))
    assert (result.rows, result.structural, result.findings) == (251, (), ())


@pytest.mark.parametrize(
    ("name", "prices"),
    [
        ("high_below_open", (10.0, 9.9, 9.0, 9.5)),
        ("high_below_close", (9.5, 9.9, 9.0, 10.0)),
        ("high_below_low", (9.5, 9.0, 9.9, 9.5)),
        ("low_above_open", (9.0, 10.0, 9.2, 9.5)),
        ("low_above_close", (9.5, 10.0, 9.2, 9.0)),
    ],
)
def test_prices_that_contradict_each_other_are_named_by_pair(name, prices):
    rows = with_cells(daily(), 7, **dict(zip(("open", "high", "low", "close"), prices, strict=True)))
    ((row, found),) = reasons(screened(rows))
    assert (row, name in found) == (8, True)
    assert set(found) <= {"high_below_open", "high_below_close", "high_below_low", "low_above_open", "low_above_close"}


def test_a_row_carries_all_its_reasons():
    rows = with_cells(daily(), 7, open=NAN, high=INF, low=-3.0, close=0.0, volume=-1.0)
    assert reasons(screened(rows)) == [
        (8, ("nan_price", "positive_infinity", "zero_price", "negative_price", "negative_volume"))
    ]


def test_prices_of_zero_and_below_are_good_where_the_terms_allow_them():
    rows = with_cells(with_cells(daily(), 7, open=-2.0, high=0.0, low=-3.0, close=-1.0), 9, low=0.0)
    assert reasons(screened(rows, negative_prices=True)) == []
    assert [row for row, _ in reasons(screened(rows))] == [8, 10]


def test_a_series_without_any_volume_is_one_warning_and_no_bad_bar():
    rows = dataclasses.replace(daily(), volume=np.full(251, NAN))
    result = screened(rows)
    assert (reasons(result), rules(result)) == ([], ["volume_missing"])
    assert np.isnan(result.volume).all()


def test_text_in_a_number_is_taken_over_from_the_reader_and_its_blank_is_no_second_reason():
    rows = with_cells(daily(), 7, close=NAN, volume=NAN)
    rows = dataclasses.replace(rows, faults={"text_in_number": np.array([7])})
    assert reasons(screened(rows)) == [(8, ("text_in_number",))]


def test_text_in_a_stamp_is_held_against_no_calendar_or_order():
    rows = with_cells(daily(), 7, timestamps=0)
    rows = dataclasses.replace(rows, faults={"text_in_number": np.array([7])})
    assert reasons(screened(rows)) == [(8, ("text_in_number",))]


def test_row_numbers_are_those_of_the_file():
    rows = dataclasses.replace(with_cells(daily(), 7, close=NAN), numbers=np.arange(251) * 2 + 100)
    assert reasons(screened(rows)) == [(114, ("nan_price",))]


@pytest.mark.parametrize("name", ["wrong_symbol", "wrong_currency", "truncated_payload", "duplicated_columns"])
def test_what_the_reader_found_wrong_with_the_whole_is_structural(name):
    rows = dataclasses.replace(daily(), faults={name: np.array([3, 4], dtype=np.int64)})
    result = screened(rows)
    assert [issue.rule for issue in result.structural] == [name]
    assert str(result.structural[0]).startswith("a.csv: A: ")
    assert "(rows 4, 5)" in str(result.structural[0])
    assert reasons(result) == []


def test_a_fault_of_no_row_is_structural_too():
    rows = dataclasses.replace(daily(), faults={"truncated_payload": np.array([], dtype=np.int64)})
    assert [issue.rule for issue in screened(rows).structural] == ["truncated_payload"]


def test_a_class_that_nobody_knows_is_a_defect():
    rows = dataclasses.replace(daily(), faults={"odd": np.array([1])})
    with pytest.raises(KeyError):
        screened(rows)


def test_splits_and_dividends_become_dated_actions():
    split, dividend = np.full(251, NAN), np.zeros(251)
    split[[3, 5]] = 1.0, 0.0
    split[100], dividend[[20, 100]] = 2.0, (0.25, 0.5)
    rows = dataclasses.replace(daily(), split=split, dividend=dividend)
    factor = np.where(np.arange(251) >= 100, 0.5, 1.0)
    result = screened(
        dataclasses.replace(
            rows, open=rows.open * factor, high=rows.high * factor, low=rows.low * factor, close=rows.close * factor
        )
    )
    days = [date.fromisoformat(str(rows.timestamps[row].astype("M8[ns]"))[:10]) for row in (20, 100)]
    assert result.actions == (
        CorporateAction(day=days[0], kind="dividend", value=0.25),
        CorporateAction(day=days[1], kind="dividend", value=0.5),
        CorporateAction(day=days[1], kind="split", value=2.0),
    )
    assert (reasons(result), rules(result)) == ([], [])


def test_a_source_without_columns_of_actions_says_nothing_of_them():
    assert screened(daily()).actions is None
    assert screened(dataclasses.replace(daily(), dividend=np.zeros(251))).actions == ()


@pytest.mark.parametrize(
    ("value", "reason"), [(-0.5, "negative_price"), (INF, "positive_infinity"), (-INF, "negative_infinity")]
)
@pytest.mark.parametrize("column", ["split", "dividend"])
def test_an_action_that_cant_be_puts_its_row_into_quarantine(column, value, reason):
    values = np.zeros(251)
    values[7] = value
    both = {"split": None, "dividend": None, column: values}
    rows = dataclasses.replace(daily(), split=both["split"], dividend=both["dividend"])
    result = screened(rows, negative_prices=True)
    assert reasons(result) == [(8, (reason,))]
    assert result.actions == ()


def test_a_dividend_stays_known_where_only_the_prices_of_its_row_are_bad():
    dividend = np.zeros(251)
    dividend[[7, 9]] = 0.5
    rows = with_cells(dataclasses.replace(daily(), dividend=dividend), 7, close=NAN)
    rows = with_cells(rows, 9, timestamps=rows.timestamps[9] + 400 * 86_400_000_000_000 * 10)
    result = screened(rows)
    assert [(action.day, action.value) for action in result.actions or ()] == [(date(2018, 1, 11), 0.5)]
    assert reasons(result) == [(8, ("nan_price",)), (10, ("unsorted", "future_bar"))]


def test_no_rows_are_no_findings():
    result = screened(taken(daily(), np.arange(0)))
    assert (len(result.timestamps), len(result.quarantine), result.findings, result.rows) == (0, 0, (), 0)
