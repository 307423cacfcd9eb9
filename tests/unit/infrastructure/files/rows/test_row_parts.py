"""The parts that a reader is made of: growing columns, symbols of file names, zone clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hindcast.engine.zone_clock import offsets_at, offsets_of_walls
from hindcast.infrastructure.files.rows.file_symbols import names_a_symbol, symbol_of
from hindcast.infrastructure.files.rows.growing_column import GrowingColumn
from hindcast.infrastructure.files.rows.row_numbers import number_column

HOUR = 3_600 * 10**9


@given(st.lists(st.lists(st.integers(-(2**60), 2**60), max_size=200), max_size=20))
def test_a_growing_column_holds_what_was_appended(parts):
    column = GrowingColumn(np.int64)
    for part in parts:
        column.append(np.array(part, dtype=np.int64))
    every = [value for part in parts for value in part]
    assert len(column) == len(every)
    assert column.take().tolist() == every
    assert column.take().tolist() == []


@given(
    st.lists(st.datetimes(datetime(1960, 1, 1), datetime(2100, 1, 1)), min_size=1, max_size=30),  # noqa: DTZ001  # a wall clock
    st.sampled_from(["America/New_York", "Asia/Seoul", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_offsets_are_those_of_each_moment_by_itself(moments, name):
    zone = ZoneInfo(name)
    moments = [moment.replace(microsecond=0) for moment in moments]
    stamps = np.array(moments, dtype="M8[ns]").astype(np.int64)
    at = [moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() for moment in moments]
    assert offsets_at(stamps, zone).tolist() == [nanoseconds(offset) for offset in at]
    for fold, found in enumerate(offsets_of_walls(stamps, zone)):
        of = [moment.replace(tzinfo=zone, fold=fold).utcoffset() for moment in moments]
        assert found.tolist() == [nanoseconds(offset) for offset in of]


def nanoseconds(offset: timedelta | None) -> int:
    assert offset is not None
    return round(offset.total_seconds()) * 10**9


def test_fixed_offsets_and_no_moments_are_zones_too():
    zone = timezone(timedelta(hours=9))
    assert offsets_at(np.array([0, 10**18]), zone).tolist() == [9 * HOUR, 9 * HOUR]
    assert offsets_at(np.zeros(0, dtype=np.int64), zone).tolist() == []


@pytest.mark.parametrize(
    ("name", "symbol", "certain"),
    [
        ("AAPL.csv", "AAPL", True),
        ("aapl.csv", "aapl", False),
        ("BRK.B_daily_adjusted.parquet", "BRK.B", True),
        ("BRK-B.csv.gz", "BRK-B", True),
        ("ES=F.txt", "ES=F", True),
        ("BTCUSDT-1m-2021-03.csv", "BTCUSDT", False),
        ("DATA.csv", "DATA", False),
        ("PRICES_2020.csv", "PRICES", False),
        ("005930.csv", "005930", True),
        ("daily.csv", "daily", False),
        ("long_name_of_mine.csv", "long_name_of_mine", False),
    ],
)
def test_a_files_name_says_whose_it_is(name, symbol, certain):
    assert symbol_of(Path("some") / name) == symbol
    assert names_a_symbol(symbol) is certain


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1", ".", 1.0),
        (" 1.5 ", ".", 1.5),
        ("+1e3", ".", 1000.0),
        (".5", ".", 0.5),
        ("5.", ".", 5.0),
        ("1,234,567.5", ".", 1234567.5),
        ("1'234.5", ".", 1234.5),
        ("1.234.567,5", ",", 1234567.5),
        ("1,5", ",", 1.5),
        ("-inf", ".", -np.inf),
        ("1,23,4", ".", None),
        ("1_000", ".", 1000.0),
        ("1_0", ".", None),
        ("1.5", ",", None),
        ("0x10", ".", None),
        ("12a", ".", None),
        ("-", ".", None),
        ("True", ".", None),
    ],
)
def test_what_is_a_number_and_what_is_none(text, decimal, number):
    read = number_column(np.array([text, None, 2.0], dtype=object), decimal)
    assert np.isnan(read.values[1])
    assert read.values[2] == 2.0
    if number is None:
        assert read.bad.tolist() == [0]
    else:
        assert read.bad.tolist() == []
        assert read.values[0] == number


def test_words_for_missing_are_no_numbers_and_no_faults():
    texts = ["", "NA", "n/a", "null", "None", "NaN", "#N/A", "nat"]
    read = number_column(np.array(texts, dtype=object))
    assert np.isnan(read.values).all()
    assert not len(read.bad)


def test_truth_values_and_other_things_are_no_numbers():
    things = np.array([True, 1.0, Decimal("2.5"), [3], 2**70], dtype=object)
    read = number_column(things)
    assert read.bad.tolist() == [0, 3]
    assert read.values[[1, 2, 4]].tolist() == [1.0, 2.5, 2.0**70]
