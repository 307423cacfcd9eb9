"""Bad bars planted among good ones at known rows: what screening has to find, all of it and nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Final

import numpy as np
from tests.unit.services.market_data.screened_series import DAY, MINUTE, bars_at

from hindcast.domain.intervals import interval_ns, is_intraday
from hindcast.engine.stamps import to_datetime
from hindcast.services.ports import BarRows, Schedule

COLUMNS: Final = ("timestamps", "open", "high", "low", "close", "volume", "split")
APART: Final = 16  # rows between two planted faults
FAR: Final = 6  # how far a row is moved from its place

Cells = dict[str, float]
VALUES: Final[dict[str, Callable[[Cells], Cells]]] = {
    "nan_price": lambda row: {"open": np.nan},
    "positive_infinity": lambda row: {"high": np.inf},
    "negative_infinity": lambda row: {"low": -np.inf},
    "zero_price": lambda row: {"low": 0.0},
    "negative_price": lambda row: {"low": -row["low"]},
    "high_below_open": lambda row: {"open": row["high"] * 1.01},
    "high_below_close": lambda row: {"close": row["high"] * 1.01},
    "high_below_low": lambda row: {"high": row["low"], "low": row["high"]},
    "low_above_open": lambda row: {"open": row["low"] * 0.99},
    "low_above_close": lambda row: {"close": row["low"] * 0.99},
    "negative_volume": lambda row: {"volume": -1 - row["volume"]},
    "nan_volume": lambda row: {"volume": np.nan},
}
ELSEWHERE: Final = (
    "text_in_number",
    "unsorted",
    "identical_duplicate",
    "conflicting_duplicate",
    "future_bar",
    "unfinished_bar",
    "off_calendar",
    "missing_session",
)
INTRADAY: Final = ("dst_gap", "after_early_close")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Planted:
    """Rows with faults, and what is to be found."""

    rows: BarRows
    bad: dict[int, str]  # row number → class
    good: dict[str, np.ndarray]  # the columns of all other rows, in order of time
    missing: set[int]  # sessions without any row


class Plot:
    """A good series on which faults are planted one by one, then grown into rows."""

    def __init__(self, schedule: Schedule, interval: str, last: int, rng: np.random.Generator) -> None:
        """Bars of the schedule's sessions up to the one at place `last`; a split at random."""
        self.schedule, self.interval, self.rng, self.last = schedule, interval, rng, last
        stamps = schedule.sessions[: last + 1]
        if is_intraday(interval):
            spans = zip(schedule.opens[: last + 1].tolist(), schedule.closes[: last + 1].tolist(), strict=True)
            stamps = np.concatenate([np.arange(begin, end, interval_ns(interval)) for begin, end in spans])
        rows = bars_at(stamps, int(rng.integers(1 << 30)))
        self.columns = {name: getattr(rows, name).copy() for name in COLUMNS[:-1]}
        self.session = np.searchsorted(schedule.opens, stamps, side="right") - 1
        if not is_intraday(interval):
            self.session = np.arange(len(stamps))
        self.split = int(np.searchsorted(self.session, rng.integers(1, last + 1)))
        self._split(self.split)
        self.keys = np.arange(len(stamps), dtype=np.float64)
        self.more: list[tuple[float, Cells]] = []
        self.bad: dict[int, str] = {}
        self.more_bad: list[str] = []
        self.faults: dict[str, list[int]] = {"text_in_number": [], "dst_gap": []}
        self.lost: list[int] = []  # rows whose stamp says nothing any more
        self.gone: list[int] = []

    def _split(self, row: int) -> None:
        split = np.full(len(self.columns["close"]), np.nan)
        split[row] = 2.0
        for name in ("open", "high", "low", "close"):
            self.columns[name][row:] /= 2
        self.columns["split"] = split

    @property
    def now(self) -> datetime:
        """Half a minute after the session behind the last has opened."""
        return to_datetime(self.schedule.opens[self.last + 1] + MINUTE // 2)

    def cells(self, row: int) -> Cells:
        return {name: self.columns[name][row].item() for name in COLUMNS} | {"split": np.nan}

    def add(self, key: float, row: Cells, name: str) -> None:
        self.more.append((key, row))
        self.more_bad.append(name)

    def plant(self, name: str, row: int) -> bool:
        """Plant one fault at or behind a row; False where the place does not suit."""
        if name in VALUES:
            for column, value in VALUES[name](self.cells(row)).items():
                self.columns[column][row] = value
            self.bad[row] = name
            return True
        suits: bool = getattr(self, f"_{name}")(row)
        return suits

    def _text_in_number(self, row: int) -> bool:
        self.bad[row] = "text_in_number"
        self.faults["text_in_number"].append(row)
        if self.rng.random() < 0.5:
            self.columns["timestamps"][row] = 0
            self.lost.append(row)
        else:
            self.columns["close"][row] = np.nan
        return True

    def _dst_gap(self, row: int) -> bool:
        self.bad[row] = "dst_gap"
        self.faults["dst_gap"].append(row)
        self.columns["timestamps"][row] -= 60 * MINUTE
        self.lost.append(row)
        return True

    def _unsorted(self, row: int) -> bool:
        self.bad[row] = "unsorted"
        self.keys[row] += FAR + 0.5
        return True

    def _identical_duplicate(self, row: int) -> bool:
        cells = self.cells(row) | {"split": self.columns["split"][row].item()}
        self.add(row + self.rng.choice([0.5, FAR + 0.5, -FAR - 0.5]), cells, "identical_duplicate")
        return True

    def _conflicting_duplicate(self, row: int) -> bool:
        self.bad[row] = "conflicting_duplicate"
        other = self.cells(row) | {"volume": self.columns["volume"][row].item() + 1}
        self.add(row + self.rng.choice([0.5, -0.5, FAR + 0.5]), other, "conflicting_duplicate")
        return True

    def _future_bar(self, row: int) -> bool:
        self.bad[row] = "future_bar"
        self.columns["timestamps"][row] += int(self.rng.integers(60, 90)) * 365 * DAY
        self.lost.append(row)
        return True

    def _unfinished_bar(self, row: int) -> bool:
        if "unfinished_bar" in self.more_bad:
            return False
        place = self.schedule.opens if is_intraday(self.interval) else self.schedule.sessions
        cells = self.cells(len(self.keys) - 1) | {"timestamps": int(place[self.last + 1])}
        self.add(len(self.keys) + 2.0 * FAR, cells, "unfinished_bar")
        return True

    def _off_calendar(self, row: int) -> bool:
        stamp = self.columns["timestamps"][row] + (interval_ns(self.interval) if is_intraday(self.interval) else DAY)
        return self._behind(row, int(stamp), early=False)

    def _after_early_close(self, row: int) -> bool:
        return self._behind(row, int(self.schedule.closes[self.session[row]]), early=True)

    def _behind(self, row: int, stamp: int, *, early: bool) -> bool:
        """A bar between this row and the next, if the exchange is closed then."""
        session = int(self.session[row])
        if row + 1 >= len(self.keys) or self.session[row + 1] == session or session >= self.last:
            return False
        if is_intraday(self.interval):
            if bool(self.schedule.early[session]) != early or stamp >= self.schedule.opens[session + 1]:
                return False
        elif stamp >= self.schedule.sessions[session + 1]:
            return False
        name = "after_early_close" if early else "off_calendar"
        self.add(row + 0.5, self.cells(row) | {"timestamps": stamp}, name)
        return True

    def _missing_session(self, row: int) -> bool:
        own = np.flatnonzero(self.session == self.session[row])
        if own[0] == 0 or own[-1] == len(self.keys) - 1 or any(each in self.bad for each in own.tolist()):
            return False
        self.gone += own.tolist()
        return True

    def grown(self, *, newest_first: bool) -> Planted:
        """The rows in their order, with the numbers of the bad ones."""
        count = len(self.keys)
        extra = {name: np.array([cells[name] for _, cells in self.more]) for name in COLUMNS}
        whole = {
            name: np.concatenate([values, extra[name].astype(values.dtype)]) for name, values in self.columns.items()
        }
        keys = np.concatenate([self.keys, np.array([key for key, _ in self.more], dtype=np.float64)])
        keys[self.gone] = np.nan
        order = np.argsort(keys, kind="stable")[: len(keys) - len(self.gone)]
        names = self.bad | {count + place: name for place, name in enumerate(self.more_bad)}
        right = np.setdiff1d(np.arange(count), [*names, *self.gone])
        held = np.setdiff1d(np.arange(count), [*self.lost, *self.gone])
        sessions = range(int(self.session[right[0]]), int(self.session[right[-1]]) + 1)
        if newest_first:
            order = order[::-1]
        number = np.zeros(len(keys), dtype=np.int64)
        number[order] = np.arange(1, len(order) + 1)
        rows = BarRows(
            symbol="A",
            timestamps=whole["timestamps"][order],
            open=whole["open"][order],
            high=whole["high"][order],
            low=whole["low"][order],
            close=whole["close"][order],
            volume=whole["volume"][order],
            split=whole["split"][order],
            faults={name: number[places] - 1 for name, places in self.faults.items() if places},
        )
        return Planted(
            rows=rows,
            bad={int(number[row]): name for row, name in names.items()},
            good={name: whole[name][right] for name in COLUMNS[:-1]},
            missing=set(sessions) - set(self.session[held].tolist()),
        )


def plantable(schedule: Schedule, interval: str) -> tuple[str, ...]:
    """The classes that such a series can have."""
    names = (*VALUES, *ELSEWHERE, *(INTRADAY if is_intraday(interval) else ()))
    closed = bool((schedule.opens[1:] > schedule.closes[:-1]).any())
    return tuple(
        name
        for name in names
        if (closed or name not in {"off_calendar", "after_early_close"})
        and (bool(schedule.early.any()) or name != "after_early_close")
    )


def plant(plot: Plot, names: list[str]) -> None:
    """Plant these classes at random places, apart from each other and from the ends."""
    count = len(plot.keys)
    free = np.ones(count, dtype=np.bool_)
    free[:APART] = free[count - APART :] = False
    free[plot.split] = False
    ends = np.flatnonzero(np.diff(plot.session) > 0)
    early = ends[plot.schedule.early[plot.session[ends]]]
    for name in names:
        where = {"off_calendar": ends, "after_early_close": early}.get(name, np.arange(count))
        for _ in range(40 if len(where) else 0):
            row = int(plot.rng.choice(where))
            own = np.flatnonzero(plot.session == plot.session[row]) if name == "missing_session" else [row]
            first, last = max(int(own[0]) - APART, 0), int(own[-1]) + APART
            if free[first:last].all() and plot.plant(name, row):
                free[first:last] = False
                break
