"""Whether the Sharpe ratio held through time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hindcast.reporting.curves import rolling_sharpe_ratio
from hindcast.reporting.figures.canvas import Spec, canvas, empty, figure, time_axis, titled
from hindcast.reporting.run_tables import Tables, floats, stamp_texts, stamps
from hindcast.reporting.theme import ThemeName, palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from hindcast.domain.backtest import BacktestResult

HEIGHT = 300


def rolling_sharpe(
    result: BacktestResult, tables: Tables, *, window: int | None = None, theme: ThemeName = "light"
) -> Figure:
    """Annualised Sharpe ratio of the last `window` bars: 126 by default, or half of the run where that is shorter."""
    colours = palette(theme)
    rolled = rolling_sharpe_ratio(
        stamps(tables, "equity"),
        floats(tables, "equity", "equity"),
        periods_per_year=result.performance.periods_per_year,
        risk_free_rate=result.performance.risk_free_rate,
        window=window,
    )
    if not len(rolled.value):
        return empty(colours, "Too few bars for a rolling Sharpe ratio", height=HEIGHT)
    trace: Spec = {
        "type": "scatter",
        "mode": "lines",
        "name": f"Sharpe ratio, {rolled.window} bars",
        "x": stamp_texts(rolled.timestamp),
        "y": rolled.value,
        "line": {"color": colours.strategy, "width": 1.4},
    }
    layout = canvas(colours, height=HEIGHT) | {
        "xaxis": time_axis(colours, rolled.timestamp),
        "yaxis": titled(
            colours, f"Sharpe, {rolled.window} bars", hoverformat=".2f", zeroline=True, zerolinecolor=colours.muted
        ),
        "showlegend": False,
    }
    return figure([trace], layout)
