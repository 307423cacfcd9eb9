"""Stamps that are right but for their time zone: the shift that would put them into the sessions."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from hindcast.engine.stamps import DAY_NS, day_text, to_datetime
from hindcast.services.market_data.quality.calendar_rules import placed
from hindcast.services.ports import Schedule

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

OUTSIDE: Final = 0.2  # share of rows outside the sessions above which a shift is looked for
NEARLY_ALL: Final = 0.99  # share of rows inside the sessions that proves a shift
_SAMPLE: Final = 20_000  # rows that shifts are tried on
_HALF_HOUR: Final = 1_800_000_000_000
_SHIFTS: Final = [half for step in range(1, 29) for half in (2 * step, -2 * step, 2 * step - 1, 1 - 2 * step)]
_ZONES: Final = {
    "CMES": "America/Chicago",
    "XASX": "Australia/Sydney",
    "XBOM": "Asia/Kolkata",
    "XETR": "Europe/Berlin",
    "XHKG": "Asia/Hong_Kong",
    "XKRX": "Asia/Seoul",
    "XLON": "Europe/London",
    "XNAS": "America/New_York",
    "XNYS": "America/New_York",
    "XPAR": "Europe/Paris",
    "XSHG": "Asia/Shanghai",
    "XTKS": "Asia/Tokyo",
    "XTSE": "America/Toronto",
}


def foreign_days(timestamps: IntArray) -> str:
    """What is wrong with stamps of daily bars that are not midnight UTC; empty where all are."""
    rests = timestamps % DAY_NS
    off = np.flatnonzero(rests)
    if not len(off):
        return ""
    first = day_text(timestamps[off[0]])
    words = f"{len(off)} of {len(timestamps)} daily stamps are not midnight UTC (the first: {first})"
    return f"{words}; state the zone of the stamps (such as --timezone America/New_York), or write plain dates"


def foreign_hours(timestamps: IntArray, interval: str, inside: BoolArray, schedule: Schedule) -> str:
    """What is wrong with intraday stamps that one shift puts into the sessions; empty where none does.

    Parameters
    ----------
    timestamps, inside : array
        Stamps of the days that the calendar knows, and whether each lies in a session, shape (n,).

    Notes
    -----
    Local time that was read as UTC is off by one hour more or less in summer: each day takes the better of two
    neighbouring shifts.
    """
    if not len(timestamps) or (~inside).mean() <= OUTSIDE:
        return ""
    rows = np.unique(np.linspace(0, len(timestamps) - 1, min(len(timestamps), _SAMPLE)).astype(np.int64))
    sample = np.sort(timestamps[rows])
    _, day = np.unique(sample // DAY_NS, return_inverse=True)
    hits = {
        half: np.bincount(day, weights=placed(sample + half * _HALF_HOUR, interval, schedule).inside)
        for half in _SHIFTS
    }
    halves = max(
        ((half, half + 2) for half in _SHIFTS if half + 2 in hits),
        key=lambda pair: float(np.maximum(hits[pair[0]], hits[pair[1]]).sum()),
        default=(0, 0),
    )
    single = max(_SHIFTS, key=lambda half: float(hits[half].sum()))
    if hits[single].sum() >= NEARLY_ALL * len(sample):
        halves = (single, single)
    elif np.maximum(hits[halves[0]], hits[halves[1]]).sum() < NEARLY_ALL * len(sample):
        return ""
    return _words(halves, int(sample[len(sample) // 2]), (~inside).mean(), schedule.calendar)


def _words(halves: tuple[int, int], moment: int, share: float, calendar: str) -> str:
    later = max(halves) < 0
    hours = sorted({abs(half) / 2 for half in halves})
    off = " or ".join(f"{each:g}" for each in hours)
    unit = "hour" if off == "1" else "hours"
    words = (
        f"{share:.0%} of the rows lie outside the sessions of {calendar}; "
        f"they are {off} {unit} {'later' if later else 'earlier'}"
    )
    zone = _ZONES.get(calendar)
    if zone is None:
        return f"{words}: state the zone of the stamps (such as --timezone America/New_York)"
    offset = ZoneInfo(zone).utcoffset(to_datetime(moment))
    east = 0.0 if offset is None else offset.total_seconds() / 1800
    if any(abs(east + half) <= 2 for half in halves):
        return f"{words}: are the stamps the exchange's own time? Say --timezone {zone}"
    if any(abs(east - half) <= 2 for half in halves):
        return f"{words}: are the stamps UTC? Say --timezone UTC"
    return f"{words}: state the zone of the stamps (such as --timezone {zone})"
