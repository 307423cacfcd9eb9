"""The path of a bar: o-h-l-c or o-l-h-c, and what it reaches first.

All prices here are in the units of one side: multiplied by -1 for a seller, so that what is said of a buyer holds.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle.reading import Bar


def path_of(bar: Bar, side: int) -> list[float]:
    """ "The path o-h-l-c if h - o < o - l, else o-l-h-c": decided on the real bar for both sides alike."""
    turns = [bar.high, bar.low] if bar.high - bar.open < bar.open - bar.low else [bar.low, bar.high]
    return [side * price for price in (bar.open, *turns, bar.close)]


def seen_by(bar: Bar, side: int) -> Bar:
    """The bar as this side sees it."""
    if side > 0:
        return bar
    return Bar(open=-bar.open, high=-bar.low, low=-bar.high, close=-bar.close, volume=bar.volume)


def falls_through(price: float, limit: float, touch: bool) -> bool:
    """Whether a buy limit fills at this price or better."""
    return price < limit or (touch and price == limit)


def rises_through(price: float, limit: float, touch: bool) -> bool:
    """Whether a sell limit does."""
    return price > limit or (touch and price == limit)


def rest_after(path: list[float], level: float, reached: Callable[[float], bool]) -> list[float] | None:
    """The path from a level on; "a level is reached when the segment's end passes it". None: never."""
    for number in range(1, len(path)):
        if reached(path[number]):
            return [level, *path[number:]]
    return None


def after_stop(path: list[float], stop: float) -> list[float] | None:
    """From where a buy stop is reached on."""
    return rest_after(path, stop, lambda end: end >= stop)


def after_limit(path: list[float], limit: float, touch: bool) -> list[float] | None:
    """From where a buy limit is reached on."""
    return rest_after(path, limit, lambda end: falls_through(end, limit, touch))


def first_child(path: list[float], stop_loss: float | None, take_profit: float | None, touch: bool) -> str | None:
    """Which child of a long the path reaches first."""
    for end in path[1:]:
        if stop_loss is not None and end <= stop_loss:
            return "stop_loss"
        if take_profit is not None and rises_through(end, take_profit, touch):
            return "take_profit"
    return None
