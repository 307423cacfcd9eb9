"""Rows that stand twice or out of order: the fewest that must go, so that the others are in order of time."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hindcast.services.ports import BarRows

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Order:
    """What the places of rows tell, shape (n,) each."""

    reversed: bool  # the rows stand newest first
    identical: BoolArray  # repeats of a bar; one of each stays
    conflicting: BoolArray  # bars of one stamp that say different things
    unsorted: BoolArray


def order_of(rows: BarRows, *, trusted: BoolArray, misplaced: BoolArray, bad: BoolArray) -> Order:
    """Hold stamps against their places.

    Parameters
    ----------
    rows : BarRows
        n rows.
    trusted : array
        Rows whose stamp could be read; no other is looked at.
    misplaced : array
        Rows whose stamp can't be right (outside the sessions, in the future): no row is unsorted because of them.
    bad : array
        Rows whose values can't be right: they take no good row of the same stamp away.

    Notes
    -----
    Bars of one stamp that are all the same are one bar and its repeats. Where they differ, those whose values can be
    right contend: one alone stays, several that differ all go. Of the rows that are left the longest increasing
    subsequence stays (rows that stand newest first are read from the end); of several as long, one.
    """
    n = len(rows.timestamps)
    none = np.zeros(n, dtype=np.bool_)
    stamps = rows.timestamps
    steps = np.diff(stamps) if trusted.all() else np.diff(stamps[trusted])
    if (steps > 0).all() or (steps < 0).all():
        backward = bool(len(steps)) and bool(steps[0] < 0)
        return Order(reversed=backward, identical=none, conflicting=none, unsorted=none)
    repeats, conflicting = _duplicates(rows, trusted, bad)
    sound = np.flatnonzero(trusted & ~misplaced & ~bad & ~conflicting)
    steps = np.diff(stamps[sound])
    backward = bool((steps < 0).sum() > (steps > 0).sum())
    way = sound[::-1] if backward else sound
    kept = none.copy()
    kept[way[_longest_increasing(stamps[way])]] = True
    # Of a bar and its repeats the one that stands in its place stays; where none does, the first.
    held = np.isin(stamps, stamps[kept])
    identical = np.where(held, repeats.any_of & ~kept, repeats.later) & trusted & ~conflicting
    places = np.flatnonzero(trusted)[:: -1 if backward else 1]
    unsorted = none.copy()
    unsorted[places] = _outside(stamps[places], kept[places])
    return Order(reversed=backward, identical=identical, conflicting=conflicting, unsorted=unsorted)


@dataclass(frozen=True, slots=True, eq=False)
class _Repeats:
    any_of: BoolArray  # a bar that stands more than once, the first included
    later: BoolArray  # the same without the first


def _duplicates(rows: BarRows, trusted: BoolArray, bad: BoolArray) -> tuple[_Repeats, BoolArray]:
    """Bars that stand more than once, and those that contradict another of their stamp."""
    places = np.flatnonzero(trusted)
    order = places[np.lexsort((bad[places], rows.timestamps[places]))]  # stable: by place among equals
    stamps, poor = rows.timestamps[order], bad[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = stamps[1:] != stamps[:-1]
    group = np.cumsum(first) - 1
    contends = ~poor | poor[first][group]
    differs = np.zeros(len(order), dtype=np.bool_)
    differs[1:] = ~first[1:] & contends[1:] & ~_same(rows, order[1:], order[:-1])
    torn = np.bincount(group, weights=differs) > 0
    conflicting, later, any_of = (np.zeros(len(rows.timestamps), dtype=np.bool_) for _ in range(3))
    conflicting[order] = np.where(contends, torn[group], True)
    later[order] = contends & ~torn[group] & ~first
    several = np.bincount(group, weights=contends) > 1
    any_of[order] = contends & ~torn[group] & several[group]
    return _Repeats(any_of, later), conflicting


def _same(rows: BarRows, left: IntArray, right: IntArray) -> BoolArray:
    same = np.ones(len(left), dtype=np.bool_)
    for values in (rows.open, rows.high, rows.low, rows.close, rows.volume, rows.split, rows.dividend):
        if values is not None:
            one, other = values[left], values[right]
            same &= (one == other) | (np.isnan(one) & np.isnan(other))
    return same


def _longest_increasing(stamps: IntArray) -> IntArray:
    """Places of a longest strictly increasing subsequence; of equal stamps the first."""
    if len(stamps) < 2:
        return np.arange(len(stamps))
    low, high = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    before = np.concatenate(([low], np.maximum.accumulate(stamps)[:-1]))
    after = np.concatenate((np.minimum.accumulate(stamps[::-1])[::-1][1:], [high]))
    agreed = (stamps > before) & (stamps < after)  # in order with every other: each longest subsequence has them
    disputed = np.flatnonzero(~agreed)
    agreed[disputed[_patience(stamps[disputed].tolist())]] = True
    return np.flatnonzero(agreed)


def _patience(stamps: list[int]) -> list[int]:
    """Places of a longest strictly increasing subsequence, by patience sorting (Fredman 1975)."""
    tops: list[int] = []  # the smallest last stamp of a subsequence of each length
    holders: list[int] = []  # its place
    behind: list[int] = []  # for each place the place before it in its subsequence
    for place, stamp in enumerate(stamps):
        length = bisect_left(tops, stamp)
        behind.append(holders[length - 1] if length else -1)
        if length == len(tops):
            tops.append(stamp)
            holders.append(place)
        elif stamp < tops[length]:
            tops[length] = stamp
            holders[length] = place
    found: list[int] = []
    place = holders[-1] if holders else -1
    while place >= 0:
        found.append(place)
        place = behind[place]
    return found[::-1]


def _outside(stamps: IntArray, kept: BoolArray) -> BoolArray:
    """Which stamps are not between those that are kept before and behind them."""
    low, high = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    before = np.maximum.accumulate(np.where(kept, stamps, low))
    after = np.minimum.accumulate(np.where(kept, stamps, high)[::-1])[::-1]
    found: BoolArray = (stamps < before) | (stamps > after)
    return found
