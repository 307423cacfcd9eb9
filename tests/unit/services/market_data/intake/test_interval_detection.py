from __future__ import annotations

import numpy as np
import pytest

from hindcast.domain.errors import InputError
from hindcast.services.market_data.intake.interval_detection import detect_interval, hold_interval
from hindcast.services.ports import BarRows

MINUTE, DAY = 60 * 10**9, 86_400 * 10**9
START = 1_514_851_200 * 10**9  # 2018-01-02


def rows(stamps, symbol="A"):
    values = np.ones(len(stamps))
    found = np.array(stamps, dtype=np.int64)
    return BarRows(symbol=symbol, timestamps=found, open=values, high=values, low=values, close=values, volume=values)


@pytest.mark.parametrize(
    ("steps", "interval"),
    [
        ([MINUTE, MINUTE, 17 * 60 * MINUTE, MINUTE], "1min"),
        ([5 * MINUTE, 5 * MINUTE, 10 * MINUTE], "5min"),
        ([60 * MINUTE] * 3, "60min"),
        ([DAY, DAY, 3 * DAY, DAY], "1d"),
        ([7 * DAY] * 3, "1w"),
        ([31 * DAY, 28 * DAY, 31 * DAY, 30 * DAY, 31 * DAY], "1mo"),
    ],
)
def test_the_most_common_step_tells(steps, interval):
    stamps = START + np.cumsum([0, *steps])
    assert detect_interval([rows(stamps)]) == interval
    assert detect_interval([rows(stamps[::-1]), rows([0, *stamps, *stamps])]) == interval


def test_a_single_midnight_is_a_day_and_a_single_other_stamp_is_unclear():
    assert detect_interval([rows([START])]) == "1d"
    assert detect_interval([]) == "1d"
    with pytest.raises(InputError, match="no symbol has two bars"):
        detect_interval([rows([START + MINUTE])])


def test_symbols_of_different_lengths_are_refused():
    with pytest.raises(InputError, match=r"1d \(A\), 1min \(B\)"):
        detect_interval([rows([START, START + DAY]), rows([START, START + MINUTE], "B")])


@pytest.mark.parametrize("step", [7 * MINUTE, 10**9, 15 * DAY, 1])
def test_a_step_that_is_no_interval_is_refused(step):
    with pytest.raises(InputError, match="A: the most common step between bars is"):
        detect_interval([rows(START + np.arange(5) * step)])


@pytest.mark.parametrize(
    ("stated", "step", "held"),
    [
        ("60min", 5 * MINUTE, False),
        ("5min", 5 * MINUTE, True),
        ("1min", 5 * MINUTE, True),
        ("1w", DAY, False),
        ("1mo", 7 * DAY, False),
        ("1d", 7 * DAY, True),
        ("1mo", 28 * DAY, True),
    ],
)
def test_a_stated_length_must_not_be_longer_than_most_steps(stated, step, held):
    series = [rows([START]), rows(START + step * np.arange(10))]
    if held:
        hold_interval(series, stated)
    else:
        with pytest.raises(InputError, match=f"interval='{stated}', but 9 of 9 steps .* of A"):
            hold_interval(series, stated)


def test_a_few_short_steps_are_no_other_length():
    sessions = START + np.array([0, 30, 90, 150, 24 * 60, 24 * 60 + 30, 24 * 60 + 90]) * MINUTE
    hold_interval([rows(sessions)], "60min")
    hold_interval([rows([START, START + 30 * MINUTE])], "60min")
