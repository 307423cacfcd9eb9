"""The oracle's ledger: cash, positions at average cost, lots first in first out, marks."""

from __future__ import annotations

from dataclasses import replace
from math import nan

from tests.oracle.reading import Market
from tests.oracle.records import TOLERANCE, Fill, Lot, Row, Trade


class Books:
    """What the account holds, and everything that changed it."""

    def __init__(self, market: Market, capital: float) -> None:
        self.market = market
        self.cash = capital
        self.position = dict.fromkeys(market.names, 0.0)
        self.average = dict.fromkeys(market.names, 0.0)
        self.mark: dict[str, float] = {}  # the last close seen
        self.lots: dict[str, list[Lot]] = {name: [] for name in market.names}
        self.fills: list[Fill] = []
        self.trades: list[Trade] = []
        self.financing = 0.0
        self.dividends = 0.0

    def held(self) -> list[str]:
        """Symbols with a position, by name."""
        return [name for name in self.market.names if self.position[name] != 0]

    def split(self, name: str, factor: float) -> None:
        """Position and its lots times f; average cost, lot prices and last mark divided by f."""
        self.position[name] *= factor
        self.average[name] /= factor
        for lot in self.lots[name]:
            lot.quantity *= factor
            lot.price /= factor
        if name in self.mark:
            self.mark[name] /= factor

    def dividend(self, name: str, per_share: float) -> None:
        """A long is paid, a short pays."""
        paid = self.position[name] * per_share
        self.cash += paid
        self.dividends += paid

    def finance(self, last: Row, years: float, borrow_rate: float, margin_rate: float) -> None:
        """On short market value and negative cash, both as recorded at the bar before."""
        cost = years * (borrow_rate * last.short_value + margin_rate * max(-last.cash, 0.0))
        self.cash -= cost
        self.financing += cost

    def record(self) -> Row:
        """The books at the marks."""
        gross = net = short_value = 0.0
        for name in self.held():
            value = self.position[name] * self.mark[name]
            net += value
            gross += abs(value)
            short_value += max(-value, 0.0)
        return Row(equity=self.cash + net, cash=self.cash, gross=gross, net=net, short_value=short_value)

    def book(
        self, bar: int, name: str, side: int, quantity: float, price: float, *, unslipped: float, commission: float,
        order_id: int, reason: str, ambiguous: bool = False,
    ) -> None:  # fmt: skip
        """One fill: cash, position, average cost, realised P&L, lots, trades."""
        before = self.position[name]
        closing = min(quantity, abs(before)) if before * side < 0 else 0.0
        opening = quantity - closing
        realised = closing * (self.average[name] - price) * side
        after = before + side * quantity
        if closing > 0 and abs(after) <= TOLERANCE * abs(before):
            after, opening = 0.0, 0.0
        if after == 0:
            self.average[name] = 0.0
        elif closing == 0:
            self.average[name] = (self.average[name] * abs(before) + price * quantity) / (abs(before) + quantity)
        elif opening > 0:
            self.average[name] = price
        self.position[name] = after
        self.cash -= side * quantity * price + commission
        self.fills.append(
            Fill(
                bar=bar, symbol=name, side=side, quantity=quantity, price=price, unslipped=unslipped,
                commission=commission, order_id=order_id, reason=reason, position=after,
                average_cost=self.average[name], realised=realised, ambiguous=ambiguous,
            )
        )  # fmt: skip
        if closing > 0:
            self._match(bar, name, closing, price, commission * closing / quantity)
        if after == 0:
            if closing > 0:
                self._charge(sum(lot.commission for lot in self.lots[name]))
            self.lots[name] = []
        if opening > 0:
            share = commission * opening / quantity
            self.lots[name].append(Lot(side=side, quantity=opening, price=price, commission=share, bar=bar))

    def _charge(self, commission: float) -> None:
        """What was paid for lots that are too small to be trades is paid by the trade that closed the position."""
        last = self.trades[-1]
        self.trades[-1] = replace(last, commission=last.commission + commission, pnl=last.pnl - commission)

    def open_trades(self, bar: int) -> list[Trade]:
        """The lots still open, marked."""
        return [
            self._trade(bar, name, lot, lot.quantity, self.mark[name], lot.commission)
            for name in self.market.names
            for lot in self.lots[name]
        ]

    def _match(self, bar: int, name: str, quantity: float, price: float, commission: float) -> None:
        left = quantity
        while left > TOLERANCE * quantity and self.lots[name]:
            lot = self.lots[name][0]
            common = min(left, lot.quantity)
            entry_share = lot.commission * common / lot.quantity
            fee = entry_share + commission * common / quantity
            self.trades.append(self._trade(bar, name, lot, common, price, fee))
            left -= common
            if lot.quantity - common <= TOLERANCE * lot.quantity:
                self.lots[name].pop(0)
            else:
                lot.quantity -= common
                lot.commission -= entry_share

    def _trade(self, bar: int, name: str, lot: Lot, quantity: float, price: float, commission: float) -> Trade:
        worst, best = self._excursions(bar, name, lot)
        return Trade(
            symbol=name, side=lot.side, quantity=quantity, entry_bar=lot.bar, entry_price=lot.price, exit_bar=bar,
            exit_price=price, commission=commission, pnl=lot.side * (price - lot.price) * quantity - commission,
            worst=worst, best=best,
        )  # fmt: skip

    def _excursions(self, bar: int, name: str, lot: Lot) -> tuple[float, float]:
        """Worst and best excursion from the entry price over the bars entry..exit, in the units of the exit."""
        if lot.price == 0:
            return nan, nan  # no fraction of nothing
        worst = best = 0.0
        factor = 1.0  # splits between that bar and the exit
        for t in range(bar, lot.bar - 1, -1):
            traded = self.market.bars[t].get(name)
            if traded is not None:
                for price in (traded.low, traded.high):
                    change = lot.side * (price / factor / lot.price - 1)
                    worst, best = min(worst, change), max(best, change)
            factor *= self.market.splits[t].get(name, 1.0)
        return worst, best
