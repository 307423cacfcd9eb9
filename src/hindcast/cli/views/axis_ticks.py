"""Where an axis has ticks, and what they read."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np

from hindcast.reporting.run_tables import StampArray, stamp_texts

MOST_TICKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Places on an axis, and their labels."""

    places: tuple[float, ...]
    labels: tuple[str, ...]


def value_ticks(lowest: float, highest: float, *, log: bool = False) -> Ticks:
    """Round numbers between two values, read as 80k or 1.2M.

    Examples
    --------
    >>> value_ticks(81_000, 139_000).labels
    ('90k', '100k', '110k', '120k', '130k')
    >>> value_ticks(9_000, 2_100_000, log=True).labels
    ('10k', '50k', '100k', '500k', '1M')
    """
    places = _decades(lowest, highest) if log else _steps(lowest, highest)
    return Ticks(places=places, labels=tuple(short_number(place) for place in places))


def time_ticks(when: StampArray) -> Ticks:
    """Positions of a curve's points at which a new year begins, or even parts of a span of few years."""
    first, last = when[[0, -1]].astype("datetime64[Y]").astype(np.int64)
    years = np.arange(first + 1, last + 1).astype("datetime64[Y]")
    starts = np.unique(np.searchsorted(when, years.astype(when.dtype)))
    if len(starts) >= 3:
        every = -(-len(starts) // MOST_TICKS)
        chosen = starts[::every]
        years = when[chosen].astype("datetime64[Y]")
        return Ticks(places=tuple(chosen.tolist()), labels=tuple(str(year) for year in years))
    places = np.unique(np.linspace(0, len(when) - 1, 4).astype(np.intp))
    return Ticks(places=tuple(places.tolist()), labels=tuple(stamp_texts(when[places])))


def short_number(value: float) -> str:
    """A round number with as few digits as it needs.

    Examples
    --------
    >>> short_number(1_250_000), short_number(80_000), short_number(0.5), short_number(-2_000)
    ('1.25M', '80k', '0.5', '-2k')
    """
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.6g}{letter}"
    return f"{value:.6g}"


def _steps(lowest: float, highest: float) -> tuple[float, ...]:
    """Multiples of 1, 2 or 5 times a power of ten, at most MOST_TICKS of them."""
    rough = (highest - lowest) / MOST_TICKS
    if not rough > sys.float_info.min:  # equal, or so near to one another that nothing lies between
        return (lowest,)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    first, last = math.ceil(lowest / step), math.floor(highest / step)
    return tuple(round(place * step, 10) for place in range(first, last + 1))


def _decades(lowest: float, highest: float) -> tuple[float, ...]:
    """Powers of ten, with their doubles and fives where there are few; every so many where there are too many."""
    powers = range(math.floor(math.log10(lowest)), math.ceil(math.log10(highest)) + 1)
    inside: tuple[float, ...] = ()
    for factors in ((1, 2, 5), (1, 5), (1,)):
        places = (factor * 10.0**power for power in powers for factor in factors)
        inside = tuple(place for place in places if lowest <= place <= highest)
        if len(inside) <= MOST_TICKS:
            return inside
    return inside[:: -(-len(inside) // MOST_TICKS)]
