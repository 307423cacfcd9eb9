from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.infrastructure.files.store.clean_series import DAY_NS, dividend, ns, split

from hindcast.domain.market_data import CorporateAction
from hindcast.infrastructure.files.store.action_files import ActionColumns
from hindcast.infrastructure.files.store.bar_panels import SymbolStamps
from hindcast.infrastructure.files.store.panel_actions import actions_on_bars


def columns(actions) -> ActionColumns:
    return ActionColumns(
        days=np.array([(action.day - date(1970, 1, 1)).days for action in actions], dtype=np.int64),
        is_split=np.array([action.kind == "split" for action in actions], dtype=np.bool_),
        values=np.array([action.value for action in actions], dtype=np.float64),
    )


def placed(actions, stamps, *, before=None, interval="1d", calendar="XNYS") -> dict[int, tuple[float, float]]:
    """Split and dividend by the symbol's bar."""
    symbol = SymbolStamps(stamps=np.array([ns(each) for each in stamps]), rows=(), before=before and ns(before))
    found = actions_on_bars(columns(actions), symbol, interval, calendar)
    pairs = zip(found.splits.tolist(), found.dividends.tolist(), strict=True)
    return dict(zip(found.rows.tolist(), pairs, strict=True))


WEEK = ["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"]


def test_an_action_stands_on_the_bar_of_its_day():
    assert placed([dividend("2024-01-05", 0.5), split("2024-01-09", 2)], WEEK) == {1: (1, 0.5), 3: (2, 0)}


def test_an_action_on_a_day_without_a_bar_goes_to_the_next_bar():
    assert placed([dividend("2024-01-06", 0.5)], WEEK) == {2: (1, 0.5)}


def test_splits_of_one_gap_are_multiplied_and_dividends_added():
    actions = [
        split("2024-01-06", 2),
        split("2024-01-07", 3),
        dividend("2024-01-07", 0.5),
        dividend("2024-01-08", 0.25),
    ]
    assert placed(actions, WEEK) == {2: (6, 0.75)}


def test_a_dividend_before_a_split_in_the_same_gap_is_per_old_share():
    assert placed([dividend("2024-01-06", 0.6), split("2024-01-07", 3)], WEEK) == {2: (3, 0.6 / 3)}


def test_a_dividend_on_the_day_of_a_split_is_per_new_share():
    assert placed([dividend("2024-01-08", 0.6), split("2024-01-08", 3)], WEEK) == {2: (3, 0.6)}


def test_actions_before_the_first_bar_and_after_the_last_are_left_out():
    assert placed([split("2024-01-03", 2), split("2024-01-10", 3)], WEEK) == {}
    assert placed([split("2024-01-04", 2)], WEEK) == {0: (2, 0)}


def test_a_range_that_begins_later_keeps_the_actions_of_the_gap_before_it():
    actions = [split("2024-01-05", 2), dividend("2024-01-06", 0.5)]
    assert placed(actions, WEEK[2:], before="2024-01-05") == {0: (1, 0.5)}


def test_intraday_an_action_stands_on_the_first_bar_of_its_day_on_the_exchange():
    stamps = ["2024-01-05T00:30", "2024-01-05T14:30", "2024-01-05T14:31"]  # the first is Thursday evening in New York
    assert placed([dividend("2024-01-05", 0.5)], stamps, interval="1min") == {1: (1, 0.5)}
    assert placed([dividend("2024-01-04", 0.5)], stamps, interval="1min") == {0: (1, 0.5)}
    assert placed([dividend("2024-01-05", 0.5)], stamps, interval="1min", calendar="24/7") == {0: (1, 0.5)}
    sydney = ["2024-01-03T23:00", "2024-01-04T23:00"]  # 10:00 on the 4th and the 5th
    assert placed([dividend("2024-01-05", 0.5)], sydney, interval="60min", calendar="XASX") == {1: (1, 0.5)}


EVENTS = st.lists(
    st.builds(
        lambda number, is_split, value: CorporateAction(
            day=date.fromordinal(date(2024, 1, 1).toordinal() + number),
            kind="split" if is_split else "dividend",
            value=value,
        ),
        st.integers(0, 20),
        st.booleans(),
        st.sampled_from([0.5, 2.0, 4.0]),
    ),
    max_size=8,
    unique_by=lambda action: (action.day, action.kind),
)


@given(EVENTS, st.sets(st.integers(0, 20), min_size=1), st.integers(0, 20))
def test_a_share_and_its_cash_grow_as_they_would_day_by_day(actions, bars, cut):
    """A holder from the first bar on: shares and cash after each bar, once day by day and once bar by bar."""
    numbers = sorted(bars)
    shares, cash, expected = 1.0, 0.0, []
    for number in range(numbers[0] + 1, numbers[-1] + 1):
        today = sorted((each for each in actions if each.day.day == number + 1), key=lambda each: each.kind != "split")
        for action in today:
            shares, cash = (
                (shares * action.value, cash) if action.kind == "split" else (shares, cash + shares * action.value)
            )
        if number in bars:
            expected.append((shares, cash))
    stamps = np.array([ns("2024-01-01") + number * DAY_NS for number in numbers])
    first = min(sum(number < cut for number in numbers), len(numbers) - 1)
    for part in (0, first):
        symbol = SymbolStamps(stamps=stamps[part:], rows=(), before=int(stamps[part - 1]) if part else None)
        found = actions_on_bars(columns(actions), symbol, "1d", "")
        on_bars = dict(zip(found.rows.tolist(), zip(found.splits, found.dividends, strict=True), strict=True))
        shares, cash = (1.0, 0.0) if part < 2 else expected[part - 2]
        for place in range(max(part, 1), len(numbers)):
            ratio, each = on_bars.get(place - part, (1.0, 0.0))
            shares *= ratio
            cash += shares * each
            assert (shares, cash) == (pytest.approx(expected[place - 1][0]), pytest.approx(expected[place - 1][1]))
