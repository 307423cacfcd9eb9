"""Stamps: UTC nanoseconds as int64 inside, text where a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import BarsError

IntArray = NDArray[np.int64]
DAY_NS = 86_400_000_000_000
FIRST: Final = np.datetime64("1677-09-22", "D")  # what int64 nanoseconds can hold
LAST: Final = np.datetime64("2262-04-10", "D")


def to_nanoseconds(values: ArrayLike | Sequence[object]) -> IntArray:
    """UTC nanoseconds, shape (T,), of datetime64, datetimes, dates, ISO text or int64 nanoseconds.

    Naive stamps are taken as UTC; aware ones are converted. Raises BarsError for what is no stamp, NaT included.
    """
    tz = getattr(values, "tz", None) or getattr(getattr(values, "dt", None), "tz", None)
    if tz is not None:  # pandas: its numpy view of aware stamps is UTC
        values = np.asarray(values, dtype="M8[ns]")
    array = np.asarray(values)
    if array.ndim != 1:
        raise BarsError(f"timestamps have shape {array.shape}; expected one dimension")
    if array.dtype.kind in "iu" or not len(array):
        return array.astype(np.int64)
    if array.dtype.kind in "OUS":
        array = np.array([_utc_naive(value) for value in array.tolist()], dtype="M8[ns]")
    if array.dtype.kind != "M":
        raise BarsError(f"timestamps are of type {array.dtype}; expected dates, datetimes or int64 nanoseconds")
    stamps = fitted(array, "timestamps")
    if np.isnat(stamps).any():
        raise BarsError(f"timestamp {int(np.argmax(np.isnat(stamps))) + 1} is missing (NaT)")
    return stamps.astype(np.int64)


def fitted(stamps: NDArray[np.generic], name: object) -> NDArray[np.datetime64]:
    """Stamps of any unit as datetime64[ns]. Raises BarsError for those outside 1677 to 2262, which numpy would wrap."""
    if stamps.dtype == np.dtype("M8[ns]"):
        return stamps.view("M8[ns]")
    far = (stamps < FIRST) | (stamps > LAST)
    if far.any():
        raise BarsError(f"{name} hold {stamps[far][0]}; expected stamps from {FIRST} to {LAST}")
    return stamps.astype("M8[ns]")


def _utc_naive(value: object) -> np.datetime64:
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise BarsError(f"timestamp {value!r} can't be read; expected a date such as 2018-12-31") from None
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            value = value.astimezone(UTC).replace(tzinfo=None)
        exact = getattr(value, "to_datetime64", None)  # pandas stamps hold nanoseconds
        return _fitted_one(np.datetime64(value) if exact is None else exact())
    if isinstance(value, np.datetime64 | date):
        return _fitted_one(np.datetime64(value))
    raise BarsError(f"timestamp {value!r} is a {type(value).__name__}; expected a date or datetime")


def _fitted_one(value: np.datetime64) -> np.datetime64:
    one: np.datetime64 = fitted(np.array([value]), "timestamps")[0]
    return one


def day_text(stamp: int | np.int64) -> str:
    """A stamp as a person reads it: the date, with the time where there is one."""
    moment = np.datetime64(int(stamp), "ns")
    text = str(moment.astype("M8[s]"))
    return text[:10] if int(stamp) % DAY_NS == 0 else text.replace("T", " ")


def to_datetime(stamp: int | np.int64) -> datetime:
    """A stamp as an aware datetime (to the microsecond)."""
    seconds, rest = divmod(int(stamp), 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
