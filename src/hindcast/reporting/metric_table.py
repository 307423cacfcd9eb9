"""Every metric of a result for the reader: its value, its definition, and why it is undefined where it is."""

from __future__ import annotations

from dataclasses import dataclass

from hindcast.domain.performance import PerformanceMetrics
from hindcast.engine.metrics.catalogue import CATALOGUE, MetricDefinition
from hindcast.reporting.formatting import metric

GROUP_TITLES = {
    "return": "Return",
    "risk": "Risk",
    "ratios": "Reward for risk",
    "benchmark": "Against the benchmark",
    "trades": "Closed trades",
    "activity": "Activity and costs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """One metric as the page shows it."""

    name: str
    label: str
    value: str
    definition: str
    formula: str
    reference: str
    undefined: str  # why there is no value; empty where there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricGroup:
    """Metrics that belong together."""

    title: str
    rows: tuple[MetricRow, ...]


def metric_groups(performance: PerformanceMetrics) -> tuple[MetricGroup, ...]:
    """All metrics of the catalogue, grouped, in the catalogue's order."""
    grouped: dict[str, list[MetricRow]] = {}
    for definition in CATALOGUE:
        grouped.setdefault(definition.group, []).append(_row(definition, performance))
    return tuple(
        MetricGroup(title=GROUP_TITLES.get(group, group.capitalize()), rows=tuple(rows))
        for group, rows in grouped.items()
    )


def _row(definition: MetricDefinition, performance: PerformanceMetrics) -> MetricRow:
    value = getattr(performance, definition.name)
    return MetricRow(
        name=definition.name,
        label=definition.label,
        value=metric(value, definition.unit),
        definition=definition.definition,
        formula=definition.formula,
        reference=definition.reference,
        undefined=why_undefined(definition, performance) if value is None else "",
    )


_CAUSES = {
    "calmar_ratio": "equity never fell below an earlier peak",
    "sortino_ratio": "no return was below the risk-free rate",
    "omega_ratio": "no return was below the risk-free rate",
    "tail_ratio": "the 5 % quantile of the returns is zero",
    "annualized_return": "no time passed between the first and the last bar",
    "turnover": "no time passed between the first and the last bar",
    "win_rate": "no trade was closed",
    "profit_factor": "no closed trade lost money",
    "payoff_ratio": "there are not both winners and losers",
    "avg_profit": "no closed trade made money",
    "avg_loss": "no closed trade lost money",
    "sqn": "it needs at least two closed trades whose results differ",
    "up_capture": "the benchmark never rose",
    "down_capture": "the benchmark never fell",
    "information_ratio": "the returns never differed from the benchmark's by a varying amount",
}


def why_undefined(definition: MetricDefinition, performance: PerformanceMetrics) -> str:
    """The reason, in a sentence, that a metric has no value in this run."""
    if definition.group == "trades" and not performance.total_trades:
        return "Undefined: no trade was closed."
    if definition.group == "benchmark":
        common = performance.benchmark_common_observations
        if not common:
            return "Undefined: the run had no benchmark, or shares no dates with it."
        if common < 2:
            return f"Undefined: it needs two returns in common with the benchmark; there is {common}."
    elif definition.group == "activity" and definition.name not in _CAUSES:
        return "Undefined: it was not recorded; a curve without its fills does not tell it."
    elif definition.group in {"return", "risk", "ratios"} and performance.observations < 2:
        return f"Undefined: it needs at least two returns; there are {performance.observations}."
    return f"Undefined: {_CAUSES.get(definition.name, 'the returns do not vary, so it would divide by zero')}."
