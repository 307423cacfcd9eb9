"""`resample` and `as_known`: longer bars, and what of them a strategy may know at each of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import InputError
from hindcast.domain.intervals import canonical_interval
from hindcast.engine.bars import Bars
from hindcast.engine.stamps import to_datetime
from hindcast.library.calendars import exchange_calendars
from hindcast.services.market_data.views import resampling
from hindcast.services.market_data.views.time_frames import known_rows, stated_interval, take_known
from hindcast.services.ports import Schedule

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def resample(
    bars: Bars,
    interval: str,
    *,
    calendar: str | None = None,
    from_interval: str | None = None,
    as_of: datetime | None = None,
) -> Bars:
    """Longer bars out of shorter ones: only those that are complete.

    Parameters
    ----------
    bars : Bars
    interval : str
        "5min", "1h", "1d", "1w" (Monday to Sunday) or "1mo"; not shorter than the bars.
    calendar : str, optional
        The exchange of the bars, such as "XNYS" or "24/7": hours then count from the open, a session's bars land on its
        own date, and a week is known at its last close. Without: clock and dates of UTC.
    from_interval : str, optional
        How long the bars are; by default what their stamps say (at 00:00 UTC: daily).
    as_of : datetime, optional
        What was known at an instant; by default the end of the last bar.

    Returns
    -------
    Bars
        Stamped with their start within the day, a daily bar with its session's date, a weekly or monthly one with that
        of its last session (without a calendar the last day of the period). A split within a bar puts all of it on the
        basis after the split; dividends and volumes add up.

    Raises
    ------
    InputError
        An interval that can't be made of these bars, an unknown calendar, or one that ends too early.
    DataError
        A bar outside of the calendar's sessions, or reaching over the end of its longer bar.
    DateRangeError
        No bar is complete.

    Examples
    --------
    >>> import hindcast as hc
    >>> days = hc.load_bars("SPX", start="2018-01-01", end="2018-12-31")
    >>> resample(days, "1mo", calendar="XNYS").index[:2].strftime("%Y-%m-%d").tolist()
    ['2018-01-31', '2018-02-28']
    """
    schedule = _schedule(calendar, _checked("bars", bars).timestamps)
    return resampling.resample(bars, interval, from_interval=from_interval, schedule=schedule, as_of=as_of)


def as_known(
    values: ArrayLike,
    coarse: Bars,
    fine: Bars,
    *,
    interval: str,
    fine_interval: str | None = None,
    calendar: str | None = None,
) -> FloatArray:
    """Values of longer bars, as they are known at the close of each shorter one.

    Parameters
    ----------
    values : array_like, shape (C,) or (C, S)
        One for each of the longer bars: their closes, an indicator of them.
    coarse, fine : Bars
        C longer bars, as `resample` makes them, and the T shorter ones that a strategy is asked about.
    interval : str
        How long the longer bars are.
    fine_interval : str, optional
        How long the shorter ones are; by default what their stamps say.
    calendar : str, optional
        The one that `resample` was given.

    Returns
    -------
    ndarray, shape (T,) or (T, S)
        At each shorter bar the value of the last longer bar that is complete at its close; NaN before the first.

    Raises
    ------
    InputError
        Another number of values, an unknown calendar, or stamps that don't tell the interval.
    DataError
        A bar outside of the calendar's sessions.
    """
    array = np.asarray(values, dtype=np.float64)
    coarse_stamps, stamps = _checked("coarse", coarse).timestamps, _checked("fine", fine).timestamps
    if array.ndim not in (1, 2) or len(array) != len(coarse_stamps):
        raise InputError(
            f"values have shape {array.shape}; expected one row for each of the {len(coarse_stamps)} longer bars"
        )
    rows = known_rows(
        coarse_stamps,
        stamps,
        interval=canonical_interval(interval),
        fine_interval=stated_interval(stamps, fine_interval),
        schedule=_schedule(calendar, np.append(coarse_stamps, stamps)),
    )
    return take_known(array, rows)


def _checked(name: str, bars: object) -> Bars:
    if isinstance(bars, Bars):
        return bars
    raise InputError(f"{name} is a {type(bars).__name__}; expected hc.Bars")


def _schedule(calendar: str | None, timestamps: IntArray) -> Schedule | None:
    """The sessions around these stamps, to the end of the last one's month and week."""
    if calendar is None:
        return None
    if not isinstance(calendar, str):
        raise InputError(f"calendar={calendar!r}; expected a name such as 'XNYS' or '24/7'")
    first, last = to_datetime(timestamps.min()).date(), to_datetime(timestamps.max()).date()
    return exchange_calendars().schedule(calendar, first - timedelta(days=7), last + timedelta(days=38))
