"""Bad bars hidden among good ones: all are found, and no good one is taken away."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.faults.bad_bar_planting import Plot, plant, plantable
from tests.unit.services.market_data.screened_series import sessions

from hindcast.domain.market_data import SeriesTerms
from hindcast.services.market_data.quality.bad_bars import ROW_CLASSES
from hindcast.services.market_data.quality.screening import screen

YEARS = ("2006-01-01", "2020-12-31")
KINDS = [("XNYS", "1d"), ("XKRX", "1d"), ("XNYS", "5min"), ("XLON", "60min"), ("24/7", "1min"), ("24/7", "1d")]
MILLION = [
    *[("XNYS", "1d", 3_000)] * 20,
    *[("XKRX", "1d", 3_000)] * 20,
    *[("24/7", "1d", 5_000)] * 10,
    *[("XLON", "60min", 3_000)] * 4,
    *[("XKRX", "5min", 1_000)] * 2,
    ("XNYS", "5min", 2_500),
    ("24/7", "1min", 280),
]  # calendar, interval, sessions
SESSIONS = {"1d": 900, "60min": 260, "5min": 60, "1min": 12}


def plot_of(calendar: str, interval: str, seed: int, count: int) -> Plot:
    """A series of so many sessions, somewhere in the years, with half days where the calendar has some."""
    rng = np.random.default_rng(seed)
    whole = sessions(calendar, *YEARS)
    early = np.flatnonzero(whole.early)
    anywhere = int(rng.integers(0, len(whole.sessions) - count - 2))
    first = (
        min(max(0, int(rng.choice(early)) - count // 2), len(whole.sessions) - count - 2) if len(early) else anywhere
    )
    cut = slice(first, first + count + 2)
    schedule = type(whole)(
        calendar=calendar,
        sessions=whole.sessions[cut],
        opens=whole.opens[cut],
        closes=whole.closes[cut],
        early=whole.early[cut],
        first=int(whole.sessions[cut][0]),
        last=int(whole.sessions[cut][-1]),
    )
    return Plot(schedule, interval, count - 1, rng)


def check(plot: Plot, *, newest_first: bool = False) -> Counter[str]:
    """Everything that was planted is found under its name, and nothing else; gives what was planted."""
    planted = plot.grown(newest_first=newest_first)
    terms = SeriesTerms(calendar=plot.schedule.calendar)
    result = screen(planted.rows, terms, plot.interval, now=plot.now, schedule=plot.schedule)
    found = dict(zip(result.quarantine.rows.tolist(), result.quarantine.reasons, strict=True))
    assert found.keys() == planted.bad.keys()
    assert [(row, name, found[row]) for row, name in planted.bad.items() if name not in found[row]] == []
    for name, values in planted.good.items():
        np.testing.assert_array_equal(getattr(result, name), values)
    starts = {stamp for stamp in planted.missing if stamp - 1 not in planted.missing}
    gaps = {issue.timestamp for issue in result.findings if issue.rule == "missing_session"}
    assert gaps == set(plot.schedule.sessions[sorted(starts)].tolist())
    assert result.structural == ()
    assert not {issue.rule for issue in result.findings} & {"jump", "split_like", "flat_run", "sessions_not_checked"}
    return Counter(planted.bad.values())


@pytest.mark.parametrize(("calendar", "interval"), KINDS)
def test_each_class_is_found_alone(calendar, interval):
    names = plantable(sessions(calendar, *YEARS), interval)
    for seed, name in enumerate(names):
        plot = plot_of(calendar, interval, seed, SESSIONS[interval])
        plant(plot, [name])
        planted = check(plot, newest_first=seed % 2 == 1)
        assert set(planted) == ({name} if name != "missing_session" else set())


@given(st.sampled_from(KINDS), st.integers(0, 10**6), st.integers(0, 60), st.booleans())
def test_all_classes_mixed_at_random_are_found_and_no_good_bar_goes(kind, seed, count, newest_first):
    calendar, interval = kind
    plot = plot_of(calendar, interval, seed, SESSIONS[interval])
    plant(plot, plot.rng.choice(plantable(plot.schedule, interval), count).tolist())
    check(plot, newest_first=newest_first)


def test_ten_thousand_bad_bars_in_a_million_good_ones_are_found_and_no_good_one_goes():
    total: Counter[str] = Counter()
    rows = 0
    for seed, (calendar, interval, count) in enumerate(MILLION):
        plot = plot_of(calendar, interval, seed, count)
        names = plantable(plot.schedule, interval)
        plant(plot, plot.rng.choice(names, len(plot.keys) // 95).tolist())
        rows += len(plot.keys)
        total += check(plot, newest_first=seed % 3 == 2)
    assert rows > 1_000_000
    assert total.total() > 10_000
    assert set(total) == set(ROW_CLASSES)
