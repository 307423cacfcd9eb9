from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.unit.services.backtest.panels import some_bars
from tests.unit.services.backtest.recording import OneSource

from hindcast.domain.errors import BenchmarkError, SymbolError
from hindcast.engine.bars import Bars
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.backtest.benchmark import RELATIVE_METRICS, BenchmarkService, closes_of
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.ports import PanelTable


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


BY_HAND = "give its values as Bars or a series (hc.Bars.from_csv reads a file)"


@pytest.mark.parametrize("name", ["", "no such thing"])
def test_a_benchmark_without_a_source_says_how_to_bring_one(sample: BenchmarkService, name: str) -> None:
    with pytest.raises(BenchmarkError) as caught:
        sample.get_benchmark_data(name)
    assert str(caught.value) == (
        f"no source has the benchmark {name!r}: {BY_HAND}, or choose one that `hindcast data list` shows"
    )


@pytest.mark.parametrize("name", ["KOSPI", "^KS11"])
def test_a_known_index_without_a_source_says_what_it_is_and_how_to_get_it(sample: BenchmarkService, name: str) -> None:
    with pytest.raises(BenchmarkError) as caught:
        sample.get_benchmark_data(name)
    assert str(caught.value) == (
        f"no source has the benchmark {name!r} (KOSPI, a price index in KRW, sessions of XKRX; looked for KOSPI, "
        "^KS11, KS11): import a file (`hindcast data import KOSPI.csv --as indices --symbol KOSPI --kind index "
        f"--currency KRW --calendar XKRX`), or {BY_HAND}. The fund EWY (iShares MSCI South Korea, another index, in "
        "USD on XNYS) may do: `hindcast data fetch EWY`, then benchmark='EWY'"
    )


def test_a_fund_without_a_source_says_where_to_get_it_and_that_its_index_is_here(sample: BenchmarkService) -> None:
    with pytest.raises(BenchmarkError) as caught:
        sample.get_benchmark_data("SPY")
    assert str(caught.value).endswith(
        "It is a fund (SPDR, in USD on XNYS): `hindcast data fetch SPY` gets it from a vendor; its index is here: "
        "benchmark='S&P 500'"
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


def test_a_benchmark_is_what_a_holder_has_over_splits_and_dividends() -> None:
    days = ["2024-06-06", "2024-06-07", "2024-06-10", "2024-06-11"]
    close = np.array([99.0, 100.0, 50.0, 51.0])
    split, dividend = np.array([1.0, 1.0, 2.0, 1.0]), np.array([0.0, 0.5, 0.0, 0.0])
    raw = Bars.from_numpy(days, "AAA", close, close, close, close, split=split, dividend=dividend)
    assert closes_of(raw, "AAA").values.tolist() == [49.25, 50.0, 50.0, 51.0]
    adjusted = Bars(raw.timestamps, raw.symbols, raw.panel, adjusted=True)
    assert closes_of(adjusted, "AAA").values.tolist() == close.tolist()


class SplittingSource(OneSource):
    """The same, with a split of two in the middle of its first symbol."""

    def read(self, symbols: Any, start: int | None = None, end: int | None = None) -> PanelTable:
        table = super().read(symbols, start, end)
        split = np.ones_like(table.close)
        split[30:, 0] = np.where(np.arange(len(split) - 30) == 0, 2.0, 1.0)
        return replace(table, split=split, close=np.where(np.arange(len(split))[:, None] < 30, 2.0, 1.0) * table.close)


def test_a_split_of_a_source_is_no_fall_of_the_benchmark() -> None:
    service = BenchmarkService(MarketDataService([SplittingSource()]))
    assert np.allclose(service.get_benchmark_data("AAA").values, some_bars().panel.close[:, 0], rtol=1e-12)


def test_the_version_that_was_read_is_named() -> None:
    assert closes_of(some_bars().with_source("x", "x/1d@abc"), "AAA").version == "x/1d@abc"


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


def test_a_run_on_bars_within_the_day_has_no_benchmark_by_name(made_up: BenchmarkService) -> None:
    stamps = np.array(["2020-01-02T14:30", "2020-01-02T15:30", "2020-01-03T14:30"], dtype="M8[ns]")
    prices = np.ones((3, 1))
    bars = Bars.from_numpy(stamps, ["INTRADAY"], prices, prices, prices, prices)
    with pytest.raises(BenchmarkError, match="by name have daily closes, and the run's bars are of shorter intervals"):
        made_up.for_bars(bars, "AAA")
    assert made_up.for_bars(bars, "INTRADAY").symbol == "INTRADAY"
