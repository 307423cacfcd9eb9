from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hindcast.engine.bars import Bars
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.services.market_data.ready_made import FEATURES


def panel(close):
    stamps = np.datetime64("2018-01-01") + np.arange(len(close))
    names = [f"S{column}" for column in range(close.shape[1])]
    return Bars.from_numpy(stamps, names, close, close, close, close)


def by_pandas(closes):
    frame = pd.DataFrame(closes)
    returns = frame / frame.shift(1) - 1
    return {
        "sma_10": frame.rolling(10).mean(),
        "sma_30": frame.rolling(30).mean(),
        "sma_50": frame.rolling(50).mean(),
        "daily_return": returns,
        "volatility_20d": frame.rolling(20).std(),
        "return_volatility_20d": returns.rolling(20).std(),
    }


@settings(max_examples=15)
@given(st.integers(0, 2**32), st.integers(1, 130), st.integers(1, 4), st.floats(0, 0.1))
def test_every_column_equals_pandas(seed, T, S, missing):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, (T, S)), axis=0))
    close[rng.random((T, S)) < missing] = np.nan
    found = DuckDbFeatureStore().compute(panel(close), close)
    assert tuple(found) == FEATURES
    for name, expected in by_pandas(close).items():
        # pandas carries its sums along, so its deviations lose digits that DuckDB's windows keep
        np.testing.assert_allclose(found[name], expected, rtol=1e-7, atol=1e-12, err_msg=name)


def test_known_figures_of_a_small_series():
    close = np.arange(1.0, 61.0)[:, None]
    found = DuckDbFeatureStore().compute(panel(close), close)
    assert found["sma_10"][9, 0] == 5.5
    assert found["sma_50"][49, 0] == 25.5
    assert found["daily_return"][1, 0] == 1.0
    assert found["volatility_20d"][19, 0] == pytest.approx(np.sqrt(35.0), rel=1e-14)
    returns = close[1:21, 0] / close[:20, 0] - 1
    assert found["return_volatility_20d"][20, 0] == pytest.approx(returns.std(ddof=1), rel=1e-14)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("sma_10", 9),
        ("sma_30", 29),
        ("sma_50", 49),
        ("daily_return", 1),
        ("volatility_20d", 19),
        ("return_volatility_20d", 20),
    ],
)
def test_a_column_is_missing_until_its_window_is_full(name, first):
    close = np.linspace(1, 2, 60)[:, None]
    known = ~np.isnan(DuckDbFeatureStore().compute(panel(close), close)[name][:, 0])
    assert np.argmax(known) == first
    assert known[first:].all()


def test_what_was_known_does_not_change_with_later_bars():
    close = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.02, (80, 2)), axis=0))
    whole = DuckDbFeatureStore().compute(panel(close), close)
    head = DuckDbFeatureStore().compute(panel(close[:60]), close[:60])
    for name in FEATURES:
        np.testing.assert_array_equal(whole[name][:60], head[name])


def test_two_runs_give_the_same_bits():
    close = 100 * np.exp(np.cumsum(np.random.default_rng(7).normal(0, 0.02, (3000, 3)), axis=0))
    first, second = (DuckDbFeatureStore().compute(panel(close), close) for _ in range(2))
    for name in FEATURES:
        assert first[name].tobytes() == second[name].tobytes()


def test_neither_pandas_nor_pyarrow_is_loaded():
    script = (
        "import sys, numpy as np\n"
        "from hindcast.engine.bars import Bars\n"
        "from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore\n"
        "close = np.ones((3, 1))\n"
        "bars = Bars.from_numpy(np.arange(3), 'A', close, close, close, close)\n"
        "DuckDbFeatureStore().compute(bars, close)\n"
        "print({'pandas', 'pyarrow'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("set()\n", "")
