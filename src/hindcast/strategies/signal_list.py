"""A list of single decisions, laid out on the panel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import inf, isnan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import StrategyError
from hindcast.domain.signals import SignalType, StrategySignal
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.signals import SIGNAL_PRICES, Signals
from hindcast.engine.stamps import day_text

IntArray = NDArray[np.int64]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_CODES: Final = {SignalType.BUY: layout.SIGNAL_BUY, SignalType.SELL: layout.SIGNAL_SELL}


def signals_from_list(decisions: Iterable[StrategySignal], bars: Bars) -> Signals:
    """Signals of a list of decisions; a naive timestamp is UTC, HOLD decides nothing.

    A price that is given as NaN is kept as infinite, which no order can have: a NaN in a column means not given.

    Parameters
    ----------
    decisions
        In any order. The same decision twice counts once.
    bars
        The panel whose symbols and stamps they name.

    Raises
    ------
    StrategyError
        An item is no `StrategySignal`, names a symbol or a stamp that the bars don't have, or contradicts another one
        for the same symbol and stamp.
    """
    items = _checked(decisions)
    columns = _columns(items, bars)
    rows = _rows(items, bars)
    side = np.zeros(bars.shape, dtype=np.int8)
    strength = np.ones(bars.shape)
    weight = np.full(bars.shape, np.nan)
    prices: dict[str, NDArray[np.float64]] = {}
    taken: dict[tuple[int, int], StrategySignal] = {}
    for item, row, column in zip(items, rows.tolist(), columns, strict=True):
        if item.target_weight is None and item.signal_type is SignalType.HOLD:
            continue
        earlier = taken.setdefault((row, column), item)
        if earlier is not item:
            _check_same(earlier, item)
            continue
        strength[row, column] = item.strength
        for name, price in _prices(item).items():
            prices.setdefault(name, np.full(bars.shape, np.nan))[row, column] = price
        if item.target_weight is None:
            side[row, column] = _CODES[item.signal_type]
        else:
            side[row, column] = layout.SIGNAL_TARGET
            weight[row, column] = item.target_weight
    return Signals(
        side=side,
        strength=strength if (strength != 1.0).any() else None,
        weight=weight if (side == layout.SIGNAL_TARGET).any() else None,
        **prices,
    )


def _checked(decisions: Iterable[StrategySignal]) -> list[StrategySignal]:
    items = list(decisions)
    for place, item in enumerate(items, start=1):
        if not isinstance(item, StrategySignal):
            raise StrategyError(
                f"signal {place} is a {type(item).__name__} ({item!r}); expected a StrategySignal(symbol=…, "
                "signal_type=…, timestamp=…)"
            )
    return items


def _columns(items: list[StrategySignal], bars: Bars) -> list[int]:
    places = {symbol: column for column, symbol in enumerate(bars.symbols)}
    unknown = sorted({item.symbol for item in items} - places.keys())
    if unknown:
        raise StrategyError(
            f"signals for {_few(unknown)}, which these bars don't hold; they hold {_few(list(bars.symbols))}"
        )
    return [places[item.symbol] for item in items]


def _rows(items: list[StrategySignal], bars: Bars) -> IntArray:
    stamps = np.array([_nanoseconds(item.timestamp) for item in items], dtype=np.int64)
    if not len(stamps):
        return stamps
    if not len(bars):
        raise StrategyError(f"{len(stamps)} signals for bars that hold no date; expected none")
    rows = np.minimum(np.searchsorted(bars.timestamps, stamps), len(bars) - 1)
    wrong = np.flatnonzero(bars.timestamps[rows] != stamps)
    if len(wrong):
        first = int(wrong[0])
        raise StrategyError(
            f"signal for {items[first].symbol} at {day_text(stamps[first])} (UTC), where these bars have none; "
            f"expected one of their {len(bars)} stamps from {day_text(bars.timestamps[0])} to "
            f"{day_text(bars.timestamps[-1])}"
        )
    return rows


def _nanoseconds(moment: datetime) -> int:
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (aware - _EPOCH) // _MICROSECOND * 1000 + getattr(moment, "nanosecond", 0)


def _check_same(earlier: StrategySignal, later: StrategySignal) -> None:
    if _decision(earlier) != _decision(later):
        raise StrategyError(
            f"two signals for {later.symbol} at {later.timestamp:%Y-%m-%d %H:%M}: {_text(earlier)} and {_text(later)}; "
            "expected one decision for each symbol and bar"
        )


def _decision(item: StrategySignal) -> tuple[object, float, dict[str, float]]:
    return (item.signal_type if item.target_weight is None else item.target_weight), item.strength, _prices(item)


def _prices(item: StrategySignal) -> dict[str, float]:
    """The prices that a decision gives."""
    given = {name: getattr(item, name) for name in SIGNAL_PRICES}
    return {name: inf if isnan(price) else price for name, price in given.items() if price is not None}


def _text(item: StrategySignal) -> str:
    what = item.signal_type.value if item.target_weight is None else f"target weight {item.target_weight:g}"
    more = {} if item.strength == 1.0 else {"strength": item.strength}
    said = ", ".join(f"{name} {value:g}" for name, value in (more | _prices(item)).items())
    return f"{what} with {said}" if said else what


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
