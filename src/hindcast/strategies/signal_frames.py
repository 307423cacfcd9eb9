"""Target weights in a frame or an array, laid out on the panel; and the last check of any signals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import BarsError, StrategyError
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.signals import SIGNAL_PRICES, Signals
from hindcast.engine.stamps import day_text, to_nanoseconds

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def signals_from_frame(weights: Any, bars: Bars) -> Signals:
    """Signals of target weights, shares of equity; NaN makes no decision.

    Parameters
    ----------
    weights
        A pandas frame with a column per symbol and a row per stamp, in any order (a naive index is UTC); a pandas
        Series for one symbol; or an array of shape (T, S), (T,) for one symbol.
    bars
        The panel.

    Raises
    ------
    StrategyError
        Symbols or stamps are missing or unknown, the shape does not fit, or a weight is infinite or no number.
    """
    if hasattr(weights, "index") and hasattr(weights, "to_numpy"):
        array = _aligned(weights, bars)
    else:
        array = _numbers("target weights", weights)
    if array.ndim == 1 and len(bars.symbols) == 1:
        array = array[:, None]
    if array.shape != bars.shape:
        raise StrategyError(f"target weights have shape {array.shape}; expected {bars.shape} (bars, symbols)")
    return checked_signals(Signals.from_targets(array), bars)


def checked_signals(signals: Signals, bars: Bars) -> Signals:
    """The same signals as the kernels take them, every cell checked.

    Raises
    ------
    StrategyError
        A shape is not (T, S), a code is unknown, a strength is outside (0, 1], or a target weight is missing or not
        finite; symbol, date and value are named. Prices may be any numbers: what no order can have is rejected there.
    """
    side = _laid_out("side", signals.side, bars)
    if side.dtype.kind not in "iu":
        raise StrategyError(f"side is of type {side.dtype}; expected whole-number signal codes (int8)")
    unknown = (side < layout.SIGNAL_HOLD) | (side > layout.SIGNAL_TARGET)
    if unknown.any():
        raise _at(unknown, side, bars, "signal code", "expected 0 HOLD, 1 BUY, 2 SELL or 3 TARGET")
    strength = weight = None
    if signals.strength is not None:
        strength = _numbers("strengths", _laid_out("strength", signals.strength, bars))
        outside = ~((strength > 0.0) & (strength <= 1.0)) & (side != layout.SIGNAL_HOLD)
        if outside.any():
            raise _at(outside, strength, bars, "strength", "expected a number in (0, 1]")
    targets = side == layout.SIGNAL_TARGET
    if signals.weight is not None:
        weight = _numbers("target weights", _laid_out("weight", signals.weight, bars))
        wrong = ~np.isfinite(weight) & targets
        if wrong.any():
            raise _at(wrong, weight, bars, "target weight", "expected a finite share of equity")
    elif targets.any():
        raise StrategyError("signals hold targets but no `weight`; expected target weights of shape (bars, symbols)")
    given = {name: column for name in SIGNAL_PRICES if (column := getattr(signals, name)) is not None}
    prices = {name: _numbers(f"{name} prices", _laid_out(name, column, bars)) for name, column in given.items()}
    return Signals(side=np.ascontiguousarray(side, dtype=np.int8), strength=strength, weight=weight, **prices)


def _aligned(frame: Any, bars: Bars) -> FloatArray:
    """A pandas object's values in the panel's order of stamps and symbols."""
    rows = _row_order(_stamps(frame.index), bars.timestamps)
    values = _numbers("target weights", frame.to_numpy())
    if values.ndim == 1:
        return values[rows]
    columns = [str(name) for name in frame.columns]
    return values[rows][:, _column_order(columns, bars.symbols)]


def _stamps(index: Any) -> IntArray:
    try:
        stamps = to_nanoseconds(index)
    except BarsError as error:
        raise StrategyError(f"target weights: {error}; expected the bars' stamps as index (`data.index`)") from None
    if index.dtype.kind in "iu" and len(stamps) and abs(stamps).max() < 10**12:
        raise StrategyError(
            f"target weights are numbered {stamps[0]} to {stamps[-1]}; expected the bars' stamps as index "
            "(`data.index`)"
        )
    return stamps


def _row_order(stamps: IntArray, wanted: IntArray) -> IntArray:
    order = np.argsort(stamps, kind="stable")
    found = stamps[order]
    if (twice := found[1:] == found[:-1]).any():
        raise StrategyError(f"target weights hold {day_text(found[1:][twice][0])} twice; expected each stamp once")
    missing = np.setdiff1d(wanted, found)
    extra = np.setdiff1d(found, wanted)
    if len(missing) or len(extra):
        raise StrategyError(
            "target weights don't fit the bars: "
            + _difference([day_text(each) for each in missing], [day_text(each) for each in extra], "dates")
        )
    return order


def _column_order(columns: Sequence[str], symbols: Sequence[str]) -> list[int]:
    missing = [name for name in symbols if name not in columns]
    extra = [name for name in columns if name not in symbols]
    if missing or extra:
        raise StrategyError("target weights don't fit the bars: " + _difference(missing, extra, "symbols"))
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise StrategyError(f"target weights hold the column {twice!r} twice; expected each symbol once")
    return [columns.index(name) for name in symbols]


def _difference(missing: Sequence[str], extra: Sequence[str], what: str) -> str:
    parts = []
    if missing:
        parts.append(f"{what} missing: {_few(missing)}")
    if extra:
        parts.append(f"{what} that the bars don't have: {_few(extra)}")
    return "; ".join(parts)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _numbers(what: str, values: Any) -> FloatArray:
    try:
        array = np.asarray(values)
        if array.dtype.kind != "b":
            return np.ascontiguousarray(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StrategyError(f"{what} are no numbers: {error}; expected numbers or NaN") from None
    raise StrategyError(f"{what} are booleans; expected numbers (for entries and exits: Signals.from_entries)")


def _laid_out(name: str, values: Any, bars: Bars) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim == 1 and len(bars.symbols) == 1:
        array = array[:, None]
    if array.shape != bars.shape:
        raise StrategyError(f"signals' {name} has shape {array.shape}; expected {bars.shape} (bars, symbols)")
    return array


def _at(wrong: NDArray[np.bool_], values: NDArray[Any], bars: Bars, what: str, expected: str) -> StrategyError:
    """An error that names the first wrong cell."""
    row, column = (int(each) for each in np.unravel_index(int(np.argmax(wrong)), wrong.shape))
    return StrategyError(
        f"{bars.symbols[column]} on {day_text(bars.timestamps[row])}: {what} {values[row, column]:g}; {expected}"
    )
