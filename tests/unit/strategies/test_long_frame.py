from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.architecture.source_tree import ROOT
from tests.unit.strategies.panels import bars_of, random_bars

from hindcast.domain.errors import ParameterError, StrategyError
from hindcast.engine.bars import Bars
from hindcast.engine.indicators import sma
from hindcast.engine.layout import SIGNAL_BUY, SIGNAL_SELL
from hindcast.engine.signals import Signals
from hindcast.strategies.construction import build
from hindcast.strategies.long_frame import to_long_frame, wants_long_frame
from hindcast.strategies.plugin_loader import StrategyPluginLoader
from hindcast.strategies.protocol import BaseStrategy
from hindcast.strategies.signal_list import signals_from_list

NAN = float("nan")


class OnBars(BaseStrategy):
    def generate_signals(self, data):
        close = data.panel.close
        return Signals.from_entries(close > data.indicators["top"], data.close.shift(1) > data.close)


class OnFrameByItem(BaseStrategy):
    def generate_signals(self, data):
        return list(data[data["close"] > 5].itertuples())


class OnFrameByAlias(BaseStrategy):
    def calculate_indicators(self, data):
        frame = data
        return frame.sort_values("date")

    def generate_signals(self, data):
        return []


class OnFrameByAnnotation(BaseStrategy):
    def generate_signals(self, data: pd.DataFrame):  # type: ignore[override]  # as the original design has it
        return []


class OnBarsByAnnotation(BaseStrategy):
    def generate_signals(self, data: Bars):
        return data["close"]  # type: ignore[index]  # the annotation alone decides


class OnBarsByAttribute(BaseStrategy):
    DATA_FORMAT = "bars"

    def generate_signals(self, data: pd.DataFrame):  # type: ignore[override]  # as the original design has it
        return data.groupby("symbol")


class OnFrameByAttribute(BaseStrategy):
    DATA_FORMAT = "long_frame"

    def generate_signals(self, data):
        return []


class Standalone:
    def generate_signals(self, data):
        return []


class StandaloneOnBars:
    def generate_signals(self, data: Bars):
        return []


@pytest.mark.parametrize("strategy_class", [OnBars, OnBarsByAnnotation, OnBarsByAttribute, StandaloneOnBars])
def test_a_strategy_on_bars_is_told(strategy_class):
    assert wants_long_frame(strategy_class) is False


@pytest.mark.parametrize(
    "strategy_class", [OnFrameByItem, OnFrameByAlias, OnFrameByAnnotation, OnFrameByAttribute, Standalone]
)
def test_a_strategy_on_the_long_frame_is_told(strategy_class):
    assert wants_long_frame(strategy_class) is True


def test_a_class_without_source_is_taken_to_want_bars():
    names = {"BaseStrategy": BaseStrategy}
    exec("class Typed(BaseStrategy):\n    def generate_signals(self, data):\n        return data['close']", names)
    assert wants_long_frame(names["Typed"]) is False


def test_an_unknown_format_is_refused():
    with pytest.raises(StrategyError, match="DATA_FORMAT = 'wide'; expected 'bars' or 'long_frame'"):
        wants_long_frame(type("Odd", (OnBars,), {"DATA_FORMAT": "wide"}))


def test_the_frame_has_a_row_per_symbol_and_date_with_a_price():
    bars = bars_of(np.array([[1.0, 10.0], [NAN, 20.0], [3.0, NAN]]), symbols=["ZZZ", "AAA"])
    feature = np.arange(6.0).reshape(3, 2)
    frame = to_long_frame(bars, {"sma_10": feature})
    assert list(frame.columns) == ["symbol", "date", "open", "high", "low", "close", "volume", "sma_10"]
    assert frame["symbol"].tolist() == ["AAA", "AAA", "ZZZ", "ZZZ"]
    assert frame["date"].tolist() == [
        pd.Timestamp(day) for day in ("2020-01-01", "2020-01-02", "2020-01-01", "2020-01-03")
    ]
    assert frame["close"].tolist() == [10.0, 20.0, 1.0, 3.0]
    assert frame["sma_10"].tolist() == [1.0, 3.0, 0.0, 4.0]
    assert frame["high"].tolist() == [10.0 * 1.01, 20.0 * 1.01, 1.01, 3.0 * 1.01]
    assert frame.index.tolist() == [0, 1, 2, 3]
    assert frame["date"].dt.tz is None


def test_the_frame_may_be_changed_without_touching_the_bars():
    bars = random_bars(bars=20)
    frame = to_long_frame(bars)
    before = bars.panel.close.copy()
    frame["close"] = 0.0
    frame.loc[0, "open"] = -1.0
    np.testing.assert_array_equal(bars.panel.close, before)


def test_a_feature_of_another_shape_is_refused():
    with pytest.raises(StrategyError, match=r"column 'sma_10' has shape \(3,\); expected \(20, 3\)"):
        to_long_frame(random_bars(bars=20), {"sma_10": np.ones(3)})


@pytest.fixture
def original():
    loader = StrategyPluginLoader(ROOT / "tests" / "data" / "plugins", entry_points=False)
    yield loader.load_plugin(ROOT / "tests" / "data" / "plugins" / "original_design.py")["original_trend"]
    loader.unload()


def test_a_plugin_of_the_original_design_runs_unmodified(original):
    bars = random_bars(bars=150, columns=3, gaps=0.02)
    features = {"sma_30": sma(bars.panel.close, 30), "sma_10": sma(bars.panel.close, 10)}
    strategy = build(original, {"column": "sma_10"})
    assert wants_long_frame(original)
    frame = to_long_frame(bars, features)
    strategy.initialize(frame)
    assert strategy.rows_seen == len(frame)
    enriched = strategy.calculate_indicators(frame)
    signals = signals_from_list(strategy.generate_signals(enriched), bars)

    for column in range(3):
        close, average = bars.panel.close[:, column], features["sma_10"][:, column]
        present = np.isfinite(close)
        above = (close > average)[present]
        before = np.concatenate(([False], above[:-1]))
        known = np.isfinite(average[present])
        expected = np.zeros(len(close), dtype=np.int8)
        expected[present] = np.where(above & ~before & known, SIGNAL_BUY, 0) + np.where(
            before & ~above & known, SIGNAL_SELL, 0
        )
        np.testing.assert_array_equal(signals.side[:, column], expected)
    assert (signals.side == SIGNAL_BUY).sum() > 5


def test_its_own_check_of_parameters_is_asked(original):
    with pytest.raises(ParameterError, match="returned False"):
        build(original, {"buffer": 2.0})
