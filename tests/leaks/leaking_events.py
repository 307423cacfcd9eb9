"""Planted leaks of event-driven strategies: the context shows no future, but what was kept or computed before may."""

from __future__ import annotations

import numpy as np
from tests.leaks.zoo import Zoo

import hindcast as hc

LEAKS = Zoo()


@LEAKS.strategy
class EventIndicatorShifted(hc.EventStrategy):
    warm_up = 0

    def calculate_indicators(self, data: hc.Bars):
        return {"next": data.close.shift(-1).to_numpy()}

    def on_bar(self, context: hc.Context):
        for symbol in context.symbols:
            if context.indicators["next"][symbol][-1] > context.bars.close[symbol][-1] * 1.01:
                context.buy(symbol, quantity=1)


@LEAKS.strategy
class EventIndicatorCentred(hc.EventStrategy):
    warm_up = 0

    def calculate_indicators(self, data: hc.Bars):
        return {"level": data.close.rolling(5, center=True).mean().to_numpy()}

    def on_bar(self, context: hc.Context):
        level, close = context.indicators["level"]["AAA"][-1], context.bars.close["AAA"][-1]
        if close < level and not context.position("AAA").quantity:
            context.buy("AAA", weight=0.5)
        elif close > level and context.position("AAA").quantity:
            context.close("AAA")


@LEAKS.strategy
class EventScoreOfTheWholeSample(hc.EventStrategy):
    warm_up = 0

    def calculate_indicators(self, data: hc.Bars):
        return {"score": ((data.close - data.close.mean()) / data.close.std()).to_numpy()}

    def on_bar(self, context: hc.Context):
        for symbol in context.symbols:
            context.target(symbol, 0.4 if context.indicators["score"][symbol][-1] < 0 else 0.0)


@LEAKS.strategy
class EventBarsKeptByInitialize(hc.EventStrategy):
    def initialize(self, data: hc.Bars):
        self.closes = data.panel.close

    def on_bar(self, context: hc.Context):
        ahead = min(context.index + 1, len(self.closes) - 1)
        if self.closes[ahead, 0] > self.closes[context.index, 0]:
            context.buy("AAA", quantity=2)
        else:
            context.close("AAA")


@LEAKS.strategy
class EventStopsBelowTheComingLow(hc.EventStrategy):
    """Always the same orders; only the stop-loss knows what comes."""

    def initialize(self, data: hc.Bars):
        self.low = data.low.iloc[::-1].rolling(5, min_periods=1).min().iloc[::-1].to_numpy()

    def on_bar(self, context: hc.Context):
        if context.index % 10 == 0:
            context.buy("BBB", quantity=1, stop_loss=float(self.low[context.index, 1]) * 0.99)


@LEAKS.strategy
class EventCancelsWhatWillFill(hc.EventStrategy):
    """Only its cancellations know what comes."""

    def initialize(self, data: hc.Bars):
        self.low = data.panel.low

    def on_bar(self, context: hc.Context):
        ahead = min(context.index + 1, len(self.low) - 1)
        for order in context.orders:
            if self.low[ahead, 0] < context.bars.close["AAA"][-1] * 0.98:
                context.cancel(order.id)
        if context.index % 7 == 0:
            context.buy("AAA", quantity=1, limit=context.bars.close["AAA"][-1] * 0.98)


@LEAKS.strategy
class EventReadyMadeAverageOfLaterBars(hc.EventStrategy):
    def initialize(self, data: hc.Bars):
        self.average = np.asarray(data.indicators["sma_10"])

    def on_bar(self, context: hc.Context):
        ahead = min(context.index + 4, len(self.average) - 1)
        if self.average[ahead, 0] > self.average[context.index, 0]:
            context.buy("AAA", quantity=1)


@LEAKS.strategy
class EventOneSymbolOnRareBars(hc.EventStrategy):
    def initialize(self, data: hc.Bars):
        self.moves = data.close.pct_change(fill_method=None).shift(-1).to_numpy()

    def on_bar(self, context: hc.Context):
        if self.moves[context.index, 1] < -0.045:
            context.sell("BBB", quantity=5)
        elif context.index % 3 == 0:
            context.buy("BBB", quantity=1)
