from __future__ import annotations

import pytest

from hindcast.reporting import formatting

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize("word", [formatting.percent, formatting.ratio, formatting.money, formatting.days])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_not_a_number_is_a_dash(word, value):
    assert word(value) == formatting.DASH


def test_fractions_are_read_as_percent():
    assert formatting.percent(0.31257) == "31.3%"
    assert formatting.percent(0.31257, sign=True, digits=2) == "+31.26%"
    assert formatting.percent(-0.05) == f"{MINUS}5.0%"


def test_a_rounded_zero_has_no_sign():
    assert formatting.percent(-0.00001, sign=True) == "0.0%"


def test_money_drops_cents_only_when_it_is_large():
    assert formatting.money(131_257.784) == "131,257.78"
    assert formatting.money(-12_345_678.9) == f"{MINUS}12,345,679"


def test_quantities_keep_what_they_need():
    assert formatting.quantity(100.0) == "100"
    assert formatting.quantity(0.125) == "0.125"
    assert formatting.quantity(-2.5) == f"{MINUS}2.5"
    assert formatting.quantity(float("nan")) == formatting.DASH


def test_one_day_is_singular():
    assert formatting.days(1.0) == "1 day"
    assert formatting.days(2.5) == "2.5 days"
    assert formatting.days(812.4) == "812 days"


def test_a_metric_is_worded_by_its_unit():
    assert formatting.metric(0.5, "fraction") == "50.00%"
    assert formatting.metric(1.234, "ratio") == "1.23"
    assert formatting.metric(1234, "count") == "1,234"
    assert formatting.metric(None, "days") == formatting.DASH
