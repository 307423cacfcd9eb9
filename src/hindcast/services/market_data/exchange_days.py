"""Which stamps belong to a day: of daily bars the date itself, of intraday bars the day on the exchange's clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.intervals import is_intraday
from hindcast.domain.market_data import DateRange

IntArray = NDArray[np.int64]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# The clock of each calendar of exchange_calendars, which costs a second to import; a test holds the two together.
_CALENDARS: Final = {
    "Africa/Johannesburg": "XJSE",
    "America/Argentina/Buenos_Aires": "XBUE",
    "America/Chicago": "CMES XCBF CME CBOT COMEX NYMEX CFE",
    "America/Lima": "XLIM",
    "America/Mexico_City": "XMEX",
    "America/New_York": "IEPA XBOG XNYS us_futures NYSE NASDAQ BATS XNAS ARCX OOTC XASE ICE ICEUS NYFE",
    "America/Santiago": "XSGO",
    "America/Sao_Paulo": "BVMF BMF",
    "America/Toronto": "XTSE XTSX TSX",
    "Asia/Almaty": "AIXK",
    "Asia/Bangkok": "XBKK",
    "Asia/Hong_Kong": "XHKG HKEX",
    "Asia/Jakarta": "XIDX JKT",
    "Asia/Karachi": "XKAR",
    "Asia/Kolkata": "XBOM BSE",
    "Asia/Kuala_Lumpur": "XKLS",
    "Asia/Manila": "XPHS",
    "Asia/Nicosia": "XCYS",
    "Asia/Riyadh": "XSAU",
    "Asia/Seoul": "XKRX",
    "Asia/Shanghai": "XSHG SSE",
    "Asia/Singapore": "XSES",
    "Asia/Taipei": "XTAI",
    "Asia/Tel_Aviv": "XTAE TASE",
    "Asia/Tokyo": "XTKS JPX",
    "Atlantic/Bermuda": "XBDA",
    "Atlantic/Reykjavik": "XICE",
    "Australia/Sydney": "XASX ASX",
    "Europe/Amsterdam": "XAMS",
    "Europe/Athens": "ASEX",
    "Europe/Belgrade": "XBEL",
    "Europe/Berlin": "XEEE XETR XEUR XFRA XSTU FWB",
    "Europe/Bratislava": "XBRA",
    "Europe/Brussels": "XBRU XDUS XHAM",
    "Europe/Bucharest": "XBSE BVB",
    "Europe/Budapest": "XBUD",
    "Europe/Copenhagen": "XCSE",
    "Europe/Dublin": "XDUB",
    "Europe/Helsinki": "XHEL",
    "Europe/Istanbul": "XIST",
    "Europe/Lisbon": "XLIS",
    "Europe/Ljubljana": "XLJU",
    "Europe/London": "XLON LSE",
    "Europe/Luxembourg": "XLUX LUXSE",
    "Europe/Madrid": "XMAD",
    "Europe/Moscow": "XMOS",
    "Europe/Oslo": "XOSL OSE",
    "Europe/Paris": "XPAR",
    "Europe/Prague": "XPRA",
    "Europe/Riga": "XRIS",
    "Europe/Rome": "XMIL",
    "Europe/Stockholm": "XSTO",
    "Europe/Tallinn": "XTAL",
    "Europe/Vienna": "XWBO",
    "Europe/Vilnius": "XLIT",
    "Europe/Warsaw": "XWAR",
    "Europe/Zagreb": "XZAG",
    "Europe/Zurich": "XSWX SIX",
    "Pacific/Auckland": "XNZE",
}
_ZONES: Final = {calendar: zone for zone, calendars in _CALENDARS.items() for calendar in calendars.split()}


def zone_of(calendar: str) -> tzinfo:
    """The clock of a calendar's exchange; UTC for "24/7", for none, and for a calendar that is not in the table."""
    zone = _ZONES.get(calendar)
    return UTC if zone is None else ZoneInfo(zone)


def day_start(day: date, interval: str, calendar: str) -> int:
    """The first nanosecond (UTC) of a day: 00:00 UTC for daily and longer bars, else 00:00 on the exchange's clock.

    A bar belongs to the day on which it starts there. A session that crosses midnight (futures) has bars of two days.
    """
    return _midnight(day, calendar if is_intraday(interval) else "")


def stamps_within(stamps: IntArray, days: Iterable[DateRange], interval: str, calendar: str) -> NDArray[np.bool_]:
    """Which of the increasing stamps (n,) lie in any of the ranges of days."""
    inside = np.zeros(len(stamps), dtype=np.bool_)
    for first, end in bounds(days, interval, calendar):
        low, high = np.searchsorted(stamps, [first, end])
        inside[low:high] = True
    return inside


def bounds(days: Iterable[DateRange], interval: str, calendar: str) -> list[tuple[int, int]]:
    """Of each range of days its first nanosecond (UTC), and the first one after it."""
    one = timedelta(days=1)
    return [
        (day_start(each.first, interval, calendar), day_start(each.last + one, interval, calendar)) for each in days
    ]


@lru_cache(maxsize=65_536)
def _midnight(day: date, calendar: str) -> int:
    start = datetime(day.year, day.month, day.day, tzinfo=zone_of(calendar))
    return (start - _EPOCH) // _MICROSECOND * 1_000
