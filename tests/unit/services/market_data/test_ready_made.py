"""The kernels' columns are the SQL's, and a large panel asks no SQL."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hindcast.engine.bars import Bars
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.services.market_data.ready_made import FEATURES, FeaturesBySize, FloatArray, KernelFeatures


def walk(seed: int, bars: int, symbols: int, gaps: float, level: float = 100.0) -> FloatArray:
    generator = np.random.default_rng(seed)
    closes: FloatArray = level * np.exp(np.cumsum(generator.normal(0.0, 0.02, (bars, symbols)), axis=0))
    closes[generator.random(closes.shape) < gaps] = np.nan
    return closes


def bars_of(closes: FloatArray) -> Bars:
    stamps = np.arange(len(closes)).astype("M8[D]")
    return Bars.from_numpy(stamps, [f"S{n}" for n in range(closes.shape[1])], closes, closes, closes, closes)


@given(
    seed=st.integers(0, 2**31),
    bars=st.integers(1, 130),
    symbols=st.integers(1, 4),
    gaps=st.sampled_from([0.0, 0.02, 0.3]),
    level=st.sampled_from([0.01, 100.0, 1e6]),
)
def test_the_kernels_give_what_the_sql_defines(seed, bars, symbols, gaps, level):
    closes = walk(seed, bars, symbols, gaps, level)
    by_sql = DuckDbFeatureStore().compute(bars_of(closes), closes)
    by_kernel = KernelFeatures(closes)
    assert set(by_sql) == set(by_kernel) == set(FEATURES)
    for name in FEATURES:
        # a deviation of 20 closes is a difference of sums: its rounding counts by the closes, not by itself
        allowed = 1e-9 * (level if name == "volatility_20d" else 1e-3)
        np.testing.assert_allclose(by_kernel[name], by_sql[name], rtol=1e-9, atol=allowed, err_msg=name)


def test_constant_closes_have_no_volatility_either_way():
    closes = np.full((60, 2), 123.456)
    by_sql = DuckDbFeatureStore().compute(bars_of(closes), closes)
    for name in ("volatility_20d", "return_volatility_20d"):
        np.testing.assert_allclose(KernelFeatures(closes)[name], by_sql[name], atol=1e-12)


class NeverAsked:
    def compute(self, bars: Bars, closes: FloatArray) -> Mapping[str, FloatArray]:
        raise AssertionError("the SQL was asked for a large panel")


def test_a_large_panel_is_computed_without_sql():
    closes = walk(1, 60, 3, 0.0)
    found = FeaturesBySize(NeverAsked(), small_panel=60 * 3 - 1).compute(bars_of(closes), closes)
    np.testing.assert_allclose(found["sma_10"][9], closes[:10].mean(axis=0))


def test_a_small_panel_is_computed_by_the_sql():
    closes = walk(1, 60, 3, 0.0)
    with pytest.raises(AssertionError, match="was asked"):
        FeaturesBySize(NeverAsked(), small_panel=60 * 3).compute(bars_of(closes), closes)


def test_what_is_not_ready_made_is_missing():
    with pytest.raises(KeyError):
        KernelFeatures(walk(1, 60, 1, 0.0))["sma_11"]
