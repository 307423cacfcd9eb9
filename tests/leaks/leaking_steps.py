"""Planted leaks in every step and column of a strategy: features, indicators, state, strengths, weights, prices."""

from __future__ import annotations

import numpy as np
from tests.leaks.zoo import Zoo, above

import hindcast as hc
from hindcast.domain.signals import SignalType

LEAKS = Zoo()


@LEAKS.rule
def through_a_ready_made_average(data):
    average = np.asarray(data.indicators["sma_10"])
    return above(np.vstack((average[3:], average[-3:])), average)


@LEAKS.rule
def through_a_ready_made_return_of_the_next_bar(data):
    moves = np.asarray(data.indicators["daily_return"])
    return above(np.vstack((moves[1:], moves[-1:])), 0.0)


@LEAKS.strategy
class ThroughItsOwnIndicators(hc.BaseStrategy):
    def calculate_indicators(self, data: hc.Bars):
        return {"level": data.close.rolling(7, center=True).mean().to_numpy()}

    def generate_signals(self, data: hc.Bars):
        return above(data.panel.close, data.indicators["level"])


@LEAKS.strategy
class WhatInitializeKept(hc.BaseStrategy):
    def initialize(self, data: hc.Bars):
        self.average = data.close.mean()

    def generate_signals(self, data: hc.Bars):
        return above(data.close, self.average + 0 * data.close)


@LEAKS.strategy
class AllBarsKeptByInitialize(hc.BaseStrategy):
    def initialize(self, data: hc.Bars):
        self.closes = data.panel.close

    def generate_signals(self, data: hc.Bars):
        side = np.zeros(data.shape, dtype=np.int8)
        for bar in range(len(data) - 1):
            side[bar] = np.where(self.closes[bar + 1] > self.closes[bar], 1, 2)
        return hc.Signals(side=side)


@LEAKS.rule
def only_the_strength(data):
    close = data.panel.close
    after = np.vstack((close[1:], close[-1:]))
    sure = np.where(after > close, 1.0, 0.5)
    return hc.Signals.from_entries(np.isfinite(close), np.zeros(data.shape, dtype=bool), sure)


@LEAKS.rule
def only_the_target_weight(data):
    moves = data.close.pct_change(fill_method=None)
    volatility = moves.std()
    return hc.Signals.from_targets(np.where(moves.notna(), np.minimum(0.01 / volatility, 1.0), np.nan))


@LEAKS.rule
def target_weights_in_a_frame(data):
    score = data.close.rank(pct=True)
    return (1.0 - score).where(data.close.notna())


@LEAKS.rule
def only_the_stop_loss(data):
    close, low = data.panel.close, data.panel.low
    rises = np.vstack((np.zeros((1, close.shape[1]), dtype=bool), close[1:] > close[:-1]))
    ahead = np.fmin(low, np.vstack((low[1:], low[-1:])))
    return hc.Signals.from_entries(rises, np.zeros(data.shape, dtype=bool), stop_loss=ahead * 0.99)


@LEAKS.rule
def only_the_take_profit(data):
    close, high = data.close, data.high
    best = high.iloc[::-1].rolling(5, min_periods=1).max().iloc[::-1]
    buy = (close > close.shift(1)).to_numpy()
    return hc.Signals.from_entries(buy, np.zeros(data.shape, dtype=bool), take_profit=best.to_numpy())


@LEAKS.rule
def only_the_limit(data):
    low = data.panel.low
    buy = np.isfinite(data.panel.close)
    return hc.Signals.from_entries(buy, ~buy, limit=np.vstack((low[1:], low[-1:])) * 1.0001)


@LEAKS.rule
def only_the_trailing_distance(data):
    spread = (data.high - data.low).mean()
    buy = np.arange(len(data))[:, None] % 10 == 0
    wide = np.broadcast_to(spread.to_numpy(), data.shape)
    return hc.Signals.from_entries(
        np.broadcast_to(buy, data.shape), np.zeros(data.shape, dtype=bool), trailing_stop=wide
    )


@LEAKS.rule
def a_list_of_signals(data):
    close = data.panel.close
    return [
        hc.StrategySignal(symbol=symbol, signal_type=SignalType.BUY, timestamp=data.index[bar].to_pydatetime())
        for place, symbol in enumerate(data.symbols)
        for bar in range(len(data) - 1)
        if close[bar + 1, place] > close[bar, place] * 1.02
    ]


@LEAKS.strategy
class LongFrameShifted:
    def generate_signals(self, data):
        data["next"] = data.groupby("symbol")["close"].shift(-1)
        return [
            hc.StrategySignal(symbol=row.symbol, signal_type=SignalType.BUY, timestamp=row.date)
            for row in data.itertuples()
            if row.next > row.close * 1.01
        ]


@LEAKS.strategy
class LongFrameWithAStatisticOfTheWholeSample:
    def calculate_indicators(self, data):
        closes = data.groupby("symbol")["close"]
        data["score"] = (data["close"] - closes.transform("mean")) / closes.transform("std")
        return data

    def generate_signals(self, data):
        return [
            hc.StrategySignal(
                symbol=row.symbol,
                signal_type=SignalType.BUY if row.score < 0 else SignalType.SELL,
                timestamp=row.date,
            )
            for row in data.itertuples()
            if abs(row.score) > 1.2
        ]


@LEAKS.strategy
class LongFrameThatMixesItsSymbols:
    """Without a group per symbol, a shift carries one symbol's first bars to the other's last."""

    def generate_signals(self, data):
        data["ahead"] = data["sma_10"].shift(-2)
        return [
            hc.StrategySignal(symbol=row.symbol, signal_type=SignalType.SELL, timestamp=row.date)
            for row in data.itertuples()
            if row.ahead < row.sma_10
        ]


@LEAKS.strategy
class TheWarmUpItself(hc.BaseStrategy):
    """Trading begins at the lowest close of all."""

    def initialize(self, data: hc.Bars):
        self.start = int(np.nanargmin(data.panel.close[:, 0]))

    @property
    def warm_up(self):
        return self.start

    def generate_signals(self, data: hc.Bars):
        return hc.Signals(side=np.ones(data.shape, dtype=np.int8))


@LEAKS.strategy
class OnlyOnShortPanelsItRaises(hc.BaseStrategy):
    """A strategy that needs many bars, and looks ahead."""

    def generate_signals(self, data: hc.Bars):
        if len(data) < 100:
            raise ValueError("too few bars")
        return above(data.close.shift(-1), data.close)


@LEAKS.strategy
class RefusesMissingPrices(hc.BaseStrategy):
    """Two of three poisons make it raise, and so does a short panel."""

    def generate_signals(self, data: hc.Bars):
        close = data.panel.close
        if np.isnan(close).sum() > 3 or np.nanmax(close) > 10_000 or np.nanmin(close) < 1 or len(data) < 140:
            raise ValueError("bad data")
        return above(np.vstack((close[1:], close[-1:])), close)
