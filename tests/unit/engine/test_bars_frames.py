"""The same prices in every library, layout and file format are the same bars."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hindcast.domain.errors import BarsError, InputError
from hindcast.engine.bars import Bars
from hindcast.engine.bars_frames import from_arrow, from_pandas, from_polars, time_zone
from hindcast.engine.column_table import Labels
from hindcast.infrastructure.files.table_reader import read_csv, read_parquet

FIELDS = ("open", "high", "low", "close", "volume")


@st.composite
def some_bars(draw):
    """Bars of up to three symbols with gaps, each symbol with a bar somewhere, each stamp with a bar of some symbol."""
    T, S = draw(st.integers(1, 8)), draw(st.integers(1, 3))
    close = np.array(draw(st.lists(st.floats(0.01, 1e5), min_size=T * S, max_size=T * S))).reshape(T, S)
    missing = np.array(draw(st.lists(st.booleans(), min_size=T * S, max_size=T * S))).reshape(T, S)
    missing[0] = False
    close[missing] = np.nan
    close = close[~np.isnan(close).all(axis=1)]
    steps = draw(st.lists(st.integers(1, 10**6), min_size=len(close), max_size=len(close)))
    stamps = np.datetime64("2001-01-01", "s") + np.cumsum(steps)
    volume = np.where(np.isnan(close), 0.0, 3.0)
    return Bars.from_numpy(
        stamps, [f"S{column}" for column in range(close.shape[1])], close, close * 1.5, close / 2, close, volume
    )


def long_frame(bars):
    """By symbol; rows without prices are left out."""
    parts = [
        pd.DataFrame(
            {"timestamp": bars.index, "symbol": symbol} | {name: getattr(bars, name)[symbol] for name in FIELDS}
        )
        for symbol in bars.symbols
    ]
    return pd.concat(parts, ignore_index=True).dropna(ignore_index=True)


@given(some_bars())
def test_bars_survive_a_long_frame_in_either_order(bars):
    frame = long_frame(bars)
    assert Bars.from_pandas(frame).fingerprint == bars.fingerprint
    by_stamp = frame.sort_values("timestamp", kind="stable", ignore_index=True)
    assert Bars.from_pandas(by_stamp).fingerprint == bars.fingerprint


@given(some_bars())
def test_bars_survive_a_wide_frame(bars):
    wide = pd.concat({name: getattr(bars, name) for name in FIELDS}, axis=1)
    assert Bars.from_pandas(wide).fingerprint == bars.fingerprint
    assert Bars.from_pandas(wide.swaplevel(axis=1)).fingerprint == bars.fingerprint


@given(some_bars())
def test_every_library_gives_the_same_bars(bars):
    frame = long_frame(bars)
    table = pa.Table.from_pandas(frame)
    for made in (
        Bars.from_pandas(frame.convert_dtypes()),
        Bars.from_pandas(frame.convert_dtypes(dtype_backend="pyarrow")),
        Bars.from_pandas(frame.astype({"symbol": "category"})),
        Bars.from_pandas(frame.astype({"symbol": object})),
        Bars.from_arrow(table),
        Bars.from_arrow(pa.concat_tables([table.slice(0, 1), table.slice(1)])),
        Bars.from_polars(pl.from_arrow(table)),
        Bars.from_polars(pl.DataFrame(table).lazy().with_columns(pl.col("symbol").cast(pl.Categorical))),
    ):
        assert made.fingerprint == bars.fingerprint


@given(bars=some_bars())
def test_every_file_format_gives_the_same_bars(tmp_path_factory, bars):
    folder = tmp_path_factory.mktemp("files")
    frame = long_frame(bars)
    wide = pd.concat({name: getattr(bars, name) for name in FIELDS}, axis=1)
    frame.to_csv(folder / "long.csv", index=False)
    frame.to_parquet(folder / "long.parquet")
    frame.set_index(["symbol", "timestamp"]).to_parquet(folder / "indexed.parquet")
    wide.to_parquet(folder / "wide.parquet")
    assert Bars.from_table(read_csv(folder / "long.csv")).fingerprint == bars.fingerprint
    for name in ("long", "indexed", "wide"):
        assert Bars.from_table(read_parquet(folder / f"{name}.parquet")).fingerprint == bars.fingerprint


def test_chunks_with_dictionaries_of_their_own_are_one_column():
    chunks = [pa.array([name]).dictionary_encode() for name in ("B", "A", "B")]
    column = from_arrow(pa.table({"symbol": pa.chunked_array(chunks)})).columns["symbol"]
    assert isinstance(column, Labels)
    assert [column.names[code] for code in column.codes] == ["B", "A", "B"]


def test_arrow_types_become_numbers_stamps_and_labels():
    table = from_arrow(
        pa.table(
            {
                "day": pa.array([0, None], pa.date32()),
                "zoned": pa.array([0, 1], pa.timestamp("us", tz="Asia/Seoul")),
                "price": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
                "count": pa.array([1, None], pa.int64()),
                "flag": pa.array([True, False]),
                "nothing": pa.nulls(2),
                "text": pa.array(["a", None], pa.string_view()),
            }
        )
    )
    assert np.isnat(np.asarray(table.columns["day"])[1])
    assert str(table.zones["zoned"]) == "Asia/Seoul"
    np.testing.assert_array_equal(table.columns["price"], [1.5, np.nan])
    np.testing.assert_array_equal(table.columns["count"], [1.0, np.nan])
    np.testing.assert_array_equal(table.columns["nothing"], [np.nan, np.nan])
    assert np.asarray(table.columns["flag"]).tolist() == [True, False]
    text = table.columns["text"]
    assert isinstance(text, Labels)
    assert text.codes.tolist() == [0, -1]


def test_a_record_batch_is_a_table():
    batch = pa.RecordBatch.from_pydict({"date": ["2018-01-02"], "symbol": ["A"], "close": [1.0], "note": [None]})
    assert Bars.from_arrow(batch).symbols == ("A",)


def test_periods_are_stamps():
    index = pd.period_range("2018-01-02", periods=2, freq="D")
    assert str(Bars.from_pandas(pd.DataFrame({"AAPL": [1.0, 2.0]}, index=index)).index[0].date()) == "2018-01-02"


def test_an_index_that_is_a_column_too_is_taken_once():
    frame = pd.DataFrame({"Date": pd.to_datetime(["2018-01-02"]), "Close": [1.0]})
    assert Bars.from_pandas(frame.set_index("Date", drop=False)).fingerprint == Bars.from_pandas(frame).fingerprint


def test_row_numbers_of_a_written_frame_are_no_symbol():
    frame = pd.DataFrame({"Unnamed: 0": [0, 1], "date": ["2018-01-02", "2018-01-03"], "AAPL": [1.0, 2.0]})
    assert Bars.from_pandas(frame).symbols == ("AAPL",)


@pytest.mark.parametrize("read", [from_pandas, from_polars, from_arrow])
def test_what_is_no_frame_is_refused_by_its_type(read):
    with pytest.raises(InputError, match="was given a dict; expected a"):
        read({"close": [1.0]})


def test_three_headings_and_far_stamps_are_refused():
    three = pd.DataFrame([[1.0]], columns=pd.MultiIndex.from_tuples([("a", "b", "c")]))
    with pytest.raises(BarsError, match="has 3 headings"):
        from_pandas(three)
    far = pa.table({"date": pa.array([10**13], pa.timestamp("s"))})
    with pytest.raises(BarsError, match="stamps of column 'date' hold"):
        from_arrow(far)


@pytest.mark.parametrize(("name", "hours"), [("+09:00", 9), ("-0330", -3.5), ("UTC+01:00", 1)])
def test_an_offset_is_a_zone(name, hours):
    offset = time_zone(name).utcoffset(None)
    assert offset is not None
    assert offset.total_seconds() == hours * 3600


def test_an_unknown_zone_is_refused():
    with pytest.raises(InputError, match="no time zone 'Europe/Atlantis'"):
        time_zone("Europe/Atlantis")


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_stamps_that_nanoseconds_can_not_hold_are_refused_and_do_not_wrap(unit):
    frame = pd.DataFrame({"date": np.array(["1650-01-03", "1650-01-04"], dtype=f"M8[{unit}]"), "close": [1.0, 2.0]})
    with pytest.raises(BarsError, match="expected stamps from 1677"):
        Bars.from_pandas(frame)


def test_a_record_batch_is_a_table_of_one_piece():
    batch = pa.record_batch({"date": pa.array([0, 1], pa.date32()), "close": pa.array([1.0, None])})
    bars = Bars.from_arrow(batch)
    assert bars.timestamps.tolist() == [0, 86_400_000_000_000]
    np.testing.assert_array_equal(bars.panel.close[:, 0], [1.0, np.nan])
