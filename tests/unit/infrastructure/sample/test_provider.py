from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from hindcast.domain.errors import DateRangeError, SymbolError
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.ports import BarsSource


def day(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


@pytest.fixture(scope="module")
def sample() -> SampleProvider:
    return SampleProvider()


def test_the_provider_is_a_source_of_bars_named_sample(sample):
    source: BarsSource = sample

    assert source.name == "sample"
    assert [info.symbol for info in source.symbols()][:3] == ["SPX", "IXIC", "AAPL"]
    assert len(source.symbols()) == 23


def test_a_panel_has_stamps_by_symbols_in_the_order_asked_for(sample):
    table = sample.read(["MSFT", "SPX", "AAPL"], day("2010-01-01"), day("2010-12-31"))

    assert table.symbols == ("MSFT", "SPX", "AAPL")
    assert table.timestamps.dtype == np.int64
    for array in (table.open, table.high, table.low, table.close, table.volume):
        assert array.shape == (252, 3)
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
    assert table.close[0].tolist() == [23.572, 1132.98999, 6.496]


def test_both_ends_of_a_range_are_in_it(sample):
    table = sample.read(["SPX"], day("2018-12-27"), day("2018-12-31"))

    assert table.timestamps.tolist() == [day("2018-12-27"), day("2018-12-28"), day("2018-12-31")]


def test_a_range_between_two_sessions_ends_inside_them(sample):
    table = sample.read(["SPX"], day("2018-12-27") + 1, day("2018-12-31") - 1)

    assert table.timestamps.tolist() == [day("2018-12-28")]


def test_a_symbol_is_nan_where_only_another_has_bars(sample):
    table = sample.read(["SPX", "KO"])

    assert len(table.timestamps) == 8313
    inside = (table.timestamps >= day("1999-01-04")) & (table.timestamps <= day("2018-12-31"))
    for array in (table.open, table.high, table.low, table.close, table.volume):
        assert (np.isfinite(array[:, 0]) == inside).all()
    assert np.isfinite(table.close[:, 1]).all()


def test_a_panel_with_adjusted_companies_asks_for_no_corporate_actions(sample):
    assert sample.read(["SPX", "KO"]).adjusted
    assert not sample.read(["SPX", "IXIC"]).adjusted


def test_a_panel_carries_each_symbols_note(sample):
    notes = sample.read(["KO", "SPX"]).notes

    assert [note.split(":")[0] for note in notes] == ["KO", "SPX"]
    assert "every fill is at a close" in notes[0]
    assert "only repeat the close before" in notes[1]


def test_changing_a_panel_does_not_change_the_next_one(sample):
    first = sample.read(["KO"])
    first.open[0, 0] = first.timestamps[0] = -1

    second = sample.read(["KO"])
    assert second.open[0, 0] == first.close[0, 0] == 2.235
    assert second.timestamps[0] == day("1990-01-02")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("SPXX", "SPX"), ("spx", "SPX"), ("^GSPC", "SPX"), ("Nasdaq", "IXIC"), ("APPL", "AAPL"), ("Microsoft", "MSFT")],
)
def test_an_unknown_symbol_is_answered_with_the_nearest_one(sample, asked, meant):
    with pytest.raises(SymbolError) as caught:
        sample.read([asked])

    assert str(caught.value) == (
        f"the sample data has no symbol {asked!r}. Did you mean {meant!r}? `hindcast data list` describes each; other "
        "symbols need another provider or a file of your own"
    )


def test_a_symbol_like_no_other_is_answered_with_the_list(sample):
    with pytest.raises(SymbolError, match=r"no symbol '005930\.KS'\. It has SPX, IXIC, AAPL, .*, XOM\."):
        sample.describe("005930.KS")


def test_a_symbol_asked_for_twice_is_refused(sample):
    with pytest.raises(SymbolError, match="'SPX' is asked for twice; name each symbol once"):
        sample.read(["SPX", "KO", "SPX"])


def test_asking_for_no_symbol_is_refused(sample):
    with pytest.raises(SymbolError, match="no symbol was asked for; the sample data has SPX, IXIC"):
        sample.read([])


def test_a_range_after_the_last_bar_is_refused_with_what_there_is(sample):
    with pytest.raises(DateRangeError) as caught:
        sample.read(["SPX"], start=day("2019-01-01"))

    assert str(caught.value) == (
        "SPX has no bar from 2019-01-01 or later; the sample data has it from 1999-01-04 to 2018-12-31: choose dates "
        "inside"
    )


def test_a_range_before_the_first_bar_is_refused_with_what_there_is(sample):
    with pytest.raises(DateRangeError, match=r"SPX has no bar up to 1998-12-31; .* from 1999-01-04 to 2018-12-31"):
        sample.read(["KO", "SPX"], end=day("1998-12-31"))


def test_a_range_on_a_weekend_is_refused(sample):
    with pytest.raises(DateRangeError, match="KO has no bar from 2018-12-29 to 2018-12-30"):
        sample.read(["KO"], day("2018-12-29"), day("2018-12-30"))


def test_an_inverted_range_is_refused(sample):
    with pytest.raises(DateRangeError, match="start 2018-12-31 is after end 1999-01-04"):
        sample.read(["SPX"], day("2018-12-31"), day("1999-01-04"))


def test_reading_loads_neither_pandas_nor_plotly():
    program = (
        "import sys\n"
        "from hindcast.infrastructure.sample.provider import SampleProvider\n"
        "assert 'pyarrow' not in sys.modules, 'pyarrow before the first read'\n"
        "assert SampleProvider().read(['SPX', 'KO']).close.shape == (8313, 2)\n"
        "print(sorted({'pandas', 'plotly', 'duckdb', 'scipy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)

    assert (done.stdout, done.stderr) == ("[]\n", "")
