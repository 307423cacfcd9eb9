from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from tests.unit.services.market_data.screened_series import (
    DAY,
    HOUR,
    MINUTE,
    NAN,
    bars_at,
    daily,
    intraday,
    reasons,
    rules,
    screened,
    sessions,
    stamp,
    taken,
    with_cells,
)

from hindcast.domain.errors import InputError


def without(rows, *places):
    return taken(rows, np.delete(np.arange(len(rows.timestamps)), places))


def inserted(rows, text):
    """The rows with one more, in its place."""
    more = bars_at(np.sort(np.append(rows.timestamps, stamp(text))))
    return more, int(np.searchsorted(rows.timestamps, stamp(text))) + 1


def test_good_bars_of_each_calendar_and_interval_pass():
    for calendar in ("XNYS", "XKRX", "XLON", "24/7"):
        assert reasons(screened(daily(calendar), calendar=calendar)) == []
        for interval in ("1min", "5min", "60min"):
            rows = intraday(calendar, "2018-10-29", "2018-11-16", interval)
            result = screened(rows, interval, calendar=calendar)
            assert (reasons(result), result.findings, result.structural) == ([], (), ())


@pytest.mark.parametrize("day", ["2018-07-04", "2018-12-05", "2018-07-07"])
def test_a_daily_bar_of_a_day_without_session_is_off_calendar(day):
    rows, row = inserted(daily(), day)
    result = screened(rows)
    assert reasons(result) == [(row, ("off_calendar",))]


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("2018-07-02T13:25", "off_calendar"),
        ("2018-07-02T20:00", "off_calendar"),
        ("2018-07-03T16:58", None),
        ("2018-07-03T17:00", "after_early_close"),
        ("2018-07-03T19:55", "after_early_close"),
        ("2018-07-03T20:00", "off_calendar"),
        ("2018-07-04T15:00", "off_calendar"),
    ],
)
def test_intraday_bars_lie_within_their_session_also_where_it_is_short(moment, reason):
    rows, row = inserted(intraday(), moment)
    assert reasons(screened(rows, "5min")) == ([(row, (reason,))] if reason else [])


def test_an_hourly_bar_may_begin_before_an_open_at_half_past():
    rows = intraday(interval="60min")
    hours = bars_at(np.unique(rows.timestamps - 30 * MINUTE))
    result = screened(hours, "60min")
    assert (reasons(result), rules(result)) == ([], [])


def test_bars_after_a_late_open_are_good_and_those_before_are_not():
    rows = intraday("XKRX", "2018-11-12", "2018-11-19")
    more, row = inserted(rows, "2018-11-15T00:30")
    assert reasons(screened(rows, "5min", calendar="XKRX")) == []
    assert reasons(screened(more, "5min", calendar="XKRX")) == [(row, ("off_calendar",))]


def test_a_missing_session_is_a_gap_and_takes_no_row_away():
    result = screened(without(daily(), 40, 41, 80))
    assert reasons(result) == []
    assert [(issue.rule, issue.severity, str(issue)) for issue in result.findings] == [
        ("missing_session", "gap", "A: no row for 2 sessions of XNYS, 2018-03-01 to 2018-03-02"),
        ("missing_session", "gap", "A: no row for the session of 2018-04-27 (XNYS)"),
    ]


def test_days_before_the_first_and_after_the_last_bar_are_no_gap_and_a_bad_row_is_none():
    rows = with_cells(daily(first="2018-03-01", last="2018-09-28"), 7, close=NAN)
    assert screened(rows).findings == ()


def test_a_whole_intraday_session_is_a_gap_and_single_bars_are_a_warning():
    rows = intraday()
    day = rows.timestamps // DAY * DAY
    keep = (day != stamp("2018-07-03")) & (np.arange(len(day)) != 5) & (np.arange(len(day)) != 99)
    result = screened(taken(rows, np.flatnonzero(keep)), "5min")
    assert [str(issue) for issue in result.findings] == [
        "A: no row for the session of 2018-07-03 (XNYS)",
        "A: 2 bars of 5min are missing in sessions that have others",
    ]


def test_a_pause_at_noon_is_no_missing_bar():
    rows = intraday("XTKS", "2018-06-25", "2018-07-13")
    noon = rows.timestamps % DAY // MINUTE
    result = screened(taken(rows, np.flatnonzero((noon < 150) | (noon >= 210))), "5min", calendar="XTKS")
    assert (reasons(result), result.findings) == ([], ())


def test_without_a_calendar_a_warning_says_that_sessions_were_not_checked():
    rows, _ = inserted(daily(), "2018-07-04")
    result = screened(rows, calendar="")
    assert (reasons(result), rules(result)) == ([], ["sessions_not_checked"])
    assert "state one, such as XNYS" in str(result.findings[0])


def test_days_that_the_calendar_does_not_know_are_not_held_against_it():
    rows, _ = inserted(daily(), "2018-07-04")
    half = sessions("XNYS", "2018-08-01", "2018-12-31")
    result = screened(rows, schedule=half)
    assert (reasons(result), rules(result)) == ([], ["sessions_not_checked"])
    assert "147 rows lie on days that XNYS does not know (2018-08-01 to 2018-12-31 are known)" in str(
        result.findings[0]
    )


def test_weekly_and_monthly_bars_are_not_held_against_sessions():
    mondays = bars_at(stamp("2018-01-01") + np.arange(50) * 7 * DAY)
    result = screened(mondays, "1w", calendar="")
    assert (reasons(result), result.findings) == ([], ())
    assert reasons(screened(mondays, "1w")) == []


def test_a_local_time_that_clocks_left_out_is_taken_over_from_the_reader():
    rows = intraday("24/7", "2018-03-10", "2018-03-12", "60min")
    rows = dataclasses.replace(
        with_cells(rows, 7, timestamps=stamp("2018-03-10T02:00")), faults={"dst_gap": np.array([7])}
    )
    assert reasons(screened(rows, "60min", calendar="24/7")) == [(8, ("dst_gap",))]


CLOCK = [
    ("1d", "2018-12-31T20:59", ["unfinished_bar"]),
    ("1d", "2018-12-31T21:00", []),
    ("1d", "2018-12-30T23:00", ["future_bar"]),
    ("5min", "2018-12-31T20:54", ["unfinished_bar", "future_bar"]),
    ("5min", "2018-12-31T20:59", ["unfinished_bar"]),
    ("5min", "2018-12-31T21:00", []),
]


@pytest.mark.parametrize(("interval", "now", "found"), CLOCK)
def test_a_bar_is_good_when_it_has_ended(interval, now, found):
    rows = daily() if interval == "1d" else intraday(first="2018-12-26", last="2018-12-31", interval=interval)
    result = screened(rows, interval, now=datetime.fromisoformat(now).replace(tzinfo=UTC))
    last = len(rows.timestamps) - len(found) + 1
    assert reasons(result) == [(last + place, (reason,)) for place, reason in enumerate(found)]


def test_a_bar_of_a_short_day_ends_with_its_session():
    rows = daily(last="2018-07-03")
    assert reasons(screened(rows, now=datetime(2018, 7, 3, 17, 0, tzinfo=UTC))) == []
    hours = intraday(first="2018-07-02", last="2018-07-03", interval="60min")
    assert reasons(screened(hours, "60min", now=datetime(2018, 7, 3, 17, 0, tzinfo=UTC))) == []


@pytest.mark.parametrize(
    ("interval", "day", "end"),
    [("1d", "2018-12-31", "2019-01-01"), ("1w", "2018-12-26", "2018-12-31"), ("1mo", "2018-11-05", "2018-12-01")],
)
def test_without_a_calendar_a_bar_ends_with_its_day_week_or_month(interval, day, end):
    rows = bars_at([stamp("2018-01-01"), stamp(day)])
    moment = datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert reasons(screened(rows, interval, calendar="", now=moment)) == []
    early = moment - timedelta(seconds=1)
    assert reasons(screened(rows, interval, calendar="", now=early)) == [(2, ("unfinished_bar",))]


def test_a_clock_without_a_time_zone_is_refused():
    with pytest.raises(InputError, match="has no time zone"):
        screened(daily(), now=datetime(2018, 1, 1))  # noqa: DTZ001 - it is what is tested


def local(rows, zone):
    """The rows with the clocks of a place, read as UTC."""
    moments = [
        datetime.fromtimestamp(each // 10**9, UTC).astimezone(ZoneInfo(zone)) for each in rows.timestamps.tolist()
    ]
    read = [int(moment.replace(tzinfo=UTC).timestamp()) * 10**9 for moment in moments]
    return dataclasses.replace(rows, timestamps=np.array(read, dtype=np.int64))


def test_stamps_of_the_exchanges_own_clocks_are_structural_and_the_zone_is_named():
    result = screened(local(intraday(), "America/New_York"), "5min")
    (issue,) = result.structural
    assert issue.rule == "foreign_time_zone"
    assert str(issue) == (
        "a.csv: A: 63% of the rows lie outside the sessions of XNYS; they are 4 hours earlier: "
        "are the stamps the exchange's own time? Say --timezone America/New_York"
    )
    assert reasons(result) == []


def test_local_clocks_are_found_over_changes_of_clocks_too():
    result = screened(
        local(intraday(first="2018-01-02", last="2018-12-31", interval="60min"), "America/New_York"), "60min"
    )
    assert "4 or 5 hours earlier" in str(result.structural[0])
    seoul = screened(local(intraday("XKRX"), "Asia/Seoul"), "5min", calendar="XKRX")
    assert "9 hours later" in str(seoul.structural[0])
    assert "--timezone Asia/Seoul" in str(seoul.structural[0])


def test_utc_stamps_that_were_read_as_local_ones_are_structural():
    rows = intraday()
    result = screened(dataclasses.replace(rows, timestamps=rows.timestamps + 4 * HOUR), "5min")
    assert "4 hours later: are the stamps UTC? Say --timezone UTC" in str(result.structural[0])


def test_bars_outside_the_regular_session_are_no_foreign_time_zone():
    hours = sessions("XNYS", "2018-06-25", "2018-07-13").sessions[:, None] + (np.arange(8, 24) * HOUR)[None, :]
    result = screened(bars_at(hours.ravel()), "60min")
    assert result.structural == ()
    assert {reason for _, found in reasons(result) for reason in found} == {"off_calendar", "after_early_close"}


def test_a_bar_stamped_with_its_end_is_off_calendar_and_a_warning_says_why():
    rows = intraday()
    result = screened(dataclasses.replace(rows, timestamps=rows.timestamps + 5 * MINUTE), "5min")
    assert len(reasons(result)) == 14
    assert rules(result)[0] == "end_stamps"


def test_daily_stamps_that_are_not_midnight_are_a_foreign_time_zone():
    rows = daily()
    result = screened(dataclasses.replace(rows, timestamps=rows.timestamps + 5 * HOUR))
    assert [issue.rule for issue in result.structural] == ["foreign_time_zone"]
    assert "251 of 251 daily stamps are not midnight UTC (the first: 2018-01-02 05:00:00)" in str(result.structural[0])


def test_stamps_without_a_zone_are_held_against_no_calendar():
    rows = dataclasses.replace(local(intraday(), "America/New_York"), faults={"naive_time_zone": np.array([0])})
    result = screened(rows, "5min")
    assert [issue.rule for issue in result.structural] == ["naive_time_zone"]
    assert reasons(result) == []
