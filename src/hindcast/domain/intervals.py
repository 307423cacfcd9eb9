"""How long a bar is: the names of intervals, and their lengths."""

from __future__ import annotations

import re
from typing import Final

from hindcast.domain.errors import InputError

DAILY: Final = "1d"
MINUTE_NS: Final = 60_000_000_000
_DAY_NS: Final = 86_400_000_000_000
_CALENDAR: Final = {"1d": _DAY_NS, "1w": 7 * _DAY_NS, "1mo": 31 * _DAY_NS}  # the longest that such a bar can be
_SPELLINGS: Final = {
    "daily": "1d",
    "d": "1d",
    "day": "1d",
    "weekly": "1w",
    "week": "1w",
    "monthly": "1mo",
    "month": "1mo",
}
_INTRADAY: Final = re.compile(r"([1-9]\d{0,3})(m|min|h)")


def canonical_interval(text: object) -> str:
    """The one name of an interval: "5min", "60min" (also "1h"), "1d", "1w", "1mo".

    Raises InputError for anything else; minutes must divide a day.
    """
    folded = text.strip().casefold() if isinstance(text, str) else ""
    folded = _SPELLINGS.get(folded, folded)
    if folded in _CALENDAR:
        return folded
    found = _INTRADAY.fullmatch(folded)
    minutes = int(found[1]) * (60 if found[2] == "h" else 1) if found else 0
    if not 0 < minutes < 1440 or 1440 % minutes:
        raise InputError(
            f"interval={text!r}; expected minutes or hours that divide a day ('5min', '1h'), 1d, 1w or 1mo"
        )
    return f"{minutes}min"


def is_intraday(interval: str) -> bool:
    """Whether bars of this (canonical) interval are shorter than a session."""
    return interval not in _CALENDAR


def interval_ns(interval: str) -> int:
    """Nanoseconds of a (canonical) interval; of weeks and months the longest that they can be."""
    return _CALENDAR[interval] if interval in _CALENDAR else int(interval.removesuffix("min")) * MINUTE_NS
