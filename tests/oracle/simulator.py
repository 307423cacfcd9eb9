"""The oracle: a slow, plain reading of the simulation's rules, which shares no code with the engine.

One bar is worked in the seven steps of the rules, one method each. It is held against the engine on random inputs;
where both agree on a mistake, only the hand-worked cases can tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.oracle.books import Books
from tests.oracle.commands import Command, Hand
from tests.oracle.creation import Desk
from tests.oracle.decisions import SignalDesk
from tests.oracle.matching import Matching
from tests.oracle.orderbook import OrderBook
from tests.oracle.reading import Decision, Market, Rules, read_decisions, read_market, read_rules
from tests.oracle.records import BUY, SELL, TOLERANCE, Order, Outcome, Row

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.engine.bars import Bars
from hindcast.engine.signals import Signals

NANOSECONDS_PER_YEAR = 365 * 24 * 3600 * 10**9


def simulate(
    signals: Signals, market_data: Bars, config: BacktestConfig, *, warm_up: int = 0, commands: Sequence[Command] = ()
) -> Outcome:
    """One run, from the first bar to the last: signals, commands by hand, or both."""
    decisions = read_decisions(signals, market_data)
    return Simulator(read_market(market_data), decisions, read_rules(config), warm_up, commands).run()


class Simulator:
    """One account on one market."""

    def __init__(
        self,
        market: Market,
        decisions: list[dict[str, Decision]],
        rules: Rules,
        warm_up: int,
        commands: Sequence[Command],
    ) -> None:
        self.market = market
        self.decisions = decisions
        self.rules = rules
        self.warm_up = warm_up
        self.commands = commands
        self.books = Books(market, rules.capital)
        self.book = OrderBook(market.names)
        desk = Desk(rules, self.books, self.book)
        self.signals = SignalDesk(rules, self.books, self.book, desk)
        self.hand = Hand(self.books, self.book, desk)
        self.matching = Matching(market, rules, self.books, self.book)
        self.rows: list[Row] = []
        self.ruined_at = -1

    def run(self) -> Outcome:
        """All bars, then what is left."""
        for bar in range(len(self.market.stamps)):
            if self.ruined_at >= 0:
                self.rows.append(self.books.record())  # "equity stays where it is on all later bars"
            else:
                self._one_bar(bar)
        last = len(self.market.stamps) - 1
        return Outcome(
            rows=self.rows,
            orders=self.book.orders,
            fills=self.books.fills,
            trades=self.books.trades,
            open_lots=self.books.open_trades(last),
            total_financing=self.books.financing,
            total_dividends=self.books.dividends,
            ruined_at=self.ruined_at,
            ignored_signals=self.book.ignored,
            ambiguous=self.matching.marked,
            stale_symbols=tuple(name for name in self.books.held() if name not in self.market.bars[last]),
        )

    def _one_bar(self, bar: int) -> None:
        self._corporate_actions(bar)
        self._financing(bar)
        self.matching.match(bar)
        self._mark(bar)
        if self._ruin_or_margin(bar):
            return
        self._strategy(bar)
        if self.rules.at_close:
            self.matching.decision_close(bar)
            self.rows.pop()
            self._mark(bar)
            self._ruin_or_margin(bar)

    def _corporate_actions(self, bar: int) -> None:
        """Step 1, also on a bar without a price: first the split, then the dividend."""
        for name in self.market.names:
            factor = self.market.splits[bar].get(name, 1.0)
            if factor != 1.0:
                self.books.split(name, factor)
                for order in self.book.working():
                    if order.symbol == name:
                        _split(order, factor)
            self.books.dividend(name, self.market.dividends[bar].get(name, 0.0))

    def _financing(self, bar: int) -> None:
        """Step 2, for the real time since the bar before."""
        if bar > 0:
            years = (self.market.stamps[bar] - self.market.stamps[bar - 1]) / NANOSECONDS_PER_YEAR
            self.books.finance(self.rows[-1], years, self.rules.borrow_rate, self.rules.margin_rate)

    def _mark(self, bar: int) -> None:
        """Step 4."""
        for name, traded in self.market.bars[bar].items():
            self.books.mark[name] = traded.close
        self.rows.append(self.books.record())

    def _ruin_or_margin(self, bar: int) -> bool:
        """Step 5; whether the run is over."""
        if self.rows[-1].equity <= 0:
            self._ruin(bar)
            return True
        self._margin(bar)
        return False

    def _ruin(self, bar: int) -> None:
        for name in self.books.held():
            position, mark = self.books.position[name], self.books.mark[name]
            self.books.book(
                bar, name, SELL if position > 0 else BUY, abs(position), mark, unslipped=mark, commission=0.0,
                order_id=0, reason="ruined",
            )  # fmt: skip
        for order in self.book.working():
            order.end("cancelled", "ruined", bar)
        self.ruined_at = bar
        self.rows[-1] = self.books.record()

    def _margin(self, bar: int) -> None:
        """Whole positions, largest first, until equity >= maintenance * what is left."""
        going = {order.symbol for order in self.book.working() if order.origin == "margin"}
        value = {
            name: abs(self.books.position[name] * self.books.mark[name])
            for name in self.books.held()
            if name not in going  # "a position that has one counts as gone"
        }
        equity = self.rows[-1].equity
        if equity >= self.rules.maintenance * sum(value.values()) * (1 - TOLERANCE):
            return
        for name in sorted(value, key=lambda held: (-value[held], held)):
            if equity >= self.rules.maintenance * sum(value.values()) * (1 - TOLERANCE):
                break
            position = self.books.position[name]
            self.book.create(
                bar, name, side=SELL if position > 0 else BUY, want="close", origin="margin", reduce_only=True,
                reason="margin", quantity=abs(position),
            )  # fmt: skip
            del value[name]
        for order in self.book.working():
            # "Cancelled, except the children of positions that stay": what is left in `value` stays.
            if order.origin != "margin" and not (order.origin == "child" and order.symbol in value):
                order.end("cancelled", "margin", bar)

    def _strategy(self, bar: int) -> None:
        """Step 6: signals by symbol name, calls in their order."""
        for name in self.market.names:
            decision = self.decisions[bar].get(name)
            if decision is not None and bar < self.warm_up:
                self.book.ignored += 1
            elif decision is not None:
                self.signals.decide(bar, name, decision, self.rows[-1].equity)
        for command in self.commands:
            if command.bar == bar:
                self.hand.obey(command, self.rows[-1].equity)


def _split(order: Order, factor: float) -> None:
    """Quantities times f, prices and amounts divided by f; those of children to come, too."""
    order.quantity *= factor
    order.remaining *= factor
    order.filled *= factor
    order.size *= factor
    order.trail_amount /= factor
    order.limit /= factor
    order.stop /= factor
    order.extreme /= factor
    if order.bracket is not None:
        order.bracket.stop_loss /= factor
        order.bracket.take_profit /= factor
        order.bracket.trail_amount /= factor
