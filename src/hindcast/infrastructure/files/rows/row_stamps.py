"""The stamps of a file, batch by batch: what can't be read is marked, not raised.

Stamps that all stand at midnight of their own time zone are session dates and keep their date, as in
`hindcast.engine.bars_stamps`; all others become UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.engine.bars_stamps import UNITS
from hindcast.engine.column_table import AnyArray, IntArray, Labels, labels_of
from hindcast.engine.stamps import DAY_NS, FIRST, LAST
from hindcast.engine.zone_clock import offsets_at, offsets_of_walls
from hindcast.infrastructure.files.rows.growing_column import GrowingColumn

BoolArray = NDArray[np.bool_]

UNREADABLE: Final = "text_in_number"
NAIVE: Final = "naive_time_zone"
CLOCK_CHANGE: Final = "dst_gap"

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  # a wall clock has no zone
_SHOWN: Final = 3
_SECOND_NS: Final = 1_000_000_000
# A date with dashes, points, slashes or nothing between its parts, the year first; then perhaps a time and an offset.
_STAMP: Final = re.compile(
    r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})(?:[T ;]?(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)
_SHORT: Final = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?!\d)(.*)")  # 2018/1/2, as spreadsheets write it
# int64 nanoseconds end in 2262; a date written as digits lies in the same years.
_LEAST_DATE, _GREATEST_DATE = 16_780_101, 22_611_231


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SettledStamps:
    """All stamps of a file: UTC nanoseconds, 0 where one can't be read, and the rows at fault by class."""

    stamps: IntArray  # (n,)
    faults: dict[str, BoolArray]  # class of bad bar → (n,)


class StampColumn:
    """Takes the stamps as they come; what they mean is settled when all are known."""

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole  # text is of whole numbers, too
        self._raw = GrowingColumn(np.int64)  # clock readings, instants or plain numbers
        self._bad = GrowingColumn(np.bool_)
        self._offsets = GrowingColumn(np.int64)  # of text with offsets: nanoseconds ahead of UTC
        self._zoned = GrowingColumn(np.bool_)  # of text: whether a stamp has an offset
        self._own: tzinfo | None = None
        self._numbers = False
        self.unread: dict[int, str] = {}  # row → text of the first stamps that are none

    def add(self, values: AnyArray | Labels, own: tzinfo | None = None) -> None:
        """The next rows; `own` is the zone of a column that is UTC already."""
        if not isinstance(values, Labels) and values.dtype.kind in "OUS":
            values = _as_labels(values)
        if isinstance(values, Labels):
            self._add_text(values)
        elif values.dtype.kind == "M":
            stamps = values.astype("M8[ns]")
            self._own = own
            self._append(stamps.view(np.int64), np.isnat(stamps))
            if len(self._offsets):
                self._append_offsets(len(self._raw))
        else:
            self._numbers = True
            bad = ~np.isfinite(values.astype(np.float64)) if values.dtype.kind == "f" else np.zeros(len(values), bool)
            self._append(np.where(bad, 0, values).astype(np.int64), bad)

    def _append(self, raw: IntArray, bad: BoolArray) -> None:
        self._raw.append(raw)
        self._bad.append(bad)

    def _add_text(self, labels: Labels) -> None:
        if self._whole:
            self._add_digits(labels)
            return
        parsed = [_parse(name) for name in labels.names]
        walls = np.array([0 if found is None else found[0] for found in parsed] + [0], dtype=np.int64)
        offsets = np.array([0 if found is None else found[1] or 0 for found in parsed] + [0], dtype=np.int64)
        zoned = np.array([found is not None and found[1] is not None for found in parsed] + [False], dtype=np.bool_)
        bad = np.array([found is None for found in parsed] + [True], dtype=np.bool_)
        before = len(self._raw)
        self._append(walls[labels.codes], bad[labels.codes])  # code -1 takes the last: missing
        self._remember(labels, bad, before)
        if zoned.any() or len(self._offsets) or self._own is not None:
            self._append_offsets(before)
            self._offsets.append(offsets[labels.codes])
            self._zoned.append(zoned[labels.codes])

    def _add_digits(self, labels: Labels) -> None:
        texts = [name.strip() for name in labels.names]
        numbers = [int(text) if text.isdecimal() and len(text) <= 19 and int(text) < 2**63 else None for text in texts]
        bad = np.array([number is None for number in numbers] + [True], dtype=np.bool_)
        raw = np.array([number or 0 for number in numbers] + [0], dtype=np.int64)
        self._numbers = True
        self._remember(labels, bad, len(self._raw))
        self._append(raw[labels.codes], bad[labels.codes])

    def _append_offsets(self, rows: int) -> None:
        """Offsets of the rows before, which had none: those of a column in UTC are zero, others are not known."""
        late = rows - len(self._offsets)
        self._offsets.append(np.zeros(late, dtype=np.int64))
        self._zoned.append(np.full(late, self._own is not None, dtype=np.bool_))

    def _remember(self, labels: Labels, bad: BoolArray, before: int) -> None:
        """Keep the first texts that are no stamps, to show them."""
        if bad[:-1].any():
            for row in np.flatnonzero(bad[labels.codes] & (labels.codes >= 0))[:_SHOWN].tolist():
                self.unread.setdefault(before + row, labels.names[labels.codes[row]])

    def settle(self, asked: tzinfo | None, unit: str | None) -> SettledStamps:
        """The stamps as UTC, naive ones taken as of the zone `asked`."""
        raw, bad = self._raw.take(), self._bad.take()
        faults: dict[str, BoolArray] = {}
        if self._numbers:
            missing = bad
            stamps, bad, dates = _from_numbers(raw, bad, unit)
            for row in np.flatnonzero(bad & ~missing)[:_SHOWN].tolist():
                self.unread.setdefault(row, str(raw[row]))
            if dates:
                stamps = self._from_walls(stamps, bad, asked, faults)
        elif len(self._offsets):  # all or some of it was text
            stamps = self._from_offsets(raw, bad, asked, faults)
        elif self._own is not None:
            stamps = _sessions_or_utc(raw, bad, asked or self._own)
        else:
            stamps = self._from_walls(raw, bad, asked, faults)
        if bad.any():
            faults[UNREADABLE] = bad
            stamps = np.where(bad, 0, stamps)
        return SettledStamps(stamps=stamps, faults=faults)

    def _from_walls(
        self, walls: IntArray, bad: BoolArray, asked: tzinfo | None, faults: dict[str, BoolArray]
    ) -> IntArray:
        if _midnights(walls, bad):
            return walls
        if asked is None:
            faults[NAIVE] = ~bad
            return walls
        first, second = offsets_of_walls(walls, asked)
        moved = (first != second) & ~bad
        if moved.any():
            faults[CLOCK_CHANGE] = moved
        return walls - first

    def _from_offsets(
        self, walls: IntArray, bad: BoolArray, asked: tzinfo | None, faults: dict[str, BoolArray]
    ) -> IntArray:
        zoned, offsets = self._zoned.take(), self._offsets.take()
        if _midnights(walls, bad):
            return walls
        stamps = walls - offsets
        naive = ~zoned & ~bad
        if naive.any():
            faults[NAIVE] = naive
        return stamps if asked is None else _sessions_or_utc(stamps, bad | naive, asked)


def written_as(texts: tuple[str, ...]) -> str:
    """How the first stamps of a file are written: "naive", "utc", "sessions" (midnights with offset) or "other"."""
    if not texts or not all(re.fullmatch(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?", text) for text in texts):
        return "other"
    parsed = [found for text in texts if (found := _parse(text)) is not None]
    if len(parsed) < len(texts):
        return "other"
    zoned = [offset is not None for _, offset in parsed]
    if not any(zoned):
        return "naive"
    if not all(zoned):
        return "other"
    return "sessions" if all(wall % DAY_NS == 0 for wall, _ in parsed) else "utc"


def _parse(text: str) -> tuple[int, int | None] | None:
    """The clock's reading in nanoseconds since 1970 and its offset, None where it is no stamp."""
    bare = text.strip()
    found = _STAMP.fullmatch(bare)
    if found is None and (short := _SHORT.fullmatch(bare)) is not None:
        found = _STAMP.fullmatch(f"{short[1]}-{short[3]:0>2}-{short[4]:0>2}{short[5]}")
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # a wall clock has no zone
    except ValueError:
        return None
    if not FIRST < np.datetime64(moment, "D") < LAST:
        return None
    since = moment - _EPOCH
    wall = (since.days * 86_400 + since.seconds) * _SECOND_NS + int((found[7] or "").ljust(9, "0"))
    return wall, None if found[8] is None else _offset(found[8])


def _offset(text: str) -> int:
    if text in ("Z", "UTC", "GMT"):
        return 0
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]) if len(text) > 3 else 0)
    return (-1 if text[0] == "-" else 1) * int(size.total_seconds()) * _SECOND_NS


def _as_labels(values: AnyArray) -> Labels:
    """Text, dates and datetimes of Python, each as text."""
    found = labels_of(values)
    if found is not None:
        return found
    texts = [None if item is None or item != item else str(item) for item in values.tolist()]  # noqa: PLR0124  # NaN
    found = labels_of(np.array(texts, dtype=object))
    return found if found is not None else Labels(codes=np.full(len(values), -1, dtype=np.int64), names=())


def _from_numbers(raw: IntArray, bad: BoolArray, unit: str | None) -> tuple[IntArray, BoolArray, bool]:
    """Instants since 1970, or dates written as 20181231; the last value says which it is."""
    known = raw[~bad]
    if not len(known):
        return raw, bad, False
    low, high = int(known.min()), int(known.max())
    if unit is None and _LEAST_DATE <= high <= _GREATEST_DATE:
        walls, wrong = _calendar_dates(raw)
        return walls, bad | wrong, True
    size = max(abs(low), abs(high))
    scale = UNITS[unit] if unit is not None else _scale(size)
    if scale is None or size > np.iinfo(np.int64).max // scale:
        return raw, np.ones(len(raw), dtype=np.bool_), False
    return raw * scale, bad, False


def _scale(size: int) -> int | None:
    steps = ((10**17, 1), (10**14, 1_000), (10**11, 1_000_000), (10**8, 1_000_000_000))
    return next((scale for least, scale in steps if size >= least), None)


def _calendar_dates(raw: IntArray) -> tuple[IntArray, BoolArray]:
    years, months, days = raw // 10_000, raw // 100 % 100, raw % 100
    wrong = (raw < _LEAST_DATE) | (raw > _GREATEST_DATE) | (months < 1) | (months > 12) | (days < 1)
    base = np.where(wrong, 0, (years - 1970) * 12 + months - 1).astype("M8[M]")
    dates = base.astype("M8[D]") + np.where(wrong, 0, days - 1).astype("m8[D]")
    wrong |= dates.astype("M8[M]") != base  # 31 February
    return dates.astype("M8[ns]").astype(np.int64), wrong


def _sessions_or_utc(stamps: IntArray, bad: BoolArray, zone: tzinfo) -> IntArray:
    if zone is UTC or str(zone) == "UTC":
        return stamps
    walls = stamps + offsets_at(stamps, zone)
    return walls if _midnights(walls, bad) else stamps


def _midnights(walls: IntArray, bad: BoolArray) -> bool:
    rest = walls % DAY_NS != 0
    return not (rest & ~bad).any() if bad.any() else not rest.any()
