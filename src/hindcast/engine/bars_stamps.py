"""A column of stamps as UTC nanoseconds: time zones, text and whole numbers.

Stamps that all stand at midnight of their own time zone are session dates, and keep their date: a daily bar of New York
dated 2018-01-02 00:00-05:00 is 2018-01-02 00:00 UTC. All others are converted to UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

import numpy as np

from hindcast.domain.errors import BarsError
from hindcast.engine.column_table import AnyArray, IntArray, Labels, Name, labels_of
from hindcast.engine.stamps import DAY_NS, day_text, to_nanoseconds

UNITS: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # a wall clock has no zone
_SECOND_NS = 1_000_000_000


def column_stamps(
    name: Name, values: AnyArray | Labels, *, own: tzinfo | None, asked: tzinfo | None, unit: str | None
) -> IntArray:
    """UTC nanoseconds of a column, shape (n,).

    Parameters
    ----------
    name : str
        The column, for messages.
    values : (n,) array or Labels
        datetime64 (UTC where `own` is given), text, dates, or whole numbers.
    own : tzinfo, optional
        The zone that an aware column had.
    asked : tzinfo, optional
        The zone of naive stamps; for aware ones, the zone whose midnights are session dates.
    unit : "s", "ms", "us" or "ns", optional
        Of whole numbers since 1970; without it their size tells, and 20181231 is a date.

    Raises
    ------
    BarsError
        A stamp that is missing, can't be read, or does not exist or exists twice in its zone.
    """
    if not isinstance(values, Labels) and values.dtype.kind in "OUS":
        values = labels_of(values) or values
    if isinstance(values, Labels):
        return _from_text(name, values, asked)
    if values.dtype.kind in "iu":
        return _from_numbers(name, values.astype(np.int64), unit)
    if values.dtype.kind == "O":
        return _from_objects(name, values, asked)
    if values.dtype.kind != "M":
        raise BarsError(f"column {name!r} holds numbers of type {values.dtype}; expected dates or times")
    missing = np.isnat(values)
    if missing.any():
        raise BarsError(f"column {name!r}, row {int(np.argmax(missing)) + 1}: the stamp is missing")
    stamps = values.astype("M8[ns]").astype(np.int64)
    if own is not None:
        return _sessions_or_utc(stamps, asked or own)
    return stamps if asked is None else localised(stamps, asked)


def localised(walls: IntArray, zone: tzinfo) -> IntArray:
    """UTC nanoseconds of a wall clock in a zone; dates (all at midnight) stay. Raises BarsError where time jumps."""
    if not (walls % DAY_NS).any():
        return walls
    first = _offsets(walls, lambda wall: _wall_offset(wall, zone, fold=0))
    second = _offsets(walls, lambda wall: _wall_offset(wall, zone, fold=1))
    if (first != second).any():
        row = int(np.argmax(first != second))
        fault = "stands twice on the clock" if first[row] > second[row] else "does not exist on the clock"
        raise BarsError(
            f"row {row + 1}: {day_text(walls[row])} {fault} of {zone}, which is moved then; give UTC stamps, or stamps "
            "with their offset"
        )
    return walls - first


def _sessions_or_utc(stamps: IntArray, zone: tzinfo) -> IntArray:
    if zone is UTC or str(zone) == "UTC":
        return stamps
    walls = stamps + _offsets(stamps, lambda stamp: _instant_offset(stamp, zone))
    return stamps if (walls % DAY_NS).any() else walls


def _offsets(stamps: IntArray, offset: Callable[[int], int]) -> IntArray:
    """The zone's offset at each stamp: asked once per day, and per stamp only on days when it changes."""
    days, place = np.unique(stamps // DAY_NS, return_inverse=True)
    at_start = np.array([offset(int(day) * DAY_NS) for day in days], dtype=np.int64)
    at_end = np.array([offset(int(day + 1) * DAY_NS) for day in days], dtype=np.int64)
    found = at_start[place]
    changing = (at_start != at_end)[place]
    if changing.any():
        moments, place = np.unique(stamps[changing], return_inverse=True)
        found[changing] = np.array([offset(int(moment)) for moment in moments], dtype=np.int64)[place]
    return found


def _instant_offset(stamp: int, zone: tzinfo) -> int:
    return _ns(datetime.fromtimestamp(stamp // _SECOND_NS, zone).utcoffset())


def _wall_offset(wall: int, zone: tzinfo, *, fold: int) -> int:
    moment = _EPOCH + timedelta(seconds=wall // _SECOND_NS)
    return _ns(moment.replace(tzinfo=zone, fold=fold).utcoffset())


def _ns(offset: timedelta | None) -> int:
    return 0 if offset is None else round(offset.total_seconds()) * _SECOND_NS


def _from_text(name: Name, labels: Labels, asked: tzinfo | None) -> IntArray:
    missing = labels.codes < 0
    if missing.any():
        raise BarsError(f"column {name!r}, row {int(np.argmax(missing)) + 1}: the stamp is missing")
    moments = [_moment(name, labels, place) for place in range(len(labels.names))]
    aware = [moment.tzinfo is not None for moment in moments]
    if any(aware) and not all(aware):
        raise _some_without_zone(name, int(np.argmax(labels.codes == aware.index(False))))
    walls = np.array([_ns(moment.replace(tzinfo=None) - _EPOCH) for moment in moments], dtype=np.int64)
    walls += np.array([moment.microsecond * 1000 for moment in moments], dtype=np.int64)
    if not any(aware):
        return (walls if asked is None else localised(walls, asked))[labels.codes]
    if not (walls % DAY_NS).any():
        return walls[labels.codes]
    stamps = walls - np.array([_ns(moment.utcoffset()) for moment in moments], dtype=np.int64)
    return (stamps if asked is None else _sessions_or_utc(stamps, asked))[labels.codes]


def _from_objects(name: Name, values: AnyArray, asked: tzinfo | None) -> IntArray:
    """Dates and datetimes of Python, as a frame holds them where their offsets differ."""
    items = values.tolist()
    aware = [getattr(item, "tzinfo", None) is not None for item in items]
    if not any(aware):
        stamps = to_nanoseconds(values)
        return stamps if asked is None else localised(stamps, asked)
    if not all(aware):
        raise _some_without_zone(name, aware.index(False))
    walls = to_nanoseconds([item.replace(tzinfo=None) for item in items])
    if not (walls % DAY_NS).any():
        return walls
    stamps = to_nanoseconds(values)
    return stamps if asked is None else _sessions_or_utc(stamps, asked)


def _some_without_zone(name: Name, row: int) -> BarsError:
    return BarsError(f"column {name!r}, row {row + 1}: no time zone, where other rows have one; expected all or none")


def _moment(name: Name, labels: Labels, place: int) -> datetime:
    try:
        return datetime.fromisoformat(labels.names[place].strip())
    except ValueError:
        row = int(np.argmax(labels.codes == place)) + 1
        raise BarsError(
            f"column {name!r}, row {row}: {labels.names[place]!r} is no date of the form 2018-12-31 or "
            "2018-12-31 16:00:00; where day and month stand otherwise, convert the column first"
        ) from None


def _from_numbers(name: Name, values: IntArray, unit: str | None) -> IntArray:
    if unit is not None:
        return values * UNITS[unit]
    if not len(values):
        return values
    low, high = int(values.min()), int(values.max())
    if low >= 16_780_101 and high <= 22_611_231:
        return _from_text(name, _as_text(values), None)
    size = max(abs(low), abs(high))
    for least, scale in ((10**17, 1), (10**14, 1_000), (10**11, 1_000_000), (10**8, 1_000_000_000)):
        if size >= least:
            return values * scale
    raise BarsError(
        f"column {name!r} holds whole numbers up to {high}, too small for a time; expected 20181231 or time since 1970 "
        "in seconds to nanoseconds; unit='s', 'ms', 'us' or 'ns' says which"
    )


def _as_text(values: IntArray) -> Labels:
    names, codes = np.unique(values, return_inverse=True)
    return Labels(codes=codes.astype(np.int64), names=tuple(str(value) for value in names))
