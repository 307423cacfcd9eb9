"""Event-driven strategies: one call per bar, orders by hand."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from hindcast.strategies.protocol import ConfiguredStrategy

if TYPE_CHECKING:
    from hindcast.engine.context import Context
    from hindcast.engine.order_executors import OrderExecutor


class EventStrategy(ConfiguredStrategy, ABC):
    """A strategy that is called at each bar, sees what is known by then, and orders by hand.

    A subclass names itself in `STRATEGY_TYPE`, declares its parameters in a nested `Config`, and implements `on_bar`.
    The parameters, checked against `Config`, stand in `self.config`. Before a run the steps are called in this order:
    validate_parameters, initialize, calculate_indicators; what the last returns is computed once, and shown up to the
    bar at hand in `context.indicators`. Then `on_bar` is called after each bar's close, from the end of the warm-up on.
    """

    executors: ClassVar[tuple[OrderExecutor, ...]] = ()  # order types of one's own, for `context.submit`

    @property
    def warm_up(self) -> int | None:
        """Bars that pass before the first call of `on_bar`.

        None: as many as `calculate_indicators` needs, that is until each of its columns has held a value for at least
        one symbol. 0: none, whatever the indicators hold.
        """
        return None

    @abstractmethod
    def on_bar(self, context: Context) -> object:
        """Look at the bar at hand, and order: with `context.buy`, `sell`, `close`, `target` and `cancel`.

        What is ordered is worked from the next bar on. It returns nothing, or an order's id.
        """


def is_event_strategy(strategy_class: object) -> bool:
    """Whether a class is called at each bar: an EventStrategy, or one with `on_bar` and no `generate_signals`."""
    if inspect.isclass(strategy_class) and issubclass(strategy_class, EventStrategy):
        return True
    return _has(strategy_class, "on_bar") and not _has(strategy_class, "generate_signals")


def can_trade(strategy_class: object) -> bool:
    """Whether a class has what a strategy needs: `generate_signals` or `on_bar`."""
    return _has(strategy_class, "generate_signals") or _has(strategy_class, "on_bar")


def _has(strategy_class: object, method: str) -> bool:
    return callable(getattr(strategy_class, method, None))
