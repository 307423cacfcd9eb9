"""The Plotly figures of a run: one function each, from `(result, tables)` to a `plotly.graph_objects.Figure`."""

from __future__ import annotations

from hindcast.reporting.figures.candles import candles_with_fills
from hindcast.reporting.figures.equity import drawdown, equity_and_drawdown, equity_curve
from hindcast.reporting.figures.exposure import exposure
from hindcast.reporting.figures.monthly import monthly_returns
from hindcast.reporting.figures.sharpe import rolling_sharpe

__all__ = [
    "candles_with_fills",
    "drawdown",
    "equity_and_drawdown",
    "equity_curve",
    "exposure",
    "monthly_returns",
    "rolling_sharpe",
]
