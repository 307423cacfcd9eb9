from __future__ import annotations

import subprocess
import sys
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hindcast.domain.errors import InputError
from hindcast.engine.stamps import DAY_NS, day_text, to_datetime
from hindcast.infrastructure.calendars.exchange_calendars import ExchangeCalendars

NEW_YORK = ZoneInfo("America/New_York")
SEOUL = ZoneInfo("Asia/Seoul")
HOUR = 3_600_000_000_000


@pytest.fixture(scope="module")
def calendars():
    return ExchangeCalendars(lambda: date(2026, 1, 1))


def days(schedule):
    return [day_text(stamp) for stamp in schedule.sessions]


def hours(schedule, zone):
    """Open and close of each session on the clocks of its place."""
    return [
        tuple(f"{to_datetime(stamp).astimezone(zone):%H:%M}" for stamp in span)
        for span in zip(schedule.opens, schedule.closes, strict=True)
    ]


def test_new_york_closes_early_on_the_day_before_independence_day(calendars):
    week = calendars.schedule("XNYS", date(2018, 7, 2), date(2018, 7, 5))
    assert days(week) == ["2018-07-02", "2018-07-03", "2018-07-05"]
    assert hours(week, NEW_YORK) == [("09:30", "16:00"), ("09:30", "13:00"), ("09:30", "16:00")]
    assert week.early.tolist() == [False, True, False]


def test_days_of_mourning_and_disaster_have_no_session(calendars):
    assert days(calendars.schedule("XNYS", date(2018, 12, 4), date(2018, 12, 6))) == ["2018-12-04", "2018-12-06"]
    assert days(calendars.schedule("XNYS", date(2001, 9, 10), date(2001, 9, 17))) == ["2001-09-10", "2001-09-17"]


def test_sessions_keep_their_local_hours_over_changes_of_clocks(calendars):
    for first, last, before, after in (
        (date(2018, 3, 9), date(2018, 3, 12), 14.5, 13.5),
        (date(2018, 11, 2), date(2018, 11, 5), 13.5, 14.5),
    ):
        both = calendars.schedule("XNYS", first, last)
        assert hours(both, NEW_YORK) == [("09:30", "16:00")] * 2
        assert ((both.opens - both.sessions) / HOUR).tolist() == [before, after]


def test_seoul_opens_late_on_the_day_of_the_university_test(calendars):
    week = calendars.schedule("XKRX", date(2018, 11, 14), date(2018, 11, 16))
    assert hours(week, SEOUL) == [("09:00", "15:30"), ("10:00", "16:30"), ("09:00", "15:30")]


def test_other_exchanges_have_their_own_holidays(calendars):
    boxing_day = (date(2018, 12, 24), date(2018, 12, 27))
    assert days(calendars.schedule("XLON", *boxing_day)) == ["2018-12-24", "2018-12-27"]
    assert days(calendars.schedule("XETR", *boxing_day)) == ["2018-12-27"]
    assert days(calendars.schedule("XTKS", date(2018, 12, 28), date(2019, 1, 4))) == ["2018-12-28", "2019-01-04"]


def test_some_markets_never_close(calendars):
    always = calendars.schedule("24/7", date(2018, 12, 24), date(2018, 12, 26))
    assert days(always) == ["2018-12-24", "2018-12-25", "2018-12-26"]
    np.testing.assert_array_equal(always.opens, always.sessions)
    np.testing.assert_array_equal(always.closes, always.sessions + DAY_NS)


def test_names_are_found_in_any_case_and_by_alias(calendars):
    for name in ("xnys", "NYSE", " XNYS "):
        assert calendars.schedule(name, date(2018, 1, 2), date(2018, 1, 2)).calendar == "XNYS"


@pytest.mark.parametrize(("name", "hint"), [("XNYZ", "Did you mean .*XNYS"), ("?", "Expected a code such as XNYS")])
def test_an_unknown_calendar_is_refused_with_near_names(calendars, name, hint):
    with pytest.raises(InputError, match=hint):
        calendars.schedule(name, date(2018, 1, 2), date(2018, 1, 3))


def test_what_the_calendar_does_not_know_is_cut_off(calendars):
    seoul = calendars.schedule("XKRX", date(1998, 12, 1), date(1998, 12, 8))
    assert (days(seoul), day_text(seoul.first), day_text(seoul.last)) == (
        ["1998-12-07", "1998-12-08"],
        "1998-12-07",
        "1998-12-08",
    )
    tokyo = calendars.schedule("XTKS", date(1996, 12, 1), date(1997, 1, 10))
    assert day_text(tokyo.first) == "1997-01-01"
    future = calendars.schedule("XNYS", date(2027, 12, 30), date(2030, 1, 1))
    assert (days(future), day_text(future.last)) == (["2027-12-30", "2027-12-31"], "2027-12-31")
    never = calendars.schedule("XNYS", date(2040, 1, 1), date(2040, 12, 31))
    assert not len(never.sessions)
    assert never.first > never.last


def test_saturdays_of_old_are_not_said_to_be_closed(calendars):
    old = calendars.schedule("XNYS", date(1952, 9, 20), date(1952, 9, 30))
    assert days(old) == ["1952-09-29", "1952-09-30"]
    assert old.first == old.sessions[0]


def test_no_caller_can_change_what_others_are_given(calendars):
    with pytest.raises(ValueError, match="read-only"):
        calendars.schedule("XNYS", date(2018, 1, 2), date(2018, 1, 3)).opens[0] = 0


def test_the_package_is_loaded_only_when_a_calendar_is_asked_for():
    code = "import sys, hindcast.infrastructure.calendars.exchange_calendars as own; own.ExchangeCalendars(); \
print('exchange_calendars' in sys.modules, 'pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
