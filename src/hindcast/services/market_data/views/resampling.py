"""Resampling: longer bars out of shorter ones, such that no bar is there before it is complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import DataError, DateRangeError, InputError
from hindcast.domain.intervals import DAILY, canonical_interval, interval_ns, is_intraday
from hindcast.engine.bars import Bars, Panel, as_mapping
from hindcast.engine.stamps import DAY_NS, day_text, to_nanoseconds
from hindcast.services.market_data.views.time_frames import bar_ends, sessions_dated, sessions_of, stated_interval
from hindcast.services.ports import PanelTable, Schedule

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Table = TypeVar("Table", Bars, PanelTable)

FIELDS: Final = ("open", "high", "low", "close", "volume", "split", "dividend")
CELLS_AT_ONCE: Final = 4_000_000  # bounds the memory beside the panel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Groups:
    """Which fine rows make which coarse bar: each group is the rows from its start to the next one's."""

    starts: IntArray  # (G,), its first row
    stamps: IntArray  # (G,), its stamp
    ends: IntArray  # (G,), the instant from which it is known

    def complete(self, as_of: int) -> int:
        """How many groups are known at an instant."""
        return int(np.searchsorted(self.ends, as_of, side="right"))


def resample(
    bars: Table,
    interval: str,
    *,
    from_interval: str | None = None,
    schedule: Schedule | None = None,
    as_of: datetime | int | None = None,
) -> Table:
    """Longer bars out of shorter ones.

    Parameters
    ----------
    bars : Bars or PanelTable
        T bars of S symbols.
    interval : str
        "5min", "1h", "1d", "1w" (Monday to Sunday) or "1mo", not shorter than the bars.
    from_interval : str, optional
        How long the bars are; by default what their stamps say: those at 00:00 UTC are daily.
    schedule : Schedule, optional
        The sessions of the bars' exchange: intraday bars then count from the open and end at the close, and a session's
        bars land on its own date, also where it opens on the day before in UTC. Without: clock and dates of UTC.
    as_of : datetime or UTC nanoseconds, optional
        What was known at an instant; by default the end of the last bar.

    Returns
    -------
    Bars or PanelTable
        Only bars that are complete at `as_of`: the last group is left out while its end may still come. The stamp is
        the start of an intraday bar, the session's date of a daily one, and of a weekly or monthly one the date of its
        *last* session (without a schedule the period's last day): the day on whose close it becomes known.

    Raises
    ------
    InputError
        An interval that can't be made of these bars, a schedule that ends before the last period does.
    DataError
        A bar outside of the sessions, or one that reaches over the end of its group.
    DateRangeError
        No bar is complete.

    Notes
    -----
    Open and close are the first and last that the symbol has in the group, high and low the extremes, volumes add up;
    a symbol without a bar in it has none. Splits multiply, and raw prices and volumes before a split are put on the
    basis after it, so that the bar stands on one basis: that of its end, as its split takes effect at its start.
    Dividends add up, per share of that basis.
    """
    timestamps = bars.timestamps
    shorter, longer = stated_interval(timestamps, from_interval), canonical_interval(interval)
    _check_intervals(shorter, longer)
    ends = bar_ends(timestamps, shorter, schedule)
    moment = int(ends[-1]) if as_of is None else _instant(as_of)
    known = int(np.searchsorted(ends, moment, side="right"))
    groups = _grouped(timestamps[:known], ends[:known], (shorter, longer), schedule) if shorter != longer else None
    count = known if groups is None else groups.complete(moment)
    if count == 0:
        raise DateRangeError(
            f"no complete {longer} bar in {len(timestamps):,} bars of {shorter} from {day_text(timestamps[0])} to "
            f"{day_text(timestamps[-1])} UTC, as of {day_text(moment)}; give more bars, or their exchange's calendar"
        )
    if groups is None:
        return _cut(bars, count)
    first_left_out = int(groups.starts[count]) if count < groups.starts.size else known
    by = "by the clock of UTC" if schedule is None else f"by the sessions of {schedule.calendar}"
    return _made(bars, first_left_out, groups.starts[:count], groups.stamps[:count], f"{longer} bars of {shorter} {by}")


def _instant(as_of: datetime | int) -> int:
    return as_of if isinstance(as_of, int) else int(to_nanoseconds([as_of])[0])


def _check_intervals(shorter: str, longer: str) -> None:
    order = {"1d": 1, "1w": 2, "1mo": 3}
    if order.get(longer, 0) < order.get(shorter, 0):
        raise InputError(f"bars of {shorter} can't be made into {longer}: it is shorter")
    if is_intraday(longer) and interval_ns(longer) % interval_ns(shorter):
        raise InputError(f"bars of {shorter} can't be made into {longer}: expected a multiple of {shorter}")
    if (shorter, longer) == ("1w", "1mo"):
        raise InputError("bars of 1w can't be made into 1mo: weeks reach over the ends of months; resample daily bars")


def _grouped(timestamps: IntArray, ends: IntArray, intervals: tuple[str, str], schedule: Schedule | None) -> _Groups:
    shorter, interval = intervals
    if is_intraday(interval):
        stamps, group_ends = _clock_groups(timestamps, interval, schedule)
    elif schedule is None:
        stamps = _last_days(timestamps // DAY_NS * DAY_NS, interval)
        group_ends = stamps + DAY_NS
    else:
        own = sessions_of(timestamps, schedule) if is_intraday(shorter) else sessions_dated(timestamps, schedule)
        last = _last_sessions(own, interval, schedule)
        stamps, group_ends = schedule.sessions[last], schedule.closes[last]
    over = np.flatnonzero(ends > group_ends)
    if over.size:
        row = over[0]
        raise DataError(
            f"the bar of {day_text(timestamps[row])} UTC ends at {day_text(ends[row])}, after its {interval} bar does "
            f"({day_text(group_ends[row])}); resample to another interval, or give the calendar of its exchange"
        )
    starts = np.flatnonzero(np.diff(stamps, prepend=stamps[:1] - 1))
    return _Groups(starts=starts, stamps=stamps[starts], ends=group_ends[starts])


def _clock_groups(timestamps: IntArray, interval: str, schedule: Schedule | None) -> tuple[IntArray, IntArray]:
    """Stamp and end of each row's intraday bar, counted from the session's open, else from 00:00 UTC."""
    step = interval_ns(interval)
    if schedule is None:
        stamps = timestamps // step * step
        return stamps, stamps + step
    sessions = sessions_of(timestamps, schedule)
    opens = schedule.opens[sessions]
    stamps = opens + (timestamps - opens) // step * step
    return stamps, np.minimum(stamps + step, schedule.closes[sessions])


def _last_sessions(sessions: IntArray, interval: str, schedule: Schedule) -> IntArray:
    """The place of the last session of each session's day, week or month. Raises InputError where it is not known."""
    if interval == DAILY or not sessions.size:
        return sessions
    last = _last_days(schedule.sessions[sessions], interval)
    if last[-1] > schedule.last:
        raise InputError(
            f"the sessions of {schedule.calendar} were given to {day_text(schedule.last)}; to know the last one of the "
            f"last {interval} bar they are needed to {day_text(last[-1])}"
        )
    return np.searchsorted(schedule.sessions, last, side="right") - 1


def _last_days(dates: IntArray, interval: str) -> IntArray:
    """The last day of each date's day, week (its Sunday) or month."""
    if interval == DAILY:
        return dates
    if interval == "1w":
        days = dates // DAY_NS
        return (days + 6 - (days + 3) % 7) * DAY_NS
    months = dates.view("M8[ns]").astype("M8[M]")
    after = (months + np.timedelta64(1, "M")).astype("M8[D]")
    last: IntArray = (after - np.timedelta64(1, "D")).astype("M8[ns]").view(np.int64)
    return last


def _cut(bars: Table, count: int) -> Table:
    """The first so many bars."""
    if count == len(bars.timestamps):
        return bars
    if isinstance(bars, Bars):
        return bars.head(count)
    arrays = {name: array[:count] for name, array in _arrays(bars)}
    return _with_arrays(bars, bars.timestamps[:count], arrays, bars.notes)


def _with_arrays(
    table: PanelTable, timestamps: IntArray, arrays: Mapping[str, FloatArray], notes: tuple[str, ...]
) -> PanelTable:
    return replace(
        table,
        timestamps=timestamps,
        open=arrays["open"],
        high=arrays["high"],
        low=arrays["low"],
        close=arrays["close"],
        volume=arrays["volume"],
        split=arrays.get("split"),
        dividend=arrays.get("dividend"),
        notes=notes,
    )


def _made(bars: Table, rows: int, starts: IntArray, stamps: IntArray, note: str) -> Table:
    """The coarse bars of the first so many rows, of the same kind as the fine ones."""
    fine = {name: array[:rows] for name, array in _arrays(bars)}
    coarse = {name: np.empty((starts.size, len(bars.symbols))) for name in fine}
    width = max(1, CELLS_AT_ONCE // max(rows, 1))
    for first in range(0, len(bars.symbols), width):
        block = slice(first, first + width)
        made = _aggregated({name: array[:, block] for name, array in fine.items()}, starts, bars.adjusted)
        for name, array in made.items():
            coarse[name][:, block] = array
    notes = (*bars.notes, note)
    if isinstance(bars, Bars):
        panel = Panel(**coarse)
        return Bars(stamps, bars.symbols, panel, adjusted=bars.adjusted, notes=notes).with_source(
            bars.source, bars.version
        )
    return _with_arrays(bars, stamps, coarse, notes)


def _arrays(bars: Bars | PanelTable) -> Iterator[tuple[str, FloatArray]]:
    table = as_mapping(bars.panel) if isinstance(bars, Bars) else {name: getattr(bars, name) for name in FIELDS}
    return ((name, array) for name, array in table.items() if array is not None)


def _aggregated(fine: dict[str, FloatArray], starts: IntArray, adjusted: bool) -> dict[str, FloatArray]:
    """Each field of the coarse bars, (G, s)."""
    if "split" in fine or "dividend" in fine:
        fine, actions = _on_last_basis(fine, starts, adjusted)
    else:
        actions = {}
    first, last = _edges(fine["close"], starts)
    nothing = np.isnan(fine["volume"])
    volume = np.add.reduceat(
        np.where(nothing, 0.0, fine["volume"]) if nothing.any() else fine["volume"], starts, axis=0
    )
    if nothing.any():
        volume[np.logical_and.reduceat(nothing, starts, axis=0)] = np.nan
    return {
        "open": _taken(fine["open"], first),
        "high": np.fmax.reduceat(fine["high"], starts, axis=0),
        "low": np.fmin.reduceat(fine["low"], starts, axis=0),
        "close": _taken(fine["close"], last),
        "volume": volume,
        **actions,
    }


def _edges(close: FloatArray, starts: IntArray) -> tuple[IntArray, IntArray]:
    """The rows of the first and the last bar of each symbol in each group, (G, s); where there is none, any row of it.

    Such a row has no prices, so that what is taken from it is NaN.
    """
    rows = np.arange(len(close))[:, None]
    ends = np.append(starts[1:], len(close)) - 1
    shape = (starts.size, close.shape[1])
    missing = np.isnan(close)
    if not missing.any():
        return np.broadcast_to(starts[:, None], shape), np.broadcast_to(ends[:, None], shape)
    first = np.minimum.reduceat(np.where(missing, len(close), rows), starts, axis=0)
    last = np.maximum.reduceat(np.where(missing, -1, rows), starts, axis=0)
    none = last < 0
    return np.where(none, starts[:, None], first), np.where(none, starts[:, None], last)


def _taken(values: FloatArray, rows: IntArray) -> FloatArray:
    taken: FloatArray = np.take_along_axis(values, rows, axis=0)
    return taken


def _on_last_basis(
    fine: dict[str, FloatArray], starts: IntArray, adjusted: bool
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Prices, volumes and dividends on the share basis of their group's end; and the group's actions."""
    shape = fine["close"].shape
    split = fine.get("split", np.ones(shape))
    split = np.where(np.isnan(split), 1.0, split)
    moved = {name: array for name, array in fine.items() if name not in ("split", "dividend")}
    paid = fine.get("dividend", np.zeros(shape))
    paid = np.where(np.isnan(paid), 0.0, paid)
    group = np.searchsorted(starts, np.arange(shape[0]), side="right") - 1
    for row, column in zip(*np.nonzero(split != 1.0), strict=True):
        before = slice(int(starts[group[row]]), int(row))
        ratio = split[row, column]
        paid[before, column] /= ratio
        if adjusted or before.start == before.stop:
            continue
        for name, array in moved.items():
            if array is fine[name]:
                moved[name] = array.copy()
            if name == "volume":
                moved[name][before, column] *= ratio
            else:
                moved[name][before, column] /= ratio
    actions = {"split": np.multiply.reduceat(split, starts, axis=0), "dividend": np.add.reduceat(paid, starts, axis=0)}
    return moved, {name: array for name, array in actions.items() if name in fine}
