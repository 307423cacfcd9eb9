from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hindcast.infrastructure.alpha_vantage.sessions import (
    closed_at,
    is_closed,
    is_finished,
    known_until,
    last_closed,
    period_end,
    weekdays_between,
)
from hindcast.infrastructure.alpha_vantage.symbols import instrument_of

NEW_YORK, LONDON, COIN = (instrument_of(symbol).market for symbol in ("IBM", "TSCO.LON", "BTC/USD"))
TUESDAY = date(2026, 3, 3)


def at(year, month, day, hour, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def test_a_session_is_final_half_an_hour_after_the_close_of_its_exchange():
    assert closed_at(TUESDAY, "1d", NEW_YORK) == at(2026, 3, 3, 21, 30)
    assert closed_at(date(2026, 7, 7), "1d", NEW_YORK) == at(2026, 7, 7, 20, 30)
    assert closed_at(TUESDAY, "1d", LONDON) == at(2026, 3, 3, 17, 0)
    assert closed_at(TUESDAY, "1d", COIN) == at(2026, 3, 4, 0, 30)


def test_a_bar_that_the_vendor_updated_before_the_close_is_not_final_however_late_it_is():
    late = at(2026, 3, 4, 12)
    assert is_closed(TUESDAY, "1d", NEW_YORK, late, None)
    assert is_closed(TUESDAY, "1d", NEW_YORK, late, at(2026, 3, 3, 21, 0))
    assert not is_closed(TUESDAY, "1d", NEW_YORK, late, at(2026, 3, 3, 20, 59))
    assert not is_closed(TUESDAY, "1d", NEW_YORK, at(2026, 3, 3, 21, 29), at(2026, 3, 3, 21, 20))


@pytest.mark.parametrize(
    ("interval", "now", "expected"),
    [
        ("1d", at(2026, 3, 3, 21, 29), date(2026, 3, 2)),
        ("1d", at(2026, 3, 3, 21, 30), TUESDAY),
        ("1w", at(2026, 3, 6, 12), date(2026, 3, 1)),
        ("1w", at(2026, 3, 6, 21, 30), date(2026, 3, 6)),
        ("1mo", at(2026, 3, 6, 12), date(2026, 2, 28)),
    ],
)
def test_the_last_final_day_follows_the_clock(interval, now, expected):
    assert last_closed(interval, NEW_YORK, now) == expected


def test_weeks_end_on_friday_and_months_on_their_last_weekday():
    assert period_end(TUESDAY, "1w", NEW_YORK) == date(2026, 3, 6)
    assert period_end(TUESDAY, "1w", COIN) == date(2026, 3, 8)
    assert period_end(date(2026, 2, 3), "1mo", NEW_YORK) == date(2026, 2, 27)
    assert period_end(date(2026, 2, 3), "1mo", COIN) == date(2026, 2, 28)


def test_a_week_that_ends_early_is_unfinished_unless_a_holiday_may_be_why():
    assert is_finished(date(2026, 4, 2), "1w", NEW_YORK)  # Good Friday follows
    assert not is_finished(date(2026, 4, 1), "1w", NEW_YORK)
    assert is_finished(date(2027, 5, 28), "1mo", NEW_YORK)  # the 31st is a holiday
    assert not is_finished(date(2026, 3, 25), "1mo", NEW_YORK)


def test_a_friday_s_bar_speaks_for_the_weekend():
    assert known_until(date(2026, 2, 27), "1d", NEW_YORK) == date(2026, 3, 1)
    assert known_until(date(2026, 2, 26), "1d", NEW_YORK) == date(2026, 2, 26)
    assert known_until(date(2026, 2, 27), "1d", COIN) == date(2026, 2, 27)
    assert known_until(date(2026, 2, 26), "1w", NEW_YORK) == date(2026, 3, 1)
    assert known_until(date(2026, 2, 27), "1mo", NEW_YORK) == date(2026, 2, 28)


@pytest.mark.parametrize("length", range(16))
def test_weekdays_are_counted_as_by_hand(length):
    from datetime import timedelta

    last = TUESDAY + timedelta(days=length)
    by_hand = sum((TUESDAY + timedelta(days=offset)).weekday() < 5 for offset in range(length + 1))
    assert weekdays_between(TUESDAY, last) == by_hand
    assert weekdays_between(last + timedelta(days=1), last) == 0
