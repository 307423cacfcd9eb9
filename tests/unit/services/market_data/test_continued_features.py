"""The ready-made columns never look ahead, so a part of them stands while later closes are altered."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.services.backtest.panels import some_bars

from hindcast.domain.certificate import ReplayKind
from hindcast.engine.bars import Bars
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.services.backtest.proof_poisons import Alteration
from hindcast.services.market_data.data_processor import DataProcessor
from hindcast.services.market_data.gap_rules import GapRule
from hindcast.services.market_data.ready_made import FEATURES

PROCESSOR = DataProcessor(DuckDbFeatureStore())
RULES: list[GapRule] = ["forward_fill", "drop"]


def bars_with_gaps() -> Bars:
    bars = some_bars(120, seed=4)
    prices = {name: getattr(bars.panel, name).copy() for name in ("open", "high", "low", "close")}
    for array in prices.values():
        array[[0, 1, 40, 41, 77], [0, 0, 1, 1, 0]] = np.nan
    return Bars.from_numpy(bars.timestamps, bars.symbols, **prices, volume=bars.panel.volume)


BARS = bars_with_gaps()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("known", [1, 30, 41, 60, 78, 119])
def test_no_ready_made_column_looks_ahead(rule, known):
    whole, part = PROCESSOR.ready(BARS, gap_rule=rule), PROCESSOR.ready(BARS.head(known), gap_rule=rule)
    for name in FEATURES:
        assert np.array_equal(whole.features[name][:known], part.features[name], equal_nan=True), name


@pytest.mark.parametrize("rule", RULES)
def test_truncated_columns_are_the_beginning_of_the_run_s(rule):
    data = PROCESSOR.ready(BARS, gap_rule=rule)
    found = data.altered(Alteration(kind=ReplayKind.TRUNCATED, cut=59, seed=1).apply(BARS), 60).features
    assert list(found) == list(FEATURES)
    assert len(found) == len(FEATURES)
    for name in FEATURES:
        assert np.array_equal(found[name], data.features[name][:60], equal_nan=True), name


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", [ReplayKind.NAN, ReplayKind.SCALED, ReplayKind.SHUFFLED])
def test_altered_columns_go_on_as_the_feature_store_would_compute_them(rule, kind):
    data = PROCESSOR.ready(BARS, gap_rule=rule)
    bars = Alteration(kind=kind, cut=59, seed=1).apply(BARS)
    found = data.altered(bars, 60).features
    anew = PROCESSOR.ready(bars, gap_rule=rule).features
    for name in FEATURES:
        assert np.array_equal(found[name][:60], data.features[name][:60], equal_nan=True), name
        assert found[name] == pytest.approx(anew[name], rel=1e-9, abs=1e-9, nan_ok=True), name


def test_what_is_not_ready_made_is_missing():
    data = PROCESSOR.ready(BARS)
    bars = Alteration(kind=ReplayKind.NAN, cut=59, seed=1).apply(BARS)
    for found in (data.altered(bars, 60).features, data.altered(bars.head(60), 60).features):
        assert "sma_11" not in found


def test_continued_columns_can_not_be_written_to():
    data = PROCESSOR.ready(BARS)
    found = data.altered(Alteration(kind=ReplayKind.SCALED, cut=59, seed=1).apply(BARS), 60).features["sma_10"]
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 1.0
