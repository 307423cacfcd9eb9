from __future__ import annotations

from datetime import date

import pytest

from hindcast.domain.errors import ProviderResponseError
from hindcast.domain.market_data import CorporateAction
from hindcast.infrastructure.alpha_vantage.actions import parse_actions

TODAY = date(2026, 3, 2)


def splits(*rows, symbol="IBM"):
    data = [{"effective_date": day, "split_factor": factor} for day, factor in rows]
    return parse_actions({"symbol": symbol, "data": data}, "SPLITS", "IBM", TODAY)


def dividends(*rows):
    data = [{"ex_dividend_date": day, "declaration_date": "None", "amount": amount} for day, amount in rows]
    return parse_actions({"symbol": "IBM", "data": data}, "DIVIDENDS", "IBM", TODAY)


def test_splits_and_dividends_come_in_the_order_of_days():
    assert splits(("2025-06-10", "4.0000"), ("2001-01-03", "0.25")) == (
        CorporateAction(day=date(2001, 1, 3), kind="split", value=0.25),
        CorporateAction(day=date(2025, 6, 10), kind="split", value=4.0),
    )
    assert dividends(("2026-02-10", "1.5")) == (CorporateAction(day=date(2026, 2, 10), kind="dividend", value=1.5),)


def test_what_is_only_announced_is_left_out_until_its_day():
    assert dividends(("2026-03-03", "1.5")) == ()
    assert splits(("2026-03-03", "2")) == ()
    assert len(dividends(("2026-03-02", "1.5"))) == 1


def test_the_same_entry_twice_counts_once_and_two_dividends_of_a_day_are_summed():
    assert [action.value for action in dividends(("2026-02-10", "1.5"), ("2026-02-10", "1.5"))] == [1.5]
    assert [action.value for action in dividends(("2026-02-10", "1.5"), ("2026-02-10", "2.0"))] == [3.5]
    assert len(splits(("2025-06-10", "4"), ("2025-06-10", "4.0"))) == 1


def test_entries_that_say_nothing_are_left_out():
    assert splits(("2025-06-10", "1.0")) == ()
    assert dividends(("None", "1.5"), ("2025-01-01", "None"), ("2025-01-02", "0")) == ()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("2025-06-10", "4:1")], "'4:1'; expected a number"),
        ([("2025-06-10", "-4")], "expected a finite number above zero"),
        ([("2025-06-10", "inf")], "expected a finite number above zero"),
        ([("2025-06-10", "4"), ("2025-06-10", "2")], "two splits on 2025-06-10, 4 and 2"),
        ([("June", "4")], "'June'; expected a day"),
    ],
)
def test_a_value_that_can_not_be_is_refused(rows, words):
    with pytest.raises(ProviderResponseError, match=words):
        splits(*rows)


@pytest.mark.parametrize(
    "answer", [{}, {"data": {}}, {"symbol": "IBM", "data": ["x"]}, {"symbol": "IBM", "data": [{}]}]
)
def test_an_answer_in_another_form_is_refused(answer):
    with pytest.raises(ProviderResponseError):
        parse_actions(answer, "SPLITS", "IBM", TODAY)


def test_the_actions_of_another_share_are_refused():
    with pytest.raises(ProviderResponseError, match="symbol is 'MSFT'; expected 'IBM'"):
        splits(("2025-06-10", "4"), symbol="MSFT")
