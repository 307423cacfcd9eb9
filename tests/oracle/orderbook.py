"""All orders of a run, in the order of their creation."""

from __future__ import annotations

from tests.oracle.records import Order


class OrderBook:
    """Orders, how many signals were ignored, and how often a position was added to."""

    def __init__(self, names: list[str]) -> None:
        self.orders: list[Order] = []
        self.ignored = 0
        self.additions = dict.fromkeys(names, 0)  # BUYs (SELLs) that have added since flat

    def working(self) -> list[Order]:
        """Orders that may still fill, oldest first."""
        return [order for order in self.orders if order.working]

    def create(self, bar: int, symbol: str, **what: object) -> Order:
        """A new order, with the next number."""
        order = Order(order_id=len(self.orders) + 1, symbol=symbol, created=bar, **what)  # type: ignore[arg-type]  # fields by name
        self.orders.append(order)
        return order

    def cancel(self, bar: int, order_id: int) -> None:
        """By hand: an order that has ended or is unknown stays as it is."""
        for order in self.working():
            if order.order_id == order_id:
                order.end("cancelled", "user", bar)

    def expire(self, bar: int, stamps: list[int]) -> None:
        """DAY and GTD end before matching on the first bar that is too late, traded or not."""
        for order in self.working():
            if order.time_in_force == "DAY" and order.created + 1 < bar:
                if _date(stamps[bar]) > _date(stamps[order.created + 1]):
                    order.end("expired", "day", bar)
            elif order.good_till is not None and stamps[bar] > order.good_till:
                order.end("expired", "gtd", bar)


def _date(stamp: int) -> int:
    """Days since 1970, UTC."""
    return stamp // (24 * 3600 * 10**9)
