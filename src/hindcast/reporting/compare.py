"""Several runs side by side: their curves over each other, their metrics in columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hindcast.domain.backtest import BacktestResult
from hindcast.engine.metrics.catalogue import CATALOGUE
from hindcast.reporting.figures.canvas import Spec, canvas, figure, plain, time_axis, titled
from hindcast.reporting.level_of_detail import extremes
from hindcast.reporting.run_tables import Tables, floats, stamp_texts, stamps
from hindcast.reporting.theme import ThemeName, palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 440


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """One metric of all runs; `best` are the places of the runs that lead by it, none where that means nothing."""

    name: str
    label: str
    unit: str
    group: str
    values: tuple[float | None, ...]
    best: tuple[int, ...]


def comparison_names(results: Sequence[BacktestResult]) -> tuple[str, ...]:
    """A name for each run; where several share one, the beginning of the manifest's id tells them apart."""
    names = [result.name or result.strategy_type for result in results]
    shared = {name for name, times in Counter(names).items() if times > 1}
    return tuple(
        f"{name} ({result.manifest.id[:8]})" if name in shared else name
        for name, result in zip(names, results, strict=True)
    )


def comparison_rows(results: Sequence[BacktestResult]) -> tuple[ComparisonRow, ...]:
    """Every metric of the catalogue with each run's value, in the order of the runs; needs no plotting library."""
    rows = []
    for definition in CATALOGUE:
        values = tuple(getattr(result.performance, definition.name) for result in results)
        rows.append(
            ComparisonRow(
                name=definition.name,
                label=definition.label,
                unit=definition.unit,
                group=definition.group,
                values=values,
                best=_leaders(values, definition.higher_is_better),
            )
        )
    return tuple(rows)


def _leaders(values: tuple[float | None, ...], higher_is_better: bool | None) -> tuple[int, ...]:
    known = [value for value in values if value is not None]
    if higher_is_better is None or len(known) < 2 or min(known) == max(known):
        return ()
    lead = max(known) if higher_is_better else min(known)
    return tuple(place for place, value in enumerate(values) if value == lead)


def comparison_figure(
    runs: Sequence[tuple[BacktestResult, Tables]], *, log: bool = False, theme: ThemeName = "light"
) -> Figure:
    """The runs' equity curves over each other, each divided by its own starting capital."""
    colours = palette(theme)
    names = comparison_names([result for result, _ in runs])
    dashes = ("solid", "dash", "dot")
    traces: list[Spec] = []
    every = np.concatenate([stamps(tables, "equity") for _, tables in runs] or [np.empty(0, "datetime64[ns]")])
    for place, (name, (_, tables)) in enumerate(zip(names, runs, strict=True)):
        equity = floats(tables, "equity", "equity")
        known = equity[np.isfinite(equity)]
        if not len(known):
            continue
        kept = extremes(equity)
        look = {
            "color": colours.series[place % len(colours.series)],
            "dash": dashes[place // len(colours.series) % len(dashes)],
            "width": 1.6,
        }
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": plain(name),
                "x": stamp_texts(stamps(tables, "equity")[kept]),
                "y": equity[kept] / known[0],
                "line": look,
            }
        )
    kind = "log" if log else "linear"
    layout = canvas(colours, height=HEIGHT) | {
        "xaxis": time_axis(colours, every),
        "yaxis": titled(colours, "Equity, start = 1", type=kind, hoverformat=".3f"),
        "showlegend": True,
    }
    return figure(traces, layout)
