from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pytest
from tests.unit.services.market_data.screened_series import NAN, NOW, daily, intraday, rules, screened, sessions, taken

from hindcast.domain.market_data import CorporateAction, SeriesTerms
from hindcast.services.market_data.quality.jump_rules import LISTED, RATIOS
from hindcast.services.market_data.quality.screening import screen

PRICES = ("open", "high", "low", "close")
DAY_100 = date(2018, 5, 25)


def scaled(rows, factor, first=100):
    """The rows with all prices from a row on times the factor."""
    factors = np.where(np.arange(len(rows.close)) >= first, factor, 1.0)
    return dataclasses.replace(rows, **{name: getattr(rows, name) * factors for name in PRICES})


def split_of(value):
    column = np.full(251, NAN)
    column[100] = value
    return column


@pytest.mark.parametrize("factor", [0.43, 1.57, 2.6])
def test_a_close_more_than_half_away_is_a_jump(factor):
    result = screened(scaled(daily(), factor))
    assert rules(result) == ["jump"]
    assert str(result.findings[0]).startswith("A on 2018-05-25: close ")
    assert len(result.quarantine) == 0


@pytest.mark.parametrize("factor", [0.55, 1.45])
def test_a_close_less_than_half_away_is_none(factor):
    assert rules(screened(scaled(daily(), factor))) == []


@pytest.mark.parametrize(("new", "old"), [pair for ratio in RATIOS for pair in (ratio, ratio[::-1])])
def test_a_move_as_after_a_split_names_the_ratio(new, old):
    result = screened(scaled(daily(), old / new))
    assert rules(result) == ["split_like"]
    assert f"as after a split of {new}:{old} ({new} new for {old} old)" in str(result.findings[0])


def test_a_large_split_may_come_with_a_move_of_its_own():
    assert rules(screened(scaled(daily(), 0.2556))) == ["split_like"]  # 4:1 and a rise of 2.2 %
    assert rules(screened(scaled(daily(), 0.46))) == ["jump"]


@pytest.mark.parametrize(("new", "old"), [(2, 1), (3, 2), (1, 10)])
def test_a_known_split_explains_the_move(new, old):
    rows = scaled(daily(), old / new)
    assert rules(screened(dataclasses.replace(rows, split=split_of(new / old)))) == []
    action = CorporateAction(day=DAY_100, kind="split", value=new / old)
    year = sessions("XNYS", "2018-01-01", "2018-12-31")
    assert screen(rows, SeriesTerms(), "1d", now=NOW, schedule=year, actions=[action]).findings == ()


def test_a_split_of_a_day_without_a_bar_counts_on_the_next():
    rows = taken(scaled(daily(), 0.5), np.delete(np.arange(251), 100))
    action = CorporateAction(day=DAY_100, kind="split", value=2.0)
    found = screen(rows, SeriesTerms(), "1d", now=NOW, schedule=None, actions=[action]).findings
    assert [issue.rule for issue in found] == ["sessions_not_checked"]


def test_a_large_dividend_explains_a_fall_and_a_small_one_does_not():
    rows = scaled(daily(), 0.4)
    for cash, found in ((rows.close[99] * 0.6, []), (0.2, ["jump"])):
        dividend = np.zeros(251)
        dividend[100] = cash
        assert rules(screened(dataclasses.replace(rows, dividend=dividend))) == found


@pytest.mark.parametrize("value", [2.0, 0.1, 1.5])
def test_a_split_that_raw_prices_do_not_show_is_a_warning(value):
    result = screened(dataclasses.replace(daily(), split=split_of(value)))
    assert rules(result) == ["action_without_jump"]
    assert f"a split of {value:g} new for 1 old, but the price opened at" in str(result.findings[0])


def test_adjusted_prices_show_no_split():
    assert rules(screened(dataclasses.replace(daily(), split=split_of(2.0)), adjusted=True)) == []
    rows = dataclasses.replace(scaled(daily(), 0.5), split=split_of(2.0))
    assert rules(screened(rows, adjusted=True)) == ["split_like"]


def test_a_split_takes_effect_with_the_first_bar_of_its_session():
    rows = intraday(first="2018-07-02", last="2018-07-06")
    first = int(np.searchsorted(rows.timestamps, np.datetime64("2018-07-05", "ns").astype(np.int64)))
    action = CorporateAction(day=date(2018, 7, 5), kind="split", value=2.0)
    schedule = sessions("XNYS", "2018-06-25", "2018-07-13")
    found = screen(
        scaled(rows, 0.5, first), SeriesTerms(), "5min", now=NOW, schedule=schedule, actions=[action]
    ).findings
    assert found == ()


def still(count):
    rows = daily()
    columns = {name: getattr(rows, name).copy() for name in (*PRICES, "volume")}
    for column in columns.values():
        column[100 : 100 + count] = column[100]
    return dataclasses.replace(rows, **columns)


def test_five_identical_bars_are_one_warning():
    assert rules(screened(still(4))) == []
    result = screened(still(7))
    assert [str(issue)[:50] for issue in result.findings] == ["A on 2018-05-25: the first of 7 identical bars, at"]


def test_a_range_without_volume_is_a_warning_but_not_where_the_series_has_none():
    volume = daily().volume.copy()
    volume[5] = 0.0
    assert rules(screened(dataclasses.replace(daily(), volume=volume))) == ["range_without_volume"]
    assert rules(screened(dataclasses.replace(daily(), volume=np.zeros(251)))) == []


def test_many_findings_of_one_kind_are_counted():
    volume = daily().volume.copy()
    volume[10:110] = 0.0
    found = screened(dataclasses.replace(daily(), volume=volume)).findings
    assert len(found) == LISTED + 1
    assert str(found[-1]) == "A: 80 more of 'range_without_volume', the last on 2018-06-08"


def test_no_jump_is_looked_for_where_prices_are_below_zero():
    rows = daily()
    below = dataclasses.replace(rows, **{name: getattr(rows, name) - 1000 for name in PRICES})
    assert rules(screened(below, negative_prices=True)) == []
    assert rules(screened(scaled(below, 0.1), negative_prices=True)) == []


@pytest.mark.parametrize(("cash", "told"), [(1_000.0, ["action_without_jump"]), (0.5, [])])
def test_a_dividend_that_no_price_can_have_paid_is_a_warning(cash, told):
    result = screened(dataclasses.replace(daily(), dividend=split_of(cash)))
    assert rules(result) == told
    if told:
        assert "a dividend of 1000 per share after a close of " in str(result.findings[0])
