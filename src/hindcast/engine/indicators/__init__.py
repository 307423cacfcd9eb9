"""Indicators: arrays in, arrays of the same shape out; the value at a bar depends on nothing after it."""

from __future__ import annotations

from hindcast.engine.indicators.averages import dema, ema, kama, sma, tema, wma
from hindcast.engine.indicators.crossings import crossings, sma_crossings
from hindcast.engine.indicators.extremes import rolling_max, rolling_min
from hindcast.engine.indicators.momentum import Macd, Stochastic, cci, macd, rsi, stochastic, williams_r
from hindcast.engine.indicators.returns import log_returns, simple_returns
from hindcast.engine.indicators.trend import Aroon, Directional, aroon, directional_movement, parabolic_sar
from hindcast.engine.indicators.volatility import Bands, atr, bollinger_bands, natr, rolling_std, true_range
from hindcast.engine.indicators.volume import accumulation_distribution, money_flow_index, obv

__all__ = [
    "Aroon",
    "Bands",
    "Directional",
    "Macd",
    "Stochastic",
    "accumulation_distribution",
    "aroon",
    "atr",
    "bollinger_bands",
    "cci",
    "crossings",
    "dema",
    "directional_movement",
    "ema",
    "kama",
    "log_returns",
    "macd",
    "money_flow_index",
    "natr",
    "obv",
    "parabolic_sar",
    "rolling_max",
    "rolling_min",
    "rolling_std",
    "rsi",
    "simple_returns",
    "sma",
    "sma_crossings",
    "stochastic",
    "tema",
    "true_range",
    "williams_r",
    "wma",
]
