"""Clean event-driven strategies."""

from __future__ import annotations

import numpy as np
from tests.leaks.zoo import Zoo

import hindcast as hc

CLEAN = Zoo()


@CLEAN.strategy
class EventCrossover(hc.EventStrategy):
    def calculate_indicators(self, data: hc.Bars):
        return {"fast": data.close.rolling(5).mean().to_numpy(), "slow": data.close.rolling(15).mean().to_numpy()}

    def on_bar(self, context: hc.Context):
        for symbol in context.symbols:
            above = context.indicators["fast"][symbol][-1] > context.indicators["slow"][symbol][-1]
            held = context.position(symbol).quantity
            if above and not held:
                context.buy(symbol, weight=0.4)
            elif held and not above:
                context.close(symbol)


@CLEAN.strategy
class EventBrackets(hc.EventStrategy):
    """Orders of all kinds, by what was filled so far."""

    def on_bar(self, context: hc.Context):
        close = context.bars.close["AAA"][-1]
        if np.isnan(close):
            return
        if not context.position("AAA").quantity and not context.orders:
            context.buy("AAA", quantity=10, limit=close * 0.995, stop_loss=close * 0.95, take_profit=close * 1.03)
        elif context.index % 9 == 0:
            for order in context.orders:
                context.cancel(order.id)


@CLEAN.strategy
class EventStateInListsAndDictionaries(hc.EventStrategy):
    def initialize(self, data: hc.Bars):
        self.seen: dict[str, list[float]] = {symbol: [] for symbol in data.symbols}

    def on_bar(self, context: hc.Context):
        for symbol, prices in self.seen.items():
            prices.append(context.bars.close[symbol][-1])
            known = np.array(prices[-20:])
            if len(known) == 20 and known[-1] < np.nanmean(known) * 0.97:
                context.target(symbol, 0.3)
            elif len(known) == 20 and known[-1] > np.nanmean(known) * 1.03:
                context.target(symbol, 0.0)


@CLEAN.strategy
class EventSlicesOfHistory(hc.EventStrategy):
    warm_up = 12

    def on_bar(self, context: hc.Context):
        high = context.bars.high["BBB"][-12:-1]
        if context.bars.close["BBB"][-1] > np.nanmax(high):
            context.buy("BBB", quantity=3, trailing_stop_pct=0.05)


@CLEAN.strategy
class EventByEquity(hc.EventStrategy):
    """What it orders depends on its own books."""

    def on_bar(self, context: hc.Context):
        if context.equity > 100_500 and context.position("AAA").quantity:
            context.sell("AAA", quantity=context.position("AAA").quantity / 2)
        elif context.index % 5 == 0:
            context.buy("AAA", weight=min(0.2, context.cash / context.equity / 2) + 0.01)


@CLEAN.strategy
class EventRandomWithASeed(hc.EventStrategy):
    def initialize(self, data: hc.Bars):
        self.draw = np.random.default_rng(4)

    def on_bar(self, context: hc.Context):
        if self.draw.random() < 0.1:
            context.buy("AAA", quantity=1)


@CLEAN.strategy
class EventThatCantBearMissingPrices(hc.EventStrategy):
    def on_bar(self, context: hc.Context):
        if context.index > 100:
            context.buy("AAA", quantity=int(context.bars.close["AAA"][-1]))
