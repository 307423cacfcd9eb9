from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.services.market_data.panel_tables import random_walk
from tests.unit.services.market_data.schedules import minutes_of, sessions

from hindcast.domain.errors import DataError, DateRangeError, InputError
from hindcast.engine.stamps import DAY_NS, day_text, to_nanoseconds
from hindcast.services.market_data.views.resampling import FIELDS, resample
from hindcast.services.market_data.views.time_frames import bar_ends, known_rows, stated_interval, take_known
from hindcast.services.ports import PanelTable, Schedule

NEW_YORK = sessions(
    "2024-02-26", "2024-03-31", holidays=("2024-03-29",), early={"2024-03-15": "13:00"}
)  # with the change of clocks on 10 March


def words(stamps: np.ndarray) -> list[str]:
    return [day_text(stamp) for stamp in stamps]


def test_a_bar_ends_after_its_interval_but_no_later_than_its_session() -> None:
    stamps = to_nanoseconds(["2024-03-15T13:30", "2024-03-15T16:30", "2024-03-18T19:30"])
    assert words(bar_ends(stamps, "60min", NEW_YORK)) == [
        "2024-03-15 14:30:00",
        "2024-03-15 17:00:00",
        "2024-03-18 20:00:00",
    ]
    assert words(bar_ends(stamps[:1], "60min")) == ["2024-03-15 14:30:00"]


@pytest.mark.parametrize("interval", ["1d", "1w", "1mo"])
def test_a_daily_bar_and_a_longer_one_end_at_the_close_of_the_session_in_their_stamp(interval: str) -> None:
    stamps = to_nanoseconds(["2024-03-08", "2024-03-11", "2024-03-15"])
    assert words(bar_ends(stamps, interval, NEW_YORK)) == [
        "2024-03-08 21:00:00",
        "2024-03-11 20:00:00",
        "2024-03-15 17:00:00",
    ]
    assert words(bar_ends(stamps[:1], interval)) == ["2024-03-09"]


def test_a_stamp_that_is_no_session_is_refused() -> None:
    with pytest.raises(DataError, match="1 bar lies outside .* 2024-03-29 UTC"):
        bar_ends(to_nanoseconds(["2024-03-28", "2024-03-29"]), "1d", NEW_YORK)
    with pytest.raises(DataError, match="2 bars lie outside"):
        bar_ends(to_nanoseconds(["2024-03-30T10:00", "2024-03-30T11:00"]), "60min", NEW_YORK)
    none = np.zeros(0, dtype=np.int64)
    nothing = replace(NEW_YORK, sessions=none, opens=none, closes=none)
    for stamp, interval in (("2024-03-28T15:00", "60min"), ("2024-03-28", "1d")):
        with pytest.raises(DataError, match="1 bar lies outside"):
            bar_ends(to_nanoseconds([stamp]), interval, nothing)


def test_a_daily_bar_is_known_on_the_last_minute_of_its_session() -> None:
    minutes = minutes_of(NEW_YORK)
    rows = known_rows(NEW_YORK.sessions, minutes, interval="1d", fine_interval="1min", schedule=NEW_YORK)
    second_day = int(np.searchsorted(minutes, NEW_YORK.opens[1]))
    assert rows[: second_day - 1].tolist() == [-1] * (second_day - 1)
    assert rows[second_day - 1] == 0  # the minute before the close ends at it
    assert rows[second_day] == 0


def test_a_week_is_known_on_its_last_day_with_a_calendar_and_after_it_without() -> None:
    days = NEW_YORK.sessions
    weeks = to_nanoseconds(["2024-03-01", "2024-03-08"])
    rows = known_rows(weeks, days, interval="1w", fine_interval="1d", schedule=NEW_YORK)
    assert rows[:11].tolist() == [-1, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1]
    sundays = to_nanoseconds(["2024-03-03", "2024-03-10"])
    rows = known_rows(sundays, days, interval="1w", fine_interval="1d")
    assert rows[:11].tolist() == [-1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 1]


def test_values_are_taken_from_known_rows_and_are_missing_before() -> None:
    rows = np.array([-1, 0, 0, 1])
    assert np.array_equal(take_known(np.array([5.0, 6.0]), rows), [np.nan, 5.0, 5.0, 6.0], equal_nan=True)
    assert take_known(np.array([[1.0, 2.0], [3.0, 4.0]]), rows)[3].tolist() == [3.0, 4.0]
    assert take_known(np.zeros((0, 2)), np.full(3, -1)).shape == (3, 2)


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        (["2024-03-01"], "1d"),
        (["2024-03-01", "2024-03-05"], "1d"),
        (["2024-03-01T09:30", "2024-03-01T10:30", "2024-03-04T09:30"], "60min"),
        (["2024-03-01T09:30", "2024-03-01T09:40", "2024-03-01T09:45"], "5min"),
    ],
)
def test_stamps_tell_the_interval(stamps: list[str], expected: str) -> None:
    assert stated_interval(to_nanoseconds(stamps), None) == expected
    assert stated_interval(to_nanoseconds(stamps), "1h") == "60min"


@pytest.mark.parametrize(
    "stamps",
    [
        ["2024-03-01T09:30"],
        ["2024-03-01T09:30", "2024-03-02T09:30"],
        ["2024-03-01T09:30", "2024-03-01T09:37"],
        ["2024-03-01T09:30:01", "2024-03-01T09:30:02"],
    ],
)
def test_stamps_that_do_not_tell_the_interval_are_refused(stamps: list[str]) -> None:
    with pytest.raises(InputError, match="from_interval='1min'"):
        stated_interval(to_nanoseconds(stamps), None)


def some_panel(seed: int, kind: str) -> tuple[PanelTable, str, Schedule | None]:
    """Bars with splits, dividends and gaps, their interval, and the sessions they stand in."""
    table = random_walk(seed, bars=160, symbols=2, gaps=0.15)
    schedule = None if kind.endswith("utc") else NEW_YORK
    if kind.startswith("days"):
        stamps = NEW_YORK.sessions if schedule is not None else np.arange(160, dtype=np.int64) * DAY_NS
        interval = "1d"
    else:
        every = minutes_of(NEW_YORK, step=30)
        stamps = every if schedule is not None else every[0] // DAY_NS * DAY_NS + np.arange(160) * 1_800_000_000_000
        interval = "30min"
    count = min(len(stamps), 160)
    return head(replace(table, timestamps=stamps[:count]), count), interval, schedule


def head(table: PanelTable, count: int) -> PanelTable:
    arrays = {name: getattr(table, name)[:count].copy() for name in FIELDS}
    return replace(table, timestamps=table.timestamps[:count], **arrays)


def poisoned(table: PanelTable, after: int, seed: int) -> PanelTable:
    """The same bars up to one; behind it other prices, more actions, and rows that are not there."""
    draw = np.random.default_rng(seed)
    rows = len(table.timestamps)
    keep = (np.arange(rows) <= after) | (draw.random(rows) < 0.7)
    altered = head(table, rows)
    later = slice(after + 1, None)
    for name in ("open", "high", "low", "close", "volume"):
        getattr(altered, name)[later] *= 1000.0
        getattr(altered, name)[later][draw.random((rows - after - 1, 2)) < 0.2] = np.nan
    assert altered.split is not None
    assert altered.dividend is not None
    altered.split[later] = draw.choice([1.0, 2.0, 0.1], (rows - after - 1, 2))
    altered.dividend[later] = draw.random((rows - after - 1, 2))
    arrays = {name: getattr(altered, name)[keep] for name in FIELDS}
    return replace(altered, timestamps=altered.timestamps[keep], **arrays)


def visible(table: PanelTable, interval: str, schedule: Schedule | None, target: str, bars: int) -> list[np.ndarray]:
    """Everything that a strategy on the first so many fine bars can see of the coarse ones."""
    try:
        coarse = resample(table, target, from_interval=interval, schedule=schedule)
    except DateRangeError:
        return [np.full((bars, 2), np.nan) for _ in FIELDS] + [np.full(bars, -1)]
    rows = known_rows(
        coarse.timestamps, table.timestamps[:bars], interval=target, fine_interval=interval, schedule=schedule
    )
    stamps = np.where(rows < 0, -1, coarse.timestamps[np.maximum(rows, 0)])
    return [take_known(getattr(coarse, name), rows) for name in FIELDS] + [stamps]


@given(
    seed=st.integers(0, 10_000),
    kind=st.sampled_from(["days", "days, utc", "half hours", "half hours, utc"]),
    target=st.sampled_from(["60min", "120min", "1d", "1w", "1mo"]),
    cut=st.floats(0.0, 1.0),
)
def test_nothing_that_is_visible_at_a_bar_depends_on_what_comes_after_it(
    seed: int, kind: str, target: str, cut: float
) -> None:
    table, interval, schedule = some_panel(seed, kind)
    if interval == "1d" and target.endswith("min"):
        target = "1w"
    after = int(cut * (len(table.timestamps) - 2))
    as_it_is = visible(table, interval, schedule, target, after + 1)
    cut_off = visible(head(table, after + 1), interval, schedule, target, after + 1)
    altered = visible(poisoned(table, after, seed), interval, schedule, target, after + 1)
    for seen, others in zip(as_it_is, zip(cut_off, altered, strict=True), strict=True):
        for other in others:
            assert np.array_equal(seen, other, equal_nan=True)


@given(seed=st.integers(0, 10_000), kind=st.sampled_from(["days", "days, utc"]), target=st.sampled_from(["1w", "1mo"]))
def test_joining_weeks_or_months_to_days_by_stamp_alone_shows_nothing_early(seed: int, kind: str, target: str) -> None:
    table, interval, schedule = some_panel(seed, kind)
    coarse = resample(table, target, from_interval=interval, schedule=schedule)
    by_stamp = np.searchsorted(coarse.timestamps, table.timestamps, side="right") - 1
    known = known_rows(coarse.timestamps, table.timestamps, interval=target, fine_interval="1d", schedule=schedule)
    assert (by_stamp <= known).all()
