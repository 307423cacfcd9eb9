from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hindcast.domain.errors import BarsError, InputError, SymbolError
from hindcast.engine.bars import Bars
from hindcast.engine.bars_table import ADJUSTED_CLOSE, CLOSE_ONLY, UNUSED_ADJUSTED, TableOptions
from hindcast.engine.column_table import ColumnTable

DAYS = pd.DatetimeIndex(["2018-01-02", "2018-01-03"])


def single(**more):
    """One symbol, two days."""
    columns = {"Open": [10.0, 11.0], "High": [12.0, 13.0], "Low": [9.0, 10.0], "Close": [11.0, 12.0]}
    return pd.DataFrame(columns | more, index=DAYS)


def long(rows, columns=("date", "symbol", "open", "high", "low", "close")):
    return pd.DataFrame([(day, name, price, price, price, price) for day, name, price in rows], columns=list(columns))


INTERLEAVED = [("2018-01-02", "B", 1.0), ("2018-01-02", "A", 2.0), ("2018-01-03", "B", 3.0), ("2018-01-03", "A", 4.0)]


def test_a_frame_of_one_symbol_gets_the_default_name_or_the_one_given():
    made = Bars.from_pandas(single())
    assert made.symbols == ("ASSET",)
    assert made.panel.high[:, 0].tolist() == [12.0, 13.0]
    assert Bars.from_pandas(single(), symbol="SPX").symbols == ("SPX",)


@pytest.mark.parametrize(
    "heading",
    [str.upper, str.title, lambda name: f" {name} ", lambda name: f"<{name}>", lambda name: f"1. {name}"],
    ids=["upper", "title", "spaces", "brackets", "numbered"],
)
def test_headings_count_in_any_usual_form(heading):
    assert Bars.from_pandas(single().rename(columns=heading)).fingerprint == Bars.from_pandas(single()).fingerprint


def test_letters_are_fields_only_where_all_four_are_there():
    letters = single().rename(columns=lambda name: name[0].lower())
    assert Bars.from_pandas(letters).fingerprint == Bars.from_pandas(single()).fingerprint
    tickers = Bars.from_pandas(pd.DataFrame({"C": [70.0, 71.0], "V": [110.0, 111.0]}, index=DAYS))
    assert tickers.symbols == ("C", "V")


def test_one_price_field_without_a_close_is_a_symbol():
    made = Bars.from_pandas(pd.DataFrame({"AAPL": [1.0, 2.0], "LOW": [90.0, 91.0]}, index=DAYS))
    assert made.symbols == ("AAPL", "LOW")


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [0, 2, 1, 3]], ids=["by date", "by symbol"])
def test_long_rows_by_date_or_by_symbol_are_the_same_bars(order):
    made = Bars.from_pandas(long([INTERLEAVED[place] for place in order]))
    assert made.symbols == ("B", "A")
    assert made.panel.close.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_long_rows_need_not_fill_the_panel():
    made = Bars.from_pandas(long([*INTERLEAVED[:3], ("2018-01-05", "A", 5.0)]))
    assert made.timestamps.view("M8[ns]").astype("M8[D]").astype(str).tolist() == [
        "2018-01-02",
        "2018-01-03",
        "2018-01-05",
    ]
    np.testing.assert_array_equal(made.panel.close, [[1.0, 2.0], [3.0, np.nan], [np.nan, 5.0]])


def test_as_many_rows_as_cells_do_not_make_a_full_panel():
    rows = [("2018-01-02", "A", 1.0), ("2018-01-03", "A", 2.0), ("2018-01-03", "B", 3.0), ("2018-01-04", "B", 4.0)]
    np.testing.assert_array_equal(Bars.from_pandas(long(rows)).panel.close, [[1.0, np.nan], [2.0, 3.0], [np.nan, 4.0]])


@pytest.mark.parametrize("owner", ["symbol", "Ticker", "SYM", "code", "asset"])
def test_the_symbol_column_has_several_names(owner):
    assert Bars.from_pandas(long(INTERLEAVED).rename(columns={"symbol": owner})).symbols == ("B", "A")


def test_symbols_may_be_numbers():
    frame = long(INTERLEAVED).assign(symbol=[660, 5930, 660, 5930])
    assert Bars.from_pandas(frame).symbols == ("660", "5930")


def test_categories_without_a_row_are_no_symbols():
    frame = long(INTERLEAVED).astype({"symbol": pd.CategoricalDtype(["A", "B", "C"])})
    assert Bars.from_pandas(frame).symbols == ("B", "A")
    with pytest.raises(SymbolError, match="symbol='C' stands in no row; the table has B, A"):
        Bars.from_pandas(frame, symbol="C")


def test_rows_may_be_indexed_by_date_and_symbol():
    frame = long(INTERLEAVED).assign(date=lambda rows: pd.to_datetime(rows["date"]))
    named = frame.set_index(["date", "symbol"])
    assert Bars.from_pandas(named).symbols == ("B", "A")
    assert Bars.from_pandas(named.rename_axis([None, None])).symbols == ("B", "A")
    assert Bars.from_pandas(frame.set_index(["symbol", "date"])).symbols == ("B", "A")


@pytest.mark.parametrize("field_first", [True, False])
def test_two_headings_are_field_and_symbol_in_either_order(field_first):
    wide = pd.concat({"MSFT": single(), "AAPL": single() * 2}, axis=1)
    made = Bars.from_pandas(wide.swaplevel(axis=1) if field_first else wide)
    assert made.symbols == ("MSFT", "AAPL")
    assert made.panel.low.tolist() == [[9.0, 18.0], [10.0, 20.0]]


def test_a_table_of_closes_says_that_it_knows_no_more():
    made = Bars.from_pandas(pd.DataFrame({"AAPL": [1.0, 2.0], "MSFT": [3.0, np.nan]}, index=DAYS))
    assert made.notes == (CLOSE_ONLY,)
    np.testing.assert_array_equal(made.panel.high, made.panel.close)
    assert Bars.from_pandas(single()[["Close"]]).notes == (CLOSE_ONLY,)


def test_a_series_is_a_table_of_closes():
    assert Bars.from_pandas(pd.Series([1.0, 2.0], index=DAYS, name="AAPL")).symbols == ("AAPL",)
    assert Bars.from_pandas(pd.Series([1.0, 2.0], index=DAYS)).symbols == ("ASSET",)


def test_the_field_option_makes_every_column_a_symbol():
    letters = pd.DataFrame({"O": [1.0, 2.0], "H": [1.0, 2.0], "L": [1.0, 2.0], "C": [1.0, 2.0]}, index=DAYS)
    assert Bars.from_pandas(letters).symbols == ("ASSET",)
    with_close = letters.rename(columns={"C": "Close"})
    assert Bars.from_pandas(with_close, field="close").notes == (CLOSE_ONLY,)


def test_the_adjusted_close_is_used_only_when_asked_for():
    frame = single(**{"Adj Close": [5.5, 6.0]})
    made = Bars.from_pandas(frame)
    assert made.notes == (UNUSED_ADJUSTED,)
    assert made.panel.close[:, 0].tolist() == [11.0, 12.0]
    adjusted = Bars.from_pandas(frame, field="adj close")
    assert adjusted.notes == (ADJUSTED_CLOSE,)
    assert adjusted.adjusted
    assert adjusted.panel.open[:, 0].tolist() == [5.5, 6.0]


def test_actions_are_read_and_a_split_of_zero_is_none():
    frame = single(**{"Volume": [5, 6], "Stock Splits": [0.0, 2.0], "Dividends": [np.nan, 0.25]})
    panel = Bars.from_pandas(frame).panel
    assert panel.volume[:, 0].tolist() == [5.0, 6.0]
    assert panel.split is not None
    assert panel.split[:, 0].tolist() == [1.0, 2.0]
    assert panel.dividend is not None
    assert panel.dividend[:, 0].tolist() == [0.0, 0.25]


def test_columns_can_be_renamed_and_the_stamps_named():
    frame = single().reset_index().rename(columns={"index": "Handelstag", "Close": "Schluss"})
    made = Bars.from_pandas(frame, columns={"Schluss": "close"}, timestamp="Handelstag")
    assert made.fingerprint == Bars.from_pandas(single()).fingerprint


def test_a_symbol_of_a_long_table_can_be_taken_alone():
    assert Bars.from_pandas(long(INTERLEAVED), symbol="A").panel.close[:, 0].tolist() == [2.0, 4.0]
    bad = long([*INTERLEAVED, INTERLEAVED[1]])
    with pytest.raises(BarsError, match=r"A: dates are not in order: 2018-01-02 stands after 2018-01-03 \(row 5\)"):
        Bars.from_pandas(bad, symbol="A")
    with pytest.raises(SymbolError, match="symbol='C' stands in no row; the table has B, A"):
        Bars.from_pandas(long(INTERLEAVED), symbol="C")


def test_columns_that_are_no_field_are_left_aside():
    assert Bars.from_pandas(single(sector=["tech", "tech"])).fingerprint == Bars.from_pandas(single()).fingerprint


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([INTERLEAVED[2], INTERLEAVED[0]], r"B: dates are not in order: 2018-01-02 stands after 2018-01-03 \(row 2\)"),
        ([INTERLEAVED[0], INTERLEAVED[1], INTERLEAVED[0]], r"B: date 2018-01-02 stands twice \(row 3\)"),
        ([("2018-01-02", None, 1.0)], "column 'symbol', row 1: the symbol is missing"),
        ([(None, "A", 1.0)], "column 'date', row 1: the stamp is missing"),
        ([("2018-01-02", "A", "many")], "column 'open', row 1: 'many' is no number"),
        ([("2018-01-02", "A", 1.0), ("2018-01-03", "A", "x")], "column 'open', row 2: 'x' is no number"),
        ([("2018-01-02", "A", 1.0), ("2018-01-03", "A", True)], "column 'open', row 2: True is no number"),
        ([], "the table has no rows"),
    ],
)
def test_a_bad_long_table_is_refused_with_the_row(rows, said):
    with pytest.raises(BarsError, match=said):
        Bars.from_pandas(long(rows))


def test_a_partly_missing_row_is_refused_with_symbol_and_date():
    frame = long(INTERLEAVED)
    frame.loc[3, "high"] = np.nan
    with pytest.raises(BarsError, match="A on 2018-01-03: some prices are missing"):
        Bars.from_pandas(frame)


def test_text_is_no_number_even_where_it_reads_like_one():
    with pytest.raises(BarsError, match="column 'Close', row 1: '11.0' is no number"):
        Bars.from_pandas(single(Close=["11.0", "12.0"]))


def test_the_value_that_made_a_column_text_is_the_one_named():
    with pytest.raises(BarsError, match=r"column 'Close', row 2: 'n\.a\.' is no number"):
        Bars.from_pandas(single(Close=["11.0", "n.a."]))


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (single().reset_index(drop=True), "no column of dates among 'Open', 'High', 'Low', 'Close'"),
        (single().drop(columns="Close"), "no column 'close' among 'Open', 'High', 'Low'"),
        (single().drop(columns=["Open", "Low"]), "no column of open and low beside High, Close"),
        (single(close=[1.0, 2.0]), "columns 'Close', 'close' are both the close"),
        (pd.concat([single(), single()], axis=1), "column 'Open' stands twice"),
        (pd.DataFrame(index=DAYS), "no column of prices beside the dates"),
        (pd.DataFrame({"sector": ["tech", "tech"]}, index=DAYS), "hold text"),
        (single().set_axis(pd.MultiIndex.from_product([["AAPL"], list("abcd")]), axis=1), "no heading is 'close'"),
    ],
)
def test_columns_that_do_not_tell_what_they_are_are_refused(frame, said):
    with pytest.raises(BarsError, match=said):
        Bars.from_pandas(frame)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"symbl": "A"}, "no option 'symbl'. Did you mean 'symbol'?"),
        ({"sheet": 1}, "no option 'sheet'. Known: symbol, timestamp"),
        ({"symbol": 3}, "symbol=3; expected text"),
        ({"columns": ["close"]}, "expected a mapping"),
        ({"columns": {"Clse": "close"}}, "'Clse', which is no column. Did you mean 'Close'?"),
        ({"columns": {"Open": "Close"}}, "gives two columns one name"),
        ({"adjusted": "yes"}, "expected True or False"),
        ({"unit": "h"}, "expected one of s, ms, us, ns"),
        ({"field": "open"}, "expected 'close' or 'adj close'"),
        ({"timestamp": "day"}, "timestamp='day' is no column"),
        ({"tz": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
    ],
)
def test_an_option_that_can_not_be_is_refused(options, said):
    with pytest.raises(InputError, match=said.replace("?", r"\?").replace(".", r"\.")):
        Bars.from_pandas(single(), **options)


def test_columns_of_different_lengths_are_no_table():
    with pytest.raises(BarsError, match="date 2, close 1"):
        ColumnTable(columns={"date": np.zeros(2), "close": np.zeros(1)})


def test_a_plain_table_of_arrays_is_enough():
    table = ColumnTable(
        columns={
            "date": np.array(["2018-01-02", "2018-01-02"], dtype=object),
            "symbol": np.array(["A", "B"], dtype=object),
            "close": np.array([1.0, 2.0]),
        }
    )
    assert Bars.from_table(table).panel.close.tolist() == [[1.0, 2.0]]
    assert TableOptions.of({}) == TableOptions()
