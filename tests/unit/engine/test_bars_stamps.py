from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hindcast.domain.errors import BarsError
from hindcast.engine.bars import Bars
from hindcast.engine.bars_stamps import column_stamps, localised

NEW_YORK = ZoneInfo("America/New_York")


def read(values, own=None, asked=None, unit=None):
    found = column_stamps("date", np.asarray(values), own=own, asked=asked, unit=unit)
    return pd.DatetimeIndex(found.view("M8[ns]")).strftime("%Y-%m-%d %H:%M").tolist()


def test_naive_stamps_are_utc_unless_a_zone_is_named():
    stamps = np.array(["2018-07-02T09:30"], dtype="M8[s]")
    assert read(stamps) == ["2018-07-02 09:30"]
    assert read(stamps, asked=NEW_YORK) == ["2018-07-02 13:30"]
    assert read(["2018-07-02 09:30"], asked=NEW_YORK) == ["2018-07-02 13:30"]


def test_days_dated_at_midnight_of_their_zone_keep_their_date():
    index = pd.DatetimeIndex(["2018-01-02", "2018-07-02"], tz="America/New_York")
    close = pd.DataFrame({"AAPL": [1.0, 2.0]}, index=index)
    days = ["2018-01-02", "2018-07-02"]
    assert Bars.from_pandas(close).index.strftime("%Y-%m-%d").tolist() == days
    assert read(["2018-01-02 00:00:00-05:00", "2018-07-02 00:00:00-04:00"]) == [f"{day} 00:00" for day in days]
    assert read(days, asked=NEW_YORK) == [f"{day} 00:00" for day in days]
    assert read(np.array(days, dtype="M8[s]"), asked=NEW_YORK) == [f"{day} 00:00" for day in days]
    utc = index.tz_convert("UTC").tz_localize(None).to_numpy()
    assert read(utc, own=ZoneInfo("UTC"), asked=NEW_YORK) == [f"{day} 00:00" for day in days]
    assert read(index.to_numpy()) == [f"{day} 00:00" for day in days]
    assert read(index.tz_convert("UTC").to_numpy()) == ["2018-01-02 05:00", "2018-07-02 04:00"]
    assert read(index.tz_convert("UTC").to_numpy(), asked=NEW_YORK) == [f"{day} 00:00" for day in days]


def test_python_dates_are_stamps_and_may_not_mix_with_aware_ones():
    days = np.array([date(2018, 1, 2), date(2018, 1, 3)], dtype=object)
    assert read(days) == read(days, asked=NEW_YORK) == ["2018-01-02 00:00", "2018-01-03 00:00"]
    mixed = np.array([datetime(2018, 1, 2, 9, tzinfo=NEW_YORK), date(2018, 1, 3)], dtype=object)
    with pytest.raises(BarsError, match="row 2: no time zone, where other rows have one"):
        read(mixed)


def test_aware_stamps_of_the_day_are_converted():
    index = pd.DatetimeIndex(["2018-01-02 09:30", "2018-07-02 09:30"], tz="America/New_York")
    close = pd.DataFrame({"AAPL": [1.0, 2.0]}, index=index)
    assert Bars.from_pandas(close).index.strftime("%H:%M").tolist() == ["14:30", "13:30"]
    assert read(["2018-01-02 09:30:00-05:00", "2018-01-02 15:00:00Z"]) == ["2018-01-02 14:30", "2018-01-02 15:00"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2018-11-04 01:30", "row 1: 2018-11-04 01:30:00 stands twice on the clock of America/New_York"),
        ("2018-03-11 02:30", "row 1: 2018-03-11 02:30:00 does not exist on the clock of America/New_York"),
    ],
)
def test_an_hour_that_the_clock_shows_twice_or_never_is_refused(text, said):
    with pytest.raises(BarsError, match=said):
        read([text], asked=NEW_YORK)


@given(
    st.lists(st.integers(0, 2_000_000_000), min_size=1, max_size=8),
    st.sampled_from(["America/New_York", "Asia/Seoul", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe"]),
)
def test_a_zone_is_read_as_pandas_reads_it(seconds, name):
    walls = np.array(sorted(seconds), dtype="M8[s]").astype("M8[ns]")
    try:
        expected = pd.DatetimeIndex(walls).tz_localize(name, ambiguous="raise", nonexistent="raise")
    except ValueError:
        with pytest.raises(BarsError, match="on the clock"):
            localised(walls.astype(np.int64), ZoneInfo(name))
        return
    found = localised(walls.astype(np.int64), ZoneInfo(name))
    if (walls.astype(np.int64) % 86_400_000_000_000).any():
        assert found.tolist() == expected.tz_convert("UTC").as_unit("ns").asi8.tolist()


@pytest.mark.parametrize(
    ("values", "unit", "day"),
    [
        ([20180102], None, "2018-01-02 00:00"),
        ([1_514_851_200], None, "2018-01-02 00:00"),
        ([1_514_851_200_000], None, "2018-01-02 00:00"),
        ([1_514_851_200_000_000], None, "2018-01-02 00:00"),
        ([1_514_851_200_000_000_000], None, "2018-01-02 00:00"),
        ([86_400], "s", "1970-01-02 00:00"),
        ([86_400_000_000_000], "ns", "1970-01-02 00:00"),
    ],
)
def test_whole_numbers_are_told_by_their_size_or_unit(values, unit, day):
    assert read(np.array(values, dtype=np.int64), unit=unit) == [day]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.array([0, 1, 2]), "too small for a time"),
        (np.array([20181301]), "'20181301' is no date"),
        (np.array([1.5]), "holds numbers of type float64"),
        (["2018-01-02", "03/01/2018"], "column 'date', row 2: '03/01/2018' is no date of the form 2018-12-31"),
        (["2018-01-02T10:00Z", "2018-01-03"], "row 2: no time zone, where other rows have one"),
        (np.array(["2018-01-02", "NaT"], dtype="M8[ns]"), "row 2: the stamp is missing"),
        (np.array(["2018-01-02", None], dtype=object), "row 2: the stamp is missing"),
    ],
)
def test_what_can_not_be_read_as_a_stamp_is_refused_with_its_row(values, said):
    with pytest.raises(BarsError, match=said):
        read(values)


def test_a_fixed_offset_is_a_zone_too():
    seoul = timezone(timedelta(hours=9))
    assert read(np.array(["2018-01-02T09:30"], dtype="M8[s]"), asked=seoul) == ["2018-01-02 00:30"]
