"""Files as vendors and programs write them: yfinance, Yahoo, Alpha Vantage, Binance, pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hindcast.engine.stamps import day_text
from hindcast.infrastructure.files.rows.row_layout import CLOSE_ONLY, FULLY_ADJUSTED, UNUSED_ADJUSTED, YAHOO
from hindcast.infrastructure.files.rows.row_reader import RowOptions, read_file, read_frame
from hindcast.services.market_data.intake.source_rows import SourceRows


def read(folder, text, name="AAPL.csv", **options):
    file = folder / name
    file.write_text(text)
    found = list(read_file(file, RowOptions(**options)))
    assert all(isinstance(rows, SourceRows) for rows in found), found
    return found


def stamps(rows):
    return [day_text(stamp) for stamp in rows.timestamps]


YAHOO_FILE = """\
Date,Open,High,Low,Close,Adj Close,Volume
2018-01-02,42.54,43.08,42.32,43.06,40.42,102223600
2018-01-03,43.13,43.64,42.99,43.06,40.41,118071600
"""

# Four for one on the 31st; yfinance has divided the prices before it by four, and multiplied the volumes.
YFINANCE_ACTIONS = """\
Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits
2020-08-27 00:00:00-04:00,127,127.5,123.8,125,123,155552400,0.2,0.0
2020-08-28 00:00:00-04:00,126,126.4,124.5,124.75,122,187630000,0.0,0.0
2020-08-31 00:00:00-04:00,127.5,131,126,129,127,225702700,0.0,4.0
2020-09-01 00:00:00-04:00,132.7,134.8,130.5,134,132,151948100,0.0,0.0
"""

YFINANCE_DOWNLOAD = """\
Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume
Ticker,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT
Date,,,,,,,,,,
2018-01-02,40.4,79.6,40.4,79.9,39.7,79.2,39.9,79.8,102223600,22483800
2018-01-03,40.4,80.0,40.9,80.1,40.3,79.7,40.4,79.7,118071600,26061400
"""

YFINANCE_RAW = (
    YFINANCE_DOWNLOAD.replace("Price,", "Price,Adj Close,Adj Close,")
    .replace("Ticker,", "Ticker,AAPL,MSFT,")
    .replace("Date,", "Date,,,")
    .replace("-02,", "-02,38,77,")
    .replace("-03,", "-03,38,77,")
)

ALPHA_VANTAGE = """\
timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient
2020-09-01,132.76,134.80,130.53,134.18,131.1,151948100,0.0000,1.0
2020-08-31,127.58,131.00,126.00,129.04,126.1,225702700,0.0000,4.0
2020-08-28,504.05,505.77,498.31,499.23,122.0,46907479,0.8200,1.0
"""


def test_yahoos_own_files_come_as_they_are_with_a_note(tmp_path):
    (rows,) = read(tmp_path, YAHOO_FILE)
    assert rows.close.tolist() == [43.06, 43.06]
    assert (rows.notes, rows.split, rows.adjusted) == ((YAHOO,), None, False)


def test_splits_that_yfinance_put_into_prices_are_taken_out_again(tmp_path):
    (rows,) = read(tmp_path, YFINANCE_ACTIONS)
    assert stamps(rows)[0] == "2020-08-27"
    assert rows.close.tolist() == [500, 499, 129, 134]
    assert rows.open.tolist() == [508, 504, 127.5, 132.7]
    assert rows.volume.tolist() == [155552400 / 4, 187630000 / 4, 225702700, 151948100]
    assert rows.dividend.tolist() == [0.8, 0, 0, 0]
    assert rows.split.tolist() == [0, 0, 4, 0]
    assert rows.notes == (
        UNUSED_ADJUSTED,
        "splits were taken out of the prices again: 1 by the file's own column of splits",
    )
    assert not rows.adjusted


def test_splits_are_taken_out_where_the_newest_row_stands_first(tmp_path):
    heading, *lines = YFINANCE_ACTIONS.splitlines()
    (rows,) = read(tmp_path, "\n".join([heading, *reversed(lines)]) + "\n")
    assert rows.close.tolist() == [134, 129, 499, 500]


def test_prices_that_jump_at_a_split_are_left_alone(tmp_path):
    traded = YFINANCE_ACTIONS.replace(",125,", ",500,").replace(",124.75,", ",499,")
    (rows,) = read(tmp_path, traded)
    assert rows.close.tolist() == [500, 499, 129, 134]
    assert rows.volume.tolist()[0] == 155552400
    assert rows.notes == (UNUSED_ADJUSTED,)


def test_yfinance_without_adjusted_closes_is_adjusted(tmp_path):
    without = "\n".join(
        ",".join(part for place, part in enumerate(line.split(",")) if place != 5)
        for line in YFINANCE_ACTIONS.splitlines()
    )
    (rows,) = read(tmp_path, without + "\n")
    assert rows.adjusted
    assert (rows.split, rows.dividend) == (None, None)
    assert rows.close.tolist() == [125, 124.75, 129, 134]
    assert FULLY_ADJUSTED in rows.notes
    assert "left aside" in rows.notes[-1]


@pytest.mark.parametrize(
    ("text", "adjusted", "note"), [(YFINANCE_DOWNLOAD, True, FULLY_ADJUSTED), (YFINANCE_RAW, False, YAHOO)]
)
def test_yfinances_downloads_with_two_headings_are_read(tmp_path, text, adjusted, note):
    first, second = read(tmp_path, text, "download.csv")
    assert (first.symbol, first.close.tolist(), first.volume.tolist()) == ("AAPL", [40.4, 40.4], [102223600, 118071600])
    assert (second.symbol, second.open.tolist(), second.low.tolist()) == ("MSFT", [79.8, 79.7], [79.2, 79.7])
    assert stamps(first) == ["2018-01-02", "2018-01-03"]
    assert (first.adjusted, first.notes) == (adjusted, (note,))


def test_two_headings_of_pandas_are_read_with_either_level_first(tmp_path):
    frame = pd.DataFrame(
        {
            ("AAPL", "close"): [1.0, 2.0],
            ("AAPL", "volume"): [5, 6],
            ("MSFT", "close"): [10.0, 20.0],
            ("MSFT", "volume"): [7, 8],
        },
        index=pd.DatetimeIndex(["2018-01-02", "2018-01-03"], name="date"),
    )
    for made in (frame, frame.swaplevel(axis=1), frame.rename_axis(None)):
        first, second = read(tmp_path, made.to_csv(), "wide.csv")
        assert (first.symbol, first.close.tolist(), first.volume.tolist()) == ("AAPL", [1, 2], [5, 6])
        assert (second.symbol, second.close.tolist()) == ("MSFT", [10, 20])
        assert (first.notes, first.adjusted) == ((CLOSE_ONLY,), False)


def test_yfinances_frames_are_known_by_their_levels():
    columns = pd.MultiIndex.from_product([["Close", "High", "Low", "Open"], ["AAPL"]], names=["Price", "Ticker"])
    frame = pd.DataFrame(np.ones((2, 4)), columns=columns, index=pd.DatetimeIndex(["2018-01-02", "2018-01-03"]))
    (rows,) = read_frame(frame, RowOptions())
    assert (rows.symbol, rows.adjusted) == ("AAPL", True)
    (rows,) = read_frame(frame.rename_axis(columns=["level", "symbol"]), RowOptions())
    assert not rows.adjusted


def test_alpha_vantages_files_keep_raw_prices_and_actions(tmp_path):
    (rows,) = read(tmp_path, ALPHA_VANTAGE)
    assert stamps(rows) == ["2020-09-01", "2020-08-31", "2020-08-28"]
    assert rows.close.tolist() == [134.18, 129.04, 499.23]
    assert rows.split.tolist() == [1, 4, 1]
    assert rows.dividend.tolist() == [0, 0, 0.82]
    assert rows.notes == (UNUSED_ADJUSTED,)


def test_splits_of_others_that_do_not_show_in_prices_are_told(tmp_path):
    text = "date,close,split\n2020-08-28,125,1\n2020-08-31,129,4\n"
    (rows,) = read(tmp_path, text)
    assert rows.close.tolist() == [125, 129]
    assert any("do not jump at the 1 splits" in note for note in rows.notes)


def test_splits_are_left_aside_where_prices_are_said_to_be_adjusted(tmp_path):
    (rows,) = read(tmp_path, ALPHA_VANTAGE, adjusted=True)
    assert (rows.split, rows.dividend) == (None, None)
    assert "the file's splits and dividends are left aside: its prices hold them" in rows.notes


def test_binances_files_are_read(tmp_path):
    heading = (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
        "taker_buy_volume,taker_buy_quote_volume,ignore\n"
    )
    text = heading + "1514764800000,13715.65,13715.65,13681,13707.92,2.8,1514764859999,38000,50,1,13000,0\n"
    text += text.splitlines()[1].replace("15147648", "15147649") + "\n"
    (rows,) = read(tmp_path, text, "BTCUSDT-1m-2018-01.csv")
    assert stamps(rows) == ["2018-01-01", "2018-01-01 00:01:40"]
    assert (rows.symbol, rows.volume.tolist()) == ("BTCUSDT", [2.8, 2.8])


def test_dates_and_times_in_two_columns_are_one_stamp(tmp_path):
    text = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n"
    text += "EURUSD,5,20180102,093500,1,1,1,1,0\nEURUSD,5,20180102,094000,1,1,1,1,0\n"
    (rows,) = read(tmp_path, text, "eurusd.txt", timezone="Europe/Warsaw")
    assert stamps(rows) == ["2018-01-02 08:35:00", "2018-01-02 08:40:00"]
    frame = pd.DataFrame({"date": ["2018-01-02"], "time": [93000], "close": [1.0]})
    (rows,) = read_frame(frame, RowOptions(symbol="X", timezone="UTC"))
    assert stamps(rows) == ["2018-01-02 09:30:00"]
