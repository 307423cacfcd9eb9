"""A plot in characters holds what the numbers hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from hindcast.cli.views.axis_ticks import Ticks, value_ticks
from hindcast.cli.views.line_plot import line_plot

NONE = Ticks(places=(), labels=())
COLUMNS, ROWS = 41, 12
curves = npst.arrays(np.float64, st.integers(1, 400), elements=st.floats(-1e9, 1e9))


def draw(curve, behind=None, *, up=NONE, across=NONE, ascii_only=False):
    values = np.asarray(curve, dtype=float)
    held = None if behind is None else np.asarray(behind, dtype=float)
    plot = line_plot(values, held, size=(COLUMNS, ROWS), across=across, up=up, ascii_only=ascii_only)
    return [line.ljust(COLUMNS) for line in plot.split("\n")]


def dots(lines):
    """The Braille dots as a grid of truths, rows from the top."""
    bits = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    area = np.array([[ord(cell) if "\u2801" <= cell <= "\u28ff" else 0 for cell in line[1:]] for line in lines[:-2]])
    grid = np.zeros((4 * area.shape[0], 2 * area.shape[1]), dtype=bool)
    for row, pair in enumerate(bits):
        for column, bit in enumerate(pair):
            grid[row::4, column::2] = area & bit
    return grid


@given(curves)
def test_a_curve_has_a_dot_in_each_column_and_no_gap_between_columns(curve):
    grid = dots(draw(curve))
    assert grid.any(axis=0).all()
    for left, right in zip(grid.T[:-1], grid.T[1:], strict=True):
        here, there = np.flatnonzero(left), np.flatnonzero(right)
        assert here[0] <= there[-1] + 1
        assert there[0] <= here[-1] + 1


@given(curves.filter(lambda curve: curve.max() > curve.min()))
def test_the_highest_point_is_at_the_top_and_the_lowest_at_the_bottom(curve):
    grid = dots(draw(curve))
    assert grid[0].any()
    assert grid[-1].any()


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_spike_of_one_bar_in_a_million_is_seen(ascii_only):
    curve = np.full(1_000_000, 100.0)
    curve[500_000], curve[750_000] = 200.0, 0.0
    lines = draw(curve, ascii_only=ascii_only)
    assert lines[0].index(lines[0].strip("|│ ")) == 1 + 20
    assert lines[ROWS - 3].index(lines[ROWS - 3].strip("|│ ")) == 1 + 29


def test_the_lines_between_few_points_are_drawn():
    assert draw([0.0, 1.0]) == draw(np.linspace(0, 1, 2 * (COLUMNS - 1)))


@pytest.mark.parametrize("curve", [[5.0], [5.0] * 300, [-1e17] * 3])
def test_a_level_curve_is_a_line_in_the_middle(curve):
    grid = dots(draw(curve))
    assert [row for row in range(len(grid)) if grid[row].any()] == [len(grid) // 2]


def test_negative_values_are_drawn_with_their_ticks():
    lines = draw(np.linspace(50_000, -50_000, 300), up=value_ticks(-50_000, 50_000))
    labels = [line.split("┤")[0].strip() for line in lines if "┤" in line]
    assert labels == ["40k", "20k", "0", "-20k", "-40k"]


def test_the_curve_covers_what_is_behind_it():
    lines = draw([1.0] * 50, [1.0] * 25 + [3.0] * 25)
    assert not any("·" in line[1:20] for line in lines)
    assert lines[0].rstrip().endswith("·")


def test_nothing_is_drawn_where_what_is_behind_has_no_value():
    lines = draw([1.0] * 200, [np.nan] * 100 + [3.0] * 100)
    assert not any("·" in line[:20] for line in lines)
    assert lines[0][22:] == "·" * (COLUMNS - 22)
    assert not any("·" in line for line in draw([1.0, 2.0], [np.nan, np.nan]))


def test_a_label_stands_below_its_tick_and_one_that_would_touch_is_left_out():
    lines = draw(range(41), across=Ticks(places=(0.0, 20.0, 22.0, 40.0), labels=("first", "middle", "touches", "last")))
    assert [column for column, cell in enumerate(lines[-2]) if cell == "┬"] == [1, 21, 40]
    assert lines[-1].split() == ["first", "middle", "last"]
    assert lines[-1].index("middle") == 21 - len("middle") // 2
    assert len(lines[-1]) == COLUMNS


@given(curves, st.booleans())
def test_the_plot_has_the_size_asked_for(curve, ascii_only):
    up = value_ticks(float(curve.min()), float(curve.max()))
    lines = draw(curve, curve[::-1], up=up, across=Ticks(places=(0.0,), labels=("start",)), ascii_only=ascii_only)
    assert len(lines) == ROWS
    assert {len(line) for line in lines} == {COLUMNS}
    assert all(line.isascii() for line in lines) or not ascii_only
