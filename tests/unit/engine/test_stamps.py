from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from hindcast.domain.errors import BarsError
from hindcast.engine.stamps import day_text, to_datetime, to_nanoseconds

DAY = 86_400_000_000_000
SECOND_OF_JANUARY = 1_514_851_200_000_000_000  # 2018-01-02 00:00 UTC


@pytest.mark.parametrize(
    "values",
    [
        ["2018-01-02"],
        ["2018-01-02T00:00:00Z"],
        ["2018-01-02 09:00:00+09:00"],
        np.array(["2018-01-02"], dtype="M8[D]"),
        np.array(["2018-01-02"], dtype="M8[us]"),
        np.array(["2018-01-02"]),
        [date(2018, 1, 2)],
        [datetime(2018, 1, 2, tzinfo=UTC)],
        [datetime(2018, 1, 2, 9, tzinfo=timezone(timedelta(hours=9)))],
        [np.datetime64("2018-01-02")],
        [pd.Timestamp("2018-01-02")],
        pd.DatetimeIndex(["2018-01-02"]),
        pd.DatetimeIndex(["2018-01-02"], tz="UTC"),
        pd.Series(pd.DatetimeIndex(["2018-01-02 09:00"], tz="Asia/Seoul")),
        [SECOND_OF_JANUARY],
    ],
    ids=lambda values: f"{type(values).__name__} {getattr(values, 'dtype', '')}",
)
def test_every_form_of_a_stamp_is_the_same_instant(values):
    assert to_nanoseconds(values).tolist() == [SECOND_OF_JANUARY]


def test_nanoseconds_of_a_pandas_stamp_are_kept():
    assert to_nanoseconds([pd.Timestamp(SECOND_OF_JANUARY + 7)]).tolist() == [SECOND_OF_JANUARY + 7]
    aware = pd.Timestamp(SECOND_OF_JANUARY + 7, tz="America/New_York")
    assert to_nanoseconds([aware]).tolist() == [SECOND_OF_JANUARY + 7]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["02/01/2018"], "'02/01/2018' can't be read"),
        ([None], "NoneType"),
        ([1.5], "float64"),
        ([True], "bool"),
        ([[1, 2]], "one dimension"),
        (np.array(["NaT"], dtype="M8[ns]"), r"timestamp 1 is missing"),
        ([pd.NaT], "timestamp 1 is missing"),
        (np.array(["9999-01-01"], dtype="M8[s]"), "9999"),
        ([date(1500, 1, 1)], "1500-01-01"),
    ],
)
def test_what_is_no_stamp_is_refused(values, said):
    with pytest.raises(BarsError, match=said):
        to_nanoseconds(values)


def test_a_person_reads_a_date_and_a_time_only_where_there_is_one():
    assert day_text(SECOND_OF_JANUARY) == "2018-01-02"
    assert day_text(SECOND_OF_JANUARY + DAY // 2) == "2018-01-02 12:00:00"
    assert day_text(-DAY) == "1969-12-31"


def test_a_stamp_before_1970_becomes_a_datetime():
    assert to_datetime(-1_000) == datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
