"""Matching: the phases of a bar, and the quantity of an order when it is worked."""

from __future__ import annotations

from math import isnan

from tests.oracle.affording import affordable, charge
from tests.oracle.books import Books
from tests.oracle.brackets import ambiguous, plan, trail_price
from tests.oracle.creation import level
from tests.oracle.family import after_fill, on_trigger
from tests.oracle.orderbook import OrderBook
from tests.oracle.reading import Market, Rules
from tests.oracle.records import BUY, SELL, TOLERANCE, Execution, Order
from tests.oracle.triggers import is_market, look_at_open, look_within


class Matching:
    """Works orders against one bar after the other."""

    def __init__(self, market: Market, rules: Rules, books: Books, book: OrderBook) -> None:
        self.market = market
        self.rules = rules
        self.books = books
        self.book = book
        self.budget: dict[str, float] = {}
        self.marked: list[tuple[int, int]] = []  # ambiguous: order number, bar

    def match(self, bar: int) -> None:
        """Step 3: all three phases."""
        share = self.rules.participation
        if share is not None:
            # `max_participation` * the bar's volume, floored to lots: one budget per symbol, for all phases.
            self.budget = {
                name: self.rules.in_lots(share * traded.volume) for name, traded in self.market.bars[bar].items()
            }
        self.book.expire(bar, self.market.stamps)
        self._open_phase(bar)
        self._within_phase(bar)
        self._close_phase(bar)
        self._trail(bar)

    def decision_close(self, bar: int) -> None:
        """Step 7: market orders at `c`. Margin orders "follow the usual rules from `t+1` on"."""
        orders = [
            order
            for order in self._candidates(bar)
            if is_market(order, bar) and (order.created < bar or order.origin in {"signal", "hand"})
        ]
        reducing, opening = self._classes(bar, orders, at_open=False)
        for order in reducing + opening:
            self._work(bar, order, self.market.bars[bar][order.symbol].close, phase="close", at="close")
        self._end_at_once(
            bar, [order for order in self.book.working() if order.created == bar and is_market(order, bar)]
        )

    def _candidates(self, bar: int) -> list[Order]:
        """Orders that may be worked: their symbol trades, and they had no turn at filling on this bar."""
        traded = self.market.bars[bar]
        return [order for order in self.book.working() if order.symbol in traded and order.worked != bar]

    def _classes(self, bar: int, orders: list[Order], *, at_open: bool) -> tuple[list[Order], list[Order]]:
        """Reducing and opening orders, each by creation."""
        reducing = []
        for order in orders:
            traded = self.market.bars[bar][order.symbol]
            if self._reduces(order, traded.open if at_open else traded.close):
                reducing.append(order)
        return reducing, [order for order in orders if order not in reducing]

    def _open_phase(self, bar: int) -> None:
        """Phase 1, whatever fills at `o`. "Reducing orders first: what they free can be used by the opening ones." """
        reducing, opening = self._classes(bar, self._candidates(bar), at_open=True)
        for order in reducing + opening:
            if not order.working:
                continue
            traded = self.market.bars[bar][order.symbol]
            if is_market(order, bar):
                if not self.rules.at_close:
                    self._work(bar, order, traded.open, phase="open", at="open")
                continue
            look = look_at_open(order, traded, self.rules.touch)
            if look.triggers:
                self._trigger(bar, order)
            if look.price is not None:
                self._work(bar, order, look.price, phase="open", at="open")
        self._end_at_once(bar, [order for order in self.book.working() if order.created == bar - 1])

    def _end_at_once(self, bar: int, orders: list[Order]) -> None:
        """IOC and FOK have one chance."""
        for order in orders:
            if order.time_in_force in {"IOC", "FOK"}:
                order.end("cancelled", order.time_in_force.lower(), bar)

    def _within_phase(self, bar: int) -> None:
        """Phase 2: opening orders first, then reducing ones, children that are born on the way included."""
        reducing, opening = self._classes(bar, self._candidates(bar), at_open=False)
        opening = [order for order in opening if order.parent is None]
        for order in opening:
            self._look_within(bar, order)
        seen = {order.order_id for order in opening}
        while waiting := [
            order
            for order in self._candidates(bar)
            if order.order_id not in seen and (order in reducing or order.parent is not None)
        ]:
            order = waiting[0]
            if order.parent is None:
                seen.add(order.order_id)
                self._look_within(bar, order)
            else:
                seen |= {child.order_id for child in order.parent.children}
                self._look_at_children(bar, order.parent)

    def _look_within(self, bar: int, order: Order) -> None:
        if not order.working:
            return
        traded = self.market.bars[bar][order.symbol]
        look = look_within(order, traded, self.rules.intrabar, self.rules.touch)
        if look.triggers:
            self._trigger(bar, order)
        if look.ambiguous:
            self.marked.append((order.order_id, bar))
        if look.price is not None:
            self._work(bar, order, look.price, phase="within", at=look.at)

    def _look_at_children(self, bar: int, entry: Order) -> None:
        """Both children of an entry: which of them fills depends on the other."""
        traded = self.market.bars[bar][entry.symbol]
        unclear = ambiguous(entry, bar, traded, self.rules.touch)
        planned = plan(entry, bar, traded, self.rules.intrabar, self.rules.touch)
        for child in entry.children:
            if unclear[child.role] and child.working and self.books.position[child.symbol] * child.side < 0:
                self.marked.append((child.order_id, bar))
        for role, price in planned:
            for child in entry.children:
                if child.role == role and child.working:
                    if role == "stop_loss":
                        self._trigger(bar, child)
                    self._work(bar, child, price, phase="within", at="child")

    def _close_phase(self, bar: int) -> None:
        """Phase 3: market-on-close. Reducing first."""
        orders = [order for order in self._candidates(bar) if order.type == "market_on_close"]
        reducing, opening = self._classes(bar, orders, at_open=False)
        for order in reducing + opening:
            self._work(bar, order, self.market.bars[bar][order.symbol].close, phase="close", at="close")

    def _trail(self, bar: int) -> None:
        """After a bar that trades, W takes in its best price; "once triggered it no longer moves"."""
        for order in self.book.working():
            traded = self.market.bars[bar].get(order.symbol)
            if not order.trails or order.triggered >= 0 or traded is None:
                continue
            best = trail_price(order, bar, traded)
            if best is not None and best < order.side * order.extreme:
                order.extreme = order.side * best
                order.stop = level(self.rules, order)

    def _trigger(self, bar: int, order: Order) -> None:
        order.triggered = bar
        on_trigger(order, bar)

    def _reduces(self, order: Order, price: float) -> bool:
        """Its side is opposite to the position at the start of the phase, or it is reduce-only."""
        position = self.books.position[order.symbol]
        side = order.side
        if side == 0 and order.want == "target":
            side = BUY if order.value / price > position else SELL
        return order.reduce_only or side * position < 0

    def _work(self, bar: int, order: Order, price: float, *, phase: str, at: str) -> None:
        """An order that fills at this price, as far as position, volume and money let it."""
        if not order.working:
            return
        order.worked = bar
        position = self.books.position[order.symbol]
        if isnan(order.remaining) and not self._ask(bar, order, price, position):  # worked for the first time
            return
        side = order.side
        against = abs(position) if position * side < 0 else 0.0  # what it can close
        if order.reduce_only and against == 0:
            order.end("cancelled", "position_closed", bar)
            return
        whole = order.remaining
        if order.parent is None:  # a child's rest lives on until the position is gone
            if order.reduce_only:
                order.remaining = min(order.remaining, against)
            elif side == SELL and not self.rules.allow_short and order.remaining > against * (1 + TOLERANCE):
                order.remaining, order.reason = against, "no_short"
        attempt = min(order.remaining, against) if order.reduce_only else order.remaining
        if self.rules.participation is not None:
            attempt = min(attempt, self.budget[order.symbol])
        if order.time_in_force == "FOK" and attempt < whole * (1 - TOLERANCE):
            order.end("cancelled", "fok", bar)
        elif attempt > 0:
            self._take(bar, order, attempt, min(attempt, against), price, phase=phase, at=at)
        elif order.remaining <= TOLERANCE * order.quantity:
            order.end("filled" if order.filled > 0 else "rejected", order.reason, bar)

    def _take(
        self, bar: int, order: Order, attempt: float, closing: float, price: float, *, phase: str, at: str
    ) -> None:
        """Slippage, buying power, the fill, and what comes of it."""
        paid = self._slipped(bar, order, attempt, price)
        opening = affordable(self.rules, self.books, order, closing, attempt - closing, paid)
        if opening < attempt - closing:
            if order.time_in_force == "FOK":
                order.end("cancelled", "fok", bar)
                return
            order.reason = "insufficient_cash"  # the dropped part is gone; a remainder over the volume works on
        order.remaining -= attempt
        filled = closing + opening
        before = self.books.position[order.symbol]
        if filled > 0:
            order.execution = Execution(bar=bar, phase=phase, at=at, price=price)
            self._fill(bar, order, filled, price, paid)
        if order.remaining <= TOLERANCE * order.quantity:
            order.end("filled" if order.filled > 0 else "rejected", order.reason, bar)
        if filled > 0:
            after = self.books.position[order.symbol]
            after_fill(self.rules, self.book, order, bar, quantity=filled, paid=paid, before=before, after=after)

    def _slipped(self, bar: int, order: Order, quantity: float, price: float) -> float:
        """ "A fill of an order with a limit never beyond its L"."""
        paid = self.rules.slipped(price, order.side, quantity, self.market.bars[bar][order.symbol].volume)
        if isnan(order.limit):
            return paid
        return min(paid, order.limit) if order.side == BUY else max(paid, order.limit)

    def _ask(self, bar: int, order: Order, price: float, position: float) -> bool:
        """What the order asks for, known once it is first worked; whether that is anything."""
        lots = self.rules.in_lots
        if order.want in {"close", "zero"}:
            if order.want == "zero":
                order.side = SELL if position > 0 else BUY
            order.quantity = abs(position)  # "A close of a whole position is not rounded."
        elif order.want == "target":
            target = order.value / price
            difference = target - position
            if abs(difference) <= TOLERANCE * abs(target):
                difference = 0.0  # "a target's difference below 1e-9 of the target quantity is none"
            order.side = BUY if difference > 0 else SELL
            order.quantity = lots(abs(difference))  # also where it crosses zero: one quantity, rounded once
        else:
            # A reversing order's size is rounded here too: a split since the decision may have made it odd.
            size = lots(order.size if order.want == "quantity" else order.value / price)
            order.quantity = size
            if order.reverses and position * order.side < 0:
                order.quantity += abs(position)
        order.remaining = order.quantity
        if order.quantity == 0 and not order.reduce_only:
            order.end("rejected", "too_small", bar)
            return False
        return True

    def _fill(self, bar: int, order: Order, quantity: float, unslipped: float, price: float) -> None:
        name, before = order.symbol, self.books.position[order.symbol]
        adds = order.adds and order.filled == 0 and before * order.side > 0
        fee = charge(self.rules, order, quantity, price)
        self.books.book(
            bar, name, order.side, quantity, price, unslipped=unslipped, commission=fee, order_id=order.order_id,
            reason="margin" if order.origin == "margin" else "", ambiguous=(order.order_id, bar) in self.marked,
        )  # fmt: skip
        order.filled += quantity
        order.notional += quantity * price
        order.charged += fee
        if self.rules.participation is not None:
            self.budget[name] -= quantity
        after = self.books.position[name]
        if after == 0 or after * before < 0:
            self.book.additions[name] = 0
        elif adds:
            self.book.additions[name] += 1
