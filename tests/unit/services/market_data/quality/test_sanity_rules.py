from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hindcast.domain.errors import BarsError
from hindcast.engine.bars import Bars
from hindcast.services.market_data.quality import sanity_rules
from hindcast.services.market_data.quality.sanity_rules import RULES
from hindcast.services.ports import PanelTable

DAY = 86_400_000_000_000
BARS = 12


def good():
    """Two symbols whose prices move a little every day."""
    close = 100.0 + np.arange(BARS)[:, None] + np.array([[0.0, 50.0]])
    return PanelTable(
        timestamps=np.arange(BARS) * DAY,
        symbols=("A", "B"),
        open=close - 0.5,
        high=close + 1,
        low=close - 1,
        close=close,
        volume=np.full(close.shape, 10.0),
    )


def with_cells(**values):
    """The good panel with the values of symbol B on the sixth day replaced."""
    table = good()
    arrays = {name: getattr(table, name).copy() for name in values}
    for name, value in values.items():
        arrays[name][5, 1] = value
    return dataclasses.replace(table, **arrays)


def found(table):
    return [issue for rule in RULES for issue in rule(table)]


def test_good_prices_have_no_issue():
    assert found(good()) == []


ERRORS = [
    ({"open": np.nan}, "partial_row"),
    ({"high": np.inf}, "infinite_price"),
    ({"low": 0.0}, "price_not_positive"),
    ({"low": -1.0}, "price_not_positive"),
    ({"high": 90.0}, "high_below_low"),
    ({"high": 154.2}, "high_below_body"),
    ({"low": 154.8}, "low_above_body"),
    ({"volume": -1.0}, "bad_volume"),
    ({"volume": np.inf}, "bad_volume"),
]
WARNINGS = [
    ({"open": np.nan, "high": np.nan, "low": np.nan, "close": np.nan, "volume": np.nan}, "missing_bar"),
    ({"volume": np.nan}, "volume_missing"),
    ({"volume": 0.0}, "range_without_volume"),
    ({"high": 999.0, "close": 999.0}, "jump"),
]


@pytest.mark.parametrize(("cells", "rule"), ERRORS)
def test_what_bars_refuse_is_an_error_with_symbol_and_date(cells, rule):
    table = with_cells(**cells)
    issue = next(issue for issue in found(table) if issue.rule == rule)
    assert (issue.severity, issue.symbol, issue.timestamp) == ("error", "B", 5 * DAY)
    assert issue.message.startswith("B on 1970-01-06: ")
    with pytest.raises(BarsError):
        Bars.from_numpy(table.timestamps, table.symbols, table.open, table.high, table.low, table.close, table.volume)


@pytest.mark.parametrize(("cells", "rule"), WARNINGS)
def test_what_is_only_strange_is_a_warning(cells, rule):
    issues = found(with_cells(**cells))
    assert {issue.severity for issue in issues} == {"warning"}
    assert next((issue.symbol, issue.timestamp) for issue in issues if issue.rule == rule) == ("B", 5 * DAY)


def test_stamps_out_of_order_and_twice_are_errors():
    stamps = np.arange(BARS) * DAY
    stamps[3], stamps[8] = stamps[2], 0
    rules = [
        (issue.rule, issue.symbol, issue.timestamp) for issue in found(dataclasses.replace(good(), timestamps=stamps))
    ]
    assert rules[:4] == [
        ("duplicate", "A", 2 * DAY),
        ("duplicate", "B", 2 * DAY),
        ("unsorted", "A", 0),
        ("unsorted", "B", 0),
    ]


def test_a_symbol_without_bars_is_an_error():
    table = good()
    arrays = {name: getattr(table, name).copy() for name in ("open", "high", "low", "close")}
    for array in arrays.values():
        array[:, 1] = np.nan
    assert [issue.rule for issue in found(dataclasses.replace(table, **arrays))] == ["no_data"]


def test_a_symbol_without_any_volume_is_one_warning():
    volume = good().volume.copy()
    volume[:, 1] = np.nan
    issues = found(dataclasses.replace(good(), volume=volume))
    assert [(issue.rule, issue.symbol, issue.timestamp) for issue in issues] == [("volume_missing", "B", None)]


def test_a_split_explains_a_jump():
    table = with_cells(open=75.0, high=78.0, low=74.0, close=76.0)
    assert [issue.rule for issue in found(table)] == ["jump", "jump"]
    split = np.ones((BARS, 2))
    split[5, 1] = 2.0
    split[6, 1] = 0.5
    assert found(dataclasses.replace(table, split=split)) == []
    assert len(found(dataclasses.replace(table, split=split, adjusted=True))) == 2


@given(st.integers(1, BARS - 1), st.integers(0, BARS - 1))
def test_each_run_of_five_identical_bars_is_found_once(length, start):
    table = good()
    arrays = {name: getattr(table, name).copy() for name in ("open", "high", "low", "close")}
    for array in arrays.values():
        array[start : start + length, 0] = array[start, 0]
    issues = list(sanity_rules.prices_move(dataclasses.replace(table, **arrays)))
    expected = [(start * DAY, "A")] if min(length, BARS - start) >= 5 else []
    assert [(issue.timestamp, issue.symbol) for issue in issues] == expected


@given(st.lists(st.tuples(st.integers(0, BARS - 1), st.integers(0, 1)), min_size=1, unique=True, max_size=10))
def test_every_bad_cell_is_found_and_no_other(cells):
    table = good()
    low = table.low.copy()
    for bar, column in cells:
        low[bar, column] = -1.0
    issues = [issue for issue in found(dataclasses.replace(table, low=low)) if issue.rule == "price_not_positive"]
    assert {(issue.timestamp, issue.symbol) for issue in issues} == {(bar * DAY, "AB"[column]) for bar, column in cells}
