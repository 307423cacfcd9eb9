from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from tests.leaks.proving import certificate_of

import hindcast as hc
from hindcast.domain.certificate import Verdict
from hindcast.domain.errors import InputError
from hindcast.engine.indicators import sma
from hindcast.library.resampling import as_known, resample


@pytest.fixture(scope="module")
def days() -> hc.Bars:
    return hc.load_bars(["SPX"], start="2018-01-02", end="2018-05-31")


class WeeklyTrend(hc.BaseStrategy):
    """Long while the day's close is above the average of the last three weeks' closes."""

    STRATEGY_TYPE = "weekly_trend_of_a_test"
    calendar: str | None = "XNYS"

    def generate_signals(self, data):
        weeks = resample(data, "1w", calendar=self.calendar)
        average = as_known(sma(weeks.panel.close, 3), weeks, data, interval="1w", calendar=self.calendar)
        return hc.Signals.from_entries(buy=data.panel.close > average, sell=data.panel.close < average)


class WeeklyTrendByUtc(WeeklyTrend):
    STRATEGY_TYPE = "weekly_trend_by_utc_of_a_test"
    calendar = None


class JoinedByTheWeeksFirstDay(hc.BaseStrategy):
    """The usual slip: a week's close stands on its Monday."""

    STRATEGY_TYPE = "weekly_slip_of_a_test"

    def generate_signals(self, data):
        close = data.close
        weeks = close.resample("W-MON", label="left", closed="left").last()
        average = weeks.reindex(close.index, method="ffill")
        return hc.Signals.from_entries(buy=close > average, sell=close < average)


@pytest.mark.parametrize("strategy", [WeeklyTrend, WeeklyTrendByUtc])
def test_a_strategy_over_two_time_frames_passes_the_full_proof(strategy: type, days: hc.Bars) -> None:
    certificate = certificate_of(strategy, days, "full")
    assert certificate.verdict is Verdict.PASSED, certificate.explanation
    assert certificate.decision_bars > 20
    assert certificate.cuts == len(days) - 1


def test_the_usual_slip_is_found(days: hc.Bars) -> None:
    assert certificate_of(JoinedByTheWeeksFirstDay, days, "full").verdict is Verdict.LOOK_AHEAD


def test_weeks_end_on_their_last_session(days: hc.Bars) -> None:
    weeks = resample(days, "1w", calendar="NYSE")
    stamps = weeks.index
    assert pd.Timestamp("2018-03-29", tz="UTC") in stamps  # Good Friday follows
    assert weeks.notes[-1] == "1w bars of 1d by the sessions of XNYS"
    assert weeks.source == "sample"
    thursday = int(np.searchsorted(days.timestamps, days.between("2018-03-29", "2018-03-29").timestamps[0]))
    known = as_known(weeks.panel.close, weeks, days, interval="1w", calendar="XNYS")
    assert known[thursday, 0] == days.panel.close[thursday, 0]
    assert known[thursday - 1, 0] == weeks.close["SPX"].loc[pd.Timestamp("2018-03-23", tz="UTC")]


def test_without_a_calendar_a_week_is_known_after_its_sunday(days: hc.Bars) -> None:
    weeks = resample(days, "1w")
    assert set(weeks.index.day_of_week) == {6}
    known = as_known(weeks.close["SPX"].to_numpy(), weeks, days, interval="1w")
    assert known.shape == (len(days),)
    friday = int(np.flatnonzero(days.index == pd.Timestamp("2018-01-12", tz="UTC"))[0])
    assert known[friday] == days.panel.close[friday - 5, 0]
    assert known[friday + 1] == days.panel.close[friday, 0]


def test_what_was_known_at_an_instant_is_shown(days: hc.Bars) -> None:
    moment = datetime(2018, 4, 30, 20, 0, tzinfo=UTC)
    assert str(resample(days, "1mo", calendar="XNYS", as_of=moment).index[-1].date()) == "2018-04-30"
    before = datetime(2018, 4, 30, 19, 59, tzinfo=UTC)
    assert str(resample(days, "1mo", calendar="XNYS", as_of=before).index[-1].date()) == "2018-03-29"


def test_wrong_arguments_are_named(days: hc.Bars) -> None:
    weeks = resample(days, "1w")
    with pytest.raises(InputError, match=r"values have shape \(3,\); expected one row for each of the"):
        as_known([1.0, 2.0, 3.0], weeks, days, interval="1w")
    with pytest.raises(InputError, match="bars is a DataFrame; expected hc.Bars"):
        resample(days.close, "1w")  # type: ignore[arg-type]  # what a user may hand in
    with pytest.raises(InputError, match="calendar=5"):
        resample(days, "1w", calendar=5)  # type: ignore[arg-type]  # what a user may hand in
    with pytest.raises(InputError, match="XNYZ"):
        resample(days, "1w", calendar="XNYZ")
