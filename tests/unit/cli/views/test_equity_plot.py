"""The curve in the terminal."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.cli.views.runs import DAYS, EQUITY, make_result, make_tables

from hindcast.cli.views.equity_plot import HEIGHT, equity_plot


def braille(text: str) -> int:
    return sum("\u2801" <= character <= "\u28ff" for character in text)


def test_the_curve_fits_the_width_and_says_what_is_what():
    plot = equity_plot(make_result(), make_tables(), width=78)
    assert plot is not None
    lines = plot.drawing.splitlines()
    assert len(lines) == HEIGHT
    assert max(len(line) for line in lines) <= 78
    assert braille(plot.drawing) > 50
    assert "·" in plot.drawing
    assert plot.legend.endswith("IXIC, held from the same capital")


def test_a_rising_curve_ends_at_the_top_right():
    tables = make_tables(equity={"timestamp": DAYS, "equity": np.linspace(100, 200, 10)}, benchmark={})
    plot = equity_plot(make_result(), tables, width=60)
    assert plot is not None
    rows = [row for row, line in enumerate(plot.drawing.splitlines()) if braille(line[50:])]
    assert min(rows) == 0
    first = [row for row, line in enumerate(plot.drawing.splitlines()) if braille(line[:12])]
    assert min(first) > HEIGHT // 2


def test_an_ascii_terminal_gets_nothing_but_ascii():
    plot = equity_plot(make_result(), make_tables(), width=78, ascii_only=True)
    assert plot is not None
    assert (plot.legend + plot.drawing).isascii()
    assert "*" in plot.drawing


def test_without_a_benchmark_there_is_one_curve():
    plot = equity_plot(make_result(benchmark_symbol=None), make_tables(benchmark={}), width=78)
    assert plot is not None
    assert "·" not in plot.drawing
    assert "held" not in plot.legend


def test_a_tenfold_range_is_drawn_logarithmically_and_says_so():
    tables = make_tables(equity={"timestamp": DAYS, "equity": np.geomspace(1_000, 1_000_000, 10)}, benchmark={})
    plot = equity_plot(make_result(), tables, width=78)
    assert plot is not None
    assert "(logarithmic)" in plot.legend
    assert "1k" in plot.drawing
    assert "1M" in plot.drawing


def test_a_curve_that_reaches_zero_is_drawn_linearly():
    tables = make_tables(equity={"timestamp": DAYS, "equity": np.linspace(100_000, 0, 10)}, benchmark={})
    plot = equity_plot(make_result(), tables, width=78)
    assert plot is not None
    assert "logarithmic" not in plot.legend


def test_a_level_curve_is_drawn():
    tables = make_tables(equity={"timestamp": DAYS, "equity": np.full(10, 100_000.0)}, benchmark={})
    plot = equity_plot(make_result(), tables, width=78)
    assert plot is not None
    assert "100k" in plot.drawing


@pytest.mark.parametrize("rows", [0, 1])
def test_less_than_two_points_are_no_curve(rows):
    tables = make_tables(equity={"timestamp": DAYS[:rows], "equity": EQUITY[:rows]})
    assert equity_plot(make_result(), tables, width=78) is None


def test_drawing_twice_gives_the_same():
    first, second = (equity_plot(make_result(), make_tables(), width=78) for _ in range(2))
    assert first == second


def test_a_benchmark_with_stamps_of_its_own_is_drawn_from_where_it_begins():
    late = {"timestamp": DAYS[5:] - np.timedelta64(1, "h"), "value": np.linspace(50, 60, 5)}
    plot = equity_plot(make_result(), make_tables(benchmark=late), width=78)
    assert plot is not None
    columns = [line.index("·") for line in plot.drawing.splitlines() if "·" in line]
    assert columns
    assert min(columns) > 30
