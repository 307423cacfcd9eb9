from __future__ import annotations

import pandas as pd
import pytest

import hindcast as hc
from hindcast.domain.errors import BenchmarkError, InputError
from hindcast.library.alignment import align_benchmark


@pytest.fixture(scope="module")
def apple() -> hc.Bars:
    return hc.load_bars("AAPL", start="2010-01-04", end="2011-12-30")


def test_what_the_sources_say_of_both_sides_is_in_the_report(apple: hc.Bars) -> None:
    report = align_benchmark(apple, "S&P 500")
    assert (report.run, report.benchmark) == ("AAPL", "SPX")
    assert (report.common, report.only_run, report.only_benchmark) == (504, (), ())
    assert report.currencies == ("USD", "USD")
    assert report.returns == ("total", "price")
    assert report.calendars == ("XNYS", "XNYS")
    assert report.close_lag_hours == 0.0
    assert len(report.findings) == 1


def test_bars_of_ones_own_are_compared_with_what_is_known_of_them(apple: hc.Bars) -> None:
    index = pd.date_range("2010-01-04", "2011-12-30", freq="B")
    kospi = hc.Bars.from_pandas(pd.DataFrame({"close": 1_700.0}, index=index), symbol="KOSPI")
    report = align_benchmark(apple, kospi)
    assert report.benchmark == "KOSPI"
    assert report.currencies == ("USD", "")
    assert report.close_lag_hours is None
    assert len(report.only_benchmark) == len(index) - 504


def test_a_symbol_of_the_bars_can_be_the_benchmark() -> None:
    bars = hc.load_bars(["SPX", "IXIC"], start="2018-01-02", end="2018-12-31")
    report = align_benchmark(bars, "SPX")
    assert (report.run, report.benchmark) == ("SPX, IXIC", "SPX")
    assert report.findings == ()


def test_what_can_not_be_compared_is_refused(apple: hc.Bars) -> None:
    with pytest.raises(BenchmarkError, match="KOSPI"):
        align_benchmark(apple, "KOSPI")
    with pytest.raises(InputError, match="hold 2 symbols"):
        align_benchmark(apple, hc.load_bars(["SPX", "IXIC"], start="2018-01-02", end="2018-12-31"))


def test_a_share_as_the_benchmark_has_its_dividends(apple: hc.Bars) -> None:
    report = align_benchmark(apple, "MSFT")
    assert report.returns == ("total", "total")
    assert report.findings == ()
