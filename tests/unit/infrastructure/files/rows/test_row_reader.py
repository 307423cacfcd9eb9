"""Files as rows by symbol: layouts, forms of vendors, and each fault that a reader can find."""

from __future__ import annotations

import gzip
from datetime import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from hindcast.domain.errors import BarsError, InputError
from hindcast.engine.stamps import day_text
from hindcast.infrastructure.files.rows.row_reader import RowOptions, read_file, read_frame
from hindcast.services.market_data.intake.source_rows import SourceRows, UnusableFile

HEADING = "date,open,high,low,close,volume\n"
TWO_DAYS = "2018-01-02,1,2,0.5,1.5,100\n2018-01-03,1.5,3,1,2,200\n"


def file_of(folder, text, name="AAPL.csv"):
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def read(folder, text, name="AAPL.csv", **options) -> list[SourceRows]:
    found = list(read_file(file_of(folder, text, name), RowOptions(**options)))
    assert all(isinstance(rows, SourceRows) for rows in found), found
    return [rows for rows in found if isinstance(rows, SourceRows)]


def one(folder, text, name="AAPL.csv", **options) -> SourceRows:
    (rows,) = read(folder, text, name, **options)
    return rows


def refused(folder, text, name="AAPL.csv", **options) -> UnusableFile:
    (found,) = read_file(file_of(folder, text, name), RowOptions(**options))
    assert isinstance(found, UnusableFile)
    return found


def stamps(rows):
    return [day_text(stamp) for stamp in rows.timestamps]


def numbers(rows):
    return None if rows.numbers is None else rows.numbers.tolist()


def faults(rows):
    return {rule: places.tolist() for rule, places in (rows.faults or {}).items()}


def test_a_file_of_one_symbol_is_named_by_its_file(tmp_path):
    rows = one(tmp_path, HEADING + TWO_DAYS)
    assert rows.symbol == "AAPL"
    assert stamps(rows) == ["2018-01-02", "2018-01-03"]
    assert [rows.open.tolist(), rows.high.tolist(), rows.low.tolist()] == [[1, 1.5], [2, 3], [0.5, 1]]
    assert [rows.close.tolist(), rows.volume.tolist()] == [[1.5, 2], [100, 200]]
    assert (rows.faults, rows.notes, rows.numbers, rows.split, rows.dividend) == (None, (), None, None, None)
    assert rows.origin.endswith("AAPL.csv")


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("AAPL_daily.csv", "AAPL"),
        ("BRK.B_1min_2019-01-01_2020-12-31.csv", "BRK.B"),
        ("005930.txt", "005930"),
        ("aapl.us.txt", "aapl.us"),
        ("^GSPC.csv", "^GSPC"),
        ("EURUSD_5m.csv", "EURUSD"),
        ("daily.csv", "daily"),
    ],
)
def test_words_behind_the_symbol_are_no_part_of_it(tmp_path, name, symbol):
    assert one(tmp_path, HEADING + TWO_DAYS, name).symbol == symbol


def test_a_stated_symbol_goes_before_the_files_name(tmp_path):
    assert one(tmp_path, HEADING + TWO_DAYS, symbol="X").symbol == "X"


def test_a_long_file_gives_each_symbol_its_rows_with_their_numbers(tmp_path):
    text = "date,symbol,close\n2018-01-02,005930,1\n2018-01-02,000660,10\n2018-01-03,005930,2\n2018-01-03,000660,20\n"
    first, second = read(tmp_path, text, "prices.csv")
    assert (first.symbol, first.close.tolist(), numbers(first)) == ("005930", [1, 2], [1, 3])
    assert (second.symbol, second.close.tolist(), numbers(second)) == ("000660", [10, 20], [2, 4])
    assert np.isnan(first.volume).all()
    assert first.notes == ("only closes are known: open, high and low are the close",)


def test_a_wide_file_gives_each_column_its_rows_and_leaves_out_days_without_a_price(tmp_path):
    first, second = read(tmp_path, "Date,AAPL,MSFT\n2018-01-02,1,\n2018-01-03,2,20\n", "closes.csv")
    assert (first.symbol, first.close.tolist(), first.numbers) == ("AAPL", [1, 2], None)
    assert (second.symbol, second.close.tolist(), numbers(second)) == ("MSFT", [20], [2])
    assert stamps(second) == ["2018-01-03"]


def test_a_missing_price_of_a_file_of_one_symbol_stays_a_row(tmp_path):
    rows = one(tmp_path, HEADING + TWO_DAYS + "2018-01-04,null,null,null,null,null\n")
    assert np.isnan(rows.close[2])
    assert faults(rows) == {}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffDate,Close\n2018-01-02,1.5\n2018-01-03,2\n",
        "Date;Close\n2018-01-02;1.5\n2018-01-03;2\n",
        "Date\tClose\r\n2018-01-02\t1.5\r\n2018-01-03\t2\r\n",
        "# made by hand\n# twice\n\nDate,Close\n2018-01-02,1.5\n\n2018-01-03,2\n",
        "<TICKER>,<PER>,<DATE>,<TIME>,<CLOSE>\nAAPL.US,D,20180102,000000,1.5\nAAPL.US,D,20180103,000000,2\n",
        "<DATE>|<CLOSE>\n20180102|1.5\n20180103|2\n",
        "Date,Close\n2018.01.02,1.5\n2018/01/03,2\n",
        "Date,Close\n2018-01-02 00:00:00-05:00,1.5\n2018-01-03 00:00:00-05:00,2\n",
        "timestamp,close\n1514851200,1.5\n1514937600,2\n",
        "open_time,close\n1514851200000,1.5\n1514937600000,2\n",
        'Date,Close\n"2018-01-02","1.5"\n"2018-01-03","2"\n',
        "Date;Close\n2018-01-02;1,5\n2018-01-03;2,0\n",
        "Date;Close;Volume\n2018-01-02;1,5;1.234.567\n2018-01-03;2;10\n",
    ],
    ids=[
        *("byte order mark", "semicolons", "tabs", "comments", "stooq", "digits", "points", "offsets", "seconds"),
        *("milliseconds", "quotes", "decimal comma", "grouped by points"),
    ],
)
def test_usual_csv_files_give_the_same_rows(tmp_path, text):
    rows = one(tmp_path, text, "aapl.us.txt")
    assert stamps(rows) == ["2018-01-02", "2018-01-03"]
    assert rows.close.tolist() == [1.5, 2]
    assert faults(rows) == {}


def test_a_comma_is_decimal_where_later_rows_show_it_only(tmp_path):
    whole = "".join(f"2018-01-{day:02};7\n" for day in range(1, 29))
    rows = one(tmp_path, "Date;Close\n" + whole + "2018-01-30;7,25\n")
    assert rows.close[-1] == 7.25
    assert faults(rows) == {}


def test_thousands_are_read_and_lists_of_numbers_are_not(tmp_path):
    rows = one(tmp_path, 'date,close,volume\n2018-01-02,"1,234.5","1,234,567"\n2018-01-03,"12,34",5\n')
    assert rows.close[0] == 1234.5
    assert rows.volume.tolist() == [1234567, 5]
    assert faults(rows) == {"text_in_number": [1]}


def test_a_comma_can_be_said_to_be_decimal(tmp_path):
    text = "date;close\n2018-01-02;1,234\n"
    assert one(tmp_path, text, decimal=".").close.tolist() == [1234]
    assert one(tmp_path, text, decimal=",").close.tolist() == [1.234]


def test_columns_of_other_names_are_told(tmp_path):
    text = "Tag;Schluss\n2018-01-02;1,5\n"
    assert one(tmp_path, text, columns={"Tag": "date", "Schluss": "close"}).close.tolist() == [1.5]
    with pytest.raises(InputError, match=r"columns= names 'Schlus', which is no column. Did you mean 'Schluss'\?"):
        one(tmp_path, text, columns={"Schlus": "close"})


def test_gzip_and_parquet_hold_the_same_rows(tmp_path):
    plain = one(tmp_path, HEADING + TWO_DAYS)
    packed = one(tmp_path, gzip.compress((HEADING + TWO_DAYS).encode()), "AAPL.csv.gz")
    pq.write_table(pa_csv.read_csv(tmp_path / "AAPL.csv"), tmp_path / "AAPL.parquet")
    (parquet,) = read_file(tmp_path / "AAPL.parquet", RowOptions())
    assert isinstance(parquet, SourceRows)
    for other in (packed, parquet):
        assert other.symbol == "AAPL"
        for name in ("timestamps", "open", "high", "low", "close", "volume"):
            assert getattr(other, name).tolist() == getattr(plain, name).tolist()


def test_text_in_a_number_marks_its_row_and_says_where(tmp_path):
    rows = one(tmp_path, HEADING + TWO_DAYS + "2018-01-04,halted,2,1,1,5\n2018-01-05,1,2,1,1,n.v.\n")
    assert faults(rows) == {"text_in_number": [2, 3]}
    assert np.isnan(rows.open[2])
    assert rows.high.tolist() == [2, 3, 2, 2]
    assert rows.details["text_in_number"][0] == "row 3, column 'open': 'halted' is no number"


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("1514851200", "1514937600", ["2018-01-02", "2018-01-03"]),
        ("1514851200000", "1514851260000", ["2018-01-02", "2018-01-02 00:01:00"]),
        ("20180102", "20180103", ["2018-01-02", "2018-01-03"]),
        ("2018-01-02T09:30:00-05:00", "2018-01-02T09:31:00-05:00", ["2018-01-02 14:30:00", "2018-01-02 14:31:00"]),
        ("2018-01-02 00:00:00-05:00", "2018-01-03 00:00:00-05:00", ["2018-01-02", "2018-01-03"]),
    ],
)
@pytest.mark.parametrize("fault", ["price", "stamp"])
def test_text_in_one_cell_changes_no_stamp(tmp_path, first, second, shown, fault):
    bad = f"{second},halted" if fault == "price" else "soon,3"
    rows = one(tmp_path, f"timestamp,close\n{first},1\n{second},2\n{bad}\n")
    assert stamps(rows)[:2] == shown
    assert rows.close.tolist()[:2] == [1, 2]
    assert faults(rows) == {"text_in_number": [2]}
    assert ("halted" if fault == "price" else "soon") in rows.details["text_in_number"][0]


def test_a_number_that_no_clock_has_is_no_stamp(tmp_path):
    rows = one(tmp_path, "timestamp,close\n1514851200000000000,1\n1514937600000000000,2\n9999999999999999999,3\n")
    assert stamps(rows)[:2] == ["2018-01-02", "2018-01-03"]
    assert faults(rows) == {"text_in_number": [2]}


def test_text_in_one_of_many_blocks_leaves_the_others_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr("hindcast.infrastructure.files.rows.csv_rows.BLOCK_BYTES", 300)
    lines = [f"2018-01-02T{9 + minute // 60:02}:{minute % 60:02}:00Z,{minute + 0.5}" for minute in range(300)]
    text = "timestamp,close\n" + "\n".join(lines) + "\n"
    whole = one(tmp_path, text)
    assert len(whole.timestamps) == 300
    for place, bad in (
        (0, "soon,1"),
        (150, "2018-01-02T11:30:00,1"),
        (299, "soon,1"),
        (200, f"{lines[200][:20]},none of it"),
    ):
        changed = one(tmp_path, text.replace(lines[place], bad))
        assert np.delete(changed.timestamps, place).tolist() == np.delete(whole.timestamps, place).tolist()
        assert np.delete(changed.close, place).tolist() == np.delete(whole.close, place).tolist()
        (where,) = faults(changed).values()
        assert where == [place]


def test_decimal_commas_stay_numbers_beside_text(tmp_path):
    rows = one(tmp_path, "date;close;volume\n2018-01-02;1,5;1.000\n2018-01-03;2,5;halted\n")
    assert rows.close.tolist() == [1.5, 2.5]
    assert rows.volume[0] == 1000
    assert faults(rows) == {"text_in_number": [1]}


def test_infinities_and_missing_numbers_are_numbers_that_the_rules_judge(tmp_path):
    rows = one(tmp_path, HEADING + "2018-01-02,inf,-inf,NaN,,1e3\n")
    assert (rows.open[0], rows.high[0], rows.volume[0]) == (np.inf, -np.inf, 1000)
    assert np.isnan(rows.low[0])
    assert np.isnan(rows.close[0])
    assert faults(rows) == {}


@pytest.mark.parametrize("stamp", ["soon", "", "2018-13-01", "2018-02-30", "02/01/2018", "9999-01-01"])
def test_an_unreadable_stamp_marks_its_row(tmp_path, stamp):
    rows = one(tmp_path, HEADING + TWO_DAYS + f"{stamp},1,2,1,1,5\n")
    assert faults(rows) == {"text_in_number": [2]}
    assert rows.timestamps[2] == 0
    assert stamps(rows)[:2] == ["2018-01-02", "2018-01-03"]


def test_an_impossible_date_of_digits_marks_its_row(tmp_path):
    rows = one(tmp_path, "date,close\n20180102,1\n20180231,2\n20180301,3\n")
    assert faults(rows) == {"text_in_number": [1]}
    assert stamps(rows)[2] == "2018-03-01"


def test_intraday_stamps_without_a_zone_are_all_at_fault(tmp_path):
    text = "timestamp,close\n2018-01-02 09:30:00,1\n2018-01-02 09:31:00,2\n"
    rows = one(tmp_path, text)
    assert faults(rows) == {"naive_time_zone": [0, 1]}
    assert "state it" in rows.details["naive_time_zone"][0]
    stated = one(tmp_path, text, timezone="America/New_York")
    assert (faults(stated), stamps(stated)) == ({}, ["2018-01-02 14:30:00", "2018-01-02 14:31:00"])


def test_stamps_with_offsets_are_utc(tmp_path):
    rows = one(tmp_path, "timestamp,close\n2018-01-02T09:30:00-05:00,1\n2018-07-02T09:30:00-04:00,2\n")
    assert stamps(rows) == ["2018-01-02 14:30:00", "2018-07-02 13:30:00"]
    rows = one(tmp_path, "timestamp,close\n2018-01-02 14:30Z,1\n2018-07-02 13:30Z,2\n")
    assert stamps(rows) == ["2018-01-02 14:30:00", "2018-07-02 13:30:00"]


def test_utc_midnights_of_the_stated_zone_are_session_dates(tmp_path):
    text = "timestamp,close\n2018-01-02T05:00:00Z,1\n2018-07-02T04:00:00Z,2\n"
    assert stamps(one(tmp_path, text, timezone="America/New_York")) == ["2018-01-02", "2018-07-02"]


def test_offsets_that_change_between_midnights_are_session_dates(tmp_path):
    text = "date,close\n2018-01-02 00:00:00-05:00,1\n2018-07-02 00:00:00-04:00,2\n"
    assert stamps(one(tmp_path, text)) == ["2018-01-02", "2018-07-02"]


def test_a_stamp_without_offset_among_others_is_at_fault_alone(tmp_path):
    text = "timestamp,close\n2018-01-02T09:30:00-05:00,1\n2018-01-02T09:31:00,2\n"
    assert faults(one(tmp_path, text)) == {"naive_time_zone": [1]}


@pytest.mark.parametrize("stamp", ["2018-03-11 02:30:00", "2018-11-04 01:30:00"], ids=["left out", "given twice"])
def test_a_time_that_the_change_of_clocks_makes_unclear_is_at_fault(tmp_path, stamp):
    text = f"timestamp,close\n2018-03-11 01:30:00,1\n{stamp},2\n2018-11-04 03:30:00,3\n"
    rows = one(tmp_path, text, timezone="America/New_York")
    assert faults(rows) == {"dst_gap": [1]}
    assert "America/New_York" in rows.details["dst_gap"][0]
    assert stamps(rows)[::2] == ["2018-03-11 06:30:00", "2018-11-04 08:30:00"]


@pytest.mark.parametrize(
    ("text", "name", "options", "wrong"),
    [
        ("date,symbol,close\n2018-01-02,MSFT,1\n", "AAPL.csv", {}, {"MSFT": [0]}),
        ("date,symbol,close\n2018-01-02,AAPL,1\n2018-01-03,MSFT,1\n", "AAPL.csv", {}, {"AAPL": None, "MSFT": [0]}),
        ("date,symbol,close\n2018-01-02,MSFT,1\n", "any.csv", {"symbol": "AAPL"}, {"MSFT": [0]}),
        ("date,symbol,close\n2018-01-02,AAPL,1\n2018-01-03,,1\n", "any.csv", {}, {"AAPL": None, "": [0]}),
    ],
    ids=["other than the file's name", "among the file's own", "other than stated", "missing"],
)
def test_rows_of_another_symbol_are_at_fault(tmp_path, text, name, options, wrong):
    found = {rows.symbol: (rows.faults or {}).get("wrong_symbol") for rows in read(tmp_path, text, name, **options)}
    assert {symbol: None if places is None else places.tolist() for symbol, places in found.items()} == wrong


@pytest.mark.parametrize(
    ("symbol", "name"), [("BRK.B", "BRK-B.csv"), ("AAPL.US", "AAPL.csv"), ("MSFT", "data.csv"), ("MSFT", "DATA_2.csv")]
)
def test_other_spellings_and_general_names_are_no_fault(tmp_path, symbol, name):
    rows = one(tmp_path, f"date,symbol,close\n2018-01-02,{symbol},1\n", name)
    assert (rows.symbol, faults(rows)) == (symbol, {})


def test_a_file_of_many_symbols_may_be_called_as_it_likes(tmp_path):
    found = read(tmp_path, "date,symbol,close\n2018-01-02,A,1\n2018-01-02,B,1\n", "NYSE.csv")
    assert [(rows.symbol, faults(rows)) for rows in found] == [("A", {}), ("B", {})]


def test_rows_in_another_currency_than_stated_are_at_fault(tmp_path):
    text = "date,close,currency\n2018-01-02,1,USD\n2018-01-03,1,EUR\n"
    rows = one(tmp_path, text, currency="USD")
    assert (rows.currency, faults(rows)) == ("USD", {"wrong_currency": [1]})
    assert faults(one(tmp_path, text, currency="EUR")) == {"wrong_currency": [0]}
    assert faults(one(tmp_path, text)) == {"wrong_currency": [1]}
    assert one(tmp_path, "date,close,currency\n2018-01-02,1,USD\n").currency == "USD"


@pytest.mark.parametrize(
    ("text", "name", "rule", "said"),
    [
        ("", "AAPL.csv", "truncated_payload", "is empty"),
        ("\n \n", "AAPL.csv", "truncated_payload", "is empty"),
        (HEADING, "AAPL.csv", "unknown_layout", "has headings but no rows"),
        (HEADING + TWO_DAYS + "2018-01-04,1,2", "AAPL.csv", "truncated_payload", "row 3 has 3 of 6 fields"),
        (HEADING + "2018-01-02,1,234,2,1,1,1\n" + TWO_DAYS, "AAPL.csv", "truncated_payload", "row 1 has 7 of 6 fields"),
        (gzip.compress((HEADING + TWO_DAYS * 50).encode())[:-20], "AAPL.csv.gz", "truncated_payload", "cut short"),
        (b"PAR1 no footer", "AAPL.parquet", "truncated_payload", "is no Parquet file, or is cut short"),
        (b"date,close\n2018-01-02,\xff\n", "AAPL.csv", "unknown_layout", "UTF-8"),
        ('{"Information": "your key ABC123 is used up"}', "AAPL.csv", "truncated_payload", 'JSON with "Information"'),
        ("<!DOCTYPE html><html>", "AAPL.csv", "truncated_payload", "web page"),
        ("2018-01-02,1,2,1,1,5\n2018-01-03,1,2,1,1,5\n", "AAPL.csv", "unknown_layout", "no line of headings"),
        ("date,close,close\n2018-01-02,1,2\n", "AAPL.csv", "duplicated_columns", "column 'close' stands twice"),
        ("date,Close,close\n2018-01-02,1,2\n", "AAPL.csv", "duplicated_columns", "columns 'Close' and 'close' are one"),
        ("date,open,close\n2018-01-02,1,2\n", "AAPL.csv", "unknown_layout", "no column of high and low"),
        ("open,high,low,close\n1,2,1,2\n", "AAPL.csv", "unknown_layout", "no column of dates"),
    ],
)
def test_a_file_that_holds_no_bars_is_told_and_not_raised(tmp_path, text, name, rule, said):
    found = refused(tmp_path, text, name)
    assert found.rule == rule
    assert said in found.message
    assert name in found.message
    assert "ABC123" not in found.message


def test_a_symbol_for_a_file_of_many_columns_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds 2 symbols, one per column: leave symbol out"):
        read(tmp_path, "Date,AAPL,MSFT\n2018-01-02,1,2\n", "closes.csv", symbol="AAPL")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"unit": "h"}, "unit='h'"),
        ({"decimal": "-"}, "decimal='-'"),
        ({"timezone": "Mars"}, "no time zone 'Mars'"),
        ({"columns": "close"}, "columns='close'"),
    ],
)
def test_options_that_can_not_be_are_refused(options, said):
    with pytest.raises(InputError, match=said):
        RowOptions(**options)


def frame():
    return pd.DataFrame(
        {"open": [1.0, 1.5], "high": [2.0, 3], "low": [0.5, 1], "close": [1.5, 2], "volume": [100, 200]},
        index=pd.DatetimeIndex(["2018-01-02", "2018-01-03"], name="date"),
    )


@pytest.mark.parametrize(
    "table",
    [
        frame(),
        frame().reset_index(),
        frame().tz_localize("America/New_York"),
        pl.from_pandas(frame().reset_index()),
        pl.from_pandas(frame().reset_index()).lazy(),
        pa.Table.from_pandas(frame().reset_index()),
        frame().reset_index().assign(date=lambda found: found["date"].dt.date),
    ],
    ids=["index", "column", "zoned index", "polars", "lazy polars", "arrow", "dates of Python"],
)
def test_frames_of_every_library_give_the_same_rows(table):
    (rows,) = read_frame(table, RowOptions(symbol="AAPL"))
    assert (rows.symbol, stamps(rows)) == ("AAPL", ["2018-01-02", "2018-01-03"])
    assert (rows.close.tolist(), rows.volume.tolist(), faults(rows)) == ([1.5, 2], [100, 200], {})


def test_a_frame_without_symbols_needs_one():
    with pytest.raises(InputError, match="symbol='NAME'"):
        list(read_frame(frame(), RowOptions()))


def test_text_in_a_frame_marks_its_row():
    mixed = frame().astype(object)
    mixed.iloc[1, 3] = "halted"
    (rows,) = read_frame(mixed, RowOptions(symbol="AAPL"))
    assert faults(rows) == {"text_in_number": [1]}


def test_what_is_no_frame_is_refused():
    with pytest.raises(InputError, match="can't be imported from a int"):
        list(read_frame(7, RowOptions()))
    with pytest.raises(BarsError, match="stands twice"):
        list(read_frame(pd.concat([frame(), frame()[["close"]]], axis=1), RowOptions(symbol="A")))


def test_a_missing_stamp_of_a_frame_marks_its_row():
    table = frame().reset_index()
    table.loc[1, "date"] = pd.NaT
    (rows,) = read_frame(table, RowOptions(symbol="AAPL"))
    assert (faults(rows), rows.timestamps[1]) == ({"text_in_number": [1]}, 0)


def test_mixed_offsets_of_python_datetimes_are_read():
    moments = [datetime.fromisoformat(text) for text in ("2018-01-02 09:30-05:00", "2018-07-02 09:30-04:00")]
    table = pd.DataFrame({"timestamp": np.array(moments, dtype=object), "close": [1.0, 2.0]})
    (rows,) = read_frame(table, RowOptions(symbol="AAPL"))
    assert stamps(rows) == ["2018-01-02 14:30:00", "2018-07-02 13:30:00"]


def test_codes_beside_a_missing_one_stay_codes_and_the_missing_one_is_at_fault():
    frame = pd.DataFrame({"date": ["2018-01-02", "2018-01-03"], "symbol": [5930, np.nan], "close": [1.0, 2.0]})
    (_, lost) = read_frame(frame, RowOptions())
    assert lost.details["wrong_symbol"] == ("row 2: no symbol",)
    (rows,) = read_frame(frame.head(1), RowOptions())
    assert rows.symbol == "5930"


def test_days_and_months_of_one_digit_are_read_where_the_year_is_first(tmp_path):
    rows = one(tmp_path, "date,close\n2018/1/2,1\n2018/1/13,2\n2018-10-9,3\n")
    assert [day_text(stamp) for stamp in rows.timestamps] == ["2018-01-02", "2018-01-13", "2018-10-09"]
    assert rows.faults is None
    rows = one(tmp_path, "date,close\n2018/1/2 9:30,1\n2018-1-13 16:00Z,2\n", timezone="UTC")
    assert rows.faults is not None
    assert rows.timestamps[1] == np.datetime64("2018-01-13T16:00", "ns").astype(np.int64)


def test_a_date_that_ends_with_the_year_says_that_it_can_be_read_in_two_ways(tmp_path):
    rows = one(tmp_path, "date,close\n01/02/2018,1\n13.2.18,2\n")
    (first, second) = rows.details["text_in_number"]
    assert "'01/02/2018' is no stamp, since day and month can't be told apart: write the year first" in first
    assert "write the year first" in second


def test_numbers_that_are_no_stamps_are_shown():
    (rows,) = read_frame(pd.DataFrame({"time": [1.5e6, 1.6e6], "close": [1.0, 2.0]}), RowOptions(symbol="A"))
    assert "'1500000' is no stamp" in rows.details["text_in_number"][0]
