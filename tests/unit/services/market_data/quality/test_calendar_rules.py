from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pytest
from tests.unit.services.market_data.screened_series import (
    CALENDARS,
    HOUR,
    daily,
    intraday,
    reasons,
    rules,
    screened,
    sessions,
    stamp,
)

from hindcast.services.market_data.quality.calendar_rules import days_to_ask, missing_sessions, placed


def test_a_day_more_is_asked_for_on_either_side():
    assert days_to_ask(np.array([0, stamp("2018-07-02T14:30"), stamp("2018-06-29")])) == (
        date(2018, 6, 28),
        date(2018, 7, 3),
    )
    assert days_to_ask(np.array([], dtype=np.int64)) == (date(1969, 12, 31), date(1970, 1, 2))


def test_misread_years_are_no_days_that_a_calendar_is_asked_for():
    ends = np.array([np.iinfo(np.int64).min + 1, np.iinfo(np.int64).max])
    assert days_to_ask(ends) == (date(1700, 1, 1), date(2200, 1, 1))
    assert len(CALENDARS.schedule("XNYS", *days_to_ask(ends)).sessions) > 17_000


def test_sessions_that_begin_on_the_utc_day_before_hold_their_first_bars():
    rows = intraday("XASX", "2018-01-15", "2018-01-19")
    schedule = CALENDARS.schedule("XASX", *days_to_ask(rows.timestamps))
    result = screened(rows, "5min", schedule=schedule)
    assert (reasons(result), rules(result)) == ([], [])
    assert rows.timestamps[0] < schedule.sessions[1]


@pytest.mark.parametrize("interval", ["1d", "5min"])
def test_a_calendar_that_knows_nothing_checks_nothing(interval):
    nothing = CALENDARS.schedule("XNYS", date(2040, 1, 1), date(2040, 2, 1))
    rows = daily() if interval == "1d" else intraday()
    where = placed(rows.timestamps, interval, nothing)
    assert not where.inside.any()
    result = screened(rows, interval, schedule=nothing)
    assert (reasons(result), rules(result)) == ([], ["sessions_not_checked"])
    assert "none of these days is known" in str(result.findings[0])


def test_runs_of_missing_sessions_have_both_their_ends():
    assert missing_sessions(np.array([1, 2, 5, 9]), 0, 8) == [(0, 0), (3, 4), (6, 8)]
    assert missing_sessions(np.array([0, 1]), 0, 1) == []


@pytest.mark.parametrize(
    ("calendar", "hours", "words"),
    [
        ("XSWX", 5, "they are 5 hours later: state the zone of the stamps (such as --timezone America/New_York)"),
        ("XKRX", 4, "they are 4 hours later: state the zone of the stamps (such as --timezone Asia/Seoul)"),
    ],
)
def test_a_shift_that_no_known_zone_explains_is_told_without_one(calendar, hours, words):
    rows = intraday(calendar)
    result = screened(dataclasses.replace(rows, timestamps=rows.timestamps + hours * HOUR), "5min", calendar=calendar)
    (issue,) = result.structural
    assert words in str(issue)


def test_an_early_close_of_a_year_without_other_sessions_is_no_riddle():
    only = sessions("XNYS", "2018-07-03", "2018-07-03")
    rows = intraday(first="2018-07-03", last="2018-07-03")
    late = dataclasses.replace(rows, timestamps=np.append(rows.timestamps[:-1], stamp("2018-07-03T17:30")))
    assert reasons(screened(late, "5min", schedule=only)) == [(len(rows.timestamps), ("off_calendar",))]
