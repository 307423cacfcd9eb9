from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hindcast.domain.errors import BarsError, ConfigError, DateRangeError, MissingDataError, SymbolError
from hindcast.engine.bars import Bars
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.services.market_data.data_processor import DataProcessor
from hindcast.services.market_data.ready_made import FEATURES
from hindcast.services.ports import PanelTable

NAN = np.nan
DAY = 86_400_000_000_000


class RecordingStore:
    """A feature store that keeps what it was asked, and gives each close back under every name."""

    def __init__(self):
        self.asked = []

    def compute(self, bars, closes):
        self.asked.append(closes.copy())
        return {name: closes.copy() for name in FEATURES}


def table(close, **changes):
    close = np.array(close, dtype=float)
    arrays = {"open": close, "high": close, "low": close, "close": close, "volume": np.ones(close.shape)} | changes
    symbols = tuple("ABC"[: close.shape[1]])
    return PanelTable(timestamps=np.arange(len(close)) * DAY, symbols=symbols, notes=("a note",), **arrays)


GAPPED = [[1.0, NAN], [2.0, 5.0], [NAN, 6.0], [4.0, NAN]]


def test_symbols_and_dates_are_cut_out_and_notes_kept():
    made = DataProcessor(RecordingStore()).process(table(GAPPED), ["B", "A"], date(1970, 1, 2), "1970-01-03")
    assert made.bars.symbols == ("B", "A")
    assert made.bars.notes == ("a note",)
    np.testing.assert_array_equal(made.bars.panel.close, [[5.0, 2.0], [6.0, NAN]])


def test_bars_are_taken_as_well_as_tables():
    bars = DataProcessor(RecordingStore()).process(table(GAPPED), ["A", "B"]).bars
    assert DataProcessor(RecordingStore()).process(bars, ["A", "B"]).bars.fingerprint == bars.fingerprint


def test_stamps_without_any_bar_are_cleaned_away():
    made = DataProcessor(RecordingStore()).process(table(GAPPED), ["A"])
    assert made.bars.timestamps.tolist() == [0, DAY, 3 * DAY]
    assert made.bars.panel.volume[:, 0].tolist() == [1.0, 1.0, 1.0]


def test_prices_stay_missing_whatever_the_features_take():
    for rule in ("forward_fill", "drop"):
        made = DataProcessor(RecordingStore()).process(table(GAPPED), ["A", "B"], gap_rule=rule)
        np.testing.assert_array_equal(made.bars.panel.close, GAPPED)


def test_forward_fill_carries_closes_on_for_features_and_marks():
    store = RecordingStore()
    made = DataProcessor(store).process(table(GAPPED), ["A", "B"])
    filled = [[1.0, NAN], [2.0, 5.0], [2.0, 6.0], [4.0, 6.0]]
    np.testing.assert_array_equal(made.closes, filled)
    np.testing.assert_array_equal(made.features["sma_10"], filled)


def test_drop_gives_the_store_bars_without_gaps_and_puts_its_answers_back():
    store = RecordingStore()
    made = DataProcessor(store).process(table(GAPPED), ["A", "B"], gap_rule="drop")
    np.testing.assert_array_equal(made.features["sma_10"], GAPPED)
    np.testing.assert_array_equal(store.asked[0], [[1.0, 5.0], [2.0, 6.0], [4.0, NAN], [NAN, NAN]])


def test_raise_names_symbol_and_date_of_the_first_gap():
    with pytest.raises(MissingDataError, match="A has no bar on 1970-01-03"):
        DataProcessor(RecordingStore()).process(table(GAPPED), ["A", "B"], gap_rule="raise")
    late = [[NAN, 1.0], [2.0, 1.0], [3.0, NAN]]
    made = DataProcessor(RecordingStore()).process(table(late), ["A", "B"], gap_rule="raise")
    np.testing.assert_array_equal(made.closes, late)


def test_features_are_computed_once_and_only_when_read():
    store = RecordingStore()
    made = DataProcessor(store).process(table(GAPPED), ["A", "B"])
    assert list(made.features) == list(FEATURES)
    assert len(made.features) == 6
    assert store.asked == []
    assert made.features["sma_10"] is made.features["sma_10"]
    assert made.features["volatility_20d"].shape == (4, 2)
    assert len(store.asked) == 1
    with pytest.raises(KeyError, match="sma_11"):
        made.features["sma_11"]


def test_features_can_not_be_written():
    made = DataProcessor(RecordingStore()).process(table(GAPPED), ["A", "B"])
    for array in (made.closes, made.features["sma_10"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 9.0


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_dropped_gaps_leave_the_features_of_a_series_without_them(seed):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, (90, 2)), axis=0))
    close[rng.random(close.shape) < 0.2] = NAN
    processor = DataProcessor(DuckDbFeatureStore())
    both = processor.process(table(close), ["A", "B"], gap_rule="drop")
    for column, symbol in enumerate("AB"):
        alone = processor.process(table(close), [symbol])
        have = ~np.isnan(both.bars.panel.close[:, column])
        for name in FEATURES:
            np.testing.assert_array_equal(both.features[name][have, column], alone.features[name][:, 0])
            assert np.isnan(both.features[name][~have, column]).all()


def test_the_long_frame_has_a_row_per_bar_and_makes_the_same_bars_again():
    made = DataProcessor(RecordingStore()).process(table(GAPPED), ["A", "B"])
    frame = made.to_frame()
    assert len(frame) == 5
    assert {"symbol", "date", "open", "high", "low", "close", "volume", "sma_10", "volatility_20d"} <= set(frame)
    again = Bars.from_pandas(frame)
    # The frame has no volume of bars that are missing, and none is 0.
    np.testing.assert_array_equal(again.panel.close, made.bars.panel.close)
    assert again.timestamps.tolist() == made.bars.timestamps.tolist()


@pytest.mark.parametrize(
    ("data", "symbols", "options", "error", "said"),
    [
        (table(GAPPED), ["C"], {}, SymbolError, "no symbol 'C' in these bars; they hold: A, B"),
        (table(GAPPED), [], {}, SymbolError, "no symbol was asked for"),
        (table(GAPPED), ["A", "A"], {}, BarsError, "'A' stands twice"),
        (table(GAPPED), ["B"], {"end_date": "1970-01-01"}, SymbolError, "no bar of B from 1970-01-01"),
        (table(GAPPED), ["A"], {"start_date": "2020-01-01"}, DateRangeError, "no bars from 2020-01-01"),
        (
            table(GAPPED),
            ["A"],
            {"start_date": "1970-01-03", "end_date": date(1970, 1, 2)},
            DateRangeError,
            "start_date 1970-01-03 is after end_date 1970-01-02",
        ),
        (
            table(GAPPED),
            ["A"],
            {"start_date": "soon", "end_date": "2020-01-01"},
            DateRangeError,
            "'soon' can't be read",
        ),
        (table(GAPPED), ["A"], {"gap_rule": "guess"}, ConfigError, "gap_rule='guess'"),
        (table([[1.0], [-1.0]]), ["A"], {}, BarsError, "A on 1970-01-02: a price is not above zero"),
        (table([[1.0]], high=np.array([[NAN]])), ["A"], {}, BarsError, "A on 1970-01-01: some prices are missing"),
    ],
)
def test_what_can_not_be_processed_is_refused(data, symbols, options, error, said):
    with pytest.raises(error, match=said):
        DataProcessor(RecordingStore()).process(data, symbols, **options)
