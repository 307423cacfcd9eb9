from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from tests.faults.alpha_vantage_book import Book

from hindcast.domain.errors import ProviderResponseError
from hindcast.infrastructure.alpha_vantage.parsing import parse_series, read_number
from hindcast.infrastructure.alpha_vantage.questions import DAILY, coin_question, daily_question, intraday_question
from hindcast.infrastructure.alpha_vantage.symbols import instrument_of

IBM = instrument_of("IBM")


def ns(year, month, day, hour=0, minute=0):
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * 1_000_000_000


def intraday(stamps, zone="US/Eastern"):
    row = {"1. open": "1", "2. high": "1", "3. low": "1", "4. close": "1", "5. volume": "1"}
    answer = {
        "Meta Data": {"2. Symbol": "IBM", "6. Time Zone": zone},
        "Time Series (60min)": dict.fromkeys(stamps, row),
    }
    return parse_series(answer, intraday_question(IBM, "60min", "2026-03"), IBM)


@pytest.mark.parametrize(
    ("value", "number", "is_text"),
    [
        ("12.50", 12.5, False),
        (" 1e3 ", 1000.0, False),
        ("-.5", -0.5, False),
        ("inf", math.inf, False),
        (7, 7.0, False),
        (10**400, math.inf, False),
        ("nan", math.nan, False),
        ("None", math.nan, False),
        ("", math.nan, False),
        ("-", math.nan, False),
        (None, math.nan, False),
        ("12,5", math.nan, True),
        ("1_000", math.nan, True),
        ("0x10", math.nan, True),
        ("12 USD", math.nan, True),
        (True, math.nan, True),
        ([1], math.nan, True),
        ({}, math.nan, True),
    ],
)
def test_a_number_is_only_what_is_written_as_one(value, number, is_text):
    found, text = read_number(value)
    assert text is is_text
    assert found == number or (math.isnan(found) and math.isnan(number))


def test_wall_time_of_new_york_becomes_utc_in_winter_and_summer():
    series = intraday(["2026-03-06 09:30:00", "2026-03-09 09:30:00"])
    assert series.stamps.tolist() == [ns(2026, 3, 6, 14, 30), ns(2026, 3, 9, 13, 30)]
    assert not series.gap.any()


def test_an_hour_that_the_clock_change_skips_or_doubles_is_marked():
    series = intraday(["2026-03-08 02:30:00", "2026-03-08 03:30:00", "2026-11-01 01:30:00", "2026-11-01 02:30:00"])
    assert series.gap.tolist() == [True, False, True, False]


def test_stamps_with_an_offset_are_taken_by_it():
    series = intraday(["2026-03-06T09:30:00-05:00", "2026-03-06T15:30:00Z"])
    assert series.stamps.tolist() == [ns(2026, 3, 6, 14, 30), ns(2026, 3, 6, 15, 30)]


def test_daily_rows_are_session_dates_in_the_order_of_time():
    question = daily_question(IBM, DAILY, "compact")
    series = parse_series(Book().answer({"function": DAILY, "symbol": "IBM"}), question, IBM)
    assert len(series.stamps) == 100
    assert series.stamps[-1] == ns(2026, 2, 27)
    assert (series.stamps[1:] > series.stamps[:-1]).all()
    assert not series.whole


def test_of_a_coin_s_two_prices_the_one_in_its_market_s_money_counts():
    coin = instrument_of("BTC/EUR")
    answer = Book().answer({"function": "DIGITAL_CURRENCY_DAILY", "symbol": "BTC", "market": "EUR"})
    series = parse_series(answer, coin_question(coin), coin)
    assert series.columns["close"].min() > 1
    plain = {
        stamp: {key.replace("a.", ".").replace(" (EUR)", ""): value for key, value in row.items() if "b." not in key}
        for stamp, row in answer["Time Series (Digital Currency Daily)"].items()
    }
    today = parse_series({**answer, "Time Series (Digital Currency Daily)": plain}, coin_question(coin), coin)
    assert today.columns["close"].tolist() == series.columns["close"].tolist()


def test_a_coin_in_another_money_is_refused():
    answer = Book().answer({"function": "DIGITAL_CURRENCY_DAILY", "symbol": "BTC", "market": "USD"})
    coin = instrument_of("BTC/EUR")
    with pytest.raises(ProviderResponseError, match="market code is 'USD'; expected 'EUR'"):
        parse_series(answer, coin_question(coin), coin)


def test_a_symbol_in_other_letters_is_the_same():
    lower = instrument_of("ibm")
    answer = Book().answer({"function": DAILY, "symbol": "IBM"})
    assert len(parse_series(answer, daily_question(lower, DAILY, "compact"), lower).stamps) == 100


def test_a_moment_of_the_last_update_is_read_and_a_day_is_none():
    def refreshed(text):
        answer = Book(refreshed=text).answer({"function": DAILY, "symbol": "IBM"})
        return parse_series(answer, daily_question(IBM, DAILY, "compact"), IBM).refreshed

    assert refreshed("2026-02-27 14:43:40") == datetime(2026, 2, 27, 19, 43, 40, tzinfo=UTC)
    assert refreshed("2026-02-27") is None
    assert refreshed("2026-02-27 00:00:00") is None
    assert refreshed("yesterday") is None
