"""How much of the equity was at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hindcast.reporting.figures.canvas import Spec, canvas, figure, time_axis, titled
from hindcast.reporting.level_of_detail import extremes
from hindcast.reporting.run_tables import Tables, floats, stamp_texts, stamps
from hindcast.reporting.theme import ThemeName, palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from hindcast.domain.backtest import BacktestResult

HEIGHT = 300


def exposure(result: BacktestResult, tables: Tables, *, theme: ThemeName = "light") -> Figure:
    """Gross exposure per equity over time, and net exposure where the run was ever short.

    Bars whose equity is 0 or less have none.
    """
    colours = palette(theme)
    when, equity = stamps(tables, "equity"), floats(tables, "equity", "equity")
    alive = np.where(equity > 0, equity, np.nan)
    gross = floats(tables, "equity", "gross_exposure") / alive
    net = floats(tables, "equity", "net_exposure") / alive
    kept = extremes(gross)
    traces: list[Spec] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Gross",
            "x": stamp_texts(when[kept]),
            "y": gross[kept],
            "line": {"color": colours.strategy, "width": 0.9, "shape": "hv"},
            "fill": "tozeroy",
            "fillcolor": colours.strategy_soft,
        }
    ]
    if not np.allclose(gross, net, rtol=1e-9, atol=1e-12, equal_nan=True):
        kept = extremes(net)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "Net",
                "x": stamp_texts(when[kept]),
                "y": net[kept],
                "line": {"color": colours.series_2, "width": 1.2, "shape": "hv"},
            }
        )
    layout = canvas(colours, height=HEIGHT) | {
        "xaxis": time_axis(colours, when),
        "yaxis": titled(colours, "Share of equity", tickformat=".0%", hoverformat=".1%", rangemode="tozero"),
        "showlegend": len(traces) > 1,
    }
    return figure(traces, layout)
