from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from tests.unit.services.backtest.panels import some_bars
from tests.unit.services.backtest.recording import OneSource

from hindcast.domain.errors import BenchmarkError, SymbolError
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.backtest.benchmark import RELATIVE_METRICS, BenchmarkService, closes_of
from hindcast.services.market_data.service import MarketDataService


class SecondSource(OneSource):
    name = "second"


@pytest.fixture
def sample() -> BenchmarkService:
    return BenchmarkService(MarketDataService([SampleProvider()]))


@pytest.fixture
def made_up() -> BenchmarkService:
    return BenchmarkService(MarketDataService([OneSource(), SecondSource()]))


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("SPX", "SPX"),
        ("S&P 500", "SPX"),
        ("s&p  500", "SPX"),
        ("S&P500", "SPX"),
        (" ^GSPC ", "SPX"),
        ("sp500", "SPX"),
        ("spx", "SPX"),
        ("NASDAQ Composite", "IXIC"),
        ("^IXIC", "IXIC"),
        ("nasdaq", "IXIC"),
    ],
)
def test_common_names_lead_to_the_symbol(sample: BenchmarkService, name: str, symbol: str) -> None:
    assert sample.resolve(name) == ("sample", symbol)


def test_what_a_source_says_of_its_symbols_counts_and_the_first_source_wins(made_up: BenchmarkService) -> None:
    assert made_up.resolve("the FIRST") == ("sample", "AAA")


@pytest.mark.parametrize("name", ["KOSPI", "^KS11", "", "SPY", "no such thing"])
def test_a_benchmark_without_a_source_says_how_to_bring_one(sample: BenchmarkService, name: str) -> None:
    with pytest.raises(BenchmarkError) as caught:
        sample.get_benchmark_data(name)
    assert str(caught.value) == (
        f"no source has the benchmark {name!r}: give its values as Bars or a series (hc.Bars.from_csv reads a file), "
        "or choose one that `hindcast data list` shows"
    )


def test_both_days_of_the_range_are_included(made_up: BenchmarkService) -> None:
    found = made_up.get_benchmark_data("AAA", date(2020, 1, 10), date(2020, 1, 20))
    stamps = found.timestamps.view("M8[ns]")
    assert (stamps[0], stamps[-1]) == (np.datetime64("2020-01-10"), np.datetime64("2020-01-20"))
    assert np.array_equal(found.values, some_bars().panel.close[9:20, 0])


def test_a_range_without_bars_names_the_benchmark(sample: BenchmarkService) -> None:
    with pytest.raises(BenchmarkError, match="benchmark 'SPX'.*2030"):
        sample.get_benchmark_data("SPX", date(2030, 1, 1), date(2030, 2, 1))


def test_a_symbol_of_the_panel_comes_before_every_source(made_up: BenchmarkService) -> None:
    bars = some_bars(20, ("AAA", "OWN"), seed=9)
    assert np.array_equal(made_up.for_bars(bars, "AAA").values, bars.panel.close[:, 0])
    assert np.array_equal(made_up.for_bars(bars, "OWN").values, bars.panel.close[:, 1])


def test_a_benchmark_from_a_source_spans_the_panel(made_up: BenchmarkService) -> None:
    bars = some_bars(20, ("XXX",))
    assert np.array_equal(made_up.for_bars(bars, "BBB").timestamps, bars.timestamps)


def test_closes_leave_out_bars_that_are_missing() -> None:
    close = np.array([[1.0], [np.nan], [3.0]])
    bars = some_bars(3, ("AAA",))
    gappy = type(bars).from_numpy(bars.timestamps, ("AAA",), close, close, close, close)
    assert closes_of(gappy, "AAA").values.tolist() == [1.0, 3.0]
    with pytest.raises(SymbolError, match="no symbol 'BBB'"):
        closes_of(gappy, "BBB")


def test_a_portfolio_equal_to_its_benchmark_has_beta_one_and_no_alpha(made_up: BenchmarkService) -> None:
    bars = some_bars()
    curve = pd.Series(bars.panel.close[:, 0] * 7.0, index=bars.index)
    found = made_up.compare_to_benchmark(curve, "AAA")
    assert tuple(found) == RELATIVE_METRICS
    assert found["beta"] == pytest.approx(1.0, abs=1e-12)
    assert found["relative_return"] == pytest.approx(0.0, abs=1e-12)
    assert found["tracking_error"] == pytest.approx(0.0, abs=1e-12)
    assert found["correlation"] == pytest.approx(1.0, abs=1e-12)


def test_a_portfolio_on_other_dates_shares_nothing_with_the_benchmark(made_up: BenchmarkService) -> None:
    curve = pd.Series([1.0, 2.0, 3.0], index=pd.date_range("1980-01-01", periods=3, tz="UTC"))
    with pytest.raises(BenchmarkError):
        made_up.compare_to_benchmark(curve, "AAA")
