"""The equity curve in the terminal: Braille dots where the terminal has them, stars where it has not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hindcast.cli.views.axis_ticks import Ticks, time_ticks, value_ticks
from hindcast.cli.views.line_plot import POINT, line_plot
from hindcast.domain.backtest import BacktestResult
from hindcast.reporting.run_tables import FloatArray, StampArray, Tables, benchmark_levels, floats, stamps

HEIGHT = 15
LEAST_WIDTH, MOST_WIDTH = 40, 110
LOG_FROM = 10.0  # the ratio of highest to lowest from which a linear axis hides the early years
LINE = "\N{BRAILLE PATTERN DOTS-2367}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityPlot:
    """A drawn curve, and the line above it that says what is what."""

    legend: str
    drawing: str


def equity_plot(result: BacktestResult, tables: Tables, *, width: int, ascii_only: bool = False) -> EquityPlot | None:
    """Draw equity against the benchmark held from the same capital; None where there is no curve to draw."""
    when, equity = stamps(tables, "equity"), floats(tables, "equity", "equity")
    known = np.isfinite(equity)
    when, equity = when[known], equity[known]
    if len(equity) < 2:
        return None
    held = _held(tables, when, float(equity[0]))
    both = equity if held is None else np.concatenate((equity, held[np.isfinite(held)]))
    lowest, highest = float(both.min()), float(both.max())
    log = lowest > 0 and highest / lowest >= LOG_FROM
    up = value_ticks(lowest, highest, log=log)
    if log:
        equity, held = np.log10(equity), None if held is None else np.log10(held)
        up = Ticks(places=tuple(float(np.log10(place)) for place in up.places), labels=up.labels)
    size = (max(LEAST_WIDTH, min(width, MOST_WIDTH)), HEIGHT)
    drawing = line_plot(equity, held, size=size, across=time_ticks(when), up=up, ascii_only=ascii_only)
    names = [f"{'*' if ascii_only else LINE} equity"]
    if held is not None:
        names.append(f"{'.' if ascii_only else POINT} {result.benchmark_symbol}, held from the same capital")
    if log:
        names.append("(logarithmic)")
    return EquityPlot(legend="   ".join(names), drawing=drawing)


def _held(tables: Tables, when: StampArray, capital: float) -> FloatArray | None:
    """The benchmark on the curve's own stamps, starting with the same capital; NaN before its first value."""
    known_at, level = benchmark_levels(tables)
    if not len(level):
        return None
    value = level * (capital / float(level[0]))
    if np.array_equal(known_at, when):
        return value
    last = np.searchsorted(known_at, when, side="right") - 1
    return np.where(last >= 0, value[np.maximum(last, 0)], np.nan)
