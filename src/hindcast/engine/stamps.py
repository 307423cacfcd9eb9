"""Stamps: UTC nanoseconds as int64 inside, text where a person reads."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import BarsError

IntArray = NDArray[np.int64]
DAY_NS = 86_400_000_000_000


def to_nanoseconds(values: ArrayLike) -> IntArray:
    """UTC nanoseconds, shape (T,), of datetime64, datetimes, dates, ISO text or int64 nanoseconds.

    Naive stamps are taken as UTC; aware ones are converted. Raises BarsError for what is no stamp, NaT included.
    """
    tz = getattr(values, "tz", None) or getattr(getattr(values, "dt", None), "tz", None)
    if tz is not None:  # pandas: its numpy view of aware stamps is UTC
        values = np.asarray(values, dtype="M8[ns]")
    array = np.asarray(values)
    if array.ndim != 1:
        raise BarsError(f"timestamps have shape {array.shape}; expected one dimension")
    if array.dtype.kind in "iu":
        return array.astype(np.int64)
    if array.dtype.kind == "O":
        array = np.array([_utc_naive(value) for value in array.tolist()], dtype="M8[ns]")
    try:
        stamps = array.astype("M8[ns]") if array.dtype.kind in "MUS" else None
    except ValueError as error:
        raise BarsError(f"a timestamp can't be read: {error}; expected dates such as 2018-12-31") from None
    if stamps is None:
        raise BarsError(f"timestamps are of type {array.dtype}; expected dates, datetimes or int64 nanoseconds")
    if np.isnat(stamps).any():
        raise BarsError(f"timestamp {int(np.argmax(np.isnat(stamps))) + 1} is missing (NaT)")
    return stamps.astype(np.int64)


def _utc_naive(value: object) -> np.datetime64:
    if isinstance(value, datetime) or hasattr(value, "to_datetime64"):
        if getattr(value, "tzinfo", None) is not None:
            value = value.astimezone(UTC).replace(tzinfo=None)  # type: ignore[union-attr]  # checked by tzinfo
        return np.datetime64(value, "ns")  # type: ignore[call-overload]  # pandas stamps convert themselves
    if isinstance(value, date | str | np.datetime64 | int):
        try:
            return np.datetime64(value, "ns")
        except ValueError as error:
            raise BarsError(f"a timestamp can't be read: {error}; expected dates such as 2018-12-31") from None
    raise BarsError(f"timestamp {value!r} is a {type(value).__name__}; expected a date or datetime")


def day_text(stamp: int | np.int64) -> str:
    """A stamp as a person reads it: the date, with the time where there is one."""
    moment = np.datetime64(int(stamp), "ns")
    text = str(moment.astype("M8[s]"))
    return text[:10] if int(stamp) % DAY_NS == 0 else text.replace("T", " ")


def to_datetime(stamp: int | np.int64) -> datetime:
    """A stamp as an aware datetime (to the microsecond)."""
    seconds, rest = divmod(int(stamp), 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
