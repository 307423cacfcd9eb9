"""The panel that every strategy of the zoo trades, and how a rule of a few lines becomes a strategy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import hindcast as hc

BARS = 150
SYMBOLS = ("AAA", "BBB")

Rule = Callable[[hc.Bars], Any]


def panel(count: int = BARS) -> hc.Bars:
    """Weekdays of a random walk of two symbols, with a few gaps, two splits, dividends and moving volume."""
    draw = np.random.default_rng(7)
    shape = (count, len(SYMBOLS))
    close = 100.0 * np.exp(np.cumsum(draw.normal(0.0, 0.02, shape), axis=0))
    open_ = close * (1.0 + draw.normal(0.0, 0.004, shape))
    high = np.maximum(open_, close) * (1.0 + draw.random(shape) * 0.01)
    low = np.minimum(open_, close) * (1.0 - draw.random(shape) * 0.01)
    volume = np.round(draw.lognormal(12.0, 0.5, shape))
    split, dividend = np.ones(shape), np.zeros(shape)
    split[[60, 110], [0, 1]] = 2.0
    dividend[20::40, 0] = 0.5
    for array in (open_, high, low, close):
        array[[33, 34, 90], [1, 1, 0]] = np.nan
    volume[np.isnan(close)] = 0.0
    days = np.busday_offset(np.datetime64("2020-01-01"), np.arange(count))
    return hc.Bars.from_numpy(days, SYMBOLS, open_, high, low, close, volume, split, dividend)


class Zoo:
    """Strategies by name."""

    def __init__(self) -> None:
        self.strategies: dict[str, type] = {}

    def rule(self, rule: Rule) -> Rule:
        """A function of Bars that returns what `generate_signals` may return."""

        def generate_signals(self: hc.BaseStrategy, data: hc.Bars) -> Any:
            return rule(data)

        members = {"generate_signals": generate_signals, "DATA_FORMAT": "bars", "__module__": rule.__module__}
        self.strategies[rule.__name__] = type(rule.__name__, (hc.BaseStrategy,), members)
        return rule

    def strategy(self, strategy: type) -> type:
        """A strategy of any kind."""
        self.strategies[strategy.__name__] = strategy
        return strategy


def above(value: Any, level: Any) -> hc.Signals:
    """BUY where a value is above a level, SELL where it is below; frames or arrays of shape (T, S)."""
    left, right = np.asarray(value, dtype=float), np.asarray(level, dtype=float)
    return hc.Signals.from_entries(left > right, left < right)
