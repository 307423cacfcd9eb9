"""Equity against the benchmark, and how far each stood below its peak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hindcast.reporting.curves import drawdowns
from hindcast.reporting.figures.canvas import Spec, canvas, figure, plain, time_axis, titled
from hindcast.reporting.level_of_detail import MAX_POINTS, extremes
from hindcast.reporting.run_tables import FloatArray, StampArray, Tables, benchmark_levels, floats, stamp_texts, stamps
from hindcast.reporting.theme import Palette, ThemeName, palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from hindcast.domain.backtest import BacktestResult

HEIGHT = 380
BOTH_HEIGHT = 520


def equity_curve(result: BacktestResult, tables: Tables, *, log: bool = False, theme: ThemeName = "light") -> Figure:
    """Equity over time, with the benchmark scaled to start with the same money; `log` draws equal ratios equally high.

    Curves of more than 4,000 points keep the lowest and highest of each stretch.
    """
    colours = palette(theme)
    layout = canvas(colours, height=HEIGHT) | {
        "xaxis": time_axis(colours, stamps(tables, "equity")),
        "yaxis": _money_axis(colours, log=log),
    }
    return figure(_equity_traces(result, tables, colours), layout)


def drawdown(result: BacktestResult, tables: Tables, *, theme: ThemeName = "light") -> Figure:
    """The fall from the highest equity so far, over time, with the benchmark's own."""
    colours = palette(theme)
    layout = canvas(colours, height=HEIGHT) | {
        "xaxis": time_axis(colours, stamps(tables, "equity")),
        "yaxis": _fall_axis(colours),
    }
    return figure(_drawdown_traces(result, tables, colours), layout)


def equity_and_drawdown(
    result: BacktestResult, tables: Tables, *, log: bool = False, theme: ThemeName = "light"
) -> Figure:
    """Equity above drawdown over one axis of time: zooming one zooms both."""
    colours = palette(theme)
    below: Spec = {"xaxis": "x", "yaxis": "y2", "showlegend": False}
    traces = [trace | {"xaxis": "x"} for trace in _equity_traces(result, tables, colours)]
    traces += [trace | below for trace in _drawdown_traces(result, tables, colours)]
    layout = canvas(colours, height=BOTH_HEIGHT) | {
        "xaxis": time_axis(colours, stamps(tables, "equity"), anchor="y2"),
        "yaxis": _money_axis(colours, log=log) | {"domain": [0.34, 1.0]},
        "yaxis2": _fall_axis(colours) | {"domain": [0.0, 0.28]},
        "hoversubplots": "axis",
    }
    return figure(traces, layout)


def _money_axis(colours: Palette, *, log: bool) -> Spec:
    kind = "log" if log else "linear"
    return titled(colours, "Equity", type=kind, uirevision=kind, tickformat="~s", hoverformat=",.2f")


def _fall_axis(colours: Palette) -> Spec:
    return titled(colours, "Drawdown", tickformat=".0%", hoverformat=".2%", rangemode="tozero", nticks=5)


def _kept(levels: FloatArray) -> NDArray[np.intp]:
    """The positions to draw: extremes of the curve and of its drawdown, so that both tell of the same bars."""
    if len(levels) <= MAX_POINTS:
        return np.arange(len(levels))
    half = MAX_POINTS // 2
    return np.union1d(extremes(levels, half), extremes(drawdowns(levels), half))


def _curve(when: StampArray, values: FloatArray, kept: NDArray[np.intp], **look: object) -> Spec:
    return {"type": "scatter", "mode": "lines", "x": stamp_texts(when[kept]), "y": values[kept], **look}


def _benchmark_name(result: BacktestResult) -> str:
    return plain(f"{result.benchmark_symbol or 'Benchmark'}, held")


def _equity_traces(result: BacktestResult, tables: Tables, colours: Palette) -> list[Spec]:
    when, equity = stamps(tables, "equity"), floats(tables, "equity", "equity")
    traces: list[Spec] = []
    benchmark_when, level = benchmark_levels(tables)
    known = equity[np.isfinite(equity)]
    if len(level) and len(known):
        traces.append(
            _curve(
                benchmark_when,
                level / level[0] * known[0],
                _kept(level),
                name=_benchmark_name(result),
                line={"color": colours.benchmark, "width": 1.3},
            )
        )
    # A run of one bar or none has no line to draw: a dot shows that there is something.
    mode = "lines+markers" if len(equity) <= 3 else "lines"
    traces.append(
        _curve(when, equity, _kept(equity), name="Strategy", line={"color": colours.strategy, "width": 1.8})
        | {"mode": mode}
    )
    return traces


def _drawdown_traces(result: BacktestResult, tables: Tables, colours: Palette) -> list[Spec]:
    when, equity = stamps(tables, "equity"), floats(tables, "equity", "equity")
    traces: list[Spec] = [
        _curve(
            when,
            drawdowns(equity),
            _kept(equity),
            name="Strategy",
            line={"color": colours.loss, "width": 1.2},
            fill="tozeroy",
            fillcolor=colours.loss_soft,
        )
    ]
    benchmark_when, level = benchmark_levels(tables)
    if len(level):
        traces.append(
            _curve(
                benchmark_when,
                drawdowns(level),
                _kept(level),
                name=_benchmark_name(result),
                line={"color": colours.benchmark, "width": 1.0},
            )
        )
    return traces
