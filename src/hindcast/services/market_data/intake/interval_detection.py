"""How long the bars of a source are, by the steps between their stamps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from hindcast.domain.errors import InputError
from hindcast.domain.intervals import MINUTE_NS, interval_ns
from hindcast.engine.stamps import DAY_NS
from hindcast.services.ports import BarRows, IntArray

_TELLING: Final = 50_000  # rows of a symbol, which are more than enough
_LEAST_DAYS: Final = {"1d": 1, "1w": 4, "1mo": 20}  # a holiday may shorten a week, a month's end a month
_SAID: Final = "interval='1d' (or '5min', '1h', '1w', '1mo') says it"


def detect_interval(series: Iterable[BarRows]) -> str:
    """The canonical interval that all symbols' steps agree on.

    The most common step between neighbouring stamps counts; a symbol with a single row says nothing, and one row at
    midnight is a day.

    Raises InputError where symbols differ, or no step is an interval.
    """
    found: dict[str, str] = {}  # interval → the first symbol that has it
    single = True
    for rows in series:
        first = rows.timestamps[:_TELLING]
        stamps = np.unique(first[first != 0])
        single &= not (stamps % DAY_NS).any()
        if len(stamps) > 1:
            found.setdefault(_interval_of(stamps, rows.symbol), rows.symbol)
    if len(found) > 1:
        told = ", ".join(f"{interval} ({symbol})" for interval, symbol in found.items())
        raise InputError(f"the symbols' bars are of different lengths: {told}; import each length apart, or {_SAID}")
    if not found and not single:
        raise InputError(f"no symbol has two bars, so the length of a bar can't be told; {_SAID}")
    return next(iter(found), "1d")


def hold_interval(series: Iterable[BarRows], interval: str) -> None:
    """Raise InputError where most bars of a symbol begin before the bar before them, of the stated length, has ended.

    Longer steps than stated are no fault: bars may be missing.
    """
    least = _LEAST_DAYS[interval] * DAY_NS if interval in _LEAST_DAYS else interval_ns(interval)
    for rows in series:
        first = rows.timestamps[:_TELLING]
        steps = np.diff(np.unique(first[first != 0]))
        short = int((steps < least).sum())
        if short > 1 and short > 0.5 * len(steps):
            raise InputError(
                f"interval={interval!r}, but {short:,} of {len(steps):,} steps between the bars of {rows.symbol} are "
                "shorter than that; say the length that the bars have, and let bars be resampled when they are used"
            )


def _interval_of(stamps: IntArray, symbol: str) -> str:
    steps, counts = np.unique(np.diff(stamps), return_counts=True)
    step = int(steps[np.argmax(counts)])
    minutes, rest = divmod(step, MINUTE_NS)
    if not rest and minutes and minutes < 1440 and 1440 % minutes == 0:
        return f"{minutes}min"
    days = step / DAY_NS
    if days % 1 == 0 and 1 <= days <= 4:
        return "1d"
    if 5 <= days <= 9:
        return "1w"
    if 27 <= days <= 31:
        return "1mo"
    raise InputError(
        f"{symbol}: the most common step between bars is {step / 1e9:,.9g} s, which is no interval; {_SAID}"
    )
