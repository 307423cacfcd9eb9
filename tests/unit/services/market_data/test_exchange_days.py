from __future__ import annotations

from datetime import UTC, date, timedelta

import exchange_calendars
import numpy as np
import pytest
from exchange_calendars import calendar_utils

from hindcast.domain.market_data import DateRange
from hindcast.services.market_data.exchange_days import _ZONES, bounds, day_start, stamps_within, zone_of


def ns(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def test_a_daily_bar_s_day_is_its_date():
    for interval in ("1d", "1w", "1mo"):
        assert day_start(date(2024, 7, 1), interval, "XNYS") == ns("2024-07-01")


def test_an_intraday_bar_s_day_begins_at_midnight_on_the_exchange_s_clock():
    assert day_start(date(2024, 7, 1), "5min", "XNYS") == ns("2024-07-01T04:00")
    assert day_start(date(2024, 1, 2), "5min", "XNYS") == ns("2024-01-02T05:00")
    assert day_start(date(2024, 1, 2), "5min", "XKRX") == ns("2024-01-01T15:00")
    assert day_start(date(2024, 1, 2), "5min", "24/7") == ns("2024-01-02")
    assert day_start(date(2024, 1, 2), "5min", "") == ns("2024-01-02")
    assert day_start(date(1960, 1, 2), "5min", "XNYS") == ns("1960-01-02T05:00")


def test_a_day_of_a_change_of_the_clock_is_23_or_25_hours_long():
    spring, autumn = (
        bounds([DateRange(first=day, last=day)], "1min", "XNYS")[0] for day in (date(2024, 3, 10), date(2024, 11, 3))
    )
    assert (spring[1] - spring[0], autumn[1] - autumn[0]) == (23 * 3600 * 10**9, 25 * 3600 * 10**9)


def test_stamps_are_found_in_the_ranges_that_hold_them():
    stamps = np.array([ns("2024-01-02T04:59"), ns("2024-01-02T05:00"), ns("2024-01-03T04:59"), ns("2024-01-03T05:00")])
    one = [DateRange(first=date(2024, 1, 2), last=date(2024, 1, 2))]
    assert stamps_within(stamps, one, "1min", "XNYS").tolist() == [False, True, True, False]
    assert stamps_within(stamps, [], "1min", "XNYS").tolist() == [False] * 4


@pytest.mark.parametrize("calendar", sorted(_ZONES))
def test_each_clock_is_the_one_that_the_calendar_has(calendar):
    """A session lies on one day of the clock, whatever the library calls the zone."""
    name = exchange_calendars.resolve_alias(calendar)
    zone = calendar_utils._default_calendar_factories[name].tz
    name = zone.fget(None) if isinstance(zone, property) and zone.fget is not None else zone
    assert str(zone_of(calendar)) == str(name)


def test_every_calendar_has_a_clock():
    for name in exchange_calendars.get_calendar_names():
        assert name in _ZONES or name in {"24/5", "24/7"}
    assert zone_of("no such calendar") is UTC
    assert day_start(date(2024, 1, 2), "1min", "no such calendar") + timedelta(days=1) // timedelta(
        microseconds=1
    ) * 1000 == ns("2024-01-03")
