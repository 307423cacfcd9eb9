"""Every indicator, computed on a truncated panel, gives the same bits as on the whole one."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.engine.indicators.panels import random_prices

from hindcast.engine import indicators

CALLS = {
    "accumulation_distribution": indicators.accumulation_distribution,
    "aroon": lambda h, lo, c, v: indicators.aroon(h, lo, window=5),
    "atr": lambda h, lo, c, v: indicators.atr(h, lo, c, window=5),
    "bollinger_bands": lambda h, lo, c, v: indicators.bollinger_bands(c, 6),
    "cci": lambda h, lo, c, v: indicators.cci(h, lo, c, window=6),
    "crossings": lambda h, lo, c, v: indicators.crossings(c, indicators.sma(c, 5)).astype(float),
    "dema": lambda h, lo, c, v: indicators.dema(c, 5),
    "directional_movement": lambda h, lo, c, v: indicators.directional_movement(h, lo, c, window=4),
    "ema": lambda h, lo, c, v: indicators.ema(c, 5),
    "kama": lambda h, lo, c, v: indicators.kama(c, 5),
    "log_returns": lambda h, lo, c, v: indicators.log_returns(c, 2),
    "macd": lambda h, lo, c, v: indicators.macd(c, 3, 6, 4),
    "money_flow_index": lambda h, lo, c, v: indicators.money_flow_index(h, lo, c, v, window=5),
    "natr": lambda h, lo, c, v: indicators.natr(h, lo, c, window=5),
    "obv": lambda h, lo, c, v: indicators.obv(c, v),
    "parabolic_sar": lambda h, lo, c, v: indicators.parabolic_sar(h, lo),
    "rolling_max": lambda h, lo, c, v: indicators.rolling_max(c, 5),
    "rolling_min": lambda h, lo, c, v: indicators.rolling_min(c, 5),
    "rolling_std": lambda h, lo, c, v: indicators.rolling_std(c, 5),
    "rsi": lambda h, lo, c, v: indicators.rsi(c, 5),
    "simple_returns": lambda h, lo, c, v: indicators.simple_returns(c, 2),
    "sma": lambda h, lo, c, v: indicators.sma(c, 5),
    "sma_crossings": lambda h, lo, c, v: indicators.sma_crossings(c, 2, 5).astype(float),
    "stochastic": lambda h, lo, c, v: indicators.stochastic(h, lo, c, window=5),
    "tema": lambda h, lo, c, v: indicators.tema(c, 4),
    "true_range": lambda h, lo, c, v: indicators.true_range(h, lo, c),
    "williams_r": lambda h, lo, c, v: indicators.williams_r(h, lo, c, window=5),
    "wma": lambda h, lo, c, v: indicators.wma(c, 5),
}


def columns_of(result):
    if is_dataclass(result):
        return {field.name: getattr(result, field.name) for field in fields(result)}
    return {"": result}


def test_every_indicator_is_held_to_the_rule():
    assert set(CALLS) == {name for name in indicators.__all__ if name[0].islower()}


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), columns=st.sampled_from([1, 3]), gaps=st.sampled_from([0.0, 0.1]), data=st.data())
def test_the_past_of_an_indicator_does_not_depend_on_its_future(name, seed, columns, gaps, data):
    close = random_prices(60, columns, seed, gaps)
    high, low, volume = close * 1.01, close * 0.985, np.where(np.isnan(close), 0.0, 1000.0 + close)
    cut = data.draw(st.integers(1, 60))
    whole = columns_of(CALLS[name](high, low, close, volume))
    past = columns_of(CALLS[name](high[:cut], low[:cut], close[:cut], volume[:cut]))
    for column, values in whole.items():
        assert values.shape == close.shape
        assert past[column].tobytes() == np.ascontiguousarray(values[:cut]).tobytes(), column
