"""Clean strategies that hold state, refuse data, print, cache, or take one long frame."""

from __future__ import annotations

import threading
import warnings
from typing import ClassVar

import numpy as np
from tests.leaks.zoo import Zoo, above

import hindcast as hc
from hindcast.domain.signals import SignalType
from hindcast.engine.indicator_cache import IndicatorCache
from hindcast.strategies.factory import StrategyFactory

CLEAN = Zoo()
CACHE = IndicatorCache()


@CLEAN.strategy
class CachedAverages(hc.BaseStrategy):
    """The cache lives outside of the strategy, and knows bars by their fingerprint."""

    def generate_signals(self, data: hc.Bars):
        close = data.panel.close
        fast = CACHE.cached_sma(close, 5, fingerprint=data.fingerprint)
        slow = CACHE.cached_sma(close, 20, fingerprint=data.fingerprint)
        return above(fast, slow)


@CLEAN.strategy
class NeedsManyBars(hc.BaseStrategy):
    def generate_signals(self, data: hc.Bars):
        if len(data) < 60:
            raise ValueError(f"only {len(data)} bars, 60 are needed")
        return above(data.close.rolling(5).mean(), data.close.rolling(20).mean())


@CLEAN.strategy
class ActsFromItsWarmUpOn(hc.BaseStrategy):
    warm_up = 30

    def generate_signals(self, data: hc.Bars):
        close = data.panel.close
        side = np.zeros(data.shape, dtype=np.int8)
        side[30:] = np.where(close[30:] > close[30 - 20 : -20], 1, 2)
        return hc.Signals(side=side)


@CLEAN.strategy
class RefusesMissingPrices(hc.BaseStrategy):
    def generate_signals(self, data: hc.Bars):
        if np.isnan(data.panel.close).sum() > 3:
            raise ValueError("too many prices are missing")
        return above(data.close, data.close.rolling(5).mean())


@CLEAN.strategy
class RefusesUnusualPrices(hc.BaseStrategy):
    def generate_signals(self, data: hc.Bars):
        moves = np.abs(np.diff(np.log(data.close.ffill().bfill().to_numpy()), axis=0))
        if moves.max(initial=0.0) > 1.0:
            raise ValueError("a price has more than doubled in a day")
        return above(data.close, data.close.rolling(5).mean())


@CLEAN.strategy
class CountsItsCalls(hc.BaseStrategy):
    """State in the instance: a replay must not find what the run left there."""

    def __init__(self, config=None, **parameters):
        super().__init__(config, **parameters)
        self.calls: list[int] = []

    def generate_signals(self, data: hc.Bars):
        self.calls.append(len(data))
        side = np.zeros(data.shape, dtype=np.int8)
        side[:: 5 * len(self.calls)] = 1
        return hc.Signals(side=side)


@CLEAN.strategy
class HoldsALock(hc.BaseStrategy):
    """What can't be copied is asked again as it is."""

    def __init__(self, config=None, **parameters):
        super().__init__(config, **parameters)
        self.lock = threading.Lock()

    def generate_signals(self, data: hc.Bars):
        with self.lock:
            return above(data.close, data.close.rolling(5).mean())


@CLEAN.strategy
class PrintsAndWarns(hc.BaseStrategy):
    def generate_signals(self, data: hc.Bars):
        print("called on", len(data), "bars")
        if not np.isfinite(data.panel.close[1:]).all(axis=1).any():
            warnings.warn("no prices", stacklevel=1)
        return above(data.close, data.close.rolling(5).mean())


@CLEAN.strategy
class DrawsFromItsOwnGenerator(hc.BaseStrategy):
    def initialize(self, data: hc.Bars):
        self.draw = np.random.default_rng(3)

    def generate_signals(self, data: hc.Bars):
        return hc.Signals(side=self.draw.integers(0, 3, size=data.shape).astype(np.int8))


@CLEAN.strategy
class IndicatorsOfItsOwn(hc.BaseStrategy):
    def calculate_indicators(self, data: hc.Bars):
        return {"fast": data.close.rolling(5).mean().to_numpy(), "slow": data.close.rolling(20).mean().to_numpy()}

    def generate_signals(self, data: hc.Bars):
        return above(data.indicators["fast"], data.indicators["slow"])


@CLEAN.strategy
class LongFrameCrossover:
    warm_up = 31

    def calculate_indicators(self, data):
        data["above"] = data["sma_10"] > data["sma_30"]
        data["was_above"] = data.groupby("symbol")["above"].shift(1, fill_value=False)
        return data

    def generate_signals(self, data):
        turned = data[data["above"] != data["was_above"]]
        return [
            hc.StrategySignal(
                symbol=row.symbol, signal_type=SignalType.BUY if row.above else SignalType.SELL, timestamp=row.date
            )
            for row in turned.itertuples()
        ]


@CLEAN.strategy
class LongFrameWithRollingGroups:
    def generate_signals(self, data):
        closes = data.groupby("symbol")["close"]
        data["mean"] = closes.transform(lambda values: values.rolling(10).mean())
        data["best"] = closes.cummax()
        return [
            hc.StrategySignal(
                symbol=row.symbol,
                signal_type=SignalType.BUY if row.close > row.mean else SignalType.SELL,
                timestamp=row.date,
                strength=float(np.clip(row.close / row.best, 0.1, 1.0)),
                stop_loss=row.close * 0.95 if row.close > row.mean else None,
            )
            for row in data.dropna(subset=["mean"]).itertuples()
        ]


@CLEAN.strategy
class KeepsAllBarsButLooksBack(hc.BaseStrategy):
    kept: ClassVar[str] = "bars"

    def initialize(self, data: hc.Bars):
        self.bars = data

    def generate_signals(self, data: hc.Bars):
        side = np.zeros(data.shape, dtype=np.int8)
        for bar in range(5, len(data)):
            known = self.bars.panel.close[: bar + 1]
            side[bar] = np.where(known[-1] > known[-6:-1].mean(axis=0), 1, 2)
        return hc.Signals(side=side)


BUILT_IN = {
    "sma_crossover": StrategyFactory.create("sma_crossover", {"short_window": 3, "long_window": 12}),
    "rsi_mean_reversion": StrategyFactory.create("rsi_mean_reversion", {"window": 5}),
    "momentum": StrategyFactory.create("momentum", {"lookback": 15, "skip": 2}),
    "buy_and_hold": StrategyFactory.create("buy_and_hold"),
}
