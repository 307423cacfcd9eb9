"""The books of a run in the event lane, brought up to the bar at hand only when something can have changed them.

While no order has its turn, nothing happens: positions and cash stay as they are. `wake` is the first bar on which
something can (an order's price, its time, a split, a dividend, interest, a margin call): before it the kernel is not
called. What is read on such a bar is what the kernel will have recorded there, to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import StrategyError
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.book_views import NO_PARAMETERS, Names, OrderView, order_view
from hindcast.engine.commands import CommandLog
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.history_views import Clock
from hindcast.engine.kernels import quiet, state
from hindcast.engine.order_executors import OrderExecutor
from hindcast.engine.simulation import Simulation

SHORTEST_LOOK: Final = 64  # bars
LONGEST_LOOK: Final = 8192
# Longs that no debt stands behind can't fall below this share of their own value, whatever rounding does.
SAFE_MAINTENANCE: Final = 0.99


class EventBooks:
    """Cash, positions and orders as of the bar at hand, and the commands on their way to the kernel."""

    __slots__ = (
        "_ahead",
        "_ahead_end",
        "_ahead_values",
        "_at_work",
        "_bars",
        "_by_name",
        "_cash",
        "_clock",
        "_close",
        "_costs",
        "_counts",
        "_curve",
        "_fills_at_decision",
        "_financed",
        "_look",
        "_maintenance",
        "_marks",
        "_marks_ahead",
        "_money",
        "_quantities",
        "_quantities_ahead",
        "_reached",
        "_simulation",
        "_stops",
        "_tags",
        "_types",
        "columns",
        "log",
        "parameters",
        "wake",
    )

    def __init__(
        self, bars: Bars, config: BacktestConfig, clock: Clock, executors: Sequence[OrderExecutor] = ()
    ) -> None:
        self._simulation = simulation = Simulation(bars, config, executors=executors)
        self._bars = bars
        self._clock = clock
        self._types = simulation.type_names
        self._counts: Any = simulation.counts.data
        self._money: Any = simulation.money.data
        self._curve: Any = simulation.curve[state.CURVE_EQUITY].data
        positions = simulation.positions
        self._quantities: Any = positions["quantity"].data
        self._costs: Any = positions["average_cost"].data
        self._marks: Any = positions["mark"].data
        self._close: Any = bars.panel.close.data
        self._by_name = np.array(sorted(range(len(bars.symbols)), key=lambda s: bars.symbols[s]), dtype=np.int64)
        self._stops = _bars_with_actions(bars)
        self._fills_at_decision = config.fill_on == "close"
        self._financed = config.borrow_rate > 0 or config.margin_rate > 0
        stated = config.maintenance_margin
        self._maintenance = 0.5 / config.max_leverage if stated is None else stated
        self._tags: dict[int, str] = {}
        self._at_work: tuple[OrderView, ...] | None = None  # as last looked at; None since something happened
        self._ahead = np.empty(len(bars))
        self._ahead_values: Any = self._ahead.data
        self._ahead_end = 0  # bars before it have their equity in `_ahead`, as far as they are after `_reached`
        self._marks_ahead: NDArray[np.float64] | None = None
        self._quantities_ahead = np.empty(0)
        self._look = SHORTEST_LOOK
        self._reached = 0  # bars that the kernel has done
        self.columns: dict[str, int] = {symbol: column for column, symbol in enumerate(bars.symbols)}
        self.log = CommandLog()
        self.parameters: dict[int, Mapping[str, object]] = simulation.order_parameters  # by order id
        self.wake = 0

    def step(self) -> bool:
        """Do the bar at hand, and those before it that were not done; False where the run is ruined."""
        if self.log.done < self.log.count:
            self._look = SHORTEST_LOOK
        self._advance(self._clock.known, self.log.take())
        return bool(self._counts[state.RUINED_AT] < 0)

    def finish(self) -> PortfolioHistory:
        """Do the rest of the run, the decisions of the last bar included."""
        self._simulation.advance(self._reached, len(self._bars) + 1, self.log.take())
        history = self._simulation.history(tuple(self.columns)[len(self._bars.symbols) :])
        return replace(history, commands=self.log.made(), lane="event")

    def note_order(self, tag: str | None = None) -> int:
        """The id of the order that was asked for just now."""
        self.wake = 0
        order_id: int = self._counts[state.COUNT_ORDERS] + self.log.pending_orders
        if tag is not None:
            self._tags[order_id] = tag
        return order_id

    def cash(self) -> float:
        """Money as recorded at the bar at hand."""
        return float(self._money[state.CASH])

    def equity(self) -> float:
        """Equity as recorded at the bar at hand."""
        known = self._clock.known
        if known == self._reached:
            return float(self._curve[known - 1])
        if known > self._ahead_end:
            self._look_ahead(known)
        return float(self._ahead_values[known - 1])

    def quantity_of(self, column: int) -> float:
        """Signed units."""
        return float(self._quantities[column])

    def cost_of(self, column: int) -> float:
        """Average cost, 0 when flat."""
        return float(self._costs[column])

    def mark_of(self, column: int) -> float:
        """The last close seen, NaN before the first."""
        known = self._clock.known
        if known > self._reached:
            price: float = self._close[known - 1, column]
            if price == price:  # noqa: PLR0124  # the quick way to ask for NaN
                return price
            self._catch_up()
        return float(self._marks[column])

    def working_orders(self) -> tuple[OrderView, ...]:
        """The orders that may still fill, oldest first."""
        self._place_pending()
        if self._at_work is None:
            indices = self._simulation.working["index"][: self._counts[state.COUNT_WORKING]].tolist()
            names = self._names() if indices else None
            self._at_work = tuple(self._view(index, names) for index in sorted(indices)) if names else ()
        return self._at_work

    def order(self, order_id: int) -> OrderView:
        """Any order by its id. Raises StrategyError."""
        self._place_pending()
        made = self._counts[state.COUNT_ORDERS]
        if not 1 <= order_id <= made:
            raise StrategyError(f"order({order_id}): no such order; {made} were made so far")
        return self._view(order_id - 1, self._names())

    def cancel(self, order_id: int) -> bool:
        """Cancel an order that works; False for any other."""
        self._place_pending()
        index = order_id - 1
        if not 0 <= index < self._counts[state.COUNT_ORDERS]:
            return False
        if self._simulation.orders[index]["status"] != layout.STATUS_OPEN:
            return False
        self.log.cancel(self._clock.known - 1, index)
        self.wake = 0
        return True

    def new_column(self, call: str, symbol: object) -> int:
        """A number for a symbol that the panel lacks: its orders are rejected. Raises StrategyError for no text."""
        if not isinstance(symbol, str):
            raise StrategyError(f"{call}: symbol={symbol!r} is a {type(symbol).__name__}; expected text")
        self.columns[symbol] = column = len(self.columns)
        return column

    def type_code(self, order_type: object) -> int:
        """The code of a custom order type. Raises StrategyError."""
        custom = self._types[layout.TYPE_CUSTOM :]
        if order_type in custom:
            return layout.TYPE_CUSTOM + custom.index(str(order_type))
        near = get_close_matches(str(order_type), custom, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(custom)}." if custom else "None is."
        raise StrategyError(
            f"submit: no order type {order_type!r} among the strategy's `executors`. {hint} "
            "The built-in types are ordered with buy and sell"
        )

    def _advance(self, known: int, commands: NDArray[np.void] | None) -> None:
        self._simulation.advance(self._reached, known, commands)
        self._reached = self._ahead_end = known
        self._marks_ahead = None
        self._at_work = None
        self.wake = 0 if self.log.done < self.log.count else self._quiet_until(known)

    def _catch_up(self) -> None:
        """Do the bar at hand; what was asked for on it stays pending."""
        if self._reached < self._clock.known:
            self._advance(self._clock.known, None)

    def _place_pending(self) -> None:
        """Make orders of what was asked for on the bar at hand."""
        if self.log.done == self.log.count:
            return
        self._catch_up()
        known = self._clock.known
        self._simulation.advance(known, known, self.log.take())
        self._at_work = None
        self.wake = 0

    def _quiet_until(self, known: int) -> int:
        """The first bar from `known` on at which the kernel may have something to do."""
        counts, money = self._counts, self._money
        cash, gross = money[state.CASH], money[state.GROSS]
        short = gross != money[state.NET]
        stop = self._next_stop(known)
        if stop == known or (self._financed and (short or cash < 0)):
            return known
        if counts[state.COUNT_WORKING]:
            if self._fills_at_decision:
                return known
        elif cash >= 0 and not short and cash + gross > 0 and self._maintenance <= SAFE_MAINTENANCE:
            return stop
        return self._look_ahead(known + 1)

    def _look_ahead(self, known: int) -> int:
        """Know the equity of the first `known` bars, and of some more; gives the bar to stop before."""
        simulation, panel = self._simulation, self._bars.panel
        if self._marks_ahead is None:
            self._marks_ahead = simulation.positions["mark"].copy()
            self._quantities_ahead = simulation.positions["quantity"].copy()
        first = self._ahead_end
        last = min(first + self._look, self._next_stop(first))
        self._look = min(2 * self._look, LONGEST_LOOK)
        self._ahead_end = quiet.mark_ahead(
            panel.close,
            panel.high,
            panel.low,
            self._by_name,
            simulation.working,
            self._counts[state.COUNT_WORKING],
            self._quantities_ahead,
            self._marks_ahead,
            self._money[state.CASH],
            self._maintenance,
            self._ahead,
            first,
            max(last, known),
        )
        return self._ahead_end

    def _next_stop(self, known: int) -> int:
        """The first bar from `known` on with a split, a dividend or an order whose time is over; else the end."""
        stop = len(self._bars)
        if len(self._stops) and (place := int(np.searchsorted(self._stops, known))) < len(self._stops):
            stop = int(self._stops[place])
        if self._counts[state.COUNT_WORKING] and (expiry := self._counts[state.NEXT_EXPIRY]) != state.NEVER:
            stop = min(stop, int(np.searchsorted(self._bars.timestamps, expiry, "right")))
        return max(stop, known)

    def _names(self) -> Names:
        return Names(symbols=tuple(self.columns), types=self._types, timestamps=self._bars.timestamps)

    def _view(self, index: int, names: Names) -> OrderView:
        record = self._simulation.orders[index]
        order_id, parent_id = int(record["order_id"]), int(record["parent_id"])
        tag = self._tags.get(order_id, self._tags.get(parent_id))
        return order_view(record, names, tag, self.parameters.get(order_id, NO_PARAMETERS))


def _bars_with_actions(bars: Bars) -> NDArray[np.int64]:
    """The bars on which any symbol has a split or a dividend that is to be applied."""
    panel = bars.panel
    if bars.adjusted or (panel.split is None and panel.dividend is None):
        return np.empty(0, dtype=np.int64)
    has = np.zeros(len(bars), dtype=np.bool_)
    if panel.split is not None:
        has |= (panel.split != 1.0).any(axis=1)
    if panel.dividend is not None:
        has |= (panel.dividend != 0.0).any(axis=1)
    return np.flatnonzero(has)
