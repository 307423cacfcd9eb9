"""Monthly returns as a heat map: years by months, with each year's total."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hindcast.reporting.curves import CalendarReturns, calendar_returns
from hindcast.reporting.figures.canvas import Spec, axis, canvas, empty, figure, plain
from hindcast.reporting.formatting import percent
from hindcast.reporting.run_tables import FloatArray, Tables, benchmark_levels, floats, stamps
from hindcast.reporting.theme import Palette, ThemeName, palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from hindcast.domain.backtest import BacktestResult

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ROW_HEIGHT = 26


def monthly_returns(result: BacktestResult, tables: Tables, *, theme: ThemeName = "light") -> Figure:
    """A cell per month and a column of year totals, in percent; the hover adds the benchmark's return.

    Colours reach their full strength at the 95th percentile of the sizes, months and years each on their own scale.
    """
    colours = palette(theme)
    own = calendar_returns(stamps(tables, "equity"), floats(tables, "equity", "equity"))
    if not len(own.years):
        return empty(colours, "Too few bars for monthly returns", height=160)
    benchmark = _benchmark_on(own, tables)
    years = [str(year) for year in own.years]
    name = result.benchmark_symbol or "Benchmark"
    month_hover = [
        [
            _hover(f"{month} {year}", own.months[row, column], benchmark.months[row, column], name)
            for column, month in enumerate(MONTHS)
        ]
        for row, year in enumerate(years)
    ]
    year_hover = [[_hover(year, own.totals[row], benchmark.totals[row], name)] for row, year in enumerate(years)]
    traces = [
        _cells(colours, own.months, list(MONTHS), years, month_hover),
        _cells(colours, own.totals[:, None], ["Year"], years, year_hover) | {"xaxis": "x2"},
    ]
    quiet = {"showgrid": False, "side": "top", "ticks": "", "fixedrange": True, "type": "category"}
    layout = canvas(colours, height=64 + ROW_HEIGHT * len(years)) | {
        "hovermode": "closest",
        "dragmode": False,
        "xaxis": axis(colours, **quiet, domain=[0.0, 0.905]),
        "xaxis2": axis(colours, **quiet, domain=[0.925, 1.0]),
        "yaxis": axis(
            colours, showgrid=False, autorange="reversed", type="category", fixedrange=True, ticks="", dtick=1
        ),
    }
    return figure(traces, layout)


def _benchmark_on(own: CalendarReturns, tables: Tables) -> CalendarReturns:
    """The benchmark's returns on the strategy's years; NaN where it has none."""
    when, level = benchmark_levels(tables)
    months, totals = np.full_like(own.months, np.nan), np.full_like(own.totals, np.nan)
    # The first value is both the starting level and the first bar's.
    theirs = calendar_returns(np.concatenate((when[:1], when)), np.concatenate((level[:1], level)))
    for row, year in enumerate(theirs.years):
        place = int(year - own.years[0])
        if 0 <= place < len(own.years):
            months[place], totals[place] = theirs.months[row], theirs.totals[row]
    return CalendarReturns(years=own.years, months=months, totals=totals)


def _hover(period: str, own: float, benchmark: float, name: str) -> str:
    lines = [f"<b>{period}</b>", f"Strategy {percent(own, sign=True, digits=2)}"]
    if np.isfinite(benchmark):
        lines.append(f"{plain(name)} {percent(benchmark, sign=True, digits=2)}")
    return "<br>".join(lines)


def _cells(colours: Palette, values: FloatArray, columns: list[str], years: list[str], hover: list[list[str]]) -> Spec:
    sizes = np.abs(values[np.isfinite(values)])
    reach = max(float(np.quantile(sizes, 0.95)) if len(sizes) else 0.0, 0.005)
    text = [["" if np.isnan(value) else percent(value).removesuffix("%") for value in row] for row in values]
    return {
        "type": "heatmap",
        "x": columns,
        "y": years,
        "z": [[None if np.isnan(value) else float(value) for value in row] for row in values],
        "text": text,
        "texttemplate": "%{text}",
        "textfont": {"size": 11, "color": colours.ink},
        "hovertext": hover,
        "hoverinfo": "text",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "zmin": -reach,
        "zmid": 0.0,
        "zmax": reach,
        "colorscale": [[0.0, colours.heat_low], [0.5, colours.neutral], [1.0, colours.heat_high]],
        "showscale": False,
    }
