"""Commands: what a strategy asks for by hand, checked for its type and written as records for the kernel.

What a number says is the kernel's to judge: a quantity of NaN becomes a rejected order. Only what is no number, and
words that mean nothing, raise.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Final, TypedDict

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import BarsError, StrategyError
from hindcast.engine import layout
from hindcast.engine.stamps import DAY_NS, to_nanoseconds

NAN: Final = math.nan
FIRST_ROOM: Final = 256

_CHARACTERS: Final = {"f8": "d", "i8": "q", "i4": "i", "i2": "h", "i1": "b"}
_RECORD: Final = struct.Struct("=" + "".join(_CHARACTERS[each[1][1:]] for each in layout.COMMAND_DTYPE.descr))
if _RECORD.size != layout.COMMAND_DTYPE.itemsize:  # the record has padding that this packing does not know
    raise AssertionError(f"commands pack to {_RECORD.size} bytes; the layout has {layout.COMMAND_DTYPE.itemsize}")


class OrderTerms(TypedDict, total=False):
    """What may be said of an order beside symbol and size; prices are in the panel's currency."""

    limit: float | None  # the worst price that is taken
    stop: float | None  # the price that triggers it; with `limit` a stop-limit order
    trailing: float | None  # a trailing stop's distance, money per unit
    trailing_pct: float | None  # the same as a fraction of the price
    on_close: bool  # at the close of the next bar that trades
    stop_loss: float | None  # a bracket: price of the exit at a loss
    take_profit: float | None  # price of the exit at a profit
    trailing_stop: float | None  # a trailing stop-loss's distance, money per unit
    trailing_stop_pct: float | None  # the same as a fraction of the price
    time_in_force: str  # GTC, DAY, GTD, IOC or FOK
    good_till: object  # the last stamp at which it works: a datetime, a date (its whole day) or ISO text
    tag: str | None  # a word of one's own, which children inherit


TERMS: Final = tuple(OrderTerms.__annotations__)

# Where each price stands in a record, and the bit that says it was given.
_PRICES: Final = {
    "limit": (0, layout.GIVEN_LIMIT),
    "stop": (1, layout.GIVEN_STOP),
    "trailing": (2, layout.GIVEN_TRAIL_AMOUNT),
    "trailing_pct": (3, layout.GIVEN_TRAIL_FRACTION),
    "stop_loss": (4, layout.GIVEN_STOP_LOSS),
    "take_profit": (5, layout.GIVEN_TAKE_PROFIT),
    "trailing_stop": (6, layout.GIVEN_CHILD_TRAIL_AMOUNT),
    "trailing_stop_pct": (7, layout.GIVEN_CHILD_TRAIL_FRACTION),
}
_NO_PRICES: Final = (NAN,) * len(_PRICES)
_TRAILS: Final = layout.GIVEN_TRAIL_AMOUNT | layout.GIVEN_TRAIL_FRACTION


class CommandLog:
    """All commands of a run, in order; those from `done` on are still to be handed to the kernel."""

    __slots__ = ("_bytes", "count", "done", "pending_orders", "records")

    def __init__(self) -> None:
        self.records: NDArray[np.void] = np.empty(FIRST_ROOM, dtype=layout.COMMAND_DTYPE)
        self._bytes = _bytes_of(self.records)
        self.count = 0
        self.done = 0
        self.pending_orders = 0

    def take(self) -> NDArray[np.void]:
        """The commands that were not taken yet."""
        taken = self.records[self.done : self.count]
        self.done = self.count
        self.pending_orders = 0
        return taken

    def made(self) -> NDArray[np.void]:
        """All commands of the run, read-only."""
        found = self.records[: self.count]
        found.flags.writeable = False
        return found

    def order(  # noqa: PLR0913, PLR0917  # what a record holds, on the way of every order
        self, bar: int, symbol: int, side: int, ask: int, amount: float, given: int, terms: Terms | None = None
    ) -> None:
        """Ask for an order; `amount` is the quantity or the value, as `ask` says."""
        quantity, value = (amount, NAN) if ask == layout.ASK_QUANTITY else (NAN, amount)
        if terms is None:
            prices, good_till, kind, time_in_force = _NO_PRICES, 0, layout.TYPE_MARKET, layout.TIF_GTC
        else:
            prices, good_till, kind, time_in_force = terms.prices, terms.good_till, terms.kind, terms.time_in_force
            given |= terms.given
        self._write(
            quantity, value, *prices, good_till, -1, bar, symbol, given, kind, layout.COMMAND_ORDER, side, ask,
            time_in_force, 0, 0, 0,
        )  # fmt: skip
        self.pending_orders += 1

    def cancel(self, bar: int, order: int) -> None:
        """Ask for the end of the order at this index of the order log."""
        self._write(NAN, NAN, *_NO_PRICES, 0, order, bar, 0, 0, 0, layout.COMMAND_CANCEL, 0, 0, 0, 0, 0, 0)

    def _write(self, *fields: float) -> None:
        if self.count == len(self.records):
            self._grow()
        _RECORD.pack_into(self._bytes, self.count * _RECORD.size, *fields)
        self.count += 1

    def _grow(self) -> None:
        larger = np.empty(2 * len(self.records), dtype=layout.COMMAND_DTYPE)
        larger[: self.count] = self.records[: self.count]
        self.records = larger
        self._bytes = _bytes_of(larger)


def _bytes_of(records: Any) -> memoryview:
    """The memory of an array; its type says that it has a buffer from Python 3.12 on only."""
    return memoryview(records).cast("B")


class Terms:
    """An order's terms as numbers."""

    __slots__ = ("given", "good_till", "kind", "prices", "tag", "time_in_force")

    def __init__(self, call: str, terms: Mapping[str, Any], bar: int, timestamps: NDArray[np.int64]) -> None:
        """Raises StrategyError for what is no number, and for words that mean nothing."""
        prices = list(_NO_PRICES)
        self.given = 0
        for name, value in terms.items():
            if name not in TERMS:
                raise _unknown_term(call, name)
            if value is not None and name in _PRICES:
                place, bit = _PRICES[name]
                prices[place] = number(call, name, value)
                self.given |= bit
        self.prices = tuple(prices)
        self.tag = _text(call, "tag", terms.get("tag"))
        self.kind = _kind(self.given)
        if _flag(call, "on_close", terms.get("on_close", False)):
            self.given |= layout.GIVEN_ON_CLOSE
            self.kind = layout.TYPE_MARKET_ON_CLOSE
        self.time_in_force = time_in_force_code(call, terms.get("time_in_force", "GTC"))
        self.good_till = 0
        good_till = terms.get("good_till")
        if good_till is not None:
            self.given |= layout.GIVEN_GOOD_TILL
            self.good_till = _last_stamp(call, good_till, bar, timestamps)


def _kind(given: int) -> int:
    """The order type that the given prices make."""
    if given & _TRAILS:
        return layout.TYPE_TRAILING_STOP
    if given & layout.GIVEN_STOP:
        return layout.TYPE_STOP_LIMIT if given & layout.GIVEN_LIMIT else layout.TYPE_STOP
    return layout.TYPE_LIMIT if given & layout.GIVEN_LIMIT else layout.TYPE_MARKET


def number(call: str, name: str, value: Any) -> float:
    """A number, whatever it says. Raises StrategyError where it is none."""
    if value.__class__ is float:
        return float(value)
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise StrategyError(f"{call}: {name}={value!r} is a {type(value).__name__}; expected a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def time_in_force_code(call: str, value: Any) -> int:
    """The code of a time in force. Raises StrategyError for any other word."""
    try:
        return layout.TIF_NAMES.index(value)
    except ValueError:
        near = get_close_matches(str(value).upper(), layout.TIF_NAMES, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise StrategyError(
            f"{call}: time_in_force={value!r}; expected one of {', '.join(layout.TIF_NAMES)}.{hint}"
        ) from None


def _last_stamp(call: str, value: Any, bar: int, timestamps: NDArray[np.int64]) -> int:
    """The last nanosecond at which an order works; a bare date stands for its day's bar, or for all bars of the day."""
    try:
        stamp = int(to_nanoseconds([value])[0])
    except BarsError as error:
        raise StrategyError(f"{call}: good_till={value!r}: {error}") from None
    bare = len(value.strip()) <= 10 if isinstance(value, str) else _is_date(value)
    now = int(timestamps[bar])
    daily = now % DAY_NS == 0 and (bar == 0 or now - int(timestamps[bar - 1]) >= DAY_NS)
    return stamp + DAY_NS - 1 if bare and not daily else stamp


def _is_date(value: Any) -> bool:
    if isinstance(value, np.datetime64):
        return np.datetime_data(value.dtype)[0] == "D"
    return isinstance(value, date) and not isinstance(value, datetime)


def _flag(call: str, name: str, value: Any) -> bool:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise StrategyError(f"{call}: {name}={value!r} is a {type(value).__name__}; expected True or False")


def _text(call: str, name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise StrategyError(f"{call}: {name}={value!r} is a {type(value).__name__}; expected text")


def _unknown_term(call: str, name: str) -> StrategyError:
    near = get_close_matches(name, TERMS, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(TERMS)}."
    return StrategyError(f"{call}: there is no '{name}'. {hint}")
