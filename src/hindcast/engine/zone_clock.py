"""The offset of a time zone at many instants or clock readings at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from hindcast.engine.stamps import DAY_NS

IntArray = NDArray[np.int64]
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # a wall clock has no zone
_SECOND_NS = 1_000_000_000


def offsets_at(instants: IntArray, zone: tzinfo) -> IntArray:
    """Nanoseconds that the zone's clock is ahead of UTC at each instant, shape (n,)."""
    return _by_day(instants, lambda stamp: _ns(datetime.fromtimestamp(stamp // _SECOND_NS, zone).utcoffset()))


def offsets_of_walls(walls: IntArray, zone: tzinfo) -> tuple[IntArray, IntArray]:
    """The same for readings of the zone's clock: as the first, and as the second time that it shows them.

    The two differ where the reading stands twice on the clock, or is left out: at a change to or from summer time.
    """
    return _by_day(walls, lambda wall: _wall_offset(wall, zone, 0)), _by_day(
        walls, lambda wall: _wall_offset(wall, zone, 1)
    )


def _by_day(moments: IntArray, offset: Callable[[int], int]) -> IntArray:
    """The offset is asked for once per day, and per moment only on days when it changes."""
    if not len(moments):
        return np.zeros(0, dtype=np.int64)
    days = moments // DAY_NS
    starts = np.flatnonzero(np.r_[True, days[1:] != days[:-1]])  # rows mostly stand in order of time
    distinct, place = np.unique(days[starts], return_inverse=True)
    opening = np.array([offset(int(day) * DAY_NS) for day in distinct], dtype=np.int64)
    closing = np.array([offset((int(day) + 1) * DAY_NS) for day in distinct], dtype=np.int64)
    lengths = np.diff(np.r_[starts, len(moments)])
    found = np.repeat(opening[place], lengths)
    changing = np.repeat((opening != closing)[place], lengths)
    if changing.any():
        own, place = np.unique(moments[changing], return_inverse=True)
        found[changing] = np.array([offset(int(moment)) for moment in own], dtype=np.int64)[place]
    return found


def _wall_offset(wall: int, zone: tzinfo, fold: int) -> int:
    moment = _EPOCH + timedelta(seconds=wall // _SECOND_NS)
    return _ns(moment.replace(tzinfo=zone, fold=fold).utcoffset())


def _ns(offset: timedelta | None) -> int:
    return 0 if offset is None else round(offset.total_seconds()) * _SECOND_NS
